#include "harness/catalogue/load.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <ostream>

namespace mxident::harness {
namespace {

/// A scenario that is right, with room for odd members: before them stands what every scenario must have.
std::string scenario(const std::string& members, const std::string& servers = R"({"mx.a.test": {}})") {
  return R"({"id": "a/b", "title": "t", "sources": [{"ref": "RFC 9525 6.3"}], "domain": "a.test", "servers": )" +
         servers + (members.empty() ? "" : ", ") + members + "}";
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

struct Row {
  std::string name, text, pointer, message;  ///< of the first error; message: a part of it
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.text.substr(0, 200);
}

class LoadError : public testing::TestWithParam<Row> {};

TEST_P(LoadError, NamesThePlaceAndWhatWasWanted) {
  const Row& row = GetParam();
  const LoadResult got = parse_scenario(row.text, "f.json", "a/b");
  ASSERT_FALSE(got.errors.empty());
  EXPECT_FALSE(got.scenario);
  EXPECT_EQ(got.errors[0].file, "f.json");
  EXPECT_EQ(got.errors[0].pointer, row.pointer) << got.errors[0].text();
  EXPECT_NE(got.errors[0].message.find(row.message), std::string::npos) << got.errors[0].text();
  EXPECT_EQ(got.errors[0].text().find('\n'), std::string::npos);
}

const std::string kCert = R"("certificates": {"mx": )";
const std::string kUses = R"({"mx.a.test": {"certificate": "mx"}})";
std::string certificate(const std::string& text) {
  return scenario(kCert + text + "}", kUses);
}
std::string server(const std::string& text) {
  return scenario("", R"({"mx.a.test": )" + text + "}");
}

const Row kRows[] = {
    {"syntax", "{\n \"id\": }", "line 2, column 8", "syntax error"},
    {"no_object", "[]", "/", "found array, wanted an object"},
    {"empty", "", "line 1, column 1", "syntax error"},
    {"deep", nested(1000), "line 1, column 25", "nested deeper than 24 levels"},
    {"large", std::string(kMaxScenarioOctets + 1, ' '), "", "at most 1048576 wanted"},
    {"repeated_key", R"({"id": "a/b", "id": "a/c"})", "line 1, column 18", "\"id\" stands twice"},
    {"repeated_host", scenario("", R"({"mx.a.test": {}, "mx.a.test": {}})"), "line 1, column 126",
     "\"mx.a.test\" stands twice"},
    {"repeated_host_but_for_case", scenario("", R"({"MX.a.test": {}, "mx.a.test": {}})"),
     "/servers/mx.a.test", "there twice"},
    {"unknown_key", scenario(R"("certificats": {})"), "/",
     "unknown key \"certificats\", did you mean \"certificates\"?"},
    {"missing_key", R"({"id": "a/b", "title": "t", "sources": [{"ref": "x"}], "servers": {}})", "/",
     "\"domain\" is missing"},
    {"other_id", R"({"id": "a/c"})", "/id", "found \"a/c\", wanted \"a/b\", the path of the file"},
    {"id_in_capitals", R"({"id": "A/b"})", "/id", "lower-case"},
    {"id_of_underscores", R"({"id": "a/b_c"})", "/id", "lower-case"},
    {"id_number", R"({"id": 7})", "/id", "found number 7, wanted a string"},
    {"no_source", R"({"id": "a/b", "title": "t", "sources": []})", "/sources", "at least one source"},
    {"level", R"({"id": "a/b", "title": "t", "sources": [{"ref": "x", "level": "mist"}]})",
     "/sources/0/level", "did you mean \"must\"?"},
    {"domain_with_blank", R"({"id": "a/b", "title": "t", "sources": [{"ref": "x"}], "domain": "a b"})",
     "/domain", "0x20"},
    {"literal_open", R"({"id": "a/b", "title": "t", "sources": [{"ref": "x"}], "domain": "[192.0.2.25"})",
     "/domain", "closing bracket"},
    {"literal_without_mark",
     R"({"id": "a/b", "title": "t", "sources": [{"ref": "x"}], "domain": "[2001:db8::1]"})", "/domain",
     "[IPv6:"},
    {"long_owner",
     scenario(R"("dns": [")" +
              [] {
                std::string s;
                for (int i = 0; i < 64; ++i) s += "abc.";
                return s;
              }() +
              R"( A 192.0.2.2"])"),
     "/dns/0", "wanted at most 255"},
    {"long_label", scenario("", R"({")" + std::string(64, 'a') + R"(.test": {}})"),
     "/servers/" + std::string(64, 'a') + ".test", "more than 63 octets"},
    {"host_with_final_dot", scenario("", R"({"mx.a.test.": {}})"), "/servers/mx.a.test.", "final dot"},
    {"relative_owner", scenario(R"("dns": ["a.test MX 10 mx.a.test."])"), "/dns/0", "absolute name"},
    {"relative_mail_host", scenario(R"("dns": ["a.test. MX 10 mx.a.test"])"), "/dns/0", "absolute name"},
    {"dns_type", scenario(R"("dns": ["a.test. MXX 10 mx.a.test."])"), "/dns/0", "did you mean MX?"},
    {"dns_preference", scenario(R"("dns": ["a.test. MX 70000 mx.a.test."])"), "/dns/0",
     "a preference and a host"},
    {"dns_short", scenario(R"("dns": ["a.test."])"), "/dns/0", "OWNER TYPE DATA"},
    {"dns_line_end", scenario(R"("dns": ["a.test. A 192.0.2.2\nb.test. A 192.0.2.2"])"), "/dns/0",
     "OWNER TYPE DATA"},
    {"dns_placeholder", scenario(R"("dns": ["_25._tcp.mx.a.test. TLSA 3 1 1 {spki-sha255:root}"])"), "/dns/0",
     "did you mean \"spki-sha256\"?"},
    {"dns_placeholder_certificate",
     scenario(R"("dns": ["_25._tcp.mx.a.test. TLSA 3 1 1 {spki-sha256:rot}"])"), "/dns/0",
     "unknown certificate \"rot\""},
    {"dns_placeholder_host", scenario(R"("dns": ["a.test. A {address:my.a.test}"])"), "/dns/0",
     "did you mean \"mx.a.test\"?"},
    {"two_servers_without_dns", scenario("", R"({"mx1.a.test": {}, "mx2.a.test": {}})"), "/servers",
     "which of them are mail hosts"},
    {"dnssec", scenario(R"("dnssec": {"a.test.": "secur"})"), "/dnssec/a.test.",
     "wanted one of insecure, secure, bogus, expired"},
    {"clock", scenario(R"("clock": "2024-02-30T00:00:00Z")"), "/clock", "wanted a time like"},
    {"policy_id", scenario(R"("expect": {"rfc9526": "reject"})"), "/expect", "did you mean \"rfc9525\"?"},
    {"expectation", scenario(R"("expect": {"rfc9525": "refuse"})"), "/expect/rfc9525",
     "wanted one of accept, reject, plaintext, none, either"},
    {"contradiction_chain", scenario(R"("expect": {"chain-only": "reject", "rfc9525": "accept"})"),
     "/expect/rfc9525", "chain-only cannot deliver"},
    {"contradiction_encrypt", scenario(R"("expect": {"encrypt": "none", "chain-only": "accept"})"),
     "/expect/chain-only", "encrypt cannot deliver"},
    {"contradiction_plaintext", scenario(R"("expect": {"rfc9525": "plaintext"})"), "/expect/rfc9525",
     "never delivers in clear"},
    {"contradiction_no_tls", scenario(R"("expect": {"no-tls": "accept"})"), "/expect/no-tls",
     "wanted \"plaintext\""},
    {"contradiction_hosts",
     scenario(R"("expect": {"rfc9525": "accept"}, "expect_hosts": {"mx.a.test": {"rfc9525": "reject"}})"),
     "/expect/rfc9525", "refuses every mail host"},
    {"expect_hosts_unknown", scenario(R"("expect_hosts": {"my.a.test": {"rfc9525": "reject"}})"),
     "/expect_hosts/my.a.test", "no server"},
    {"contradiction_hosts_accept",
     scenario(R"("expect": {"rfc9525": "reject"}, "expect_hosts": {"mx.a.test": {"rfc9525": "accept"}})"),
     "/expect/rfc9525", "expect_hosts accepts a mail host"},
    {"contradiction_only_host",
     scenario(R"("expect": {"rfc9525": "either"}, "expect_hosts": {"mx.a.test": {"rfc9525": "reject"}})"),
     "/expect/rfc9525", "says \"reject\" of the only mail host"},
    {"contradiction_opportunistic", scenario(R"("expect": {"opportunistic": "reject", "rfc9525": "accept"})"),
     "/expect/rfc9525", "opportunistic cannot deliver"},
    {"reason", scenario(R"("reason": "Name Mismatch")"), "/reason", "joined by '-'"},
    {"rule_unknown", scenario(R"("rules": ["rfc9525-2-no-nc"])"), "/rules/0",
     "did you mean \"rfc9525-2-no-cn\"?"},
    {"rule_twice", scenario(R"("rules": ["nul-byte", "nul-byte"])"), "/rules/1", "each rule once"},
    {"rule_number", scenario(R"("rules": [7])"), "/rules/0", "found number 7, wanted a string"},
    {"citation_of_an_rfc",
     R"({"id": "a/b", "title": "t", "sources": [{"ref": "RFC9525, 6.3"}], "domain": "a.test",
                               "servers": {"mx.a.test": {}}})",
     "/sources/0/ref", "wanted a number and a section"},
    {"twin_of_itself", scenario(R"("twin": "a/b")"), "/twin", "wanted the id of another one"},
    {"twin_in_capitals", scenario(R"("twin": "A/b")"), "/twin", "lower-case"},

