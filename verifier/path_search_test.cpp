// One valid path suffices, wherever it leads: among certificates and anchors of one name the right ones are
// found. Key identifiers are left out, as they would tell at once.
#include "verifier/path_search.hpp"

#include "verifier/chain_test_support.hpp"

namespace mxident::test {
namespace {

constexpr const char* kAuthorityKeyIdentifier = "2.5.29.35";
const std::string kOtherKeyIdentifier("\x30\x05\x80\x03\x01\x02\x03", 7);
// authorityCertIssuer CN=r, authorityCertSerialNumber 5
const std::string kOtherSerialNumber(
    "\x30\x15\xa1\x10\xa4\x0e\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01r\x82\x01\x05", 23);

void without_key_identifiers(R& r) {
  for (auto& [id, request] : r) request.spec.subject_key_identifier = "";
}

/// Two roots "old" and "new" of one name; "ca" is the new one's.
void rolled_root(R& r) {
  own_root(r);
  r["old"] = r["new"] = r["own"];
  r.erase("own");
  r["ca"].issuer = "new";
  without_key_identifiers(r);
}

/// "ca" is the root's; an authority of its name that nobody trusts, or that is at fault, stands beside it.
void rival(R& r, const std::function<void(certs::CertificateRequest&)>& change) {
  r["rival"] = r["ca"];
  change(r["rival"]);
  without_key_identifiers(r);
}

const std::vector<ChainRow>& search_rows() {
  static const std::vector<ChainRow> made{
      {"old_root_first", "rfc5280-6.1-a-path", rolled_root, Reason::chain_ok, 0, {}, {"old", "new"}},
      {"new_root_first", "rfc5280-6.1-a-path", rolled_root, Reason::chain_ok, 0, {}, {"new", "old"}},
      {"old_root_only", "rfc5280-6.1-a-path", rolled_root, Reason::chain_bad_signature, 1, {}, {"old"}},
      {"expired_root_first",
       "rfc5280-6.1-a-path",
       [](R& r) {
         rolled_root(r);
         r["old"].spec.validity.to = kNow - 1;
       },
       Reason::chain_ok,
       0,
       {},
       {"old", "new"}},
      {"rival_sent_first", "rfc5280-6.1-a-path",
       [](R& r) {
         rival(r, [](auto& other) { other.issuer = "unknown-ca"; });
         r["mx"].sends = {{"mx", "rival", "ca"}};
       },
       Reason::chain_ok},
      {"rival_sent_last", "rfc5280-6.1-a-path",
       [](R& r) {
         rival(r, [](auto& other) { other.issuer = "unknown-ca"; });
         r["mx"].sends = {{"mx", "ca", "rival"}};
       },
       Reason::chain_ok},
      {"rival_among_the_anchors",
       "rfc5280-6.1-a-path",
       [](R& r) {
         own_root(r);
         rival(r, [](auto& other) { other.spec.validity.to = kNow - 1; });
       },
       Reason::chain_ok,
       0,
       {},
       {"rival", "own"}},
      {"constrained_rival_among_the_anchors",
       "rfc5280-6.1-a-path",
       [](R& r) {
         own_root(r);
         rival(r, [](auto& other) { other.spec.name_constraints = {{dns("example.net")}, {}, true}; });
       },
       Reason::chain_ok,
       0,
       {},
       {"rival", "own"}},
      {"rivals_of_two_levels",
       "rfc5280-6.1-a-path",
       [](R& r) {
         rolled_root(r);
         rival(r, [](auto& other) { other.issuer = "old"; });
         r["mx"].sends = {{"mx", "rival", "ca"}};
       },
       Reason::chain_ok,
       0,
       {},
       {"old", "new"}},
      {"issuer_of_another_key_identifier", "rfc4158-3.5.12-hints",
       [](R& r) {
         r["mx"].spec.without = {kAuthorityKeyIdentifier};
         r["mx"].spec.extensions = {{kAuthorityKeyIdentifier, false, kOtherKeyIdentifier}};
       },
       Reason::chain_ok},
      {"issuer_of_another_serial_number", "rfc4158-3.5.12-hints",
       [](R& r) {
         r["mx"].spec.without = {kAuthorityKeyIdentifier};
         r["mx"].spec.extensions = {{kAuthorityKeyIdentifier, false, kOtherSerialNumber}};
       },
       Reason::chain_ok},
      {"anchor_of_another_key_identifier",
       "rfc4158-3.5.12-hints",
       [](R& r) {
         own_root(r);
         r["ca"].spec.without = {kAuthorityKeyIdentifier};
         r["ca"].spec.extensions = {{kAuthorityKeyIdentifier, false, kOtherKeyIdentifier}};
       },
       Reason::chain_ok,
       0,
       {},
       {"own"}},
      {"anchor_that_names_another_key_for_its_own",
       "rfc4158-3.5.12-hints",
       [](R& r) {
         own_root(r);
         r["own"].spec.without = {kAuthorityKeyIdentifier};
         r["own"].spec.extensions = {{kAuthorityKeyIdentifier, false, kOtherKeyIdentifier}};
       },
       Reason::chain_ok,
       0,
       {},
       {"own"}},
      {"issuer_of_another_key_identifier_may_not_sign", "rfc5280-4.2.1.3-key-cert-sign",
       [](R& r) {
         r["ca"].spec.key_usage = kCrlSignOnly;
         r["mx"].spec.without = {kAuthorityKeyIdentifier};
         r["mx"].spec.extensions = {{kAuthorityKeyIdentifier, false, kOtherKeyIdentifier}};
       },
       Reason::chain_key_usage, 1},
      {"expired_issuer_of_another_key_identifier", "rfc5280-4.1.2.5-validity",
       [](R& r) {
         r["ca"].spec.validity.to = kNow - 1;
         r["mx"].spec.without = {kAuthorityKeyIdentifier};
         r["mx"].spec.extensions = {{kAuthorityKeyIdentifier, false, kOtherKeyIdentifier}};
       },
       Reason::chain_expired, 1},
      {"no_path_at_all",
       "rfc5280-6.1-a-path",
       [](R& r) {
         rolled_root(r);
         r["ca"].spec.validity.to = kNow - 1;
       },
       Reason::chain_expired,
       1,
       {},
       {"new", "old"}},
  };
  return made;
}

class PathTest : public testing::TestWithParam<ChainRow> {};

TEST_P(PathTest, Reason) {
  expect_reason(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Rules, PathTest, testing::ValuesIn(search_rows()),
                         [](const auto& row) { return std::string(row.param.name); });

// However many anchors share a name, the right one is found; however many certificates are sent, the search
// ends.
TEST(PathSearch, ManyAnchorsOfOneName) {
  R requests = ordinary();
  own_root(requests);
  TrustStore anchors;
  for (int i = 0; i < 40; ++i) requests["root" + std::to_string(i)] = requests["own"];
  without_key_identifiers(requests);
  const auto chains = certs::mint(requests, authority(), keys());
  for (const auto& [id, chain] : chains) {
    if (id.starts_with("root")) anchors.add_der(chain.leaf.der);
  }
  EXPECT_NE(verify_chain(chains.at("mx").sends, anchors, at(kNow)).reason, Reason::chain_ok);
  anchors.add_der(chains.at("own").leaf.der);
  EXPECT_EQ(verify_chain(chains.at("mx").sends, anchors, at(kNow)).reason, Reason::chain_ok);
}

TEST(PathSearch, ManyRivalsSentAreBounded) {
  R requests = ordinary();
  requests["ca"].issuer = "unknown-ca";
  for (int i = 0; i < 90; ++i) {
    auto& other = requests["ca" + std::to_string(i)] = requests["ca"];
    if (i > 0) other.issuer = "ca" + std::to_string(i - 1);
  }
  without_key_identifiers(requests);
  const auto chains = certs::mint(requests, authority(), keys());
  std::vector<std::string> sent{chains.at("mx").leaf.der};
  for (const auto& [id, chain] : chains) {
    if (id != "mx") sent.push_back(chain.leaf.der);
  }
  EXPECT_NE(verify_chain(sent, trust(), at(kNow)).reason, Reason::chain_ok);
}

}  // namespace
}  // namespace mxident::test
