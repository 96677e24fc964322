// Chains of the mint for the tests of the verifier.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "certs/mint.hpp"
#include "verifier/chain_check.hpp"
#include "verifier/match.hpp"

namespace mxident::test {

using certs::CertificateRequests;
using certs::NameType;

inline constexpr std::int64_t kNow = 1767225600;  // 2026-01-01T00:00:00Z, within the default validity
inline constexpr const char* kServerAuth = "1.3.6.1.5.5.7.3.1";
inline constexpr const char* kClientAuth = "1.3.6.1.5.5.7.3.2";
inline constexpr const char* kEmail = "1.3.6.1.5.5.7.3.4";
inline constexpr const char* kAnyUsage = "2.5.29.37.0";
inline constexpr std::uint16_t kCrlSignOnly = 1 << 6;

inline certs::KeyPool& keys() {
  static certs::KeyPool pool;
  return pool;
}
inline const certs::Authority& authority() {
  static const certs::Authority made = certs::Authority::make(keys());
  return made;
}

inline certs::GeneralName dns(std::string name) {
  return {NameType::dns, std::move(name), {}};
}

/// The server's certificate "mx" under a CA "ca" of its own, which hangs below the root.
inline CertificateRequests ordinary() {
  CertificateRequests requests;
  requests["ca"].spec.subject = {{{"2.5.4.3", {"Test CA", certs::StringType::utf8}}}};
  requests["ca"].spec.ca = true;
  requests["ca"].issuer = "root";
  requests["mx"].spec.subject = {{{"2.5.4.3", {"mx.example.test", certs::StringType::utf8}}}};
  requests["mx"].spec.san = {dns("mx.example.test")};
  requests["mx"].issuer = "ca";
  return requests;
}

struct ChainRow {
  const char* name;
  const char* rule;
  std::function<void(CertificateRequests&)> change;
  Reason reason;
  int depth = 0;
  std::function<void(CheckedChain&)> options = {};
  std::vector<std::string> trusts = {};  ///< ids of certificates that are the anchors; empty: the root
};
inline void PrintTo(const ChainRow& row, std::ostream* out) {
  *out << row.rule << " " << row.name;
}

inline const TrustStore& trust() {
  static const TrustStore store = [] {
    TrustStore made;
    made.add_der(authority().root.der);
    return made;
  }();
  return store;
}

inline ChainOptions at(std::int64_t time) {
  ChainOptions options;
  options.time = time;
  return options;
}

/// No extension at all, as before version 3.
inline void bare(certs::CertificateSpec& spec) {
  spec.without = {"2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.17", "2.5.29.14", "2.5.29.35"};
}
/// A root "own" above "ca", for rows that trust it.
inline void own_root(CertificateRequests& requests) {
  auto& own = requests["own"];
  own.spec.subject = {{{"2.5.4.3", {"Own Root", certs::StringType::utf8}}}};
  own.spec.ca = true;
  own.issuer = "self";
  requests["ca"].issuer = "own";
}

/// Mints the row's chain and verifies it.
inline ChainResult result_of(const ChainRow& row, Profile profile = Profile::mail) {
  CertificateRequests requests = ordinary();
  row.change(requests);
  const auto chains = certs::mint(requests, authority(), keys());
  TrustStore anchors;
  for (const auto& id : row.trusts) anchors.add_der(chains.at(id).leaf.der);
  CheckedChain options{at(kNow), {}};
  options.profile = profile;
  if (row.options) row.options(options);
  return check_chain(chains.at("mx").sends, row.trusts.empty() ? trust() : anchors, options);
}

inline void expect_reason(const ChainRow& row) {
  const ChainResult result = result_of(row);
  EXPECT_EQ(to_string(result.reason), to_string(row.reason)) << result.library_text << " " << result.subject;
  EXPECT_EQ(result.depth, row.depth);
  EXPECT_EQ(result.verdict == ChainVerdict::ok, row.reason == Reason::chain_ok);
}

using R = CertificateRequests;
using O = CheckedChain;
inline void nothing(R&) {}

inline void constrain(R& r, std::vector<certs::GeneralName> permitted,
                      std::vector<certs::GeneralName> excluded) {
  r["ca"].spec.name_constraints = certs::NameConstraints{std::move(permitted), std::move(excluded), true};
}
inline void only_cn(R& r, const char* cn) {
  r["mx"].spec.subject = {{{"2.5.4.3", {cn, certs::StringType::utf8}}}};
  r["mx"].spec.san.reset();
}
inline void constrain_cn(O& o) {
  o.scope.common_name = Switch::on;
}

inline certs::DistinguishedName cn(std::string text, certs::StringType type = certs::StringType::utf8) {
  return {{{"2.5.4.3", {std::move(text), type}}}};
}

}  // namespace mxident::test