    {"alias_cycle",
     scenario(
         R"("dns": ["a.test. MX 10 x.a.test.", "x.a.test. CNAME y.a.test.", "y.a.test. CNAME X.a.test."])"),
     "/dns/1", "x.a.test -> y.a.test -> x.a.test"},
    {"alias_of_itself", scenario(R"("dns": ["a.test. MX 10 x.a.test.", "x.a.test. CNAME x.a.test."])"),
     "/dns/1", "x.a.test -> x.a.test"},
    {"alias_into_a_cycle",
     scenario(
         R"("dns": ["w.a.test. CNAME x.a.test.", "x.a.test. CNAME y.a.test.", "y.a.test. CNAME x.a.test."])"),
     "/dns/1", "x.a.test -> y.a.test -> x.a.test"},
    {"alias_beside_data", scenario(R"("dns": ["x.a.test. TXT t", "x.a.test. CNAME mx.a.test."])"), "/dns/1",
     "a CNAME beside other records"},
    {"alias_twice", scenario(R"("dns": ["x.a.test. CNAME mx.a.test.", "X.a.test. CNAME a.test."])"), "/dns/1",
     "a CNAME beside other records"},
    {"record_data", scenario(R"("dns": ["a.test. A 192.0.2.300"])"), "/dns/0", "zone line"},
    {"record_family", scenario(R"("dns": ["a.test. AAAA {address:mx.a.test}"])"), "/dns/0", "zone line"},
    {"record_tlsa", scenario(R"("dns": ["_25._tcp.mx.a.test. TLSA 3 1 300 00"])"), "/dns/0",
     "three numbers from 0 to 255"},
    {"record_target_long", scenario(R"("dns": ["a.test. SRV 1 1 25 )" + std::string(64, 'a') + R"(.test."])"),
     "/dns/0", "zone line"},
    {"zone_signed_below_unsigned", scenario(R"("dnssec": {"test": "insecure", "a.test": "secure"})"),
     "/dnssec", "insecure zone"},
    {"zone_below_bogus", scenario(R"("dnssec": {"test": "bogus", "a.test": "secure"})"), "/dnssec",
     "does not validate"},
    {"zone_above_signed",
     scenario(R"("dns": ["a.test. MX 10 mx.a.test.", "_25._tcp.mx.a.test. TLSA 3 1 1 {spki-sha256:root}"],
                 "dnssec": {"_tcp.mx.a.test": "secure"})"),
     "/dnssec", "above or at a signed one"},
    {"zone_name", scenario(R"("dnssec": {"a..test": "secure"})"), "/dnssec/a..test", "empty label"},
    {"policy_host_and_server", scenario(R"("mta_sts": {})", R"({"mx.a.test": {}, "mta-sts.a.test": {}})"),
     "/servers", ""},
    {"many_addresses",
     server(R"({"addresses": ["ipv4")" +
            [] {
              std::string s;
              for (int i = 0; i < 16; ++i) s += R"(, "ipv4")";
              return s;
            }() +
            "]}"),
     "/servers/mx.a.test/addresses", "more than 16"},

