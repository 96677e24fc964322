#include "harness/offline/batch_match.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/input/json_input.hpp"

namespace mxident::harness::cli {
namespace {

using nlohmann::json;

struct LineRow {
  const char* name;
  const char* line;
  const char* result;
  const char* reason;
  const char* presented;
};
void PrintTo(const LineRow& row, std::ostream* out) {
  *out << row.line;
}

class BatchLineTest : public testing::TestWithParam<LineRow> {};

json answer(Depth depth, const char* line) {
  BatchMatcher matcher(depth);
  return json::parse(matcher.answer(line, 7).json);
}

TEST_P(BatchLineTest, Strings) {
  const json out = answer(Depth::strings, GetParam().line);
  EXPECT_EQ(out["result"], GetParam().result) << out;
  EXPECT_EQ(out["reason"], GetParam().reason);
  EXPECT_EQ(out["presented"], GetParam().presented);
}

TEST_P(BatchLineTest, ThroughCertificate) {
  const json out = answer(Depth::certificate, GetParam().line);
  EXPECT_EQ(out["result"], GetParam().result) << out;
  EXPECT_EQ(out["reason"], GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Lines, BatchLineTest,
    testing::Values(
        LineRow{
            "match",
            R"({"id":"1","policy":"rfc9525","cn":["x"],"san":[{"type":"dns","value":"*.a.test"}],"reference":"mx.a.test"})",
            "match", "match-wildcard", "*.a.test"},
        LineRow{
            "nul",
            R"({"id":"1","policy":"rfc9525","san":[{"type":"dns","value":"mx.a.test\u0000.b.test"}],"reference":"mx.a.test"})",
            "mismatch", "presented-embedded-nul", "mx.a.test\\x00.b.test"},
        LineRow{"null_members",
                R"({"id":"1","policy":"rfc6125","cn":null,"san":null,"reference":"mx.a.test"})", "mismatch",
                "no-identifier-of-type", ""},
        LineRow{"missing_members", R"({"policy":"rfc6125","cn":["mx.a.test"],"reference":"mx.a.test"})",
                "match", "match-common-name", "mx.a.test"},
        LineRow{"empty_san", R"({"policy":"rfc6125","cn":["mx.a.test"],"san":[],"reference":"mx.a.test"})",
                "mismatch", "san-empty", ""},
        LineRow{
            "address",
            R"({"policy":"rfc9525","san":[{"type":"ip","value":"2001:db8::25"}],"reference":"[2001:db8:0::25]"})",
            "match", "match-exact", "2001:db8::25"},
        LineRow{"address_octets",
                R"({"policy":"rfc9525","san":[{"type":"ip","value":"hex:c000"}],"reference":"192.0.2.25"})",
                "mismatch", "presented-address-length", "\\xc0\\x00"},
        LineRow{
            "other_types",
            R"({"policy":"rfc9525","san":[{"type":"xmpp","value":"a"},{"type":"dirname","value":"a"},{"type":"smtputf8","value":"a@b.test"}],"reference":"a.test"})",
            "mismatch", "no-identifier-of-type", ""},
        LineRow{"refused_reference", R"({"policy":"rfc9525","san":[],"reference":"*.a.test"})", "mismatch",
                "reference-wildcard", ""},
        LineRow{
            "refined",
            R"({"policy":{"base":"rfc6125","partial_wildcards":"allow"},"san":[{"type":"dns","value":"mx*.a.test"}],"reference":"mx1.a.test"})",
            "match", "match-partial-wildcard", "mx*.a.test"},
        LineRow{
            "suffix_guard",
            R"({"policy":{"base":"rfc9525","public_suffix_guard":"on"},"san":[{"type":"dns","value":"*.co.uk"}],"reference":"a.co.uk"})",
            "mismatch", "wildcard-public-suffix", "*.co.uk"},
        LineRow{"syntax", "{", "error", "input-unreadable", ""},
        LineRow{"not_an_object", "[]", "error", "input-unreadable", ""},
        LineRow{"unknown_policy", R"({"policy":"rfc1","reference":"a.test"})", "error", "input-unreadable",
                ""},
        LineRow{"policy_without_names", R"({"policy":"encrypt","reference":"a.test"})", "error",
                "input-unreadable", ""},
        LineRow{"unknown_key", R"({"policy":"rfc9525","ref":"a.test"})", "error", "input-unreadable", ""},
        LineRow{"unknown_type",
                R"({"policy":"rfc9525","san":[{"type":"dnz","value":"a"}],"reference":"a.test"})", "error",
                "input-unreadable", ""},
        LineRow{"bad_address",
                R"({"policy":"rfc9525","san":[{"type":"ip","value":"a.test"}],"reference":"a.test"})",
                "error", "input-unreadable", ""},
        LineRow{"number_as_name", R"({"policy":"rfc9525","cn":[1],"reference":"a.test"})", "error",
                "input-unreadable", ""},
        LineRow{"repeated_key", R"({"policy":"rfc9525","policy":"rfc2818","reference":"a.test"})", "error",
                "input-unreadable", ""}),
    [](const auto& row) { return std::string(row.param.name); });

struct TypeRow {
  const char* name;
  const char* word;
  const char* value;
  PresentedType type;
};
void PrintTo(const TypeRow& row, std::ostream* out) {
  *out << row.word;
}
class SanType : public testing::TestWithParam<TypeRow> {};
TEST_P(SanType, IsReadAsProgramsPrintIt) {
  const auto& row = GetParam();
  StatedNames stated;
  stated.san.emplace().emplace_back(row.word, row.value);
  const auto names = presented_names(stated, "--san");
  ASSERT_EQ(names.identifiers.size(), 1u);
  EXPECT_EQ(names.identifiers[0].type(), row.type);
}
INSTANTIATE_TEST_SUITE_P(
    Spellings, SanType,
    testing::Values(TypeRow{"ours", "dns", "a.test", PresentedType::dns},
                    TypeRow{"openssl_dns", "DNS", "a.test", PresentedType::dns},
                    TypeRow{"any_case", "Dns", "a.test", PresentedType::dns},
                    TypeRow{"openssl_address", "IP Address", "192.0.2.1", PresentedType::ip},
                    TypeRow{"address_in_small_letters", "ip address", "2001:db8::1", PresentedType::ip},
                    TypeRow{"node_address", "IP", "192.0.2.1", PresentedType::ip},
                    TypeRow{"openssl_uri", "URI", "sip:a.test", PresentedType::uri},
                    TypeRow{"openssl_email", "Email", "a@a.test", PresentedType::email},
                    TypeRow{"srv", "SRV", "_smtp.a.test", PresentedType::srv},
                    TypeRow{"srv_name", "SRVName", "_smtp.a.test", PresentedType::srv},
                    TypeRow{"gnutls_dns", "DNSname", "a.test", PresentedType::dns},
                    TypeRow{"gnutls_address", "IPAddress", "192.0.2.1", PresentedType::ip},
                    TypeRow{"standard_dns", "dNSName", "a.test", PresentedType::dns},
                    TypeRow{"standard_address", "iPAddress", "192.0.2.1", PresentedType::ip},
                    TypeRow{"standard_email", "rfc822Name", "a@a.test", PresentedType::email},
                    TypeRow{"standard_uri", "uniformResourceIdentifier", "sip:a.test", PresentedType::uri},
                    TypeRow{"other_name", "othername", "x", PresentedType::other}),
    [](const auto& row) { return row.param.name; });

struct SplitRow {
  const char* name;
  const char* text;
  std::vector<std::string> entries;
};
void PrintTo(const SplitRow& row, std::ostream* out) {
  *out << row.name;
}
class SanLine : public testing::TestWithParam<SplitRow> {};
TEST_P(SanLine, IsSplitAsOpensslPrintsIt) {
  EXPECT_EQ(split_san(GetParam().text), GetParam().entries);
}
INSTANTIATE_TEST_SUITE_P(
    Lines, SanLine,
    testing::Values(SplitRow{"one", "dns:a.test", {"dns:a.test"}},
                    SplitRow{"two", "DNS:*.a.test, DNS:b.test", {"DNS:*.a.test", "DNS:b.test"}},
                    SplitRow{"kinds",
                             "DNS:a.test, IP Address:2001:DB8::1, email:x@a.test, othername:<unsupported>",
                             {"DNS:a.test", "IP Address:2001:DB8::1", "email:x@a.test",
                              "othername:<unsupported>"}},
                    SplitRow{"more_blanks", "DNS:a.test,  DNS:b.test", {"DNS:a.test", "DNS:b.test"}},
                    SplitRow{"comma_of_a_value", "uri:http://a.test/b, c:d", {"uri:http://a.test/b, c:d"}},
                    SplitRow{"no_blank", "dns:a,dns:b", {"dns:a,dns:b"}},
                    SplitRow{"no_type", "a.test, b.test", {"a.test, b.test"}}, SplitRow{"empty", "", {""}}),
    [](const auto& row) { return row.param.name; });

TEST(SanType, ErrorsNameTheOption) {
  StatedNames stated;
  stated.san.emplace().emplace_back("dnss", "a.test");
  try {
    presented_names(stated, "--san");
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(),
                 "--san: found type \"dnss\" (did you mean \"dns\"?), wanted dns, ip, uri, email or srv");
  }
}

TEST(BatchLine, IdComesBackEvenFromABadLine) {
  EXPECT_EQ(answer(Depth::strings, R"({"id":"x","policy":"rfc9525","reference":"a.test"})")["id"], "x");
  EXPECT_EQ(answer(Depth::strings, R"({"id":12,"policy":"nothing","reference":"a.test"})")["id"], 12);
  EXPECT_EQ(answer(Depth::strings, R"({"policy":"rfc9525","reference":"a.test"})")["id"], nullptr);
}

TEST(BatchLine, ErrorsNameLineAndPlace) {
  const std::string error = answer(Depth::strings, R"({"policy":"rfc9525","reference":5})")["error"];
  EXPECT_NE(error.find("line 7"), std::string::npos) << error;
  EXPECT_NE(error.find("/reference"), std::string::npos) << error;
}

}  // namespace
}  // namespace mxident::harness::cli
