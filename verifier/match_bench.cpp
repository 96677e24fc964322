// How fast names are read and compared, beside libcrypto doing the same. All run in turns within one process,
// as machines are noisy; the ratios at the end are of the fastest repetition of each.
#include <benchmark/benchmark.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "certs/mint.hpp"
#include "verifier/match.hpp"
#include "verifier/openssl_ptr.hpp"

namespace {

using namespace mxident;

constexpr std::string_view kHost = "mx1.example.test";

/// A certificate of `others` names that do not match, then one that may.
struct Subject {
  Subject(int others, const char* last) {
    certs::KeyPool keys(1);
    certs::CertificateRequest request;
    request.spec.san.emplace();
    for (int i = 0; i < others; ++i) {
      request.spec.san->push_back({certs::NameType::dns, "mx" + std::to_string(i) + ".example.net", {}});
    }
    request.spec.san->push_back({certs::NameType::dns, last, {}});
    der = certs::mint({{"mx", request}}, certs::Authority::make(keys), keys).at("mx").leaf.der;
    certificate = parse_x509(der);
    names = read_presented_names(der).value();
  }

  std::string der;
  X509Ptr certificate;
  PresentedNames names;
};

const Subject& exact() {
  static const Subject made(0, "mx1.example.test");
  return made;
}
const Subject& wildcard() {
  static const Subject made(0, "*.example.test");
  return made;
}
const Subject& mismatch() {
  static const Subject made(0, "mx2.example.test");
  return made;
}
const Subject& hundred() {
  static const Subject made(99, "mx1.example.test");
  return made;
}
const Subject& hundred_mismatch() {
  static const Subject made(99, "mx2.example.test");
  return made;
}

using MakeSubject = const Subject& (*)();

void ours(benchmark::State& state, MakeSubject subject) {
  const NameRules rules = policy(PolicyId::rfc9525).rules;
  const auto reference = make_reference(kHost, ReferenceOrigin::mx_host, rules).reference.value();
  const PresentedNames& names = subject().names;
  for (auto _ : state) benchmark::DoNotOptimize(match(names, {&reference, 1}, rules, Explain::no));
}

/// The bound: a loop that compares octets, letters in lower case, and knows neither wildcards nor reasons.
void bare(benchmark::State& state, MakeSubject subject) {
  const PresentedNames& names = subject().names;
  const auto same_letter = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  for (auto _ : state) {
    bool found = false;
    for (const auto& identifier : names.identifiers) {
      const std::string& octets = identifier.octets();
      found = identifier.type() == PresentedType::dns && octets.size() == kHost.size() &&
              std::equal(octets.begin(), octets.end(), kHost.begin(), same_letter);
      if (found) break;
    }
    benchmark::DoNotOptimize(found);
  }
}

void libcrypto(benchmark::State& state, MakeSubject subject) {
  X509* const certificate = subject().certificate.get();
  for (auto _ : state) {
    benchmark::DoNotOptimize(X509_check_host(certificate, kHost.data(), kHost.size(),
                                             X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr));
  }
}

void read_ours(benchmark::State& state, MakeSubject subject) {
  const std::string& der = subject().der;
  for (auto _ : state) benchmark::DoNotOptimize(read_presented_names(der));
}

void read_libcrypto(benchmark::State& state, MakeSubject subject) {
  const std::string& der = subject().der;
  for (auto _ : state) benchmark::DoNotOptimize(parse_x509(der));
}

struct Case {
  const char* name;
  MakeSubject subject;
};
constexpr Case kCases[] = {{"exact", exact},
                           {"wildcard", wildcard},
                           {"mismatch", mismatch},
                           {"hundred", hundred},
                           {"hundred_mismatch", hundred_mismatch}};

/// Keeps the fastest repetition of each benchmark, CPU time in nanoseconds.
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

  void print_ratio(const std::string& what, const std::string& name) const {
    const auto mine = times_.find(what + "ours/" + name), theirs = times_.find(what + "libcrypto/" + name);
    if (mine == times_.end() || theirs == times_.end()) return;
    std::printf("%-10s %-18s %9.1f ns, libcrypto %9.1f ns: %.1f times as fast\n",
                what.empty() ? "match" : "read", name.c_str(), mine->second, theirs->second,
                theirs->second / mine->second);
    const auto bound = times_.find(what + "bare/" + name);
    if (bound == times_.end()) return;
    std::printf("%-10s %-18s %9.1f ns, bare loop %9.1f ns: %.1f times its time\n", "", "", mine->second,
                bound->second, mine->second / bound->second);
  }

 private:
  std::map<std::string, double> times_;
};

}  // namespace

int main(int argc, char** argv) {
  for (const auto& row : kCases) {
    const std::string name = row.name;
    benchmark::RegisterBenchmark(("ours/" + name).c_str(), ours, row.subject);
    benchmark::RegisterBenchmark(("bare/" + name).c_str(), bare, row.subject);
    benchmark::RegisterBenchmark(("libcrypto/" + name).c_str(), libcrypto, row.subject);
    benchmark::RegisterBenchmark(("read_ours/" + name).c_str(), read_ours, row.subject);
    benchmark::RegisterBenchmark(("read_libcrypto/" + name).c_str(), read_libcrypto, row.subject);
  }
  std::vector<std::string> words(argv, argv + argc);
  // In front of the caller's words, so that these hold.
  words.insert(words.begin() + 1, {"--benchmark_min_time=0.05", "--benchmark_repetitions=7",
                                   "--benchmark_enable_random_interleaving=true"});
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;
  Fastest reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  std::printf("\n");
  for (const auto& row : kCases) reporter.print_ratio("", row.name);
  for (const auto& row : kCases) reporter.print_ratio("read_", row.name);
  return 0;
}