    {"server_key", server(R"({"baner": "x"})"), "/servers/mx.a.test", "did you mean \"banner\"?"},
    {"starttls", server(R"({"starttls": "refused-545"})"), "/servers/mx.a.test/starttls",
     "did you mean \"refused-454\"?"},
    {"unknown_certificate", scenario(kCert + R"({"san": []}})", R"({"mx.a.test": {"certificate": "my"}})"),
     "/servers/mx.a.test/certificate", "did you mean \"mx\"?"},
    {"unused_certificate", scenario(kCert + R"({"san": []}})"), "/certificates/mx", "nothing uses"},
    {"reserved_certificate", scenario(R"("certificates": {"root": {}})"), "/certificates/root",
     "a meaning of its own"},
    {"auto_certificate", scenario(R"("certificates": {"auto-x": {}})"), "/certificates/auto-x",
     "a meaning of its own"},
    {"tls_range", server(R"({"tls_min": "1.3", "tls_max": "1.2"})"), "/servers/mx.a.test",
     "tls_min above tls_max"},
    {"tls_version", server(R"({"tls_min": "TLSv1.3"})"), "/servers/mx.a.test/tls_min",
     "wanted one of 1.0, 1.1, 1.2, 1.3"},
    {"address_outside", server(R"({"addresses": ["10.0.0.1"]})"), "/servers/mx.a.test/addresses/0",
     "found \"10.0.0.1\""},
    {"address_of_the_sandbox", server(R"({"addresses": ["192.0.2.1"]})"), "/servers/mx.a.test/addresses/0",
     "not .1"},
    {"address_twice", server(R"({"addresses": ["2001:db8::5", "2001:DB8:0::5"]})"), "/servers",
     "2001:db8::5 twice"},
    {"addresses_empty", server(R"({"addresses": []})"), "/servers/mx.a.test/addresses",
     "at least one address"},
    {"port", server(R"({"ports": [65536]})"), "/servers/mx.a.test/ports/0", "from 1 to 65535"},
    {"reply_verb", server(R"({"replies": {"HALO": "250 x"}})"), "/servers/mx.a.test/replies",
     "did you mean \"HELO\"?"},
    {"reply_delay", server(R"({"replies": {"EHLO": {"delay_ms": -1}}})"),
     "/servers/mx.a.test/replies/EHLO/delay_ms", "from 0 to"},
    {"sni", server(R"({"sni": "refused"})"), "/servers/mx.a.test/sni", "did you mean \"required\"?"},
    {"resumption", server(R"({"resumption": true})"), "/servers/mx.a.test/resumption", "string"},
    {"then_empty", server(R"({"then": []})"), "/servers/mx.a.test/then", "no entry"},
    {"then_key", server(R"({"then": [{"banner": "x"}]})"), "/servers/mx.a.test/then/0", "unknown key"},
    {"then_implicit", server(R"({"then": [{"starttls": "implicit"}]})"), "/servers/mx.a.test/then/0",
     "on all of a server or on none"},
    {"then_certificate", server(R"({"then": [{"certificate": "my"}]})"), "/servers/mx.a.test/then", "\"my\""},
    {"reference_with_blank", scenario(R"("reference": "mx .a.test")"), "/reference", "no client is given"},
    {"header_without_colon", scenario(R"("headers": ["TLS-Required"])"), "/headers/0", "a header field like"},
    {"bait_empty", scenario(R"("bait": [])"), "/bait", "at least one word"},
    {"banner_line_end", server(R"({"banner": "a\r\nb"})"), "/servers/mx.a.test/banner", "line end"},
    {"implicit_without_certificate", server(R"({"starttls": "implicit", "certificate": null})"),
     "/servers/mx.a.test", "without a certificate"},

