#include "verifier/name_constraints.hpp"

#include "verifier/chain_test_support.hpp"

namespace mxident::test {
namespace {

void raw(R& r, const std::string& der) {
  r["ca"].spec.extensions.push_back({"2.5.29.30", true, der});
}
void constrained_with(R& r, std::string second_name) {
  constrain(r, {dns("example.test")}, {});
  r["mx"].spec.san->push_back(dns(std::move(second_name)));
}
certs::GeneralName network(std::string_view address_and_mask) {
  return {NameType::ip, std::string(address_and_mask), {}};
}
template <std::size_t Size>
certs::GeneralName network(const char (&address_and_mask)[Size]) {
  return network(std::string_view(address_and_mask, Size - 1));
}
/// 192.0.2.1 below a permitted network.
void addressed(R& r, std::string_view address_and_mask) {
  constrain(r, {network(address_and_mask)}, {});
  r["mx"].spec.san->push_back({NameType::ip, std::string("\xc0\x00\x02\x01", 4), {}});
}
template <std::size_t Size>
void addressed(R& r, const char (&address_and_mask)[Size]) {
  addressed(r, std::string_view(address_and_mask, Size - 1));
}

/// A URI of the server's below a list of one form.
void with_uri(R& r, const char* uri, std::vector<certs::GeneralName> permitted,
              std::vector<certs::GeneralName> excluded) {
  constrain(r, std::move(permitted), std::move(excluded));
  r["mx"].spec.san->push_back({NameType::uri, uri, {}});
}
certs::GeneralName uri_base(const char* host) {
  return {NameType::uri, host, {}};
}
void with_mailbox(R& r, std::string mailbox, std::vector<certs::GeneralName> permitted,
                  std::vector<certs::GeneralName> excluded) {
  constrain(r, std::move(permitted), std::move(excluded));
  r["mx"].spec.san->push_back({NameType::email, std::move(mailbox), {}});
}
certs::GeneralName mail_base(const char* base) {
  return {NameType::email, base, {}};
}

const std::vector<ChainRow>& constraint_rows() {
  static const std::vector<ChainRow> made{
      {"uri_host", "rfc5280-4.2.1.10-uri",
       [](R& r) { with_uri(r, "https://example.net/", {uri_base("example.net")}, {}); }, Reason::chain_ok},
      {"uri_host_in_another_case", "rfc5280-4.2.1.10-uri",
       [](R& r) { with_uri(r, "HTTPS://Example.NET/", {}, {uri_base("example.net")}); },
       Reason::chain_name_constraint},
      {"uri_below", "rfc5280-4.2.1.10-uri",
       [](R& r) { with_uri(r, "https://a.example.net/", {}, {uri_base("example.net")}); }, Reason::chain_ok},
      {"uri_below_with_dot", "rfc5280-4.2.1.10-uri",
       [](R& r) { with_uri(r, "https://a.example.net/", {}, {uri_base(".example.net")}); },
       Reason::chain_name_constraint},
      {"uri_itself_with_dot", "rfc5280-4.2.1.10-uri",
       [](R& r) { with_uri(r, "https://example.net/", {}, {uri_base(".example.net")}); }, Reason::chain_ok},
      {"uri_with_user_excluded", "rfc5280-4.2.1.10-uri",
       [](R& r) { with_uri(r, "https://a@example.net:443/", {}, {uri_base("example.net")}); },
       Reason::chain_name_constraint},
      {"uri_with_user_like_the_permitted", "rfc5280-4.2.1.10-uri",
       [](R& r) { with_uri(r, "https://example.net:x@evil.test/", {uri_base("example.net")}, {}); },
       Reason::chain_name_constraint},
      {"uri_with_query_excluded", "rfc5280-4.2.1.10-uri",
       [](R& r) { with_uri(r, "https://example.net?a/", {}, {uri_base("example.net")}); },
       Reason::chain_name_constraint},
      {"uri_with_fragment_excluded", "rfc5280-4.2.1.10-uri",
       [](R& r) { with_uri(r, "https://example.net#a/", {}, {uri_base("example.net")}); },
       Reason::chain_name_constraint},
      {"uri_without_host", "rfc5280-4.2.1.10-uri",
       [](R& r) { with_uri(r, "urn:a:b", {}, {uri_base("example.net")}); },
       Reason::chain_name_constraint_syntax},
      {"uri_of_an_address", "rfc5280-4.2.1.10-uri",
       [](R& r) { with_uri(r, "https://192.0.2.1/", {}, {uri_base("example.net")}); },
       Reason::chain_name_constraint},
      {"uri_where_names_of_servers_are_constrained", "rfc5280-4.2.1.10-uri",
       [](R& r) { with_uri(r, "urn:a:b", {dns("example.test")}, {}); }, Reason::chain_ok},
      {"mailbox_with_nul_excluded", "D29",
       [](R& r) { with_mailbox(r, std::string("a@example.net\0.test", 19), {}, {mail_base("example.net")}); },
       Reason::chain_name_constraint},
      {"mailbox_without_host_excluded", "D29",
       [](R& r) { with_mailbox(r, "example.net", {}, {mail_base("example.net")}); },
       Reason::chain_name_constraint_syntax},
      {"mailbox_beside_the_excluded", "D29",
       [](R& r) { with_mailbox(r, "a@example.org", {}, {mail_base("example.net")}); }, Reason::chain_ok},
      {"mailbox_excluded", "rfc5280-4.2.1.10-rfc822",
       [](R& r) { with_mailbox(r, "\"a@b\"@example.net", {}, {mail_base("example.net")}); },
       Reason::chain_name_constraint},
      {"malformed_mailbox_where_servers_are_constrained", "D29",
       [](R& r) { with_mailbox(r, "example.net", {dns("example.test")}, {}); }, Reason::chain_ok},
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
      // Self-issued by comparison of names, not of octets.
      {"self_issued_in_another_string_type", "rfc5280-7.1-comparison",
       [](R& r) {
         constrain(r, {dns("example.test")}, {});
         r["ca"].spec.subject = cn("TEST CA", certs::StringType::printable);
         r["roll"] = r["ca"];
         r["roll"].issuer = "ca";
         r["roll"].spec.subject = cn("Test  ca");
         r["roll"].spec.san = {dns("ca.example.net")};
         r["mx"].issuer = "roll";
       },
       Reason::chain_ok},
      {"not_self_issued", "rfc5280-7.1-comparison",
       [](R& r) {
         constrain(r, {dns("example.test")}, {});
         r["roll"] = r["ca"];
         r["roll"].issuer = "ca";
         r["roll"].spec.subject = cn("Test CB");
         r["roll"].spec.san = {dns("ca.example.net")};
         r["mx"].issuer = "roll";
       },
       Reason::chain_name_constraint, 1},
      // Lists that say nothing.
      {"permitted_is_empty", "rfc5280-4.2.1.10-size",
       [](R& r) {
         raw(r, {"\x30\x02\xa0\x00", 4});
       },
       Reason::chain_name_constraint_syntax, 1},
      {"excluded_is_empty", "rfc5280-4.2.1.10-size",
       [](R& r) {
         raw(r, {"\x30\x02\xa1\x00", 4});
       },
       Reason::chain_name_constraint_syntax, 1},
      {"both_are_empty", "rfc5280-4.2.1.10-size",
       [](R& r) {
         raw(r, {"\x30\x04\xa0\x00\xa1\x00", 6});
       },
       Reason::chain_name_constraint_syntax, 1},
      {"neither_list", "rfc5280-4.2.1.10-size",
       [](R& r) {
         raw(r, {"\x30\x00", 2});
       },
       Reason::chain_name_constraint_syntax, 1},
      {"null", "rfc5280-4.2.1.10-size",
       [](R& r) {
         raw(r, {"\x05\x00", 2});
       },
       Reason::chain_malformed_extension, 1},
      {"one_permitted_the_other_empty", "rfc5280-4.2.1.10-size",
       [](R& r) {
         raw(r, std::string("\x30\x0c\xa0\x08\x30\x06\x82\x04"
                            "test\xa1\x00",
                            14));
       },
       Reason::chain_name_constraint_syntax, 1},
      {"empty_and_not_critical", "rfc5280-4.2.1.10-size",
       [](R& r) {
         r["ca"].spec.extensions.push_back({"2.5.29.30", false, std::string("\x30\x02\xa0\x00", 4)});
       },
       Reason::chain_name_constraint_syntax, 1},
      // dNSNames that are none, beside the right one.
      {"malformed_leading_dot", "rfc5280-4.2.1.10-all-names",
       [](R& r) { constrained_with(r, ".example.test"); }, Reason::chain_name_constraint},
      {"malformed_final_dot", "rfc5280-4.2.1.10-all-names",
       [](R& r) { constrained_with(r, "mx.example.test."); }, Reason::chain_name_constraint},
      {"malformed_empty_label", "rfc5280-4.2.1.10-all-names",
       [](R& r) { constrained_with(r, "mx..example.test"); }, Reason::chain_name_constraint},
      {"malformed_empty", "rfc5280-4.2.1.10-all-names", [](R& r) { constrained_with(r, ""); },
       Reason::chain_name_constraint},
      {"malformed_blank", "rfc5280-4.2.1.10-all-names", [](R& r) { constrained_with(r, "m x.example.test"); },
       Reason::chain_name_constraint},
      {"malformed_nul", "rfc5280-4.2.1.10-all-names",
       [](R& r) { constrained_with(r, std::string("mx\0.example.test", 16)); },
       Reason::chain_name_constraint},
      {"malformed_beyond_ascii", "rfc5280-4.2.1.10-all-names",
       [](R& r) { constrained_with(r, "b\xc3\xbc.example.test"); }, Reason::chain_name_constraint},
      {"malformed_long_label", "rfc5280-4.2.1.10-all-names",
       [](R& r) { constrained_with(r, std::string(64, 'a') + ".example.test"); },
       Reason::chain_name_constraint},
      {"malformed_below_excluded", "rfc5280-4.2.1.10-all-names",
       [](R& r) {
         constrain(r, {}, {dns("example.net")});
         r["mx"].spec.san->push_back(dns(""));
       },
       Reason::chain_name_constraint},
      {"malformed_without_constraints", "D15",
       [](R& r) { r["mx"].spec.san->push_back(dns(".example.test")); }, Reason::chain_ok},
      {"malformed_under_networks_only", "rfc5280-4.2.1.10-unlisted-form",
       [](R& r) {
         constrain(r, {network("\xc0\x00\x02\x00\xff\xff\xff\x00")}, {});
         r["mx"].spec.san->push_back(dns(".example.test"));
       },
       Reason::chain_ok},
      {"underscore_inside", "D9", [](R& r) { constrained_with(r, "mx_1.example.test"); }, Reason::chain_ok},
      // Networks.
      {"mask_with_a_hole", "rfc5280-4.2.1.10-ip-cidr",
       [](R& r) { addressed(r, "\xc0\x00\x02\x00\xff\x00\xff\x00"); }, Reason::chain_name_constraint_syntax,
       1},
      {"mask_with_a_hole_in_an_octet", "rfc5280-4.2.1.10-ip-cidr",
       [](R& r) { addressed(r, "\xc0\x00\x02\x00\xff\xff\xfd\x00"); }, Reason::chain_name_constraint_syntax,
       1},
      {"mask_with_a_hole_excluded", "rfc5280-4.2.1.10-ip-cidr",
       [](R& r) {
         addressed(r, "\xc0\x00\x02\x00\xff\xff\xff\x00");
         r["ca"].spec.name_constraints->excluded = {network("\xc0\x00\x02\x80\xff\xff\xff\xa0")};
       },
       Reason::chain_name_constraint_syntax, 1},
      {"mask_with_a_hole_and_no_address", "rfc5280-4.2.1.10-critical-unknown-form",
       [](R& r) { constrain(r, {network("\xc0\x00\x02\x00\xff\x00\xff\x00")}, {}); }, Reason::chain_ok},
      {"mask_of_25_bits", "rfc5280-4.2.1.10-ip-cidr",
       [](R& r) { addressed(r, "\xc0\x00\x02\x00\xff\xff\xff\x80"); }, Reason::chain_ok},
      {"mask_of_no_bits", "rfc5280-4.2.1.10-ip-cidr",
       [](R& r) { addressed(r, std::string_view("\0\0\0\0\0\0\0\0", 8)); }, Reason::chain_ok},
      {"excluded_network_of_wrong_length", "rfc5280-4.2.1.10-ip-cidr",
       [](R& r) {
         constrain(r, {}, {{NameType::ip, "\xc0\x01\x02", {}}});
         r["mx"].spec.san->push_back({NameType::ip, std::string("\xc0\x00\x02\x01", 4), {}});
       },
       Reason::chain_name_constraint_syntax},
      {"address_of_wrong_length_below_excluded", "rfc5280-4.2.1.10-all-names",
       [](R& r) {
         constrain(r, {}, {network("\xc0\x00\x02\x00\xff\xff\xff\x00")});
         r["mx"].spec.san->push_back({NameType::ip, "\xc6\x33\x64\x01\x01", {}});
       },
       Reason::chain_name_constraint_syntax},
      // Names that refined rules let count.
      {"long_star_over_excluded", "D4",
       [](R& r) {
         constrain(r, {}, {dns("a.b.example.test")});
         r["mx"].spec.san = {dns("*.example.test")};
       },
       Reason::chain_name_constraint, 0, [](O& o) { o.scope.multi_label_wildcards = Switch::on; }},
      {"long_star_beside_excluded", "D4",
       [](R& r) {
         constrain(r, {}, {dns("a.b.example.net")});
         r["mx"].spec.san = {dns("*.example.test")};
       },
       Reason::chain_ok, 0, [](O& o) { o.scope.multi_label_wildcards = Switch::on; }},
      {"long_star_inside_permitted", "D4",
       [](R& r) {
         constrain(r, {dns("example.test")}, {});
         r["mx"].spec.san = {dns("*.example.test")};
       },
       Reason::chain_ok, 0, [](O& o) { o.scope.multi_label_wildcards = Switch::on; }},
      {"long_star_wider_than_permitted", "D4",
       [](R& r) {
         constrain(r, {dns("b.example.test")}, {});
         r["mx"].spec.san = {dns("*.example.test")};
       },
       Reason::chain_name_constraint, 0, [](O& o) { o.scope.multi_label_wildcards = Switch::on; }},
      {"long_star_in_the_cn", "D4",
       [](R& r) {
         constrain(r, {}, {dns("a.b.example.test")});
         only_cn(r, "*.example.test");
       },
       Reason::chain_name_constraint, 0,
       [](O& o) {
         o.scope = {Switch::on, Switch::on, Switch::off};
       }},
      {"cn_of_one_label", "D23",
       [](R& r) {
         constrain(r, {dns("example.test")}, {});
         only_cn(r, "mailhost");
       },
       Reason::chain_name_constraint, 0,
       [](O& o) {
         o.scope = {Switch::on, Switch::off, Switch::on};
       }},
      {"cn_of_one_label_that_is_not_wanted", "D23",
       [](R& r) {
         constrain(r, {dns("example.test")}, {});
         only_cn(r, "Postfix");
       },
       Reason::chain_ok, 0, constrain_cn},
      {"cn_of_a_star", "D19",
       [](R& r) {
         constrain(r, {dns("example.test")}, {});
         only_cn(r, "*");
       },
       Reason::chain_name_constraint, 0, constrain_cn},
  };
  return made;
}

class NameConstraintsTest : public testing::TestWithParam<ChainRow> {};

TEST_P(NameConstraintsTest, Reason) {
  expect_reason(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Rules, NameConstraintsTest, testing::ValuesIn(constraint_rows()),
                         [](const auto& row) { return std::string(row.param.name); });

struct SubtreeRow {
  const char* name;
  std::string_view pattern, base;
  bool overlaps, overlaps_with_long_star, inside;
};
void PrintTo(const SubtreeRow& row, std::ostream* out) {
  *out << row.pattern << " in " << row.base;
}

constexpr SubtreeRow kSubtrees[]{
    {"itself", "a.test", "a.test", true, true, true},
    {"below", "b.a.test", "a.test", true, true, true},
    {"above", "test", "a.test", false, false, false},
    {"label_boundary", "ba.test", "a.test", false, false, false},
    {"everything", "a.test", "", true, true, true},
    {"dot_itself", "a.test", ".a.test", false, false, false},
    {"dot_below", "b.a.test", ".a.test", true, true, true},
    {"star_itself", "*.a.test", "b.a.test", true, true, false},
    {"star_two_labels", "*.a.test", "c.b.a.test", false, true, false},
    {"star_dot_two_labels", "*.a.test", ".b.a.test", false, true, false},
    {"star_elsewhere", "*.a.test", "b.test", false, false, false},
    {"star_inside", "*.a.test", "a.test", true, true, true},
    {"star_alone", "*", "b.a.test", false, true, false},
    {"fragment_is_never_long", "x*.a.test", "c.xb.a.test", false, false, false},
    {"inner_star", "b.*.test", "b.a.test", true, true, false},
};

class SubtreeTest : public testing::TestWithParam<SubtreeRow> {};

TEST_P(SubtreeTest, OverlapsAndLiesInside) {
  const SubtreeRow& row = GetParam();
  EXPECT_EQ(overlaps_subtree(row.pattern, row.base), row.overlaps);
  EXPECT_EQ(overlaps_subtree(row.pattern, row.base, StarSpan::any_labels), row.overlaps_with_long_star);
  EXPECT_EQ(inside_subtree(row.pattern, row.base), row.inside);
}

INSTANTIATE_TEST_SUITE_P(Rules, SubtreeTest, testing::ValuesIn(kSubtrees),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace mxident::test
