// Matches a name, and reads the names of an X509 that was made with OpenSSL's own functions.
#include <mxident/chain.hpp>
#include <mxident/dane.hpp>
#include <mxident/match.hpp>
#include <mxident/sts.hpp>

#include <cstdio>
#include <string>

#include "test_certificate.hpp"

int main() {
  using namespace mxident;
  int faults = 0;
  const auto expect = [&](bool holds, const char* what) {
    if (!holds) faults += std::printf("not so: %s\n", what) > 0;
  };

  const std::string der = TestCertificate("DNS:*.example.test", 0).der();
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