    {"certificate_key", certificate(R"({"sans": []})"), "/certificates/mx", "did you mean \"san\"?"},
    {"rdn_of_two", certificate(R"({"subject": [{"cn": "a", "o": "b"}]})"), "/certificates/mx/subject/0",
     "2 keys, wanted one"},
    {"attribute", certificate(R"({"subject": [{"comonname": "a"}]})"), "/certificates/mx/subject/0",
     "unknown key \"comonname\""},
    {"name_type", certificate(R"({"san": [{"dnsname": "a"}]})"), "/certificates/mx/san/0",
     "did you mean \"dirname\"?"},
    {"address_text", certificate(R"({"san": [{"ip": "192.0.2"}]})"), "/certificates/mx/san/0/ip",
     "wanted an IP address"},
    {"address_placeholder", certificate(R"({"san": [{"ip": "{address:my.a.test}"}]})"),
     "/certificates/mx/san", "did you mean \"mx.a.test\"?"},
    {"hex_odd", certificate(R"({"san": [{"dns": {"hex": "abc"}}]})"), "/certificates/mx/san/0/dns/hex",
     "odd number"},
    {"hex_letter", certificate(R"({"san": [{"der": "3z"}]})"), "/certificates/mx/san/0/der",
     "no hexadecimal digit"},
    {"encoding", certificate(R"({"subject": [{"cn": {"value": "a", "encoding": "utf-8"}}]})"),
     "/certificates/mx/subject/0/cn/encoding", "did you mean \"utf8\"?"},
    {"hex_and_value", certificate(R"({"subject": [{"cn": {"value": "a", "hex": "61"}}]})"),
     "/certificates/mx/subject/0/cn", "wanted one of them"},
    {"beyond_the_bmp", certificate(R"({"subject": [{"cn": {"value": "\ud83d\ude00", "encoding": "bmp"}}]})"),
     "/certificates/mx/subject/0/cn/value", ""},
    {"validity", certificate(R"({"validity": "expird"})"), "/certificates/mx/validity",
     "did you mean \"expired\"?"},
    {"key_usage", certificate(R"({"key_usage": ["digitalSignatur"]})"), "/certificates/mx/key_usage/0",
     "did you mean \"digitalSignature\"?"},
    {"eku", certificate(R"({"eku": ["serverauth"]})"), "/certificates/mx/eku/0",
     "did you mean \"serverAuth\"?"},
    {"serial", certificate(R"({"serial": "12x"})"), "/certificates/mx/serial", "decimal digits"},
    {"issuer_unknown", certificate(R"({"issuer": "intermediat"})"), "/certificates/mx/issuer",
     "unknown certificate"},
    {"issuer_no_authority", scenario(R"("certificates": {"mx": {"issuer": "ca"}, "ca": {}})", kUses),
     "/certificates/mx/issuer", "with \"ca\": true"},
    {"issuer_cycle",
     scenario(
         R"("certificates": {"mx": {"issuer": "ca"}, "ca": {"ca": true, "issuer": "cb"}, "cb": {"ca": true, "issuer": "ca"}})",
         kUses),
     "/certificates/ca/issuer", "ca <- cb <- ca"},
    {"sends_unknown", certificate(R"({"sends": ["leaf", "intermedate"]})"), "/certificates/mx/sends",
     "unknown certificate"},
    {"constraints_on_a_leaf", certificate(R"({"name_constraints": {}})"), "/certificates/mx",
     "without \"ca\": true"},
    {"constraint_without_mask",
     scenario(
         R"("certificates": {"mx": {"issuer": "ca"}, "ca": {"ca": true, "name_constraints": {"permitted": [{"ip": "192.0.2.0"}]}}})",
         kUses),
     "/certificates/ca/name_constraints/permitted/0/ip", "a network like"},
    {"extension_oid", certificate(R"({"extensions": [{"oid": "x", "der": ""}]})"),
     "/certificates/mx/extensions/0/oid", "an object identifier"},
};
INSTANTIATE_TEST_SUITE_P(Table, LoadError, testing::ValuesIn(kRows),
                         [](const auto& i) { return i.param.name; });

