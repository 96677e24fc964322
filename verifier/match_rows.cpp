#include "verifier/match_rows.hpp"

#include <array>

#include "verifier/address.hpp"

namespace mxident::test {
namespace {

constexpr PolicyId k9525 = PolicyId::rfc9525;
constexpr PolicyId k6125 = PolicyId::rfc6125;
constexpr PolicyId k2818 = PolicyId::rfc2818;
constexpr PolicyId k7817 = PolicyId::rfc7817;
constexpr PolicyId kSts = PolicyId::mta_sts;
constexpr PolicyId kDane = PolicyId::dane;
constexpr PolicyId kNexthop = PolicyId::nexthop;

void no_wildcards(NameRules& r) {
  r.wildcards = Switch::off;
}
void partial(NameRules& r) {
  r.partial_wildcards = Switch::on;
}
void inner(NameRules& r) {
  r.inner_wildcards = Switch::on;
}
void multi_label(NameRules& r) {
  r.multi_label_wildcards = Switch::on;
}
void one_label_after(NameRules& r) {
  r.labels_after_wildcard = 1;
}
void bare_star(NameRules& r) {
  r.labels_after_wildcard = 0;
  r.single_label_references = Switch::on;
}
void suffix_guard(NameRules& r) {
  r.public_suffix_guard = Switch::on;
}
void srv(NameRules& r) {
  r.srv_ids = Switch::on;
}
void uri(NameRules& r) {
  r.uri_ids = Switch::on;
}
void no_underscore(NameRules& r) {
  r.underscore = Switch::off;
}
void single_labels(NameRules& r) {
  r.single_label_references = Switch::on;
}
void no_addresses(NameRules& r) {
  r.ip_ids = Switch::off;
}
void mapping(NameRules& r) {
  r.uts46_mapping = Switch::on;
}
void ip_does_not_block(NameRules& r) {
  r.ip_blocks_common_name = Switch::off;
}

#define LABEL_63 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0"

using enum Reason;

constexpr auto kRows = std::to_array<MatchRow>({
    // RFC 9525: types.
    {"exact", "rfc9525-1.3-four-id-types", k9525, "dns:mx1.example.com", "mx1.example.com", match_exact},
    {"email_is_no_host", "rfc9525-1.3-four-id-types", k9525, "email:mx1.example.com", "mx1.example.com",
     no_identifier_of_type},
    {"no_cn", "rfc9525-2-no-cn", k9525, "cn:mx1.example.com", "mx1.example.com", cn_ignored},
    {"cn_beside_san", "rfc9525-2-no-cn", k9525, "cn:x|dns:mx1.example.com", "mx1.example.com", match_exact},
    {"cn_against_san", "rfc9525-2-no-cn", k9525, "cn:mx1.example.com|dns:a.example.com", "mx1.example.com",
     cn_ignored},
    {"cn_wildcard_ignored", "rfc9525-2-no-cn", k9525, "cn:*.example.com", "mx1.example.com", cn_ignored},
    {"cn_other", "rfc9525-2-no-cn", k9525, "cn:other.example.com", "mx1.example.com", no_identifier_of_type},
    {"a_label", "rfc9525-2-dnsid-ascii", k9525, "dns:xn--bcher-kva.example",
     "b\xc3\xbc"
     "cher.example",
     match_exact},
    {"u_label_utf8_in_san", "rfc9525-2-dnsid-ascii", k9525,
     "dns:b\\xc3\\xbc"
     "cher.example",
     "b\xc3\xbc"
     "cher.example",
     presented_non_ascii},
    {"u_label_latin1_in_san", "rfc9525-2-dnsid-ascii", k9525,
     "dns:b\\xfc"
     "cher.example",
     "b\xc3\xbc"
     "cher.example",
     presented_non_ascii},
    {"ipv4", "rfc9525-2-ipid-octets", k9525, "ip:192.0.2.25", "192.0.2.25", match_exact},
    {"ip_five_octets", "rfc9525-2-ipid-octets", k9525, "ip:#c000021900", "192.0.2.25",
     presented_address_length},
    {"ip_with_mask", "rfc5280-4.2.1.6-ip-octets", k9525, "ip:#c0000200ffffff00", "192.0.2.25",
     presented_address_length},
    {"ip_empty", "rfc5280-4.2.1.6-ip-octets", k9525, "ip:#", "192.0.2.25", presented_address_length},
    {"resolved_ip", "rfc9525-2-no-resolved-ip", k9525, "ip:192.0.2.25", "mx1.example.com",
     no_identifier_of_type},
    {"uri_unsupported", "rfc9525-3-state-srv-uri", k9525, "uri:smtp://mx1.example.com", "mx1.example.com",
     no_identifier_of_type},
    {"srv_unsupported", "rfc9525-3-state-srv-uri", k9525, "srv:_smtp.mx1.example.com", "mx1.example.com",
     no_identifier_of_type},
    {"uri_beside_dns", "rfc9525-3-state-srv-uri", k9525, "uri:smtp://x|dns:mx1.example.com",
     "mx1.example.com", match_exact},
    {"wildcards_off", "rfc9525-3-wildcard-optional", k9525, "dns:*.example.com", "mx1.example.com",
     wildcards_off, no_wildcards},
    {"wildcards_off_exact", "rfc9525-3-wildcard-optional", k9525, "dns:mx1.example.com", "mx1.example.com",
     match_exact, no_wildcards},
    {"ipv4_text_in_dns", "rfc9525-3-ipv4-first", k9525, "dns:192.0.2.25", "192.0.2.25",
     presented_address_text},
    {"no_identifier", "rfc9525-4.1-at-least-one", k9525, "", "mx1.example.com", no_identifier_of_type},
    {"second_of_two", "rfc9525-4.1-several-allowed", k9525, "dns:a.example|dns:mx1.example.com",
     "mx1.example.com", match_exact},
    {"none_of_two", "rfc9525-4.1-several-allowed", k9525, "dns:a.example|dns:b.example", "mx1.example.com",
     no_presented_identifier_matches},
    {"ipv6_gives_ip_id", "rfc9525-6.1.1-ip-gives-ipid", k9525, "ip:2001:db8::25", "2001:db8::25",
     match_exact},
    {"ipv6_text_in_dns", "rfc9525-6.1.1-ip-gives-ipid", k9525, "dns:2001:db8::25", "2001:db8::25",
     presented_address_text},
    {"port_is_no_part", "rfc9525-6.2-dnsid-whole", k9525, "dns:example.com", "example.com:25",
     reference_with_port},
    {"uri_as_reference", "R36", k9525, "dns:*.example.com", "https://www.example.com", reference_is_uri},
    {"no_network_match", "rfc9525-6.2-ip-no-partial", k9525, "ip:192.0.2.0", "192.0.2.25",
     no_presented_identifier_matches},
    // RFC 9525: SRV-ID and URI-ID, where a policy uses them.
    {"srv", "rfc9525-6.2-srv-split", k9525, "srv:_submission.example.com", "_submission.example.com",
     match_exact, srv},
    {"srv_other_service", "rfc9525-6.2-srv-split", k9525, "srv:_imap.example.com", "_submission.example.com",
     srv_service_differs, srv},
    {"srv_other_domain", "rfc9525-6.2-srv-split", k9525, "srv:_submission.example.net",
     "_submission.example.com", no_presented_identifier_matches, srv},
    {"srv_case", "rfc9525-6.5-srv-case", k9525, "srv:_Submission.Example.com", "_submission.example.com",
     match_exact, srv},
    {"srv_underscore_missing", "rfc9525-6.5-srv-case", k9525, "srv:submission.example.com",
     "_submission.example.com", presented_bad_srv, srv},
    {"srv_with_protocol", "rfc4985-srvname", k9525, "srv:_submission._tcp.example.com",
     "_submission.example.com", presented_bad_srv, srv},
    {"srv_reference_with_protocol", "rfc4985-srvname", k9525, "srv:_submission.example.com",
     "_submission._tcp.example.com", reference_bad_service, srv},
    {"srv_wildcard", "rfc9525-6.3-wildcard-leftmost", k9525, "srv:_submission.*.example.com",
     "_submission.mx1.example.com", presented_bad_srv, srv},
    {"srv_no_address", "rfc9525-6.4-srv-no-ip", k9525, "srv:_submission.192.0.2.25", "192.0.2.25",
     no_identifier_of_type, srv},
    {"srv_reference_address", "rfc9525-6.4-srv-no-ip", k9525, "srv:_submission.192.0.2.25",
     "_submission.192.0.2.25", reference_bad_service, srv},
    {"srv_is_no_dns_id", "rfc9525-6.5-no-mixing", k9525, "srv:_submission.mail.example.com",
     "mail.example.com", no_identifier_of_type, srv},
    {"dns_is_no_srv_id", "rfc9525-6.5-no-mixing", k9525, "dns:example.com", "_submission.example.com",
     no_identifier_of_type, srv},
    {"uri", "rfc9525-6.2-uri-regname", k9525, "uri:sip:voice.example.com;x=1", "sip:voice.example.com",
     match_exact, uri},
    {"uri_authority", "rfc9525-6.2-uri-regname", k9525, "uri:https://user@www.example.com:8443/p?q#f",
     "https:www.example.com", match_exact, uri},
    {"uri_other_host", "rfc9525-6.2-uri-regname", k9525, "uri:https://other.example.com/",
     "https:voice.example.com", no_presented_identifier_matches, uri},
    {"uri_scheme_case", "rfc9525-6.5-uri-case", k9525, "uri:SIP:voice.example.com", "sip:voice.example.com",
     match_exact, uri},
    {"uri_other_scheme", "rfc9525-6.5-uri-case", k9525, "uri:sips:voice.example.com", "sip:voice.example.com",
     uri_scheme_differs, uri},
    {"uri_mailto", "rfc9525-7.2-uri-needs-both", k9525, "uri:mailto:x@example.com", "mailto:example.com",
     presented_bad_uri, uri},
    {"uri_without_scheme", "rfc9525-7.2-uri-needs-both", k9525, "uri://voice.example.com",
     "sip:voice.example.com", presented_bad_uri, uri},
    {"uri_address_host", "rfc9525-7.2-uri-needs-both", k9525, "uri:https://192.0.2.25/",
     "https:voice.example.com", presented_bad_uri, uri},
    {"uri_empty_host", "rfc9525-4.1-uri-scheme-host", k9525, "uri:sip:", "sip:voice.example.com",
     presented_bad_uri, uri},
    {"uri_nul", "nul-byte", k9525, "uri:sip:voice.example.com\\x00.evil.test", "sip:voice.example.com",
     presented_bad_uri, uri},
    // RFC 9525: comparison of labels.
    {"case", "rfc9525-6.3-case-insensitive", k9525, "dns:MX1.Example.COM", "mx1.example.com", match_exact},
    {"case_of_reference", "dns-case", k9525, "dns:mx1.example.com", "MX1.EXAMPLE.COM", match_exact},
    {"shorter_by_one", "rfc9525-6.3-case-insensitive", k9525, "dns:mx1.example.co", "mx1.example.com",
     no_presented_identifier_matches},
    {"parent", "rfc9525-6.3-all-labels", k9525, "dns:example.com", "mx1.example.com",
     no_presented_identifier_matches},
    {"child", "rfc9525-6.3-all-labels", k9525, "dns:mx1.example.com", "example.com",
     no_presented_identifier_matches},
    {"prefix", "rfc9525-6.3-all-labels", k9525, "dns:mx1.example.com.evil.test", "mx1.example.com",
     no_presented_identifier_matches},
    {"suffix_of_label", "rfc9525-6.3-all-labels", k9525, "dns:evilexample.com", "example.com",
     no_presented_identifier_matches},
    {"substring_of_name", "C05", k9525, "dns:example.com", "trusted.example.com",
     no_presented_identifier_matches},
    {"cut_short", "C06", k9525, "dns:www.exam", "www.example.test", no_presented_identifier_matches},
    {"a_label_case", "rfc5890-2.3.2.4-equiv", k9525, "dns:XN--BCHER-KVA.example",
     "b\xc3\xbc"
     "cher.example",
     match_exact},
    {"a_label_is_not_ascii_twin", "rfc9525-6.3-ulabel-to-alabel", k9525, "dns:bucher.example",
     "b\xc3\xbc"
     "cher.example",
     no_presented_identifier_matches},
    {"wildcard", "rfc9525-6.3-wildcard-leftmost", k9525, "dns:*.example.com", "mx1.example.com",
     match_wildcard},
    {"wildcard_case", "rfc9525-6.3-case-insensitive", k9525, "dns:*.Google.com", "foo.gOOGLE.com",
     match_wildcard},
    {"wildcard_second_label", "rfc9525-6.3-wildcard-leftmost", k9525, "dns:mx1.*.com", "mx1.example.com",
     wildcard_not_leftmost},
    {"wildcard_prefix", "rfc9525-6.3-wildcard-whole-label", k9525, "dns:mx*.example.com", "mx1.example.com",
     wildcard_partial_label},
    {"wildcard_postfix", "rfc9525-6.3-wildcard-whole-label", k9525, "dns:*1.example.com", "mx1.example.com",
     wildcard_partial_label},
    {"wildcard_infix", "rfc9525-6.3-wildcard-whole-label", k9525, "dns:m*1.example.com", "mx1.example.com",
     wildcard_partial_label},
    {"wildcard_two", "rfc9525-6.3-wildcard-only-one", k9525, "dns:*.*.example.com", "a.b.example.com",
     wildcard_several},
    {"wildcard_doubled", "rfc9525-6.3-wildcard-only-one", k9525, "dns:**.example.com", "mx1.example.com",
     wildcard_several},
    {"wildcard_apex", "rfc9525-6.3-wildcard-one-label", k9525, "dns:*.example.com", "example.com",
     wildcard_needs_a_label},
    {"wildcard_two_labels", "rfc9525-6.3-wildcard-one-label", k9525, "dns:*.example.com", "a.mx1.example.com",
     wildcard_spans_one_label},
    {"wildcard_other_domain", "rfc9525-6.3-wildcard-one-label", k9525, "dns:*.xxxcn.test|dns:xxxcn.test",
     "mx5.xxxmx.test", no_presented_identifier_matches},
    {"wildcard_ill_formed_beside_good", "rfc9525-6.3-wildcard-ignored-not-fatal", k9525,
     "dns:mx*.example.com|dns:mx1.example.com", "mx1.example.com", match_exact},
    {"wildcard_reference", "rfc9525-6.3-wildcard-reference", k9525, "dns:*.example.com", "*.example.com",
     reference_wildcard},
    {"wildcard_beside_a_label", "rfc9525-6.3-wildcard-alabel", k9525, "dns:*.xn--bcher-kva.example",
     "mx.b\xc3\xbc"
     "cher.example",
     match_wildcard},
    {"wildcard_inside_a_label", "rfc9525-6.3-wildcard-alabel", k9525, "dns:xn--*.example",
     "b\xc3\xbc"
     "cher.example",
     wildcard_partial_label},
    {"wildcard_for_a_label", "rfc9525-6.3-wildcard-matches-alabel", k9525, "dns:*.example.com",
     "xn--bcher-kva.example.com", match_wildcard},
    {"wildcards_galore", "C08", k9525, "dns:a*a*a*a*a*a*a*a*a*a*a*a*.example.test",
     "aaaaaaaaaaaaaaaaaaaaaaaaab.example.test", wildcard_several},
    {"wildcard_anywhere", "C11", k9525, "dns:www.*.foo.*", "www.a.foo.b", wildcard_several},
    {"wildcard_of_address", "C07", k9525, "dns:*.0.2.25", "192.0.2.25", no_identifier_of_type},
    // RFC 9525: addresses.
    {"ipv6_other_text", "rfc9525-6.4-ip-octets", k9525, "ip:2001:db8::25", "2001:0DB8:0:0:0:0:0:25",
     match_exact},
    {"ipv4_mapped", "D13", k9525, "ip:192.0.2.25", "::ffff:192.0.2.25", no_presented_identifier_matches},
    {"ipv4_literal", "rfc5321-4.1.3-literal", k9525, "ip:192.0.2.25", "[192.0.2.25]", match_exact},
    {"ipv6_literal", "rfc5321-4.1.3-literal", k9525, "ip:2001:db8::25", "[IPv6:2001:db8::25]", match_exact},
    {"ipv6_brackets", "rfc5321-4.1.3-literal", k9525, "ip:2001:db8::25", "[2001:db8::25]", match_exact},
    {"bracketed_name", "rfc5321-4.1.3-literal", k9525, "dns:mx1.example.com", "[mx1.example.com]",
     reference_brackets},
    {"bracket_left_open", "rfc5321-4.1.3-literal", k9525, "ip:192.0.2.25", "[192.0.2.25", reference_brackets},
    {"reverse_name", "rfc9525-2-no-resolved-ip", k9525, "dns:*.2.0.192.in-addr.arpa", "192.0.2.25",
     no_identifier_of_type},
    {"ip_octets_equal_name", "C15", k9525, "ip:97.98.46.99", "ab.c", no_identifier_of_type},
    {"ip_cn", "rfc2818-3.1-ip", k2818, "cn:192.0.2.25", "192.0.2.25", no_identifier_of_type},
    {"ip_cn_9525", "rfc9525-2-no-cn", k9525, "cn:192.0.2.25", "192.0.2.25", no_identifier_of_type},
    {"addresses_off", "rfc9525-6.1.1-local-types", k9525, "ip:192.0.2.25", "192.0.2.25",
     reference_address_off, no_addresses},
    {"zone", "D14", k9525, "ip:fe80::1", "fe80::1%eth0", reference_zone},
    {"odd_ipv4_short", "D12", k9525, "ip:127.0.0.1", "127.1", reference_odd_address},
    {"odd_ipv4_hex", "D12", k9525, "ip:127.0.0.1", "0x7f000001", reference_odd_address},
    {"odd_ipv4_octal", "D12", k9525, "ip:8.0.0.1", "010.0.0.1", reference_odd_address},
    {"odd_ipv4_exact_dns", "D12", k9525, "dns:127.1", "127.1", reference_odd_address},
    // Final dots, single labels, syntax of names.
    {"dot_on_reference", "D7", k9525, "dns:mx1.example.com", "mx1.example.com.", match_exact},
    {"two_dots_on_reference", "dns-final-dot", k9525, "dns:mx1.example.com", "mx1.example.com..",
     reference_trailing_dots},
    {"dot_in_certificate", "D8", k9525, "dns:mx1.example.com.", "mx1.example.com", presented_trailing_dot},
    {"dot_on_both", "D8", k9525, "dns:mx1.example.com.", "mx1.example.com.", presented_trailing_dot},
    {"dot_in_wildcard", "D8", k9525, "dns:*.example.com.", "mx1.example.com", presented_trailing_dot},
    {"leading_dot_in_certificate", "rfc1034-3.5-syntax", k9525, "dns:.example.com", "mx1.example.com",
     presented_bad_label},
    {"leading_dot_on_reference", "R33", k9525, "dns:*.example.test", ".example.test", reference_bad_label},
    {"empty_reference", "R33", k9525, "dns:mx1.example.com", "", reference_empty},
    {"root_reference", "R33", k9525, "dns:mx1.example.com", ".", reference_empty},
    {"empty_label", "rfc1034-3.5-syntax", k9525, "dns:mx..example.com", "mx..example.com",
     reference_bad_label},
    {"single_label", "D23", k9525, "dns:mailhost", "mailhost", reference_single_label},
    {"single_label_allowed", "D23", k9525, "dns:mailhost", "mailhost", match_exact, single_labels},
    {"numeric_last_label", "D11", k9525, "dns:mx1.example.123", "mx1.example.123", reference_numeric},
    {"digit_first", "rfc5280-4.2.1.6-dns-ia5", k9525, "dns:3com.example", "3com.example", match_exact},
    {"hyphen_edge_exact", "D10", k9525, "dns:-mx.example.com", "-mx.example.com", match_exact},
    {"hyphen_edge_wildcard", "D10", k9525, "dns:*.example.com", "-mx.example.com", wildcard_odd_label},
    {"hyphen_edge_fragment", "D10", k2818, "dns:m*.example.com", "m-.example.com", wildcard_odd_label},
    {"hyphen_edge_fragment_in_front", "D10", k2818, "dns:*x.example.com", "-mx.example.com",
     wildcard_odd_label},
    {"hyphen_edge_inner_wildcard", "D10", k2818, "dns:mx.*.example.com", "mx.-a.example.com",
     wildcard_odd_label},
    {"hyphen_edge_spelt_out", "D10", k2818, "dns:-*.example.com", "-mx.example.com", match_partial_wildcard},
    {"hyphen_inside_fragment", "D10", k2818, "dns:m*1.example.com", "m-1.example.com",
     match_partial_wildcard},
    {"underscore", "D9", k9525, "dns:mx_1.example.com", "mx_1.example.com", match_exact},
    {"underscore_wildcard", "D9", k9525, "dns:*.example.com", "mx_1.example.com", match_wildcard},
    {"underscore_refused", "D9", k9525, "dns:mx_1.example.com", "mx_1.example.com", reference_underscore,
     no_underscore},
    {"underscore_refused_presented", "D9", k9525, "dns:mx_1.example.com", "mx1.example.com",
     presented_underscore, no_underscore},
    {"label_63", "rfc1035-2.3.4-lengths", k9525, "dns:" LABEL_63 ".example", LABEL_63 ".example",
     match_exact},
    {"label_64", "rfc1035-2.3.4-lengths", k9525, "dns:" LABEL_63 "x.example", LABEL_63 "x.example",
     reference_bad_label},
    {"label_64_presented", "rfc1035-2.3.4-lengths", k9525, "dns:" LABEL_63 "x.example", "mx1.example",
     presented_bad_label},
    {"name_253", "rfc1035-2.3.4-lengths", k9525,
     "dns:" LABEL_63 "." LABEL_63 "." LABEL_63
     ".abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrst.example",
     LABEL_63 "." LABEL_63 "." LABEL_63 ".abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrst.example",
     reference_too_long},
    {"name_too_long_presented", "rfc1035-2.3.4-lengths", k9525,
     "dns:" LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63 ".example", "mx1.example", presented_too_long},
    {"space", "rfc5280-4.2.1.6-dns-ia5", k9525, "dns:mx1 example com", "mx1.example.com",
     presented_bad_character},
    {"one_space", "rfc5280-4.2.1.6-dns-space", k9525, "dns: ", "mx1.example.com", presented_bad_character},
    {"empty_dns", "rfc5280-4.2.1.6-dns-empty", k9525, "dns:", "mx1.example.com", presented_empty},
    {"bad_beside_good", "D15", k9525, "dns:m x|dns:mx1.example.com", "mx1.example.com", match_exact},
    {"bad_beside_other", "D15", k9525, "dns:m x|dns:other.example.com", "mx1.example.com",
     no_presented_identifier_matches},
    {"nul_in_dns", "nul-byte", k9525, "dns:mx1.example.com\\x00.evil.test", "mx1.example.com",
     presented_embedded_nul},
    {"nul_at_end", "nul-byte", k9525, "dns:mx1.example.com\\x00", "mx1.example.com", presented_embedded_nul},
    {"nul_first", "nul-byte", k9525, "dns:\\x00mx1.example.com", "mx1.example.com", presented_embedded_nul},
    {"nul_in_cn", "nul-byte", k6125, "cn:mx1.example.com\\x00.evil.test", "mx1.example.com",
     presented_embedded_nul},
    {"nul_in_cn_2818", "nul-byte", k2818, "cn:mx1.example.com\\x00.evil.test", "mx1.example.com",
     presented_embedded_nul},
    {"space_in_reference", "rfc1034-3.5-syntax", k9525, "dns:mx1.example.com", "mx1 .example.com",
     reference_bad_character},
    {"text_of_several_names", "C13", k9525, "dns:bad.example.com, DNS:mx1.example.com", "mx1.example.com",
     presented_bad_character},
    {"uri_as_host", "C12", k9525, "uri:https://mx1.example.com", "mx1.example.com", no_identifier_of_type},
    {"mailbox_domain", "rfc9598-3-mailbox", k9525, "email:postmaster@mx1.example.com", "mx1.example.com",
     no_identifier_of_type},
    {"empty_extension", "rfc5280-4.2.1.6-empty-seq", k6125, "cn:mx1.example.com|san", "mx1.example.com",
     san_empty},
    // Internationalised names.
    {"sharp_s", "rfc5891-5.4-reject", k9525, "dns:xn--strae-oqa.example",
     "stra\xc3\x9f"
     "e.example",
     match_exact},
    {"upper_case_u_label", "rfc5891-5.4-reject", k9525, "dns:xn--bcher-kva.example",
     "B\xc3\x9c"
     "CHER.example",
     reference_idn},
    {"upper_case_mapped", "rfc5895-2-mapping", k9525, "dns:xn--bcher-kva.example",
     "B\xc3\x9c"
     "CHER.example",
     match_exact, mapping},
    {"sharp_s_mapped", "uts46-nontransitional", k9525, "dns:xn--fa-hia.example", "fa\xc3\x9f.example",
     match_exact, mapping},
    {"ideographic_stop_mapped", "uts46-nontransitional", k9525, "dns:mx.xn--bcher-kva.example",
     "mx\xe3\x80\x82"
     "b\xc3\xbc"
     "cher.example",
     match_exact, mapping},
    {"ideographic_root_dot_mapped", "uts46-nontransitional", k9525, "dns:mx1.example.test",
     "mx1.example.test\xe3\x80\x82", match_exact, mapping},
    {"halfwidth_root_dot_mapped", "uts46-nontransitional", k9525, "dns:mx1.example.test",
     "mx1.example.test\xef\xbd\xa1", match_exact, mapping},
    {"fullwidth_root_dot_mapped", "uts46-nontransitional", k9525, "dns:mx1.example.test",
     "mx1.example.test\xef\xbc\x8e", match_exact, mapping},
    {"two_root_dots_of_which_one_mapped", "uts46-nontransitional", k9525, "dns:mx1.example.test",
     "mx1.example.test\xe3\x80\x82.", reference_trailing_dots, mapping},
    {"ideographic_stop", "rfc5891-5.4-reject", k9525, "dns:mx.example",
     "mx\xe3\x80\x82"
     "example",
     reference_idn},
    {"mapping_hides_no_address", "D12", k9525, "ip:192.0.2.25",
     "\xef\xbc\x91"
     "92.0.2.25",
     reference_odd_address, mapping},
    {"kelvin_sign", "C19", k9525, "dns:mx.key.test",
     "mx.\xe2\x84\xaa"
     "ey.test",
     reference_idn},
    {"kelvin_sign_presented", "idn-no-unicode-compare", k9525,
     "dns:mx.\\xe2\\x84\\xaa"
     "ey.test",
     "mx.key.test", presented_non_ascii},
    {"not_nfc", "rfc5891-5.2-nfc", k9525, "dns:xn--bcher-kva.example",
     "bu\xcc\x88"
     "cher.example",
     reference_idn},
    {"combining_mark_first", "rfc5891-5.4-reject", k9525, "dns:a.example",
     "\xcc\x88"
     "a.example",
     reference_idn},
    {"u_label_edge_hyphen", "D10", k9525, "dns:a.example",
     "-b\xc3\xbc"
     "cher.example",
     reference_idn},
    {"broken_utf8", "rfc5891-5.4-reject", k9525, "dns:a.example", "b\xc3.example", reference_idn},
    {"fake_a_label_opaque", "rfc5891-5.3-alabel-input", k9525, "dns:xn--a.example", "xn--a.example",
     match_exact},
    {"look_alike", "rfc9525-7.3-no-visual", k9525, "dns:xn--80ak6aa92e.example", "apple.example",
     no_presented_identifier_matches},
    {"cn_u_label", "idn-cn-utf8", k6125,
     "cn:b\\xc3\\xbc"
     "cher.example",
     "b\xc3\xbc"
     "cher.example",
     cn_not_a_host_name},
    // How many labels follow a wildcard; public suffixes.
    {"tld_wildcard", "D6", k9525, "dns:*.com", "example.com", wildcard_too_few_labels},
    {"tld_wildcard_allowed", "D6", k9525, "dns:*.com", "example.com", match_wildcard, one_label_after},
    {"tld_wildcard_2818", "D6", k2818, "dns:*.com", "example.com", match_wildcard},
    {"bare_star", "D6", k9525, "dns:*", "localhost", wildcard_too_few_labels, single_labels},
    {"bare_star_allowed", "D6", k9525, "dns:*", "localhost", match_wildcard, bare_star},
    {"bare_star_two_labels", "D6", k9525, "dns:*", "example.com", wildcard_spans_one_label, bare_star},
    {"star_dot", "D8", k9525, "dns:*.", "localhost", presented_trailing_dot, bare_star},
    {"public_suffix", "rfc9525-7.1-public-suffix", k9525, "dns:*.co.test", "example.co.test",
     wildcard_public_suffix, suffix_guard},
    {"public_suffix_below", "rfc9525-7.1-public-suffix", k9525, "dns:*.example.co.test", "mx.example.co.test",
     match_wildcard, suffix_guard},
    {"public_suffix_guard_off", "D5", k9525, "dns:*.co.test", "example.co.test", match_wildcard},
    {"multi_label", "rfc7672-3.2.3-wildcard-multi", kDane, "dns:*.example.com", "a.b.example.com",
     match_multi_label_wildcard, multi_label},
    {"multi_label_needs_one", "rfc7672-3.2.3-wildcard-multi", kDane, "dns:*.example.com", "example.com",
     wildcard_needs_a_label, multi_label},
    {"multi_label_boundary", "rfc7672-3.2.3-wildcard-multi", kDane, "dns:*.example.com", "a.badexample.com",
     no_presented_identifier_matches, multi_label},
    // RFC 6125 and RFC 7817.
    {"cn_last_resort", "rfc6125-6.3-cn-last-resort", k6125, "cn:mx1.example.com", "mx1.example.com",
     match_common_name},
    {"cn_blocked_by_dns", "rfc6125-6.3-cn-last-resort", k6125, "dns:a.example|cn:mx1.example.com",
     "mx1.example.com", cn_blocked},
    {"cn_blocked_by_srv", "rfc6125-6.3-cn-last-resort", k6125, "srv:_submission.a.example|cn:mx1.example.com",
     "mx1.example.com", cn_blocked},
    {"cn_blocked_by_uri", "rfc6125-6.3-cn-last-resort", k6125, "uri:http://x.example/|cn:mx1.example.com",
     "mx1.example.com", cn_blocked},
    {"cn_blocked_by_bad_dns", "D2", k6125, "dns:|cn:mx1.example.com", "mx1.example.com", cn_blocked},
    {"cn_blocked_by_ip", "D2", k6125, "ip:192.0.2.25|cn:mx1.example.com", "mx1.example.com", cn_blocked},
    {"cn_beside_ip_by_switch", "rfc6125-6.3-ipaddress-not-listed", k6125, "ip:192.0.2.25|cn:mx1.example.com",
     "mx1.example.com", match_common_name, ip_does_not_block},
    {"cn_beside_email", "rfc6125-6.3-ipaddress-not-listed", k6125, "email:x@example.com|cn:mx1.example.com",
     "mx1.example.com", match_common_name},
    {"cn_not_a_name", "rfc6125-1.8-cnid-shape", k6125, "cn:Mail Server 1", "mx1.example.com",
     cn_not_a_host_name},
    {"cn_two_in_rdn", "rfc6125-1.8-cnid-shape", k6125, "cn+cn:evil.test|cn:mx1.example.com",
     "mx1.example.com", cn_in_multi_valued_rdn},
    {"cn_two_in_rdn_first", "C14", k6125, "cn+cn:mx1.example.com|cn:evil.test", "mx1.example.com",
     cn_in_multi_valued_rdn},
    {"cn_two_rdns_first", "D20", k6125, "cn:mx1.example.com|cn:a.example.com", "mx1.example.com",
     match_common_name},
    {"cn_two_rdns_last", "D20", k6125, "cn:a.example.com|cn:mx1.example.com", "mx1.example.com",
     match_common_name},
    {"cn_wildcard", "rfc6125-6.4.4-cn-same-rules", k6125, "cn:*.example.com", "mx1.example.com",
     match_common_name},
    {"cn_wildcard_apex", "rfc6125-6.4.4-cn-same-rules", k6125, "cn:*.example.com", "example.com",
     wildcard_needs_a_label},
    {"cn_partial_wildcard", "D3", k6125, "cn:mx*.example.com", "mx1.example.com", wildcard_partial_label},
    {"cn_mismatch", "rfc6125-6.4.4-cn-same-rules", k6125, "cn:mx.google.com", "gmail-smtp-in.l.google.com",
     no_presented_identifier_matches},
    {"cn_final_dot", "rfc6125-1.8-cnid-shape", k6125, "cn:mx1.example.com.", "mx1.example.com",
     presented_trailing_dot},
    {"cn_for_address", "rfc6125-1.8-cnid-shape", k6125, "cn:192.0.2.25", "192.0.2.25", no_identifier_of_type},
    {"ip_beside_cn", "rfc9525-6.4-ip-octets", k6125, "cn:mx1.example.com|ip:192.0.2.25", "192.0.2.25",
     match_exact},
    {"partial_off", "rfc6125-6.4.3-3-partial", k6125, "dns:mx*.example.com", "mx1.example.com",
     wildcard_partial_label},
    {"partial_on", "rfc6125-6.4.3-3-partial", k6125, "dns:mx*.example.com", "mx1.example.com",
     match_partial_wildcard, partial},
    {"partial_on_infix", "rfc6125-6.4.3-3-partial", k6125, "dns:b*z.example.net", "buzz.example.net",
     match_partial_wildcard, partial},
    {"partial_on_postfix", "rfc6125-6.4.3-3-partial", k6125, "dns:*baz.example.net", "foobaz.example.net",
     match_partial_wildcard, partial},
    {"partial_on_nothing_left", "R55", k6125, "dns:*www.example.com", "www.example.com",
     no_presented_identifier_matches, partial},
    {"partial_on_two_in_label", "rfc6125-6.4.3-3-partial", k6125, "dns:a*b*.example.com", "axbx.example.com",
     wildcard_several, partial},
    {"partial_on_not_leftmost", "rfc6125-6.4.3-1-leftmost", k6125, "dns:bar.f*.example.com",
     "bar.foo.example.com", wildcard_not_leftmost, partial},
    {"partial_in_a_label", "rfc6125-6.4.3-3-not-in-idn", k6125, "dns:xn--kcry6tjko*.example.com",
     "xn--kcry6tjkoab.example.com", wildcard_in_a_label, partial},
    {"partial_for_a_label", "C09", k6125, "dns:x*.example.net", "xn--l8j.example.net", wildcard_in_a_label,
     partial},
    {"partial_too_few_labels", "D6", k6125, "dns:f*.com", "foo.com", wildcard_too_few_labels, partial},
    {"inner_off", "rfc6125-6.4.3-1-leftmost", k6125, "dns:bar.*.example.com", "bar.foo.example.com",
     wildcard_not_leftmost},
    {"inner_on", "rfc6125-6.4.3-1-leftmost", k6125, "dns:bar.*.example.com", "bar.foo.example.com",
     match_partial_wildcard, inner},
    {"srv_7817", "rfc7817-3-srvid", k7817, "srv:_submission.example.com", "_submission.example.com",
     match_exact},
    {"srv_7817_other", "rfc7817-3-srvid", k7817, "srv:_imap.example.com", "_submission.example.com",
     srv_service_differs},
    {"uri_7817", "rfc7817-3-no-uri", k7817, "uri:smtp://mail.example.net", "mail.example.net",
     no_identifier_of_type},
    {"cn_7817", "rfc7817-3-cn-may", k7817, "cn:mail.example.net", "mail.example.net", match_common_name},
    {"wildcard_7817", "rfc7817-3-wildcard", k7817, "dns:*.example.net", "mail.example.net", match_wildcard},
    {"partial_7817", "rfc7817-3-wildcard", k7817, "dns:m*.example.net", "mail.example.net",
     wildcard_partial_label},
    // RFC 2818.
    {"dns_first_2818", "rfc2818-3.1-dnsname-first", k2818, "dns:mx1.example.com|cn:x", "mx1.example.com",
     match_exact},
    {"dns_blocks_cn_2818", "rfc2818-3.1-dnsname-first", k2818, "dns:a.example|cn:mx1.example.com",
     "mx1.example.com", cn_blocked},
    {"srv_does_not_block_2818", "D2", k2818, "srv:_smtp.a.example|cn:mx1.example.com", "mx1.example.com",
     match_common_name},
    {"ip_does_not_block_2818", "D2", k2818, "ip:192.0.2.25|cn:mx1.example.com", "mx1.example.com",
     match_common_name},
    {"last_cn_2818", "rfc2818-3.1-most-specific-cn", k2818, "cn:a.example|cn:mx1.example.com",
     "mx1.example.com", match_common_name},
    {"first_cn_2818", "rfc2818-3.1-most-specific-cn", k2818, "cn:mx1.example.com|cn:a.example",
     "mx1.example.com", cn_not_most_specific},
    {"component_2818", "rfc2818-3.1-wildcard-component", k2818, "dns:*.a.com", "foo.a.com", match_wildcard},
    {"two_components_2818", "rfc2818-3.1-wildcard-component", k2818, "dns:*.a.com", "bar.foo.a.com",
     wildcard_spans_one_label},
    {"fragment_2818", "rfc2818-3.1-wildcard-fragment", k2818, "dns:f*.com", "foo.com",
     match_partial_wildcard},
    {"fragment_other_2818", "rfc2818-3.1-wildcard-fragment", k2818, "dns:f*.com", "bar.com",
     no_presented_identifier_matches},
    {"inner_2818", "rfc2818-3.1-wildcard-component", k2818, "dns:mx1.*.example.com", "mx1.eu.example.com",
     match_partial_wildcard},
    {"two_wildcards_2818", "rfc2818-3.1-wildcard-component", k2818, "dns:*.*.example.com",
     "mx1.eu.example.com", match_partial_wildcard},
    {"last_label_2818", "D6", k2818, "dns:mx1.*", "mx1.com", wildcard_too_few_labels},
    {"cn_wildcard_2818", "rfc2818-3.1-most-specific-cn", k2818, "cn:*.example.com", "mx1.example.com",
     match_common_name},
    // RFC 8461 and RFC 7672.
    {"cn_sts", "rfc8461-4.2-san-only", kSts, "cn:mx1.example.com", "mx1.example.com", cn_ignored},
    {"dns_sts", "rfc8461-4.2-san-only", kSts, "dns:mx1.example.com", "mx1.example.com", match_exact},
    {"wildcard_sts", "rfc8461-4.2-cert-wildcard", kSts, "dns:*.example.com", "mx1.example.com",
     match_wildcard},
    {"partial_sts", "rfc8461-4.2-cert-wildcard", kSts, "dns:mx*.example.com", "mx1.example.com",
     wildcard_partial_label},
    {"cn_dane", "rfc7672-3.2.3-cn-fallback", kDane, "cn:mx1.example.com", "mx1.example.com",
     match_common_name},
    {"cn_dane_dns", "rfc7672-3.2.3-cn-fallback", kDane, "dns:a.example|cn:mx1.example.com", "mx1.example.com",
     cn_blocked},
    {"cn_dane_uri", "rfc7672-3.2.3-cn-fallback", kDane, "uri:http://a.example/|cn:mx1.example.com",
     "mx1.example.com", match_common_name},
    {"wildcard_dane", "rfc7672-3.2.3-wildcard", kDane, "dns:*.example.com", "mx1.example.com",
     match_wildcard},
    {"partial_dane", "rfc7672-3.2.3-wildcard", kDane, "dns:smtp*.example.com", "smtp1.example.com",
     wildcard_partial_label},
    {"partial_postfix_dane", "rfc7672-3.2.3-wildcard", kDane, "dns:*smtp.example.com", "1smtp.example.com",
     wildcard_partial_label},
    {"nexthop", "rfc9525-6.1.1-default-dnsid", kNexthop, "dns:example.com", "example.com", match_exact},
    {"nexthop_mx_host_only", "rfc9525-6.1.1-no-intermediate", kNexthop, "dns:mx1.example.com", "example.com",
     no_presented_identifier_matches},
    // The reported cases.
    {"checktls", "R01", k9525, "cn:*.xxxcn.test|dns:*.xxxcn.test|dns:xxxcn.test", "mx5.xxxmx.test",
     no_presented_identifier_matches},
    {"checktls_6125", "R01", k6125, "cn:*.xxxcn.test|dns:*.xxxcn.test|dns:xxxcn.test", "mx5.xxxmx.test",
     no_presented_identifier_matches},
    {"gmail_2012", "R02", k9525, "cn:mx.google.com|dns:mx.google.com", "gmail-smtp-in.l.google.com",
     no_presented_identifier_matches},
    {"gmail_twin", "R02", k9525, "cn:mx.google.com|dns:mx.google.com|dns:gmail-smtp-in.l.google.com",
     "gmail-smtp-in.l.google.com", match_exact},
});

bool is_co_test(std::string_view suffix) {
  return suffix == "co.test" || suffix == "test";
}

unsigned hex_value(std::string_view two) {
  return static_cast<unsigned>(std::stoul(std::string(two), nullptr, 16));
}

std::string unescape(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\\x") {
      result += static_cast<char>(hex_value(text.substr(i + 2, 2)));
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::string address(std::string_view text) {
  if (!text.empty() && text[0] == '#') {
    std::string octets;
    for (std::size_t i = 1; i + 1 < text.size(); i += 2)
      octets += static_cast<char>(hex_value(text.substr(i, 2)));
    return octets;
  }
  return ipv4_octets(text).value_or(ipv6_octets(text).value_or(""));
}

}  // namespace

std::span<const MatchRow> match_rows() {
  return kRows;
}

bool is_match(Reason reason) {
  return to_string(reason).substr(0, 6) == "match-";
}

MatchResult judge(const MatchRow& row, const PresentedNames& names, Explain explain) {
  NameRules rules = policy(row.policy).rules;
  if (row.refine != nullptr) row.refine(rules);
  const auto reference = make_reference(row.reference, ReferenceOrigin::configured, rules);
  if (reference.reference) return match(names, {&*reference.reference, 1}, rules, explain, is_co_test);
  MatchResult refused;
  refused.reason = reference.reason;
  return refused;
}

std::vector<RowEntry> row_entries(std::string_view certificate) {
  std::vector<RowEntry> entries;
  while (!certificate.empty()) {
    const std::size_t end = certificate.find('|');
    const std::string_view entry = certificate.substr(0, end);
    certificate = end == std::string_view::npos ? std::string_view{} : certificate.substr(end + 1);
    const std::size_t colon = entry.find(':');
    const std::string_view type = entry.substr(0, colon);
    const std::string_view value = colon == std::string_view::npos ? "" : entry.substr(colon + 1);
    entries.push_back({type, type == "ip" ? address(value) : unescape(value)});
  }
  return entries;
}

PresentedNames row_names(std::string_view certificate) {
  PresentedNames names;
  bool shares = false;
  for (const auto& entry : row_entries(certificate)) {
    if (entry.type == "cn" || entry.type == "cn+cn") {
      names.common_names.push_back({entry.value, true, !shares && entry.type == "cn"});
      shares = entry.type == "cn+cn";
      continue;
    }
    if (entry.type == "san") {
      names.san = PresentedNames::San::empty;
      continue;
    }
    names.san = PresentedNames::San::present;
    const PresentedType type = entry.type == "dns"   ? PresentedType::dns
                               : entry.type == "ip"  ? PresentedType::ip
                               : entry.type == "uri" ? PresentedType::uri
                               : entry.type == "srv" ? PresentedType::srv
                                                     : PresentedType::email;
    names.identifiers.push_back({type, entry.value});
  }
  return names;
}

}  // namespace mxident::test
