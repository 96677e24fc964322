#include "harness/oracle/names.hpp"

#include <gtest/gtest.h>

namespace mxident::harness::oracle {
namespace {

using enum PolicyId;

/// Rows of the rule catalogue's tables 1.2 to 1.4: y match, n no match, ? open, in the order of kPolicies.
constexpr PolicyId kPolicies[] = {rfc2818, rfc6125, dane, rfc7817, mta_sts, rfc9525};

struct Row {
  const char* name;
  Names names;
  const char* reference;
  const char* verdicts;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.reference;
}

Names dns(std::vector<std::string> values, std::vector<std::vector<std::string>> cns = {}) {
  Names out{true, {}, std::move(cns)};
  for (auto& value : values) out.san.push_back({Kind::dns, std::move(value)});
  return out;
}
Names cn_only(std::vector<std::vector<std::string>> cns) {
  return {false, {}, std::move(cns)};
}
Names with(Kind kind, std::string octets, std::vector<std::vector<std::string>> cns) {
  return {true, {{kind, std::move(octets)}}, std::move(cns)};
}

class OracleNames : public testing::TestWithParam<Row> {};

TEST_P(OracleNames, Table) {
  const Row& row = GetParam();
  std::string verdicts;
  const Reference reference{address_octets(row.reference) ? RefKind::address : RefKind::host, row.reference};
  for (const PolicyId id : kPolicies) {
    const Verdict verdict = check_names(row.names, {reference}, rules_for(policy(id)));
    verdicts += verdict == Verdict::match ? 'y' : verdict == Verdict::mismatch ? 'n' : '?';
  }
  EXPECT_EQ(verdicts, row.verdicts);
}

const std::string kIp("\xc0\x00\x02\x19", 4);
const Row kRows[] = {
    {"exact", dns({"mx1.example.com"}), "mx1.example.com", "yyyyyy"},
    {"case", dns({"MX1.Example.COM"}), "mx1.example.com", "yyyyyy"},
    {"parent", dns({"example.com"}), "mx1.example.com", "nnnnnn"},
    {"suffix_text", dns({"evilexample.com"}), "example.com", "nnnnnn"},
    {"second_of_two", dns({"a.example", "mx1.example.com"}), "mx1.example.com", "yyyyyy"},
    {"wildcard", dns({"*.example.com"}), "mx1.example.com", "y?yyyy"},
    {"wildcard_two_labels", dns({"*.example.com"}), "a.mx1.example.com", "nn?nnn"},
    {"wildcard_no_label", dns({"*.example.com"}), "example.com", "nnnnnn"},
    {"partial_prefix", dns({"mx*.example.com"}), "mx1.example.com", "y?nnnn"},
    {"partial_suffix", dns({"*1.example.com"}), "mx1.example.com", "y?nnnn"},
    {"partial_middle", dns({"m*1.example.com"}), "mx1.example.com", "y?nnnn"},
    {"inner", dns({"mx1.*.example.com"}), "mx1.eu.example.com", "?nnnnn"},
    {"two_stars", dns({"*.*.example.com"}), "mx1.eu.example.com", "?nnnnn"},
    {"double_star", dns({"**.example.com"}), "mx1.example.com", "??nnnn"},
    {"top_level", dns({"*.com"}), "example.com", "??????"},
    {"bare_star", dns({"*"}), "localhost", "??????"},
    {"star_in_alabel", dns({"xn--*-abc.example.com"}), "xn--x-abc.example.com", "??nnnn"},
    {"star_beside_alabel", dns({"*.xn--bcher-kva.example"}), "mx.xn--bcher-kva.example", "y?yyyy"},
    {"star_for_alabel", dns({"*.example.com"}), "xn--bcher-kva.example.com", "y?yyyy"},
    {"ulabel_reference", dns({"XN--BCHER-KVA.example"}),
     "b\xc3\xbc"
     "cher.example",
     "yyyyyy"},
    {"ulabel_presented",
     dns({"b\xc3\xbc"
          "cher.example"}),
     "b\xc3\xbc"
     "cher.example",
     "nnnnnn"},
    {"cn_wildcard", cn_only({{"*.example.com"}}), "mx1.example.com", "y?y?nn"},
    {"cn_only", cn_only({{"mx1.example.com"}}), "mx1.example.com", "y?y?nn"},
    {"cn_beside_dns", dns({"a.example"}, {{"mx1.example.com"}}), "mx1.example.com", "nnnnnn"},
    {"cn_beside_srv", with(Kind::srv, "_x.a.example", {{"mx1.example.com"}}), "mx1.example.com", "ynynnn"},
    {"cn_beside_uri", with(Kind::uri, "sip:a.example", {{"mx1.example.com"}}), "mx1.example.com", "ynynnn"},
    {"cn_beside_ip", with(Kind::ip, kIp, {{"mx1.example.com"}}), "mx1.example.com", "????nn"},
    {"cn_beside_email", with(Kind::email, "a@b.example", {{"mx1.example.com"}}), "mx1.example.com", "y?y?nn"},
    {"cn_is_a_title", cn_only({{"Example Mail Server"}}), "mx1.example.com", "nnnnnn"},
    {"cn_last_of_two", cn_only({{"a.example"}, {"mx1.example.com"}}), "mx1.example.com", "y???nn"},
    {"cn_first_of_two", cn_only({{"mx1.example.com"}, {"a.example"}}), "mx1.example.com", "n???nn"},
    {"cn_multi_valued", cn_only({{"a.example", "mx1.example.com"}}), "mx1.example.com", "?nnnnn"},
    {"ip", with(Kind::ip, kIp, {}), "192.0.2.25", "yyyyyy"},
    {"ip_in_dns", dns({"192.0.2.25"}), "192.0.2.25", "nnnnnn"},
    {"ip_in_cn", cn_only({{"192.0.2.25"}}), "192.0.2.25", "nnnnnn"},
    {"ip_mapped", with(Kind::ip, kIp, {}), "::ffff:192.0.2.25", "nnnnnn"},
    {"ip_mask", with(Kind::ip, kIp + std::string("\xff\xff\xff\xff", 4), {}), "192.0.2.25", "nnnnnn"},
    {"nul", dns({std::string("mx1.example.com\0.evil.test", 26)}), "mx1.example.com", "nnnnnn"},
    {"space", dns({"mx1 .example.com", "mx1.example.com"}), "mx1.example.com", "yyyyyy"},
    {"presented_dot", dns({"mx1.example.com."}), "mx1.example.com", "??????"},
    {"reference_dot", dns({"mx1.example.com"}), "mx1.example.com.", "??????"},
    {"underscore", dns({"mx_1.example.com"}), "mx_1.example.com", "??????"},
    {"numeric_top", dns({"mx1.example.123"}), "mx1.example.123", "??????"},
    {"single_label", dns({"mailhost"}), "mailhost", "??????"},
    {"no_names", Names{}, "mx1.example.com", "nnnnnn"},
};
INSTANTIATE_TEST_SUITE_P(Catalogue, OracleNames, testing::ValuesIn(kRows),
                         [](const auto& i) { return std::string(i.param.name); });

}  // namespace
}  // namespace mxident::harness::oracle