TEST(Load, ReportsEveryFaultOfAFile) {
  const auto got = parse_scenario(
      R"({"id": "X", "title": "", "sources": 1, "domain": "", "servers": [], "expect": 2})", "f.json");
  std::vector<std::string> places;
  for (const auto& error : got.errors) places.push_back(error.pointer);
  EXPECT_EQ(places,
            (std::vector<std::string>{"/id", "/title", "/sources", "/domain", "/servers", "/expect"}));
}

TEST(Load, FillsInDefaults) {
  const auto got = parse_scenario(scenario(R"("expect": {"rfc9525": "accept"})"), "f.json", "a/b");
  ASSERT_TRUE(got.scenario) << got.errors[0].text();
  const Scenario& s = *got.scenario;
  ASSERT_EQ(s.servers.size(), 1u);
  EXPECT_EQ(s.servers[0].spec.banner, "mx.a.test");
  EXPECT_EQ(s.servers[0].spec.ehlo, "mx.a.test");
  EXPECT_EQ(s.servers[0].spec.starttls, mocks::Starttls::offered);
  EXPECT_EQ(s.servers[0].spec.ports, std::vector<std::uint16_t>{25});
  EXPECT_EQ(s.servers[0].spec.certificate, "auto-mx.a.test");
  EXPECT_EQ(s.certificates.at("auto-mx.a.test").spec.san->at(0).value, "mx.a.test");
  EXPECT_EQ(s.certificates.at("auto-mx.a.test").issuer, "intermediate");
  EXPECT_EQ(s.dns.lines, std::vector<std::string>{"a.test. MX 10 mx.a.test."});
  EXPECT_EQ(expectation(s, PolicyId::rfc9525), Expected::accept);
  EXPECT_FALSE(expectation(s, PolicyId::rfc6125));
}

