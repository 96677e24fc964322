#include "verifier/chain.hpp"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include <string_view>

#include "verifier/chain_test_support.hpp"

namespace mxident::test {
namespace {

class ChainTest : public testing::TestWithParam<ChainRow> {};

TEST_P(ChainTest, Reason) {
#ifdef __SANITIZE_ADDRESS__
  // OpenSSL 3.0 forgets the policyConstraints of a certificate without certificatePolicies:
  // policy_cache_new() returns early. 42 octets each.
  const bool openssl_leaks = std::string_view(GetParam().name).starts_with("policy_demanded");
  if (openssl_leaks) __lsan_disable();
#endif
  expect_reason(GetParam());
#ifdef __SANITIZE_ADDRESS__
  if (openssl_leaks) __lsan_enable();
#endif
}

constexpr const char* kPolicies = "2.5.29.32";
constexpr const char* kPolicyConstraints = "2.5.29.36";
constexpr const char* kPolicyMappings = "2.5.29.33";
constexpr const char* kInhibitAnyPolicy = "2.5.29.54";
constexpr std::uint16_t kSignsHandshakes = 1 << 0;
const std::string kExplicitAtOnce("\x30\x03\x80\x01\x00", 5);  // requireExplicitPolicy 0
const std::string kPolicyOne("\x30\x07\x30\x05\x06\x03\x2a\x03\x04", 9);
const std::string kPolicyTwo("\x30\x07\x30\x05\x06\x03\x2a\x03\x05", 9);
const std::string kAnyPolicy("\x30\x08\x30\x06\x06\x04\x55\x1d\x20\x00", 10);

void add(R& r, const char* id, const char* oid, const std::string& der) {
  r[id].spec.extensions.push_back({oid, true, der});
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
      {"octets_behind_basic_constraints", "rfc5280-4.2-der",
       [](R& r) {
         r["ca"].spec.without = {"2.5.29.19"};
         add(r, "ca", "2.5.29.19", {"\x30\x03\x01\x01\xff\x05\x00", 7});
       },
       Reason::chain_malformed_extension, 1},
      {"octets_behind_key_usage", "rfc5280-4.2-der",
       [](R& r) {
         r["mx"].spec.without = {"2.5.29.15"};
         add(r, "mx", "2.5.29.15", {"\x03\x02\x07\x80\x05\x00", 6});
       },
       Reason::chain_malformed_extension},
      {"octets_behind_extended_key_usage", "rfc5280-4.2-der",
       [](R& r) {
         r["mx"].spec.without = {"2.5.29.37"};
         add(r, "mx", "2.5.29.37", {"\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01\x05\x00", 14});
       },
       Reason::chain_malformed_extension},
      {"netscape_type_of_a_client", "rfc5280-6.1-a-path",
       [](R& r) {
         r["mx"].spec.extensions = {{"2.16.840.1.113730.1.1", false, {"\x03\x02\x07\x80", 4}}};
       },
       Reason::chain_ok},
      {"netscape_type_of_a_client_beside_a_clients_usage", "D22",
       [](R& r) {
         r["mx"].spec.extended_key_usage = {{kClientAuth}};
         r["mx"].spec.extensions = {{"2.16.840.1.113730.1.1", false, {"\x03\x02\x07\x80", 4}}};
       },
       Reason::chain_eku},
      {"weak_key", "limit", [](R& r) { r["mx"].spec.key = certs::KeyType::rsa1024; }, Reason::chain_weak},
      {"weak_key_allowed", "limit", [](R& r) { r["mx"].spec.key = certs::KeyType::rsa1024; },
       Reason::chain_ok, 0, [](O& o) { o.security_level = 0; }},
      {"too_many", "limit",
       [](R& r) {
         r["mx"].sends = {{"mx", "ca", "intermediate"}};
       },
       Reason::chain_too_many_certificates, 2, [](O& o) { o.max_certificates = 2; }},
      {"too_deep", "limit", nothing, Reason::chain_too_deep, 1, [](O& o) { o.max_intermediates = 0; }},
      // Versions.
      {"issuer_of_version_1", "rfc5280-6.1.4-k-version", [](R& r) { r["ca"].spec.version = 1; },
       Reason::chain_not_a_ca, 1},
      {"issuer_of_version_2", "rfc5280-6.1.4-k-version", [](R& r) { r["ca"].spec.version = 2; },
       Reason::chain_not_a_ca, 1},
      {"issuer_of_version_4", "rfc5280-4.1.2.1-version", [](R& r) { r["ca"].spec.version = 4; },
       Reason::chain_not_a_ca, 1},
      {"leaf_of_version_1_with_extensions", "rfc5280-4.1.2.9-extensions",
       [](R& r) { r["mx"].spec.version = 1; }, Reason::chain_malformed_extension},
      {"leaf_of_version_2_with_extensions", "rfc5280-4.1.2.9-extensions",
       [](R& r) { r["mx"].spec.version = 2; }, Reason::chain_malformed_extension},
      {"leaf_of_version_4_with_extensions", "rfc5280-4.1.2.1-version", [](R& r) { r["mx"].spec.version = 4; },
       Reason::chain_malformed_extension},
      {"leaf_of_version_1", "rfc5280-4.1.2.1-version",
       [](R& r) {
         bare(r["mx"].spec);
         r["mx"].spec.version = 1;
       },
       Reason::chain_ok},
      {"leaf_of_version_4", "rfc5280-4.1.2.1-version",
       [](R& r) {
         bare(r["mx"].spec);
         r["mx"].spec.version = 4;
       },
       Reason::chain_rejected},
      {"anchor_of_version_1",
       "rfc5280-6.1.1-anchor",
       [](R& r) {
         own_root(r);
         bare(r["own"].spec);
         r["own"].spec.version = 1;
       },
       Reason::chain_ok,
       0,
       {},
       {"own"}},
      {"anchor_of_version_1_with_extensions",
       "rfc5280-4.1.2.9-extensions",
       [](R& r) {
         own_root(r);
         r["own"].spec.version = 1;
       },
       Reason::chain_malformed_extension,
       2,
       {},
       {"own"}},
      // The anchor's own usages (D22).
      {"anchor_email_only",
       "D22",
       [](R& r) {
         own_root(r);
         r["own"].spec.extended_key_usage = {{kEmail}};
       },
       Reason::chain_eku,
       2,
       {},
       {"own"}},
      {"anchor_server_gated_only",
       "D22",
       [](R& r) {
         own_root(r);
         r["own"].spec.extended_key_usage = {{"2.16.840.1.113730.4.1"}};
       },
       Reason::chain_eku,
       2,
       {},
       {"own"}},
      {"anchor_server_auth",
       "D22",
       [](R& r) {
         own_root(r);
         r["own"].spec.extended_key_usage = {{kServerAuth}};
       },
       Reason::chain_ok,
       0,
       {},
       {"own"}},
      {"anchor_any_usage",
       "D22",
       [](R& r) {
         own_root(r);
         r["own"].spec.extended_key_usage = {{kAnyUsage}};
       },
       Reason::chain_ok,
       0,
       {},
       {"own"}},
      // Certificate policies.
      {"policy_demanded_and_missing", "rfc5280-6.1.5-g-policy",
       [](R& r) { add(r, "ca", kPolicyConstraints, kExplicitAtOnce); }, Reason::chain_policy, 1},
      {"policy_demanded_and_kept", "rfc5280-6.1.5-g-policy",
       [](R& r) {
         add(r, "ca", kPolicyConstraints, kExplicitAtOnce);
         add(r, "ca", kPolicies, kPolicyOne);
         add(r, "mx", kPolicies, kPolicyOne);
       },
       Reason::chain_ok},
      {"policy_demanded_and_another", "rfc5280-6.1.5-g-policy",
       [](R& r) {
         add(r, "ca", kPolicyConstraints, kExplicitAtOnce);
         add(r, "ca", kPolicies, kPolicyOne);
         add(r, "mx", kPolicies, kPolicyTwo);
       },
       Reason::chain_policy, 1},
      {"policy_demanded_by_the_leaf_itself", "rfc5280-6.1.5-b-policy",
       [](R& r) { add(r, "mx", kPolicyConstraints, kExplicitAtOnce); }, Reason::chain_policy},
      {"policy_demanded_further_down", "rfc5280-6.1.5-a-policy",
       [](R& r) {
         add(r, "ca", kPolicyConstraints, {"\x30\x03\x80\x01\x02", 5});
       },
       Reason::chain_ok},
      {"policies_differ_undemanded", "rfc5280-6.1.5-g-policy",
       [](R& r) {
         add(r, "ca", kPolicies, kPolicyOne);
         add(r, "mx", kPolicies, kPolicyTwo);
       },
       Reason::chain_ok},
      {"any_policy_taken", "rfc5280-6.1.3-d-any-policy",
       [](R& r) {
         add(r, "ca", kPolicyConstraints, kExplicitAtOnce);
         add(r, "ca", kPolicies, kAnyPolicy);
         add(r, "mx", kPolicies, kPolicyOne);
       },
       Reason::chain_ok},
      {"any_policy_inhibited", "rfc5280-4.2.1.14-inhibit-any-policy",
       [](R& r) {
         add(r, "ca", kPolicyConstraints, kExplicitAtOnce);
         add(r, "ca", kPolicies, kPolicyOne);
         add(r, "ca", kInhibitAnyPolicy, std::string("\x02\x01\x00", 3));
         add(r, "mx", kPolicies, kAnyPolicy);
       },
       Reason::chain_policy, 1},
      {"any_policy_in_the_leaf", "rfc5280-4.2.1.14-inhibit-any-policy",
       [](R& r) {
         add(r, "ca", kPolicyConstraints, kExplicitAtOnce);
         add(r, "ca", kPolicies, kPolicyOne);
         add(r, "mx", kPolicies, kAnyPolicy);
       },
       Reason::chain_ok},
      {"policies_empty", "rfc5280-4.2.1.4-policies",
       [](R& r) {
         r["mx"].spec.extensions.push_back({kPolicies, false, {"\x30\x00", 2}});
       },
       Reason::chain_malformed_extension},
      {"policies_no_sequence", "rfc5280-4.2.1.4-policies",
       [](R& r) {
         add(r, "ca", kPolicies, {"\x05\x00", 2});
       },
       Reason::chain_policy, 1},
      {"mappings_empty_beside_no_policies", "rfc5280-4.2.1.5-mappings",
       [](R& r) {
         add(r, "ca", kPolicyMappings, {"\x30\x00", 2});
       },
       Reason::chain_malformed_extension, 1},
      {"inhibit_any_policy_negative", "rfc5280-4.2.1.14-inhibit-any-policy",
       [](R& r) {
         add(r, "ca", kInhibitAnyPolicy, {"\x02\x01\xff", 3});
       },
       Reason::chain_malformed_extension, 1},
      {"inhibit_any_policy_with_more_behind", "rfc5280-4.2.1.14-inhibit-any-policy",
       [](R& r) {
         add(r, "ca", kInhibitAnyPolicy, {"\x02\x01\x00\x00", 4});
       },
       Reason::chain_malformed_extension, 1},
      {"inhibit_any_policy_beside_no_policies", "rfc5280-4.2.1.14-inhibit-any-policy",
       [](R& r) {
         add(r, "ca", kInhibitAnyPolicy, {"\x02\x01\x00", 3});
       },
       Reason::chain_ok},
      {"policies_of_the_anchor_empty",
       "rfc5280-6.1.1-anchor",
       [](R& r) {
         own_root(r);
         r["own"].spec.extensions.push_back({kPolicies, false, {"\x30\x00", 2}});
       },
       Reason::chain_ok,
       0,
       {},
       {"own"}},
      {"own_anchor",
       "rfc5280-6.1.1-anchor",
       [](R& r) {
         r["mx"].issuer = "self";
         r["mx"].spec.key_usage = kSignsHandshakes;
       },
       Reason::chain_ok,
       0,
       {},
       {"mx"}},
      {"own_anchor_expired",
       "rfc5280-6.1.1-anchor",
       [](R& r) {
         r["mx"].issuer = "self";
         r["mx"].spec.key_usage = kSignsHandshakes;
         r["mx"].spec.validity.to = kNow - 1;
       },
       Reason::chain_expired,
       0,
       {},
       {"mx"}},
      {"trusted_but_issued_by_another",
       "rfc5280-6.1.1-anchor",
       nothing,
       Reason::chain_unknown_ca,
       1,
       {},
       {"mx"}},
      {"policy_of_the_anchor",
       "rfc5280-6.1.1-anchor",
       [](R& r) {
         own_root(r);
         add(r, "own", kPolicyConstraints, kExplicitAtOnce);
       },
       Reason::chain_ok,
       0,
       {},
       {"own"}},
      {"self_issued_is_not_counted", "limit",
       [](R& r) {
         r["roll"] = r["ca"];
         r["roll"].issuer = "ca";
         r["mx"].issuer = "roll";
       },
       Reason::chain_ok, 0, [](O& o) { o.max_intermediates = 1; }},
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
