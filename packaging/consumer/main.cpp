// Matches a name, and reads the names of an X509 that was made with OpenSSL's own functions.
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <mxident/chain.hpp>
#include <mxident/dane.hpp>
#include <mxident/match.hpp>
#include <mxident/sts.hpp>

#include <cstdio>
#include <memory>
#include <string>

namespace {

// Self-signed, for *.example.test, valid for an hour from 1970 on. DER; empty when libcrypto refuses.
std::string certificate() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> names(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:*.example.test"), X509_EXTENSION_free);
  X509* const x509 = made.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  ASN1_TIME_set(X509_getm_notBefore(x509), 0);
  ASN1_TIME_set(X509_getm_notAfter(x509), 3600);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("mx"), -1, -1, 0);
  X509_set_issuer_name(x509, X509_get_subject_name(x509));
  X509_set_pubkey(x509, key.get());
  X509_add_ext(x509, names.get(), -1);
  if (X509_sign(x509, key.get(), EVP_sha256()) == 0) return {};
  unsigned char* octets = nullptr;
  const int size = i2d_X509(x509, &octets);
  std::string der(reinterpret_cast<const char*>(octets), size > 0 ? static_cast<std::size_t>(size) : 0);
  OPENSSL_free(octets);
  return der;
}

}  // namespace

int main() {
  using namespace mxident;
  int faults = 0;
  const auto expect = [&](bool holds, const char* what) {
    if (!holds) faults += std::printf("not so: %s\n", what) > 0;
  };

  const std::string der = certificate();
  const auto names = read_presented_names(der);
  if (!names) return std::puts("not so: the certificate is read"), 1;
  const NameRules& rules = policy(PolicyId::rfc9525).rules;
  const auto outcome = [&](const char* host) {
    const ReferenceResult wanted = make_reference(host, ReferenceOrigin::mx_host, rules);
    return wanted.reference ? match(*names, {&*wanted.reference, 1}, rules).reason : wanted.reason;
  };
  expect(outcome("mx1.example.test") == Reason::match_wildcard, "the wildcard covers one label");
  expect(outcome("a.mx1.example.test") == Reason::wildcard_spans_one_label,
         "the wildcard covers no two labels");
  expect(outcome("b\xc3\xbc.example.test") == Reason::match_wildcard, "a U-label is a reference, by libidn2");

  TrustStore trust;
  expect(trust.add_der(der), "the certificate is a trust anchor");
  const std::string sent[] = {der};
  expect(verify_chain(sent, trust, {.time = 60}).verdict == ChainVerdict::ok,
         "the chain is valid in its hour");
  expect(verify_chain(sent, trust, {.time = 7200}).reason == Reason::chain_expired, "and expired after it");

  expect(tlsa_from_text("3 1 1 00").has_value(), "a TLSA record is read");
  expect(parse_sts_policy("version: STSv1\nmode: enforce\nmx: *.example.test\nmax_age: 86400\n")
             .policy.has_value(),
         "an MTA-STS policy is read");
  if (faults == 0) std::puts("mxident: the installed library works");
  return faults == 0 ? 0 : 1;
}