TEST(Load, ReadsEveryForm) {
  const auto got = parse_scenario(
      scenario(
          R"("certificates": {
        "mx": {"subject": [{"cn": "a\u0000b"}, [{"o": {"value": "\u00fc", "encoding": "bmp"}}, {"2.5.4.5": {"hex": "ff", "encoding": "printable"}}]],
               "san": [{"dns": "*.a.test"}, {"ip": "192.0.2.25"}, {"ip": {"hex": "00"}}, {"ip": "{address:mx.a.test}"}, {"rid": "1.2.3"},
                       {"dirname": [{"cn": "x"}]}, {"der": "82:00"}, {"srv": "_smtp.a.test"}],
               "san_critical": true, "validity": {"from": "1970-01-02T00:00:00Z", "to": "1970-01-02T01:00:00+01:00"},
               "eku": ["serverAuth", "1.2.3"], "key_usage": ["digitalSignature", "cRLSign", "decipherOnly"], "key": "ed25519",
               "issuer": "ca", "serial": "280762463620984597407910", "subject_key_identifier": "69:B3", "without": ["2.5.29.19"], "sends": ["leaf", "ca"],
               "extensions": [{"oid": "1.2.3", "critical": true, "der": {"hex": "0500"}}]},
        "ca": {"ca": true, "path_length": 0, "name_constraints": {"permitted": [{"ip": "192.0.2.0/25"}, {"dns": "a.test"}], "critical": false}}},
        "dns": ["a.test. 60 IN MX 20 mx2.a.test.", "a.test. MX 10 alias.a.test.", "alias.a.test. CNAME MX.a.test.",
                "_25._tcp.mx.a.test. TLSA 3 1 1 {spki-sha256:mx}"],
        "dnssec": {"a.test": "secure"}, "mta_sts": {"policy": ["version: STSv1", "mode: none"], "record": null, "http": 302},
        "clock": "2026-01-31T12:00:00Z", "rules": ["rfc9525-2-no-cn"], "tags": ["R02"], "note": "n", "reason": "match-exact")",
          R"({"mx.a.test": {"certificate": "mx", "certificates_by_sni": {"A.test": "mx"}, "tls_max": "1.2", "capabilities": [], "starttls": "injected",
                    "addresses": ["ipv6", {"address": "2001:db8::25", "certificate": "mx"}], "ehlo_after_tls": "z", "ports": [25, 587],
                    "replies": {"EHLO": "250 x", ".": {"text": "451 no", "delay_ms": 5, "raw": true, "close_after": true, "repeat": 3}}},
                   "mx2.a.test": {"certificate": null}})"),
      "f.json", "a/b");
  ASSERT_TRUE(got.scenario) << got.errors[0].text();
  const Scenario& s = *got.scenario;
  const auto& spec = s.certificates.at("mx").spec;
  EXPECT_EQ(spec.subject[0][0].value.octets, std::string("a\0b", 3));
  EXPECT_EQ(spec.subject[1][0].value.octets, std::string("\0\xfc", 2));
  EXPECT_EQ(spec.subject[1][1].oid, "2.5.4.5");
  EXPECT_EQ(spec.subject[1][1].value.octets, "\xff");
  EXPECT_EQ(spec.subject[1][1].value.type, certs::StringType::printable);
  ASSERT_EQ(spec.san->size(), 8u);
  EXPECT_EQ(spec.san->at(1).value, "\xc0" + std::string("\0\2\x19", 3));
  EXPECT_EQ(spec.san->at(2).value, std::string(1, '\0'));
  EXPECT_EQ(spec.san->at(6).value, std::string("\x82\0", 2));
  EXPECT_EQ(spec.validity.from, 86400);
  EXPECT_EQ(spec.validity.to, 86400);
  EXPECT_EQ(spec.extended_key_usage, (std::vector<std::string>{"1.3.6.1.5.5.7.3.1", "1.2.3"}));
  EXPECT_EQ(spec.key_usage, 1u | 1u << 6 | 1u << 8);
  EXPECT_EQ(spec.serial, std::string("\x3b\x74\x29\xe5\0\0\0\0\x68\xa6", 10));
  EXPECT_EQ(spec.subject_key_identifier, "\x69\xb3");
  EXPECT_EQ(spec.without, std::vector<std::string>{"2.5.29.19"});
  EXPECT_TRUE(spec.extensions[0].critical);
  const auto& constraints = *s.certificates.at("ca").spec.name_constraints;
  EXPECT_EQ(constraints.permitted[0].value, std::string("\xc0\0\2\0\xff\xff\xff\x80", 8));
  EXPECT_FALSE(constraints.critical);
  ASSERT_EQ(s.servers.size(), 2u);
  EXPECT_TRUE(is_about_versions(s));
  EXPECT_EQ(s.servers[0].spec.tls_max, mocks::TlsVersion::tls1_2);
  EXPECT_EQ(s.servers[0].spec.certificates_by_sni.at("a.test"), "mx");
  EXPECT_TRUE(s.servers[0].spec.addresses[0].ipv6);
  EXPECT_EQ(s.servers[0].spec.replies.at(".").repeat, 3u);
  EXPECT_EQ(s.servers[1].spec.certificate, "");
  EXPECT_EQ(s.dns.zones.at("a.test."), mocks::ZoneState::secure);
  ASSERT_EQ(s.mta_sts.size(), 1u);
  EXPECT_EQ(s.mta_sts[0].policy, "version: STSv1\r\nmode: none\r\n");
  EXPECT_FALSE(s.mta_sts[0].record);
  EXPECT_EQ(s.mta_sts[0].http_status, 302);
  EXPECT_EQ(s.mta_sts[0].certificate, "auto-mta-sts.a.test");
  EXPECT_EQ(s.clock, 1769860800);
  EXPECT_EQ(preferred_host(s), "alias.a.test");
  EXPECT_EQ(mail_hosts(s), (std::vector<std::string>{"alias.a.test", "mx2.a.test"}));
  ASSERT_NE(server_of(s, "Alias.a.test."), nullptr);
  EXPECT_EQ(server_of(s, "alias.a.test")->spec.host, "mx.a.test");
  EXPECT_EQ(server_of(s, "other.test"), nullptr);
  EXPECT_EQ(pinned_addresses(s), std::vector<std::string>{"2001:db8::25"});
}

