#include "verifier/chain_check.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "certs/mint.hpp"
#include "verifier/match.hpp"

namespace mxident::test {
namespace {

using certs::CertificateRequests;
using certs::NameType;

constexpr std::int64_t kNow = 1767225600;  // 2026-01-01T00:00:00Z, within the default validity
constexpr const char* kServerAuth = "1.3.6.1.5.5.7.3.1";
constexpr const char* kClientAuth = "1.3.6.1.5.5.7.3.2";
constexpr const char* kEmail = "1.3.6.1.5.5.7.3.4";
constexpr const char* kAnyUsage = "2.5.29.37.0";
constexpr std::uint16_t kCrlSignOnly = 1 << 6;

certs::KeyPool& keys() {
  static certs::KeyPool pool;
  return pool;
}
const certs::Authority& authority() {
  static const certs::Authority made = certs::Authority::make(keys());
  return made;
}

certs::GeneralName dns(std::string name) {
  return {NameType::dns, std::move(name), {}};
}

/// The server's certificate "mx" under a CA "ca" of its own, which hangs below the root.
CertificateRequests ordinary() {
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
};
void PrintTo(const ChainRow& row, std::ostream* out) {
  *out << row.rule << " " << row.name;
}

const TrustStore& trust() {
  static const TrustStore store = [] {
    TrustStore made;
    made.add_der(authority().root.der);
    return made;
  }();
  return store;
}

ChainOptions at(std::int64_t time) {
  ChainOptions options;
  options.time = time;
  return options;
}

class ChainTest : public testing::TestWithParam<ChainRow> {};

TEST_P(ChainTest, Reason) {
  const ChainRow& row = GetParam();
  CertificateRequests requests = ordinary();
  row.change(requests);
  const auto chains = certs::mint(requests, authority(), keys());
  CheckedChain options{at(kNow), Switch::off};
  if (row.options) row.options(options);
  const ChainResult result = check_chain(chains.at("mx").sends, trust(), options);
  EXPECT_EQ(to_string(result.reason), to_string(row.reason)) << result.library_text << " " << result.subject;
  EXPECT_EQ(result.depth, row.depth);
  EXPECT_EQ(result.verdict == ChainVerdict::ok, row.reason == Reason::chain_ok);
}

using R = CertificateRequests;
using O = CheckedChain;
void nothing(R&) {}

void constrain(R& r, std::vector<certs::GeneralName> permitted, std::vector<certs::GeneralName> excluded) {
  r["ca"].spec.name_constraints = certs::NameConstraints{std::move(permitted), std::move(excluded), true};
}
void only_cn(R& r, const char* cn) {
  r["mx"].spec.subject = {{{"2.5.4.3", {cn, certs::StringType::utf8}}}};
  r["mx"].spec.san.reset();
}
void constrain_cn(O& o) {
  o.constrain_common_name = Switch::on;
}

const std::vector<ChainRow>& rows() {
  static const std::vector<ChainRow> made{
      {"ordinary", "rfc5280-6-order", nothing, Reason::chain_ok},
      {"root_sent_too", "rfc5280-6-order",
       [](R& r) {
         r["mx"].sends = {{"mx", "ca", "root"}};
       },
       Reason::chain_ok},
      {"reordered", "rfc5280-6-order",
       [](R& r) {
         r["mx"].sends = {{"mx", "root", "ca"}};
       },
       Reason::chain_ok},
      {"extra", "rfc5280-6-order",
       [](R& r) {
         r["mx"].sends = {{"mx", "unknown-ca", "intermediate", "ca"}};
       },
       Reason::chain_ok},
      {"intermediate_missing", "rfc8461-4.2-chain", [](R& r) { r["mx"].sends = {{"mx"}}; },
       Reason::chain_unknown_ca},
      {"unknown_ca", "rfc8461-4.2-chain", [](R& r) { r["ca"].issuer = "unknown-ca"; },
       Reason::chain_unknown_ca, 1},
      {"unknown_root_sent", "rfc8461-4.2-chain",
       [](R& r) {
         r["ca"].issuer = "unknown-ca";
         r["mx"].sends = {{"mx", "ca", "unknown-ca"}};
       },
       Reason::chain_unknown_ca, 2},
      {"self_signed", "rfc8461-4.2-chain", [](R& r) { r["mx"].issuer = "self"; }, Reason::chain_self_signed},
      {"expired_leaf", "rfc5280-4.1.2.5-validity", [](R& r) { r["mx"].spec.validity.to = kNow - 1; },
       Reason::chain_expired},
      {"expires_now", "rfc5280-4.1.2.5-validity", [](R& r) { r["mx"].spec.validity.to = kNow; },
       Reason::chain_ok},
      {"valid_from_now", "rfc5280-4.1.2.5-validity", [](R& r) { r["mx"].spec.validity.from = kNow; },
       Reason::chain_ok},
      {"not_yet_valid", "rfc5280-4.1.2.5-validity", [](R& r) { r["mx"].spec.validity.from = kNow + 1; },
       Reason::chain_not_yet_valid},
      {"expired_ca", "rfc5280-4.1.2.5-validity", [](R& r) { r["ca"].spec.validity.to = kNow - 1; },
       Reason::chain_expired, 1},
      {"ca_not_yet_valid", "rfc5280-4.1.2.5-validity", [](R& r) { r["ca"].spec.validity.from = kNow + 1; },
       Reason::chain_not_yet_valid, 1},
      {"issuer_is_no_ca", "rfc5280-4.2.1.9-ca",
       [](R& r) {
         r["ca"].spec.ca = false;
         r["ca"].spec.extended_key_usage = std::vector<std::string>{};
         r["ca"].spec.key_usage = 1 << 5;
       },
       Reason::chain_not_a_ca, 1},
      {"path_length", "rfc5280-4.2.1.9-pathlen",
       [](R& r) {
         r["top"] = r["ca"];
         r["top"].spec.path_length = 0;
         r["top"].spec.subject[0][0].value.octets = "Top CA";
         r["ca"].issuer = "top";
       },
       Reason::chain_path_length, 2},
      {"path_length_kept", "rfc5280-4.2.1.9-pathlen", [](R& r) { r["ca"].spec.path_length = 0; },
       Reason::chain_ok},
      {"no_cert_sign", "rfc5280-4.2.1.3-keyusage", [](R& r) { r["ca"].spec.key_usage = kCrlSignOnly; },
       Reason::chain_key_usage, 1},
      {"client_auth", "rfc5280-4.2.1.12-eku", [](R& r) { r["mx"].spec.extended_key_usage = {{kClientAuth}}; },
       Reason::chain_eku},
      {"both_usages", "rfc5280-4.2.1.12-eku",
       [](R& r) {
         r["mx"].spec.extended_key_usage = {{kClientAuth, kServerAuth}};
       },
       Reason::chain_ok},
      {"no_usage", "rfc5280-4.2.1.12-eku",
       [](R& r) { r["mx"].spec.extended_key_usage = std::vector<std::string>{}; }, Reason::chain_ok},
      {"any_usage", "D21", [](R& r) { r["mx"].spec.extended_key_usage = {{kAnyUsage}}; }, Reason::chain_ok},
      {"any_usage_wrong_key_usage", "D21",
       [](R& r) {
         r["mx"].spec.extended_key_usage = {{kAnyUsage}};
         r["mx"].spec.key_usage = 1 << 5;
       },
       Reason::chain_key_usage},
      {"server_gated_only", "rfc5280-4.2.1.12-eku",
       [](R& r) { r["mx"].spec.extended_key_usage = {{"2.16.840.1.113730.4.1"}}; }, Reason::chain_eku},
      {"ca_email_only", "D22", [](R& r) { r["ca"].spec.extended_key_usage = {{kEmail}}; }, Reason::chain_eku,
       1},
      {"ca_any_usage", "D22", [](R& r) { r["ca"].spec.extended_key_usage = {{kAnyUsage}}; },
       Reason::chain_ok},
      {"ca_server_auth", "D22", [](R& r) { r["ca"].spec.extended_key_usage = {{kServerAuth}}; },
       Reason::chain_ok},
      {"leaf_key_usage", "rfc5280-4.2.1.3-keyusage", [](R& r) { r["mx"].spec.key_usage = kCrlSignOnly; },
       Reason::chain_key_usage},
      {"critical_unknown", "rfc5280-4.2-critical-unknown",
       [](R& r) {
         r["mx"].spec.extensions.push_back({"1.2.3.4", true, "\x05\x00"});
       },
       Reason::chain_unknown_critical_extension},
      {"unknown_not_critical", "rfc5280-4.2-critical-unknown",
       [](R& r) {
         r["mx"].spec.extensions.push_back({"1.2.3.4", false, "x"});
       },
       Reason::chain_ok},
      {"unknown_twice", "rfc5280-4.2.1.6-one-extension",
       [](R& r) {
         r["mx"].spec.extensions = {{"1.2.3.4", false, "x"}, {"1.2.3.4", false, "x"}};
       },
       Reason::chain_malformed_extension},
      {"san_twice", "rfc5280-4.2.1.6-one-extension",
       [](R& r) {
         r["mx"].spec.san.reset();
         const std::string san(
             "\x30\x03\x82\x01"
             "a",
             5);
         r["mx"].spec.extensions = {{"2.5.29.17", false, san}, {"2.5.29.17", false, san}};
       },
       Reason::chain_malformed_extension},
      {"san_broken", "D15",
       [](R& r) {
         r["mx"].spec.san.reset();
         r["mx"].spec.extensions = {{"2.5.29.17", false,
                                     std::string("\x30\x03\x82\x09"
                                                 "a",
                                                 5)}};
       },
       Reason::chain_malformed_extension},
      {"weak_key", "limit", [](R& r) { r["mx"].spec.key = certs::KeyType::rsa1024; }, Reason::chain_weak},
      {"weak_key_allowed", "limit", [](R& r) { r["mx"].spec.key = certs::KeyType::rsa1024; },
       Reason::chain_ok, 0, [](O& o) { o.security_level = 0; }},
      {"too_many", "limit",
       [](R& r) {
         r["mx"].sends = {{"mx", "ca", "intermediate"}};
       },
       Reason::chain_too_many_certificates, 2, [](O& o) { o.max_certificates = 2; }},
      {"too_deep", "limit", nothing, Reason::chain_too_deep, 1, [](O& o) { o.max_intermediates = 0; }},
      // Name constraints.
      {"permitted", "rfc5280-4.2.1.10-dns-subtree", [](R& r) { constrain(r, {dns("example.test")}, {}); },
       Reason::chain_ok},
      {"permitted_case", "rfc5280-4.2.1.10-case", [](R& r) { constrain(r, {dns("EXAMPLE.test")}, {}); },
       Reason::chain_ok},
      {"permitted_itself", "rfc5280-4.2.1.10-dns-subtree",
       [](R& r) { constrain(r, {dns("mx.example.test")}, {}); }, Reason::chain_ok},
      {"not_permitted", "rfc5280-4.2.1.10-dns-subtree", [](R& r) { constrain(r, {dns("example.net")}, {}); },
       Reason::chain_name_constraint},
      {"not_a_label_boundary", "rfc5280-4.2.1.10-dns-subtree",
       [](R& r) { constrain(r, {dns("ample.test")}, {}); }, Reason::chain_name_constraint},
      {"one_of_two_outside", "rfc5280-4.2.1.10-all-names",
       [](R& r) {
         constrain(r, {dns("example.test")}, {});
         r["mx"].spec.san->push_back(dns("a.example.net"));
       },
       Reason::chain_name_constraint},
      {"excluded", "rfc5280-4.2.1.10-excluded-wins",
       [](R& r) { constrain(r, {dns("example.test")}, {dns("mx.example.test")}); },
       Reason::chain_name_constraint},
      {"excluded_all", "rfc5280-4.2.1.10-empty-dns", [](R& r) { constrain(r, {}, {dns("")}); },
       Reason::chain_name_constraint},
      {"permitted_all", "rfc5280-4.2.1.10-empty-dns", [](R& r) { constrain(r, {dns("")}, {}); },
       Reason::chain_ok},
      {"leading_dot", "D17", [](R& r) { constrain(r, {dns(".example.test")}, {}); }, Reason::chain_ok},
      {"leading_dot_itself", "D17", [](R& r) { constrain(r, {dns(".mx.example.test")}, {}); },
       Reason::chain_name_constraint},
      {"leading_dot_excluded_itself", "D17", [](R& r) { constrain(r, {}, {dns(".mx.example.test")}); },
       Reason::chain_ok},
      {"base_with_final_dot", "rfc5280-4.2.1.10-critical-unknown-form",
       [](R& r) { constrain(r, {}, {dns("example.test.")}); }, Reason::chain_name_constraint_syntax, 1},
      {"base_with_wildcard", "rfc5280-4.2.1.10-critical-unknown-form",
       [](R& r) { constrain(r, {}, {dns("*.example.test")}); }, Reason::chain_name_constraint_syntax, 1},
      {"base_with_two_dots", "rfc5280-4.2.1.10-critical-unknown-form",
       [](R& r) { constrain(r, {}, {dns("..example.test")}); }, Reason::chain_name_constraint_syntax, 1},
      {"wildcard_inside", "D18",
       [](R& r) {
         constrain(r, {dns("example.test")}, {});
         r["mx"].spec.san = {dns("*.example.test")};
       },
       Reason::chain_ok},
      {"wildcard_wider", "D18",
       [](R& r) {
         constrain(r, {dns("mx.example.test")}, {});
         r["mx"].spec.san = {dns("*.example.test")};
       },
       Reason::chain_name_constraint},
      {"wildcard_over_excluded", "D18",
       [](R& r) {
         constrain(r, {}, {dns("bad.example.test")});
         r["mx"].spec.san = {dns("*.example.test")};
       },
       Reason::chain_name_constraint},
      {"wildcard_beside_excluded", "D18",
       [](R& r) {
         constrain(r, {}, {dns("bad.example.net")});
         r["mx"].spec.san = {dns("*.example.test")};
       },
       Reason::chain_ok},
      {"wildcard_above_excluded", "D18",
       [](R& r) {
         constrain(r, {}, {dns("a.b.example.test")});
         r["mx"].spec.san = {dns("*.example.test")};
       },
       Reason::chain_ok},
      {"fragment_over_excluded", "D18",
       [](R& r) {
         constrain(r, {}, {dns("bad.example.test")});
         r["mx"].spec.san = {dns("b*.example.test")};
       },
       Reason::chain_name_constraint},
      {"fragment_beside_excluded", "D18",
       [](R& r) {
         constrain(r, {}, {dns("bad.example.test")});
         r["mx"].spec.san = {dns("m*.example.test")};
       },
       Reason::chain_ok},
      {"cn_outside", "D19",
       [](R& r) {
         constrain(r, {dns("example.net")}, {});
         only_cn(r, "mx.example.test");
       },
       Reason::chain_name_constraint, 0, constrain_cn},
      {"cn_outside_not_used", "D19",
       [](R& r) {
         constrain(r, {dns("example.net")}, {});
         only_cn(r, "mx.example.test");
       },
       Reason::chain_ok},
      {"cn_excluded", "rfc5280-4.2.1.10-cn-uncovered",
       [](R& r) {
         constrain(r, {}, {dns("example.test")});
         only_cn(r, "mx.example.test");
       },
       Reason::chain_name_constraint, 0, constrain_cn},
      {"cn_wildcard_outside", "D19",
       [](R& r) {
         constrain(r, {dns("example.net")}, {});
         only_cn(r, "*.example.test");
       },
       Reason::chain_name_constraint, 0, constrain_cn},
      {"cn_wildcard_over_excluded", "D19",
       [](R& r) {
         constrain(r, {}, {dns("bad.example.test")});
         only_cn(r, "*.example.test");
       },
       Reason::chain_name_constraint, 0, constrain_cn},
      {"cn_of_a_person", "D19",
       [](R& r) {
         constrain(r, {dns("example.net")}, {});
         only_cn(r, "Mail Server");
       },
       Reason::chain_ok, 0, constrain_cn},
      {"address_outside", "rfc5280-4.2.1.10-ip-cidr",
       [](R& r) {
         constrain(r, {{NameType::ip, std::string("\xc0\x00\x02\x00\xff\xff\xff\x00", 8), {}}}, {});
         r["mx"].spec.san = {{NameType::ip, "\xc6\x33\x64\x01", {}}};
       },
       Reason::chain_name_constraint},
      {"address_inside", "rfc5280-4.2.1.10-ip-cidr",
       [](R& r) {
         constrain(r, {{NameType::ip, std::string("\xc0\x00\x02\x00\xff\xff\xff\x00", 8), {}}}, {});
         r["mx"].spec.san = {{NameType::ip, std::string("\xc0\x00\x02\x01", 4), {}}};
       },
       Reason::chain_ok},
      {"unlisted_form", "rfc5280-4.2.1.10-unlisted-form",
       [](R& r) {
         constrain(r, {dns("example.test")}, {});
         r["mx"].spec.san->push_back({NameType::ip, "\xc6\x33\x64\x01", {}});
       },
       Reason::chain_ok},
      {"self_issued_ca", "rfc5280-4.2.1.10-self-issued",
       [](R& r) {
         constrain(r, {dns("example.test")}, {});
         r["roll"] = r["ca"];
         r["roll"].issuer = "ca";
         r["roll"].spec.san = {dns("ca.example.net")};
         r["mx"].issuer = "roll";
       },
       Reason::chain_ok},
  };
  return made;
}

INSTANTIATE_TEST_SUITE_P(Rules, ChainTest, testing::ValuesIn(rows()),
                         [](const auto& row) { return std::string(row.param.name); });

std::vector<std::string> sent() {
  return certs::mint(ordinary(), authority(), keys()).at("mx").sends;
}

TEST(Chain, PathIsLeafFirstAnchorLast) {
  const auto chain = sent();
  const auto result = verify_chain(chain, trust(), at(kNow));
  ASSERT_EQ(result.path.size(), 3U);
  EXPECT_EQ(result.path.front(), chain.front());
  EXPECT_EQ(result.path.back(), authority().root.der);
}

TEST(Chain, FaultNamesTheCertificate) {
  auto requests = ordinary();
  requests["ca"].spec.validity.to = kNow - 1;
  const auto result =
      verify_chain(certs::mint(requests, authority(), keys()).at("mx").sends, trust(), at(kNow));
  EXPECT_EQ(result.depth, 1);
  EXPECT_EQ(result.subject, "CN=Test CA");
  EXPECT_NE(result.library_text, "");
}

TEST(Chain, TamperedSignature) {
  auto chain = sent();
  chain[0].back() = static_cast<char>(chain[0].back() ^ 1);
  EXPECT_EQ(verify_chain(chain, trust(), at(kNow)).reason, Reason::chain_bad_signature);
}

TEST(Chain, NothingOrGarbage) {
  EXPECT_EQ(verify_chain(std::vector<std::string>{}, trust(), at(kNow)).reason, Reason::chain_empty);
  auto chain = sent();
  chain[1] = "no certificate";
  const auto result = verify_chain(chain, trust(), at(kNow));
  EXPECT_EQ(result.reason, Reason::chain_unreadable_certificate);
  EXPECT_EQ(result.depth, 1);
}

TEST(Chain, NobodyTrusted) {
  EXPECT_EQ(verify_chain(sent(), TrustStore(), at(kNow)).reason, Reason::chain_unknown_ca);
}

TEST(Chain, PartialChainNeedsThePermission) {
  auto requests = ordinary();
  const auto chains = certs::mint(requests, authority(), keys());
  TrustStore store;
  ASSERT_TRUE(store.add_der(chains.at("ca").leaf.der));
  ChainOptions options = at(kNow);
  EXPECT_EQ(verify_chain(chains.at("mx").sends, store, options).reason, Reason::chain_unknown_ca);
  options.partial = PartialChain::accept;
  EXPECT_EQ(verify_chain(chains.at("mx").sends, store, options).reason, Reason::chain_ok);
}

// A CA known under two certificates for one key, of which one leads nowhere: whichever stands first, the path
// is found.
TEST(Chain, AnotherPathIsTried) {
  certs::KeyPool one_key(1);
  const auto mint = [&](const std::function<void(CertificateRequests&)>& change) {
    auto requests = ordinary();
    change(requests);
    return certs::mint(requests, authority(), one_key);
  };
  const auto right = mint([](R&) {});
  const auto expired = mint([](R& r) { r["ca"].spec.validity.to = kNow - 1; });
  const auto untrusted = mint([](R& r) { r["ca"].issuer = "unknown-ca"; });
  const auto constrained = mint([](R& r) { constrain(r, {dns("example.net")}, {}); });
  const std::string& leaf = right.at("mx").leaf.der;
  const std::string& ca = right.at("ca").leaf.der;
  for (const auto* other : {&expired, &untrusted, &constrained}) {
    const std::string& wrong = other->at("ca").leaf.der;
    EXPECT_EQ(verify_chain(std::vector{leaf, wrong, ca}, trust(), at(kNow)).reason, Reason::chain_ok);
    EXPECT_EQ(verify_chain(std::vector{leaf, ca, wrong}, trust(), at(kNow)).reason, Reason::chain_ok);
    EXPECT_NE(verify_chain(std::vector{leaf, wrong}, trust(), at(kNow)).reason, Reason::chain_ok);
  }
}

TEST(TrustStore, ReadsPemAndSaysWhatItCannot) {
  TrustStore store;
  std::string error;
  EXPECT_EQ(store.add_pem(authority().root.pem() + authority().unknown_root.pem(), error), 2U);
  EXPECT_EQ(error, "");
  EXPECT_EQ(store.add_pem("nothing", error), 0U);
  EXPECT_EQ(error, "no PEM certificate found");
  EXPECT_EQ(store.add_pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", error), 0U);
  EXPECT_EQ(error, "PEM block 1 is no certificate");
  EXPECT_FALSE(store.add_der("x"));
  EXPECT_EQ(store.size(), 2U);
}

}  // namespace
}  // namespace mxident::test
