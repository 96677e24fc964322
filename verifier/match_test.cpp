#include "verifier/match.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "verifier/match_rows.hpp"

namespace mxident::test {
namespace {

class MatchTest : public testing::TestWithParam<MatchRow> {};

TEST_P(MatchTest, Strings) {
  const MatchRow& row = GetParam();
  const MatchResult result = judge(row, row_names(row.certificate));
  EXPECT_EQ(to_string(result.reason), to_string(row.reason)) << result.presented;
  EXPECT_EQ(result.verdict == MatchVerdict::match, is_match(row.reason));
  EXPECT_EQ(result.reference.has_value(), is_match(row.reason));
}

// Asking for an explanation may not change the verdict.
TEST_P(MatchTest, ExplanationAgrees) {
  const MatchRow& row = GetParam();
  const MatchResult result = judge(row, row_names(row.certificate), Explain::yes);
  EXPECT_EQ(to_string(result.reason), to_string(row.reason));
  if (result.verdict == MatchVerdict::match) {
    ASSERT_FALSE(result.attempts.empty());
    EXPECT_EQ(result.attempts.back().reason, result.reason);
    EXPECT_EQ(result.attempts.back().presented, result.presented);
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, MatchTest, testing::ValuesIn(match_rows().begin(), match_rows().end()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(MatchRows, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const auto& row : match_rows()) EXPECT_TRUE(names.insert(row.name).second) << row.name;
}

ReferenceIdentifier reference(std::string_view text,
                              const NameRules& rules = policy(PolicyId::rfc9525).rules) {
  return make_reference(text, ReferenceOrigin::configured, rules).reference.value();
}

TEST(Match, NoReferenceProvesNothing) {
  const auto result = match(row_names("dns:mx1.example.com"), {}, policy(PolicyId::rfc9525).rules);
  EXPECT_EQ(result.verdict, MatchVerdict::mismatch);
  EXPECT_EQ(result.reason, Reason::no_reference);
}

// rfc9525-6.2-any-match
TEST(Match, AnyReferenceSuffices) {
  const NameRules rules = policy(PolicyId::rfc9525).rules;
  const std::vector<ReferenceIdentifier> references{reference("a.example.com"), reference("b.example.com")};
  const auto result = match(row_names("dns:x.example.com|dns:b.example.com"), references, rules);
  EXPECT_EQ(result.verdict, MatchVerdict::match);
  EXPECT_EQ(result.reference, 1U);
  EXPECT_EQ(result.presented, "b.example.com");
}

// rfc9525-6.5-no-mixing: the service of one reference is never combined with the domain of another.
TEST(Match, ServiceAndDomainStayTogether) {
  NameRules rules = policy(PolicyId::rfc9525).rules;
  rules.srv_ids = Switch::on;
  const std::vector<ReferenceIdentifier> references{reference("_submission.example.com", rules),
                                                    reference("mail.example.com", rules)};
  EXPECT_EQ(match(row_names("dns:mail.example.com"), references, rules).verdict, MatchVerdict::match);
  EXPECT_EQ(match(row_names("srv:_submission.mail.example.com"), references, rules).verdict,
            MatchVerdict::mismatch);
}

TEST(Match, RefusedExtensionsNeverMatch) {
  using San = PresentedNames::San;
  const std::vector<ReferenceIdentifier> references{reference("mx1.example.com")};
  for (const auto& [san, reason] : {std::pair{San::malformed, Reason::san_malformed},
                                    {San::repeated, Reason::san_repeated},
                                    {San::too_many, Reason::san_too_many},
                                    {San::empty, Reason::san_empty}}) {
    PresentedNames names = row_names("cn:mx1.example.com|dns:mx1.example.com");
    names.san = san;
    for (const auto& policy : all_policies()) {
      const auto result = match(names, references, policy.rules);
      EXPECT_EQ(result.verdict, MatchVerdict::mismatch);
      EXPECT_EQ(result.reason, reason);
    }
  }
}

TEST(Match, EveryPairIsExplained) {
  const NameRules rules = policy(PolicyId::rfc9525).rules;
  const std::vector<ReferenceIdentifier> references{reference("mx1.example.com"), reference("example.com")};
  const auto result = match(row_names("cn:example.com|dns:a.test|ip:192.0.2.1|email:x@y.test"), references,
                            rules, Explain::yes);
  ASSERT_EQ(result.attempts.size(), 8U);
  EXPECT_EQ(result.attempts[1].presented, "192.0.2.1");
  EXPECT_EQ(result.attempts[1].reason, Reason::presented_type_differs);
  EXPECT_EQ(result.attempts[2].reason, Reason::presented_other_type);
  EXPECT_EQ(result.attempts[6].reason, result.attempts[0].reason) << "a common name that would not match";
  EXPECT_EQ(result.attempts[7].reason, Reason::cn_ignored);
}

TEST(Match, PrintableIsAsciiAndBounded) {
  EXPECT_EQ(printable(PresentedType::dns, std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable(PresentedType::dns, "b\xc3\xbc"), "b\\xc3\\xbc");
  EXPECT_EQ(printable(PresentedType::dns, "a\\b\n"), "a\\x5cb\\x0a");
  EXPECT_EQ(printable(PresentedType::ip, std::string(4, '\x01')), "1.1.1.1");
  EXPECT_EQ(printable(PresentedType::ip, "abc"), "\\x61\\x62\\x63");
  EXPECT_LT(printable(PresentedType::dns, std::string(100000, '\0')).size(), 400U);
}

TEST(Reasons, IdsAreUniqueAndFound) {
  std::set<std::string_view> ids;
  for (const auto& row : all_reasons()) {
    EXPECT_TRUE(ids.insert(row.id).second) << row.id;
    EXPECT_EQ(reason_from_string(row.id), row.reason);
    EXPECT_FALSE(row.citation.empty()) << row.id;
    EXPECT_FALSE(row.sentence.empty()) << row.id;
    EXPECT_EQ(row.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string_view::npos)
        << row.id;
  }
  EXPECT_EQ(reason_from_string("no such reason"), std::nullopt);
}

TEST(Reasons, ReportedAsTlsRptTypes) {
  EXPECT_EQ(tls_rpt_type(Reason::no_presented_identifier_matches), "certificate-host-mismatch");
  EXPECT_EQ(tls_rpt_type(Reason::chain_expired), "certificate-expired");
  EXPECT_EQ(tls_rpt_type(Reason::starttls_not_offered), "starttls-not-supported");
  EXPECT_EQ(tls_rpt_type(Reason::match_exact), "");
}

TEST(Policies, IdsGoBothWays) {
  for (const auto& row : all_policies()) {
    EXPECT_EQ(policy_from_string(to_string(row.id)), row.id);
    EXPECT_FALSE(describe(row.id).sentence.empty());
  }
  EXPECT_EQ(policy_from_string("rfc 9525"), std::nullopt);
}

}  // namespace
}  // namespace mxident::test