Scenario parsed(const std::string& text) {
  auto got = parse_scenario(text, "f.json");
  EXPECT_TRUE(got.scenario) << got.errors[0].text();
  return got.scenario.value_or(Scenario{});
}

struct HostRow {
  std::string name, dns, host;
};
void PrintTo(const HostRow& row, std::ostream* out) {
  *out << row.dns;
}

class PreferredHost : public testing::TestWithParam<HostRow> {};

TEST_P(PreferredHost, IsWhereMailGoesFirst) {
  EXPECT_EQ(preferred_host(parsed(scenario("\"tags\": [\"cname-loop\"], \"dns\": [" + GetParam().dns + "]"))),
            GetParam().host);
}

const HostRow kHosts[] = {
    {"lowest_preference", R"("a.test. MX 20 b.test.", "a.test. MX 5 c.test.")", "c.test"},
    {"first_of_equals", R"("a.test. MX 5 b.test.", "a.test. MX 5 c.test.")", "b.test"},
    {"case_of_the_owner", R"("A.Test. MX 5 b.test.")", "b.test"},
    {"wildcard_above", R"("*.test. MX 5 b.test.", "x.c.test. MX 5 d.test.")", "b.test"},
    {"wildcard_hidden_by_the_name", R"("*.test. MX 5 b.test.", "a.test. TXT x")", "a.test"},
    {"no_mx", R"("a.test. A 192.0.2.7")", "a.test"},
    {"null_mx", R"("a.test. MX 0 .")", ""},
    {"alias_of_the_domain", R"("a.test. CNAME b.test.", "b.test. MX 1 c.test.")", "c.test"},
    {"alias_without_mx", R"("a.test. CNAME b.test.")", "b.test"},
    {"alias_loop", R"("a.test. CNAME b.test.", "b.test. CNAME a.test.")", "a.test"},
    {"failing_lookup", R"("a.test. MX SERVFAIL")", ""},
    {"failing_name", R"("a.test. SERVFAIL")", ""},
};
INSTANTIATE_TEST_SUITE_P(Table, PreferredHost, testing::ValuesIn(kHosts),
                         [](const auto& i) { return i.param.name; });

