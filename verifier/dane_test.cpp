#include "verifier/dane.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>

#include "certs/mint.hpp"
#include "verifier/certificate.hpp"

namespace mxident::test {
namespace {

constexpr std::int64_t kNow = 1767225600;
const NameRules& rules() {
  return policy(PolicyId::dane).rules;
}

certs::KeyPool& keys() {
  static certs::KeyPool pool;
  return pool;
}
const certs::Authority& authority() {
  static const certs::Authority made = certs::Authority::make(keys());
  return made;
}

std::string digest(const EVP_MD* algorithm, std::string_view data) {
  unsigned char octets[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(data.data(), data.size(), octets, &size, algorithm, nullptr);
  return {reinterpret_cast<const char*>(octets), size};
}

TlsaRecord record(int usage, int selector, int matching, const std::string& der) {
  const std::string data = selector == 0 ? der : std::string(view_certificate(der).value().spki_tlv);
  const std::string association = matching == 0   ? data
                                  : matching == 1 ? digest(EVP_sha256(), data)
                                                  : digest(EVP_sha512(), data);
  return {static_cast<std::uint8_t>(usage), static_cast<std::uint8_t>(selector),
          static_cast<std::uint8_t>(matching), association};
}

std::vector<std::string> minted(const char* name, std::int64_t to = certs::Validity{}.to,
                                std::vector<std::string> sends = {"mx", "intermediate", "root"}) {
  certs::CertificateRequest request;
  request.spec.san = {{certs::NameType::dns, name, {}}};
  request.spec.validity.to = to;
  request.sends = std::move(sends);
  return certs::mint({{"mx", request}}, authority(), keys()).at("mx").sends;
}

DaneResult verify(const std::vector<std::string>& sent, const std::vector<TlsaRecord>& records,
                  const char* reference = "mx1.example.com") {
  ChainOptions options;
  options.time = kNow;
  const auto made = make_reference(reference, ReferenceOrigin::tlsa_base_domain, rules()).reference.value();
  return verify_dane(sent, records, {&made, 1}, rules(), options);
}

TEST(TlsaFor, IsWhatMatches) {
  const auto sent = minted("mx1.example.com");
  const auto leaf = tlsa_for(TlsaFor::server, sent[0]), issuer = tlsa_for(TlsaFor::issuer, sent[1]);
  ASSERT_TRUE(leaf && issuer);
  EXPECT_EQ(to_string(*leaf), to_string(record(3, 1, 1, sent[0])));
  EXPECT_EQ(verify(sent, {*leaf}).reason, Reason::dane_ee_match);
  EXPECT_EQ(verify(sent, {*issuer}).reason, Reason::dane_ta_match);
  EXPECT_FALSE(tlsa_for(TlsaFor::server, "x"));
}

TEST(TlsaMistake, IsNamed) {
  const auto sent = minted("mx1.example.com");
  EXPECT_EQ(tlsa_mistake({3, 1, 1, digest(EVP_sha256(), "")}, sent),
            "its data is the digest of no octets: whatever made it was given nothing to digest");
  EXPECT_NE(tlsa_mistake({3, 1, 2, digest(EVP_sha512(), "")}, sent), "");
  TlsaRecord other = record(3, 0, 1, sent[0]);
  other.selector = 1;
  EXPECT_EQ(tlsa_mistake(other, sent),
            "its data fits certificate 0 that the server sent, with 3 0 1 in front");
  other = record(3, 1, 1, sent[1]);
  EXPECT_EQ(tlsa_mistake(other, sent),
            "its data fits certificate 1 that the server sent, with 2 1 1 in front");
  EXPECT_EQ(tlsa_mistake({3, 1, 1, std::string(32, 'x')}, sent), "");
}

class EachKind : public testing::TestWithParam<std::pair<int, int>> {};

// rfc7672-3.1.1-ee-names, rfc7672-3.1.1-ee-expiry: names, dates and issuers do not count.
TEST_P(EachKind, EndEntityMatch) {
  const auto [selector, matching] = GetParam();
  const auto sent = minted("wrong.example.net", kNow - 1, {"mx"});
  const auto result = verify(sent, {record(3, selector, matching, sent[0])});
  EXPECT_EQ(result.verdict, DaneVerdict::authenticated);
  EXPECT_EQ(result.reason, Reason::dane_ee_match);
  EXPECT_EQ(result.depth, 0);
}

TEST_P(EachKind, EndEntityOtherCertificate) {
  const auto [selector, matching] = GetParam();
  const auto result =
      verify(minted("mx1.example.com"), {record(3, selector, matching, minted("mx1.example.com")[0])});
  EXPECT_EQ(result.verdict, DaneVerdict::failed);
  EXPECT_EQ(result.reason, Reason::dane_no_match);
}

// rfc7672-3.1.2-ta-names
TEST_P(EachKind, TrustAnchor) {
  const auto [selector, matching] = GetParam();
  for (const std::size_t depth : {1U, 2U}) {
    const auto right = minted("mx1.example.com");
    const auto result = verify(right, {record(2, selector, matching, right[depth])});
    EXPECT_EQ(result.reason, Reason::dane_ta_match) << depth;
    EXPECT_EQ(result.depth, static_cast<int>(depth));
    const auto wrong = minted("www.example.com");
    EXPECT_EQ(verify(wrong, {record(2, selector, matching, wrong[depth])}).reason,
              Reason::no_presented_identifier_matches);
  }
}

INSTANTIATE_TEST_SUITE_P(SelectorAndMatching, EachKind,
                         testing::Values(std::pair{0, 0}, std::pair{0, 1}, std::pair{0, 2}, std::pair{1, 0},
                                         std::pair{1, 1}, std::pair{1, 2}),
                         [](const auto& row) {
                           return "selector" + std::to_string(row.param.first) + "_matching" +
                                  std::to_string(row.param.second);
                         });

// rfc7672-3.1.2-ta-expiry
TEST(DaneTa, ExpiredLeafFails) {
  const auto sent = minted("mx1.example.com", kNow - 1);
  EXPECT_EQ(verify(sent, {record(2, 0, 1, sent[2])}).reason, Reason::chain_expired);
}

// rfc7672-3.1.2-ta-in-chain
TEST(DaneTa, AnchorHasToBeSent) {
  const auto sent = minted("mx1.example.com", certs::Validity{}.to, {"mx", "intermediate"});
  EXPECT_EQ(verify(sent, {record(2, 0, 1, authority().root.der)}).reason, Reason::dane_ta_not_in_chain);
  EXPECT_EQ(verify(sent, {record(2, 0, 0, authority().root.der)}).reason, Reason::dane_ta_match);
}

struct BareKeyRow {
  const char* name;
  std::vector<std::string> sends;
  TlsaRecord record;
  Reason reason;
  int depth;
};
void PrintTo(const BareKeyRow& row, std::ostream* out) {
  *out << row.name;
}

std::vector<BareKeyRow> bare_key_rows() {
  const std::string &root = authority().root.der, &lower = authority().intermediate.der;
  TlsaRecord damaged = record(2, 1, 0, root);
  damaged.data[damaged.data.size() - 1] = static_cast<char>(damaged.data.back() ^ 1);
  const TlsaRecord no_key{2, 1, 0, std::string("\x30\x00", 2)};
  return {
      {"signed_the_topmost", {"mx", "intermediate"}, record(2, 1, 0, root), Reason::dane_ta_match, 1},
      {"signed_the_leaf", {"mx"}, record(2, 1, 0, lower), Reason::dane_ta_match, 0},
      {"is_among_the_sent", {"mx", "intermediate"}, record(2, 1, 0, lower), Reason::dane_ta_match, 1},
      {"signed_nothing_that_was_sent", {"mx"}, record(2, 1, 0, root), Reason::dane_ta_not_in_chain, -1},
      {"is_a_digest_only", {"mx", "intermediate"}, record(2, 1, 1, root), Reason::dane_ta_not_in_chain, -1},
      {"is_another", {"mx", "intermediate"}, damaged, Reason::dane_ta_not_in_chain, -1},
      {"is_none", {"mx", "intermediate"}, no_key, Reason::dane_ta_not_in_chain, -1},
      {"of_the_leaf_itself", {"mx"}, record(3, 1, 0, lower), Reason::dane_no_match, -1},
  };
}

class DaneTaBareKey : public testing::TestWithParam<BareKeyRow> {};
TEST_P(DaneTaBareKey, EndsThePathAtWhatItSigned) {
  const BareKeyRow& row = GetParam();
  const auto sent = minted("mx1.example.com", certs::Validity{}.to, row.sends);
  const DaneResult result = verify(sent, {row.record});
  EXPECT_EQ(result.reason, row.reason) << to_string(result.reason);
  EXPECT_EQ(result.depth, row.depth);
  if (row.reason != Reason::dane_ta_match) return;
  EXPECT_EQ(result.record, 0u);
  EXPECT_EQ(verify(sent, {row.record}, "mx2.example.com").verdict, DaneVerdict::failed);
  const auto old = minted("mx1.example.com", kNow - 1, row.sends);
  EXPECT_EQ(verify(old, {row.record}).reason, Reason::chain_expired);
}
INSTANTIATE_TEST_SUITE_P(Rows, DaneTaBareKey, testing::ValuesIn(bare_key_rows()),
                         [](const auto& row) { return row.param.name; });

TEST(DaneTa, AnchorBesideThePathIsNone) {
  const auto sent =
      minted("mx1.example.com", certs::Validity{}.to, {"mx", "intermediate", "root", "unknown-ca"});
  EXPECT_EQ(verify(sent, {record(2, 0, 1, authority().unknown_root.der)}).reason, Reason::chain_unknown_ca);
}

// A roll-over: records for both roots, which share a name and have no key identifiers.
TEST(DaneTa, AnchorsOfOneNameAreAllTried) {
  certs::CertificateRequests requests;
  for (const char* root : {"old", "new"}) {
    auto& request = requests[root];
    request.spec.subject = {{{"2.5.4.3", {"Root", certs::StringType::utf8}}}};
    request.spec.ca = true;
    request.spec.subject_key_identifier = "";
    request.issuer = "self";
  }
  requests["mx"].spec.san = {{certs::NameType::dns, "mx1.example.com", {}}};
  requests["mx"].issuer = "new";
  for (const auto& sends : {std::vector<std::string>{"mx", "old", "new"}, {"mx", "new", "old"}}) {
    requests["mx"].sends = sends;
    const auto chains = certs::mint(requests, authority(), keys());
    const TlsaRecord old_root = record(2, 0, 1, chains.at("old").leaf.der);
    const TlsaRecord new_root = record(2, 1, 1, chains.at("new").leaf.der);
    const DaneResult result = verify(chains.at("mx").sends, {old_root, new_root});
    EXPECT_EQ(result.reason, Reason::dane_ta_match);
    EXPECT_EQ(result.record, 1U);
    EXPECT_NE(verify(chains.at("mx").sends, {old_root}).reason, Reason::dane_ta_match);
  }
}

TEST(DaneTa, UnsentAnchorIsFoundAmongTheTrusted) {
  TrustStore trust;
  trust.add_der(authority().unknown_root.der);
  trust.add_der(authority().root.der);
  const TlsaRecord other = record(3, 1, 1, authority().root.der);
  const TlsaRecord of_root = record(2, 1, 1, authority().root.der);
  const auto unsent = unsent_anchor(std::vector{other, of_root}, trust);
  ASSERT_TRUE(unsent);
  EXPECT_EQ(unsent->record, 1U);
  EXPECT_NE(unsent->subject, "");
  EXPECT_FALSE(unsent_anchor(std::vector{other}, trust));
  EXPECT_FALSE(unsent_anchor(std::vector{of_root}, TrustStore()));
}

TEST(DaneTa, LeafIsNoAnchor) {
  const auto sent = minted("mx1.example.com");
  EXPECT_EQ(verify(sent, {record(2, 0, 1, sent[0])}).reason, Reason::dane_ta_not_in_chain);
}

TEST(DaneTa, LeafThatSignedItselfIsNoAnchorEither) {
  certs::CertificateRequest own;
  own.spec.san = {{certs::NameType::dns, "mx1.example.com", {}}};
  own.issuer = "self";
  const auto sent = certs::mint({{"mx", own}}, authority(), keys()).at("mx").sends;
  EXPECT_EQ(verify(sent, {record(2, 1, 0, sent[0])}).reason, Reason::dane_ta_not_in_chain);
}

TEST(Dane, AnyRecordSuffices) {
  const auto sent = minted("mx1.example.com");
  const auto result = verify(sent, {record(3, 1, 1, sent[1]), record(3, 1, 1, sent[0])});
  EXPECT_EQ(result.reason, Reason::dane_ee_match);
  EXPECT_EQ(result.record, 1U);
}

TEST(Dane, GarbageInTheChain) {
  EXPECT_EQ(verify({}, {{3, 1, 1, std::string(32, 'x')}}).reason, Reason::chain_empty);
  EXPECT_EQ(verify({"no certificate"}, {{3, 1, 1, std::string(32, 'x')}}).reason, Reason::dane_no_match);
  const std::vector<std::string> many(101, "x");
  EXPECT_EQ(verify(many, {{2, 1, 1, std::string(32, 'x')}}).reason, Reason::chain_too_many_certificates);
}

struct UsabilityRow {
  const char* name;
  const char* rule;
  TlsaRecord record;
  Reason reason;
};
void PrintTo(const UsabilityRow& row, std::ostream* out) {
  *out << row.rule << " " << row.name;
}

class UsabilityTest : public testing::TestWithParam<UsabilityRow> {};
TEST_P(UsabilityTest, Reason) {
  EXPECT_EQ(to_string(tlsa_usability(GetParam().record)), to_string(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    Rules, UsabilityTest,
    testing::Values(
        UsabilityRow{"sha256", "rfc7671-malformed", {3, 1, 1, std::string(32, 'x')}, Reason::tlsa_usable},
        UsabilityRow{
            "sha256_31", "rfc7671-malformed", {3, 1, 1, std::string(31, 'x')}, Reason::tlsa_digest_length},
        UsabilityRow{"sha512", "rfc7671-malformed", {2, 0, 2, std::string(64, 'x')}, Reason::tlsa_usable},
        UsabilityRow{
            "sha512_32", "rfc7671-malformed", {2, 0, 2, std::string(32, 'x')}, Reason::tlsa_digest_length},
        UsabilityRow{"empty", "rfc7671-malformed", {3, 1, 1, ""}, Reason::tlsa_digest_length},
        UsabilityRow{"pkix_ta", "D26", {0, 1, 1, std::string(32, 'x')}, Reason::tlsa_usage_undefined},
        UsabilityRow{"pkix_ee", "D26", {1, 1, 1, std::string(32, 'x')}, Reason::tlsa_usage_undefined},
        UsabilityRow{
            "usage_4", "rfc7671-malformed", {4, 1, 1, std::string(32, 'x')}, Reason::tlsa_usage_unknown},
        UsabilityRow{"selector_2",
                     "rfc7671-malformed",
                     {3, 2, 1, std::string(32, 'x')},
                     Reason::tlsa_selector_unknown},
        UsabilityRow{"matching_3",
                     "rfc7671-malformed",
                     {3, 1, 3, std::string(32, 'x')},
                     Reason::tlsa_matching_unknown},
        UsabilityRow{"full_garbage", "rfc7671-malformed", {3, 0, 0, "x"}, Reason::tlsa_malformed},
        UsabilityRow{"full_key_garbage", "rfc7671-malformed", {3, 1, 0, "\x30\x01"}, Reason::tlsa_malformed},
        UsabilityRow{
            "full_key", "rfc7671-malformed", {3, 1, 0, std::string("\x30\x00", 2)}, Reason::tlsa_usable}),
    [](const auto& row) { return std::string(row.param.name); });

// RFC 7671 9, within one usage and selector only.
TEST(Tlsa, DigestAgility) {
  const std::vector<TlsaRecord> records{{3, 1, 1, std::string(32, 'x')},
                                        {3, 1, 2, std::string(64, 'x')},
                                        {3, 0, 1, std::string(32, 'x')},
                                        {2, 1, 1, std::string(32, 'x')},
                                        {3, 1, 0, std::string("\x30\x00", 2)}};
  const auto reasons = classify_tlsa(records);
  EXPECT_EQ(reasons[0], Reason::tlsa_weaker_digest);
  EXPECT_EQ(std::count(reasons.begin(), reasons.end(), Reason::tlsa_usable), 4);
  EXPECT_EQ(usable_tlsa(records).size(), 4U);
}

TEST(Tlsa, MalformedStrongDigestWeakensNothing) {
  const std::vector<TlsaRecord> records{{3, 1, 1, std::string(32, 'x')}, {3, 1, 2, std::string(63, 'x')}};
  EXPECT_EQ(classify_tlsa(records)[0], Reason::tlsa_usable);
}

TEST(Tlsa, TextAndOctets) {
  const auto made = tlsa_from_text("3 1 1 0A1b 2c").value();
  EXPECT_EQ(made.data, "\x0a\x1b\x2c");
  EXPECT_EQ(to_string(made), "3 1 1 0a1b2c");
  EXPECT_EQ(parse_tlsa(std::string("\x03\x01\x01\x0a", 4)).value().data, "\x0a");
  EXPECT_FALSE(parse_tlsa("ab"));
  for (const char* line : {"_25._tcp.tlsa.test. IN TLSA 3 1 1 0a1b2c  ; CN=tlsa x", "TLSA 3 1 1 0a1b2c",
                           "_25._tcp.mx.test.\t3600\tIN\ttlsa\t3\t1\t1 ( 0A1B 2C )"}) {
    const auto record = tlsa_from_text(line);
    ASSERT_TRUE(record) << line;
    EXPECT_EQ(to_string(*record), "3 1 1 0a1b2c") << line;
  }
  for (const char* bad : {"", "TLSA ", "_25._tcp.mx.test. IN MX 3 1 1 00", "3 1 1", "3 1 1 ", "3 1 1 0",
                          "3 1 1 0g", "256 1 1 00", "3 1 00", "3 1 1x 00", "-3 1 1 00"}) {
    EXPECT_FALSE(tlsa_from_text(bad)) << bad;
  }
}

std::vector<std::string> texts(const DanePath& path) {
  std::vector<std::string> result;
  for (const auto& reference : dane_references(path, rules())) result.push_back(reference.text);
  return result;
}
using Texts = std::vector<std::string>;

// The worked example of RFC 7672 3.2.2, renamed: ex.example.org is an alias of m.example.org, and that of
// example.com.
TEST(DaneReferences, SecureMx) {
  DanePath path{"ex.example.org", "example.com", DanePath::Mx::secure, "mx10.example.com",
                "mx10.example.com"};
  EXPECT_EQ(texts(path), (Texts{"mx10.example.com", "ex.example.org", "example.com"}));
  path.mx_host = path.base_domain = "mx15.example.com";
  EXPECT_EQ(texts(path), (Texts{"mx15.example.com", "ex.example.org", "example.com"}));
  path.mx_host = "mx20.example.com";
  path.base_domain = "bk.example.net";
  EXPECT_EQ(texts(path), (Texts{"bk.example.net", "ex.example.org", "example.com"}));
}

// rfc7672-3.2.2-insecure-mx
TEST(DaneReferences, InsecureMx) {
  EXPECT_EQ(
      texts({"example.com", "", DanePath::Mx::insecure, "mx1.provider.example", "mx1.provider.example"}),
      (Texts{"mx1.provider.example"}));
}

// rfc7672-3.2.2-non-mx
TEST(DaneReferences, NoMx) {
  EXPECT_EQ(texts({"d.example", "e.example", DanePath::Mx::none, "", "e.example"}),
            (Texts{"e.example", "d.example"}));
  EXPECT_EQ(texts({"relay.example.com", "", DanePath::Mx::none, "", "relay.example.com"}),
            (Texts{"relay.example.com"}));
}

// rfc7672-2.2-literal
TEST(DaneReferences, AddressesAreNone) {
  EXPECT_EQ(texts({"[192.0.2.25]", "", DanePath::Mx::none, "", "[192.0.2.25]"}), Texts{});
}

}  // namespace
}  // namespace mxident::test
