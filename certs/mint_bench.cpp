// How fast the mint is, beside what it can not do without (making a key, signing) and beside libcrypto's own
// way of making the same certificate. All run in turns within one process, as machines are noisy; the ratios
// at the end are of the fastest repetition of each.
#include <benchmark/benchmark.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "certs/mint.hpp"
#include "certs/openssl_ptr.hpp"

namespace {

using namespace mxident::certs;

using Pkey = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using PkeyContext = OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using X509Ptr = OpensslPtr<X509, X509_free>;
using Extension509 = OpensslPtr<X509_EXTENSION, X509_EXTENSION_free>;

constexpr const char* kHost = "mx.example.test";

/// Contexts set up beforehand: only the arithmetic is left.
class Limit {
 public:
  Limit() : generator_(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)) {
    EVP_PKEY_keygen_init(generator_.get());
    EVP_PKEY_CTX_set_group_name(generator_.get(), "P-256");
    key_ = make_key();
    signer_.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
    EVP_PKEY_sign_init(signer_.get());
  }
  Pkey make_key() {
    EVP_PKEY* key = nullptr;
    EVP_PKEY_keygen(generator_.get(), &key);
    return Pkey(key);
  }
  void sign() {
    std::size_t size = signature_.size();
    EVP_PKEY_sign(signer_.get(), signature_.data(), &size, digest_.data(), digest_.size());
    benchmark::DoNotOptimize(signature_);
  }
  EVP_PKEY* key() const { return key_.get(); }

 private:
  PkeyContext generator_;
  Pkey key_;
  PkeyContext signer_;
  std::array<unsigned char, 32> digest_{1, 2, 3};
  std::array<unsigned char, 80> signature_{};
};

void limit_sign(benchmark::State& state) {
  Limit limit;
  for (auto _ : state) limit.sign();
}

void limit_keygen_sign(benchmark::State& state) {
  Limit limit;
  for (auto _ : state) {
    benchmark::DoNotOptimize(limit.make_key());
    limit.sign();
  }
}

void run_mint(benchmark::State& state, std::size_t pooled_keys) {
  KeyPool authority_keys;
  const Authority authority = Authority::make(authority_keys);
  KeyPool keys(pooled_keys);
  CertificateRequests requests;
  auto& spec = requests["mx"].spec;
  spec.subject = {{{"2.5.4.3", {kHost, StringType::utf8}}}};
  spec.san = {{NameType::dns, kHost, {}}};
  for (auto _ : state) benchmark::DoNotOptimize(mint(requests, authority, keys));
}

void mint_key_reused(benchmark::State& state) {
  run_mint(state, 8);
}
void mint_new_key(benchmark::State& state) {
  run_mint(state, 0);
}

/// The same certificate as programs usually make it.
X509Ptr libcrypto_certificate(X509* issuer, EVP_PKEY* issuer_key, EVP_PKEY* key) {
  X509Ptr out(X509_new());
  X509_set_version(out.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(out.get()), 4711);
  ASN1_TIME_set(X509_getm_notBefore(out.get()), 1577836800);
  ASN1_TIME_set(X509_getm_notAfter(out.get()), 4102444799);
  X509_NAME_add_entry_by_NID(X509_get_subject_name(out.get()), NID_commonName, MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(kHost), -1, -1, 0);
  X509_set_issuer_name(out.get(), X509_get_subject_name(issuer));
  X509_set_pubkey(out.get(), key);
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, out.get(), nullptr, nullptr, 0);
  constexpr std::pair<int, const char*> kExtensions[] = {
      {NID_basic_constraints, "critical,CA:FALSE"},
      {NID_key_usage, "critical,digitalSignature"},
      {NID_ext_key_usage, "serverAuth"},
      {NID_subject_alt_name, "DNS:mx.example.test"},
      {NID_subject_key_identifier, "hash"},
      {NID_authority_key_identifier, "keyid:always"},
  };
  for (const auto& [nid, value] : kExtensions) {
    const Extension509 extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    X509_add_ext(out.get(), extension.get(), -1);
  }
  X509_sign(out.get(), issuer_key, EVP_sha256());
  return out;
}

enum class LeafKey { reused, new_each_time };

void run_libcrypto(benchmark::State& state, LeafKey leaf_key) {
  KeyPool keys;
  const Authority authority = Authority::make(keys);
  const auto* at = reinterpret_cast<const unsigned char*>(authority.intermediate.der.data());
  const X509Ptr issuer(d2i_X509(nullptr, &at, static_cast<long>(authority.intermediate.der.size())));
  Limit limit;
  for (auto _ : state) {
    Pkey made;
    if (leaf_key == LeafKey::new_each_time) made = limit.make_key();
    const X509Ptr certificate = libcrypto_certificate(issuer.get(), authority.intermediate.key.get(),
                                                      made ? made.get() : limit.key());
    unsigned char* der = nullptr;
    benchmark::DoNotOptimize(i2d_X509(certificate.get(), &der));
    OPENSSL_free(der);
  }
}

void libcrypto_key_reused(benchmark::State& state) {
  run_libcrypto(state, LeafKey::reused);
}
void libcrypto_new_key(benchmark::State& state) {
  run_libcrypto(state, LeafKey::new_each_time);
}

BENCHMARK(limit_sign)->Unit(benchmark::kMicrosecond);
BENCHMARK(mint_key_reused)->Unit(benchmark::kMicrosecond);
BENCHMARK(libcrypto_key_reused)->Unit(benchmark::kMicrosecond);
BENCHMARK(limit_keygen_sign)->Unit(benchmark::kMicrosecond);
BENCHMARK(mint_new_key)->Unit(benchmark::kMicrosecond);
BENCHMARK(libcrypto_new_key)->Unit(benchmark::kMicrosecond);

/// Keeps the fastest repetition of each benchmark, CPU time in microseconds.
class Fastest : public benchmark::ConsoleReporter {
 public:
  Fastest() : ConsoleReporter(OO_None) {}  // no colours: the output is mostly piped

  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const auto& run : runs) {
      if (run.run_type != Run::RT_Iteration) continue;
      const double time = run.GetAdjustedCPUTime();
      const auto [entry, is_new] = times_.emplace(run.run_name.function_name, time);
      if (!is_new) entry->second = std::min(entry->second, time);
    }
  }

  void print_ratios(const char* limit, const char* mint, const char* libcrypto) const {
    if (!times_.contains(limit) || !times_.contains(mint) || !times_.contains(libcrypto)) return;
    std::printf("%-20s %6.1f us  %.2f of the speed of %s, %.1f times that of %s\n", mint, times_.at(mint),
                times_.at(limit) / times_.at(mint), limit, times_.at(libcrypto) / times_.at(mint), libcrypto);
  }

 private:
  std::map<std::string, double> times_;
};

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv, argv + argc);
  // In front of the caller's words, so that these hold.
  words.insert(words.begin() + 1, {"--benchmark_min_time=0.1", "--benchmark_repetitions=7",
                                   "--benchmark_enable_random_interleaving=true"});
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;
  Fastest reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  std::printf("\n");
  reporter.print_ratios("limit_sign", "mint_key_reused", "libcrypto_key_reused");
  reporter.print_ratios("limit_keygen_sign", "mint_new_key", "libcrypto_new_key");
  return 0;
}