TEST(PreferredHost, IsTheOneBehindAnAddressLiteral) {
  Scenario s =
      parsed(R"({"id": "a", "title": "t", "sources": [{"ref": "x"}], "domain": "[{address:mx.a.test}]",
                          "servers": {"mx.a.test": {"addresses": ["2001:db8::25"]}}})");
  EXPECT_EQ(preferred_host(s), "mx.a.test");
  s.domain = "[IPv6:2001:DB8:0:0::25]";
  EXPECT_EQ(preferred_host(s), "mx.a.test");
  s.domain = "[192.0.2.9]";
  EXPECT_EQ(preferred_host(s), "");
}

TEST(CheckTogether, FindsWhatTwoScenariosCannotShare) {
  std::vector<Scenario> both{
      parsed(scenario("", R"({"mx.a.test": {"addresses": ["192.0.2.9"]}})")),
      parsed(scenario(R"("twin": "a/c")", R"({"mx.a.test": {"addresses": ["192.0.2.9"]}})"))};
  const auto errors = check_together(both);
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0].pointer, "/id");
  EXPECT_EQ(errors[1].pointer, "/servers");
  const auto twins = check_twins(both);
  ASSERT_EQ(twins.size(), 1u);
  EXPECT_EQ(twins[0].pointer, "/twin");
  EXPECT_NE(twins[0].message.find("did you mean \"a/b\"?"), std::string::npos);
}

TEST(Select, TakesIdsFoldersAndPatterns) {
  std::vector<Scenario> all(3);
  all[0].id = "a/one";
  all[1].id = "a/two";
  all[2].id = "b/one";
  const auto chosen = [&](std::vector<std::string> patterns) {
    std::vector<std::string> unmatched;
    std::string out;
    for (const auto i : select(all, patterns, unmatched)) out += all[i].id + " ";
    for (const auto& pattern : unmatched) out += "!" + pattern;
    return out;
  };
  EXPECT_EQ(chosen({}), "a/one a/two b/one ");
  EXPECT_EQ(chosen({"*/one"}), "a/one b/one ");
  EXPECT_EQ(chosen({"a"}), "a/one a/two ");
  EXPECT_EQ(chosen({"a/"}), "a/one a/two ");
  EXPECT_EQ(chosen({"b/one", "a/t?o"}), "a/two b/one ");
  EXPECT_EQ(chosen({"one", "b/*"}), "b/one !one");
}

/// A folder of its own below the build directory, gone when the test ends.
class LoadFolder : public testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::path(testing::TempDir()) /
            ("mxident-load-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(root_);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }
  std::filesystem::path root_;
};

TEST_F(LoadFolder, ReadsAllFilesAndReportsAllErrors) {
  write("a/b.json", scenario(""));
  write("a/wrong-place.json", scenario(""));
  write("broken.json", "{");
  write("schema/scenario.schema.json", "{}");
  write("readme.txt", "no scenario");
  const std::filesystem::path roots[] = {root_};
  const Catalogue got = load_catalogue(roots);
  ASSERT_EQ(got.scenarios.size(), 1u);
  EXPECT_EQ(got.scenarios[0].id, "a/b");
  ASSERT_EQ(got.errors.size(), 2u);
  EXPECT_EQ(got.errors[0].message, "found \"a/b\", wanted \"a/wrong-place\", the path of the file");
  EXPECT_NE(got.errors[1].text().find("broken.json: line 1"), std::string::npos) << got.errors[1].text();
  EXPECT_TRUE(load_scenario(root_ / "a/b.json").scenario);
  EXPECT_FALSE(load_scenario(root_ / "a/wrong-place.json").scenario);
}

TEST_F(LoadFolder, SaysThatAFolderIsNotThere) {
  const std::filesystem::path roots[] = {root_ / "none"};
  const Catalogue got = load_catalogue(roots);
  ASSERT_EQ(got.errors.size(), 1u);
  EXPECT_NE(got.errors[0].message.find("cannot be read as a folder"), std::string::npos);
}

}  // namespace
}  // namespace mxident::harness
