#include "verifier/sts.hpp"

#include <gtest/gtest.h>

#include "verifier/match.hpp"

namespace mxident::test {
namespace {

struct RecordRow {
  const char* name;
  const char* rule;
  std::vector<std::string> records;
  Reason reason;
  const char* id = "";
  const char* fault = nullptr;
};
void PrintTo(const RecordRow& row, std::ostream* out) {
  *out << row.rule << " " << row.name;
}

class StsRecordTest : public testing::TestWithParam<RecordRow> {};

using enum Reason;
TEST_P(StsRecordTest, Reason) {
  const auto result = parse_sts_record(GetParam().records);
  EXPECT_EQ(to_string(result.reason), to_string(GetParam().reason));
  EXPECT_EQ(result.id.value_or(""), GetParam().id);
  const bool nothing_to_say = result.reason == sts_ok || GetParam().records.empty();
  EXPECT_EQ(result.fault.empty(), nothing_to_say);
  if (GetParam().fault != nullptr) {
    EXPECT_EQ(result.fault, GetParam().fault);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rules, StsRecordTest,
    testing::Values(
        RecordRow{"ordinary", "rfc8461-3.1-txt", {"v=STSv1; id=20260101T00;"}, sts_ok, "20260101T00"},
        RecordRow{"no_final_semicolon", "rfc8461-3.1-txt", {"v=STSv1;id=1"}, sts_ok, "1"},
        RecordRow{"other_fields", "rfc8461-3.1-txt", {"v=STSv1; a=b; id=1; c-d=e.f;"}, sts_ok, "1"},
        RecordRow{"blanks", "rfc8461-3.1-txt", {"v=STSv1; \t id=1 \t; "}, sts_ok, "1"},
        RecordRow{"id_of_32",
                  "rfc8461-3.1-txt",
                  {"v=STSv1; id=" + std::string(32, 'a')},
                  sts_ok,
                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
        RecordRow{
            "id_of_33", "rfc8461-3.1-txt", {"v=STSv1; id=" + std::string(33, 'a')}, sts_record_malformed},
        RecordRow{"id_with_hyphen", "rfc8461-3.1-txt", {"v=STSv1; id=a-b"}, sts_record_malformed},
        RecordRow{"id_empty", "rfc8461-3.1-txt", {"v=STSv1; id=;"}, sts_record_malformed},
        RecordRow{"id_missing", "rfc8461-3.1-txt", {"v=STSv1; a=b;"}, sts_record_malformed},
        RecordRow{
            "id_twice_the_first_counts", "rfc8461-3.2-unknown-dup", {"v=STSv1; id=1; id=2"}, sts_ok, "1"},
        RecordRow{"second_id_malformed", "rfc8461-3.1-txt", {"v=STSv1; id=1; id=+"}, sts_record_malformed},
        RecordRow{"first_id_malformed", "rfc8461-3.1-txt", {"v=STSv1; id=; id=1"}, sts_record_malformed},
        RecordRow{"version_again", "rfc8461-3.2-unknown-dup", {"v=STSv1; v=STSv2; id=1"}, sts_ok, "1"},
        RecordRow{"version_alone", "rfc8461-3.1-txt", {"v=STSv1;"}, sts_record_malformed},
        RecordRow{"version_without_semicolon", "rfc8461-3.1-txt", {"v=STSv1"}, sts_record_malformed},
        RecordRow{"other_version",
                  "rfc8461-3.1-txt",
                  {"v=STSv2; id=1"},
                  sts_record_malformed,
                  "",
                  "octet 1: found \"v\", wanted \"v=STSv1\" at the very beginning"},
        RecordRow{"version_case", "rfc8461-3.1-txt", {"V=stsv1; id=1"}, sts_record_malformed},
        RecordRow{"version_not_first", "rfc8461-3.1-txt", {"id=1; v=STSv1;"}, sts_record_malformed},
        RecordRow{"blank_before_semicolon", "rfc8461-3.1-txt", {"v=STSv1 ; id=1234;"}, sts_ok, "1234"},
        RecordRow{"blanks_everywhere", "rfc8461-3.1-txt", {"v=STSv1 \t; \tid=1 ; a=b\t;\t"}, sts_ok, "1"},
        RecordRow{"id_last", "rfc8461-3.1-txt", {"v=STSv1; a=b; id=1"}, sts_ok, "1"},
        RecordRow{"id_with_plus",
                  "rfc8461-3.1-txt",
                  {"v=STSv1; id=ab+c;"},
                  sts_record_malformed,
                  "",
                  "octet 15: found \"+\", wanted an id of 1 to 32 letters and digits"},
        RecordRow{"id_in_upper_case",
                  "rfc8461-3.1-txt",
                  {"v=STSv1; ID=1;"},
                  sts_record_malformed,
                  "",
                  "octet 15: found the end, wanted a field \"id=\""},
        RecordRow{"blank_before_equals",
                  "rfc8461-3.1-txt",
                  {"v=STSv1; id =1;"},
                  sts_record_malformed,
                  "",
                  "octet 12: found \" \", wanted \"=\" after the name of a field"},
        RecordRow{"blank_in_id",
                  "rfc8461-3.1-txt",
                  {"v=STSv1; id=1 2;"},
                  sts_record_malformed,
                  "",
                  "octet 15: found \"2\", wanted \";\""},
        RecordRow{"blank_at_the_end", "rfc8461-3.1-txt", {"v=STSv1; id=1 "}, sts_record_malformed},
        RecordRow{"two_semicolons", "rfc8461-3.1-txt", {"v=STSv1;; id=1"}, sts_record_malformed},
        RecordRow{"no_semicolon", "rfc8461-3.1-txt", {"v=STSv1 id=1"}, sts_record_malformed},
        RecordRow{"comma", "rfc8461-3.1-txt", {"v=STSv1, id=1"}, sts_record_malformed},
        RecordRow{"leading_blank",
                  "rfc8461-3.1-txt",
                  {" v=STSv1; id=1;"},
                  sts_record_malformed,
                  "",
                  "octet 1: found \" \", wanted \"v=STSv1\" at the very beginning"},
        RecordRow{"quotes", "rfc8461-3.1-txt", {"\"v=STSv1; id=1;\""}, sts_record_malformed},
        RecordRow{"quoted_id", "rfc8461-3.1-txt", {"v=STSv1; id=\"1\";"}, sts_record_malformed},
        RecordRow{"empty_extension", "rfc8461-3.1-txt", {"v=STSv1; id=1; a=;"}, sts_record_malformed},
        RecordRow{"equals_in_extension", "rfc8461-3.1-txt", {"v=STSv1; id=1; a=b=c;"}, sts_record_malformed},
        RecordRow{"extension_name_of_33",
                  "rfc8461-3.1-txt",
                  {"v=STSv1; id=1; " + std::string(33, 'a') + "=b"},
                  sts_record_malformed},
        RecordRow{
            "extension_begins_with_hyphen", "rfc8461-3.1-txt", {"v=STSv1; id=1; -a=b"}, sts_record_malformed},
        RecordRow{"extension_twice", "rfc8461-3.1-txt", {"v=STSv1; a=b; id=1; a=c"}, sts_ok, "1"},
        RecordRow{"two_of_which_one_begins_right",
                  "rfc8461-3.1-txt-count",
                  {"v=STSv2; id=2", "v=STSv1; id=1"},
                  sts_ok,
                  "1"},
        RecordRow{"two_of_which_one_is_malformed",
                  "rfc8461-3.1-txt-count",
                  {"v=STSv1; id=+", "v=STSv1; id=1"},
                  sts_record_several,
                  "",
                  "found 2 records, wanted one"},
        RecordRow{"unrelated",
                  "rfc8461-3.1-txt-count",
                  {"v=spf1 -all", "google-site-verification=x"},
                  sts_none,
                  "",
                  "found other data: \"v=spf1 -all\""},
        RecordRow{"version_without_its_key", "rfc8461-3.1-txt", {"STSv1; id=1"}, sts_record_malformed},
        RecordRow{"colon_for_equals", "rfc8461-3.1-txt", {"v:STSv1; id=1"}, sts_record_malformed},
        RecordRow{
            "line_of_the_policy", "rfc8461-3.1-txt", {"version: STSv1 mode: enforce"}, sts_record_malformed},
        RecordRow{"none", "rfc8461-3.1-txt-count", {}, sts_none},
        RecordRow{"beside_spf", "rfc8461-3.1-txt-count", {"v=spf1 -all", "v=STSv1; id=1"}, sts_ok, "1"},
        RecordRow{"two", "rfc8461-3.1-txt-count", {"v=STSv1; id=1", "v=STSv1; id=1"}, sts_record_several},
        RecordRow{"nul", "rfc8461-3.1-txt", {std::string("v=STSv1; id=1\0;", 15)}, sts_record_malformed},
        RecordRow{"high_octets", "rfc8461-3.1-txt", {"v=STSv1; id=1; a=\xc3\xbc"}, sts_record_malformed},
        RecordRow{"huge", "rfc8461-3.1-txt", {"v=STSv1; id=1; a=" + std::string(5000, 'b')}, sts_ok, "1"},
        RecordRow{"longer_than_a_record_of_the_dns",
                  "rfc8461-3.1-txt",
                  {"v=STSv1; id=1; a=" + std::string(65536, 'b')},
                  sts_record_malformed}),
    [](const auto& row) { return std::string(row.param.name); });

struct PolicyRow {
  const char* name;
  const char* rule;
  std::string body;
  Reason reason;
  std::size_t line = 0;
};
void PrintTo(const PolicyRow& row, std::ostream* out) {
  *out << row.rule << " " << row.name;
}

class StsPolicyTest : public testing::TestWithParam<PolicyRow> {};

TEST(StsPolicy, TheFaultIsNamed) {
  const auto fault = [](const std::string& body) { return parse_sts_policy(body).fault; };
  EXPECT_EQ(fault("version: STSv1\nmode: on\n"), "found \"on\", wanted enforce, testing or none");
  EXPECT_EQ(fault("version: STSv1\nmax_age: 1 week\n"), "found \"1 week\", wanted up to ten digits");
  EXPECT_EQ(fault("version: STSv1\nmx: *\n"), "found \"*\", wanted a host name, or \"*.\" and a host name");
  EXPECT_EQ(fault("version : STSv1\n"),
            "found \"version \", wanted a key of letters and digits, at once followed by a colon");
  EXPECT_EQ(fault("nonsense\n"), "found \"nonsense\", wanted \"key: value\"");
}

TEST_P(StsPolicyTest, Reason) {
  const auto result = parse_sts_policy(GetParam().body);
  EXPECT_EQ(to_string(result.reason), to_string(GetParam().reason));
  EXPECT_EQ(result.line, GetParam().line);
  EXPECT_EQ(result.policy.has_value(), GetParam().reason == sts_ok);
}

const std::string kHead = "version: STSv1\nmode: enforce\n";
const std::string kAge = "max_age: 604800\n";
const std::string kMx = "mx: *.example.net\n";

INSTANTIATE_TEST_SUITE_P(
    Rules, StsPolicyTest,
    testing::Values(
        PolicyRow{"ordinary", "rfc8461-3.2-fields", kHead + kMx + kAge, sts_ok},
        PolicyRow{"crlf", "rfc8461-3.2-fields",
                  "version: STSv1\r\nmode: testing\r\nmx: a.test\r\nmax_age: 1\r\n", sts_ok},
        PolicyRow{"no_final_line_end", "rfc8461-3.2-fields", kHead + kMx + "max_age: 1", sts_ok},
        PolicyRow{"blanks_around_values", "rfc8461-3.2-fields",
                  "version:STSv1 \nmode: \t enforce\t\nmx:a.test\nmax_age:1\n\n", sts_ok},
        PolicyRow{"no_version", "rfc8461-3.2-fields", "mode: enforce\n" + kMx + kAge, sts_policy_version},
        PolicyRow{"other_version", "rfc8461-3.2-fields", "version: STSv2\nmode: enforce\n" + kMx + kAge,
                  sts_policy_version, 1},
        PolicyRow{"no_mode", "rfc8461-3.2-fields", "version: STSv1\n" + kMx + kAge, sts_policy_mode},
        PolicyRow{"unknown_mode", "rfc8461-3.2-fields", "version: STSv1\nmode: report\n" + kMx + kAge,
                  sts_policy_mode, 2},
        PolicyRow{"mode_case", "rfc8461-3.2-fields", "version: STSv1\nmode: Enforce\n" + kMx + kAge,
                  sts_policy_mode, 2},
        PolicyRow{"key_case", "rfc8461-3.2-fields", "version: STSv1\nMode: enforce\n" + kMx + kAge,
                  sts_policy_mode},
        PolicyRow{"no_max_age", "rfc8461-3.2-fields", kHead + kMx, sts_policy_max_age},
        PolicyRow{"negative_max_age", "rfc8461-3.2-max-age", kHead + kMx + "max_age: -1\n",
                  sts_policy_max_age, 4},
        PolicyRow{"max_age_words", "rfc8461-3.2-max-age", kHead + kMx + "max_age: 1 week\n",
                  sts_policy_max_age, 4},
        PolicyRow{"max_age_11_digits", "rfc8461-3.2-max-age", kHead + kMx + "max_age: 00000000001\n",
                  sts_policy_max_age, 4},
        PolicyRow{"max_age_10_digits", "rfc8461-3.2-max-age", kHead + kMx + "max_age: 9999999999\n", sts_ok},
        PolicyRow{"no_mx", "rfc8461-3.2-fields", kHead + kAge, sts_policy_mx},
        PolicyRow{"no_mx_mode_none", "rfc8461-3.2-fields", "version: STSv1\nmode: none\n" + kAge, sts_ok},
        PolicyRow{"unknown_key", "rfc8461-3.2-unknown-dup",
                  kHead + "x-y.z: any thing \xc3\xbc\n" + kMx + kAge, sts_ok},
        PolicyRow{"octets_that_are_no_utf_8", "rfc8461-3.2-fields", kHead + kMx + kAge + "x: a\xff\n",
                  sts_policy_malformed, 5},
        PolicyRow{"utf_8_that_is_cut", "rfc8461-3.2-fields", kHead + kMx + kAge + "x: a\xe2\x82\n",
                  sts_policy_malformed, 5},
        PolicyRow{"overlong_utf_8", "rfc8461-3.2-fields", kHead + kMx + kAge + "x: \xc0\xaf\n",
                  sts_policy_malformed, 5},
        PolicyRow{"surrogate", "rfc8461-3.2-fields", kHead + kMx + kAge + "x: \xed\xa0\x80\n",
                  sts_policy_malformed, 5},
        PolicyRow{"four_octets", "rfc8461-3.2-fields", kHead + kMx + kAge + "x: \xf0\x9f\x93\xac\n", sts_ok},
        PolicyRow{"byte_order_mark", "rfc8461-3.2-fields", "\xef\xbb\xbf" + kHead + kMx + kAge,
                  sts_policy_malformed, 1},
        PolicyRow{"no_colon", "rfc8461-3.2-fields", kHead + "nonsense\n" + kMx + kAge, sts_policy_malformed,
                  3},
        PolicyRow{"empty_value", "rfc8461-3.2-fields", kHead + "x:\n" + kMx + kAge, sts_policy_malformed, 3},
        PolicyRow{"bare_cr", "rfc8461-3.2-fields", kHead + "x: a\rmx: evil.test\n" + kMx + kAge,
                  sts_policy_malformed, 3},
        PolicyRow{"nul", "rfc8461-3.2-fields", kHead + std::string("x: a\0\n", 6) + kMx + kAge,
                  sts_policy_malformed, 3},
        PolicyRow{"html", "rfc8461-3.2-fields", "<!DOCTYPE html>\n", sts_policy_malformed, 1},
        PolicyRow{"mx_partial_wildcard", "rfc8461-3.2-mx-syntax", kHead + "mx: mx*.example.net\n" + kAge,
                  sts_policy_mx, 3},
        PolicyRow{"mx_leading_dot", "rfc8461-3.2-mx-syntax", kHead + "mx: .example.net\n" + kAge,
                  sts_policy_mx, 3},
        PolicyRow{"mx_star", "rfc8461-3.2-mx-syntax", kHead + "mx: *\n" + kAge, sts_policy_mx, 3},
        PolicyRow{"mx_inner_star", "rfc8461-3.2-mx-syntax", kHead + "mx: a.*.net\n" + kAge, sts_policy_mx, 3},
        PolicyRow{"mx_u_label", "rfc8461-3.2-mx-syntax",
                  kHead +
                      "mx: b\xc3\xbc"
                      "cher.example\n" +
                      kAge,
                  sts_policy_mx, 3},
        PolicyRow{"mx_final_dot", "rfc8461-3.2-mx-syntax", kHead + "mx: mx.example.net.\n" + kAge,
                  sts_policy_mx, 3},
        PolicyRow{"mx_address", "R14", kHead + "mx: 192.0.2.25\n" + kMx + kAge, sts_ok},
        PolicyRow{"empty", "rfc8461-3.2-fields", "", sts_policy_version},
        PolicyRow{"too_large", "rfc8461-3.3-fetch-fail", std::string(kMaxStsPolicy + 1, '\n'),
                  sts_policy_too_large}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(StsPolicy, Values) {
  const auto policy = parse_sts_policy(
                          "version: STSv1\nmode: testing\nmode: enforce\nmx: A.Example.NET\nmx: "
                          "*.B.test\nmax_age: 99999999\n")
                          .policy.value();
  EXPECT_EQ(policy.mode, StsMode::testing);  // the first one counts
  EXPECT_EQ(policy.max_age, kMaxStsAge);
  EXPECT_EQ(policy.patterns, (std::vector<std::string>{"a.example.net", "*.b.test"}));
}

TEST(StsPolicy, TooManyPatterns) {
  std::string body = kHead + kAge;
  for (std::size_t i = 0; i <= kMaxStsPatterns; ++i) body += "mx: a.test\n";
  const auto result = parse_sts_policy(body);
  EXPECT_EQ(result.reason, sts_policy_mx);
}

struct PatternRow {
  const char* name;
  const char* rule;
  const char* pattern;
  const char* host;
  bool matches;
};
void PrintTo(const PatternRow& row, std::ostream* out) {
  *out << row.rule << " " << row.pattern << " ~ " << row.host;
}

class StsPatternTest : public testing::TestWithParam<PatternRow> {};

TEST_P(StsPatternTest, Matches) {
  const PatternRow& row = GetParam();
  const auto policy = parse_sts_policy(kHead + "mx: " + row.pattern + "\n" + kAge).policy.value();
  const auto host = make_reference(row.host, ReferenceOrigin::mx_host, NameRules{}).reference.value();
  EXPECT_EQ(sts_pattern_for(policy, host.domain).has_value(), row.matches);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, StsPatternTest,
    testing::Values(
        PatternRow{"exact", "rfc8461-4.1-mx-record-name", "mx1.example.com", "mx1.example.com", true},
        PatternRow{"case", "rfc8461-4.1-mx-case", "MAIL.example.com", "mail.EXAMPLE.com", true},
        PatternRow{"other", "rfc8461-4.1-mx-case", "mail.example.com", "mail.example.co", false},
        PatternRow{"wildcard", "rfc8461-4.1-mx-wildcard", "*.example.com", "mail.example.com", true},
        PatternRow{"wildcard_apex", "rfc8461-4.1-mx-wildcard", "*.example.com", "example.com", false},
        PatternRow{"wildcard_two", "rfc8461-4.1-mx-wildcard", "*.example.com", "foo.bar.example.com", false},
        PatternRow{"wildcard_two_labels", "R16", "*.mx.microsoft", "icewolf-li.h-v1.mx.microsoft", false},
        PatternRow{"wildcard_tld", "rfc8461-3.2-mx-syntax", "*.com", "example.com", true},
        PatternRow{"wildcard_suffix", "rfc8461-4.1-mx-wildcard", "*.example.com", "a.badexample.com", false},
        PatternRow{"a_label", "rfc8461-3.2-mx-syntax", "*.xn--bcher-kva.example",
                   "mx.b\xc3\xbc"
                   "cher.example",
                   true}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace mxident::test
