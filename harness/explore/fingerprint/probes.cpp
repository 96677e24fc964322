#include "harness/explore/fingerprint/probes.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "harness/catalogue/load.hpp"

namespace mxident::harness {
namespace {

/// What is odd about one probe's world; every name has its own host below NAME.fp.test, so that none fits by
/// chance.
struct Oddity {
  std::string key;
  std::string san;  ///< JSON of the SAN's entries
  std::string issuer = "intermediate";
  std::string validity = "ok";
  std::string starttls = "offered";
  std::string extra_dns = {};  ///< further lines, with a comma in front
  std::string extra = {};      ///< further members of the scenario, with a comma in front
  bool alias = false;          ///< the MX host is a CNAME
  std::string pinned = {};     ///< address of the server where a name in the DNS depends on it
};

Scenario build(const Oddity& odd) {
  const std::string base = odd.key + ".fp.test";
  const std::string target = odd.alias ? "tail." + base : "mx." + base;
  std::string dns = fmt::format(R"("rcpt-{0}.test. MX 10 mx.{1}.")", odd.key, base);
  if (odd.alias) dns += fmt::format(R"(, "mx.{0}. CNAME tail.{0}.")", base);
  const std::string addresses = odd.pinned.empty() ? "" : fmt::format(R"(, "addresses": ["{}"])", odd.pinned);
  const std::string text = fmt::format(R"({{
    "id": "fingerprint/{0}", "title": "Fingerprint: {0}", "sources": [{{"ref": "mxident"}}], "domain": "rcpt-{0}.test",
    "certificates": {{"mx": {{"subject": [{{"o": "mxident fingerprint"}}], "san": [{1}], "issuer": "{2}", "validity": "{3}"}}}},
    "servers": {{"{4}": {{"banner": "banner.{5}", "ehlo": "ehlo.{5}", "certificate": "mx", "starttls": "{6}"{10}}}}},
    "dns": [{7}{8}]{9}}})",
                                       odd.key, odd.san, odd.issuer, odd.validity, target, base, odd.starttls,
                                       dns, odd.extra_dns, odd.extra, addresses);
  LoadResult loaded = parse_scenario(text, "(fingerprint)");
  if (!loaded.scenario)
    throw std::logic_error(loaded.errors.empty() ? "fingerprint" : loaded.errors.front().text());
  return std::move(*loaded.scenario);
}

std::string dns_name(const std::string& name) {
  return fmt::format(R"({{"dns": "{}"}})", name);
}

}  // namespace

std::vector<NameProbe> name_probes() {
  const auto probe = [](ProbedName name, const char* title, Oddity odd) {
    return NameProbe{name, title, build(odd)};
  };
  std::vector<NameProbe> out;
  out.push_back(
      probe(ProbedName::mx_host, "MX host", {.key = "mxhost", .san = dns_name("mx.mxhost.fp.test")}));
  out.push_back(probe(ProbedName::recipient_domain, "recipient domain",
                      {.key = "domain", .san = dns_name("rcpt-domain.test")}));
  out.push_back(probe(ProbedName::cname_head, "MX host that is an alias",
                      {.key = "head", .san = dns_name("mx.head.fp.test"), .alias = true}));
  out.push_back(probe(ProbedName::cname_tail, "canonical name behind an alias",
                      {.key = "tail", .san = dns_name("tail.tail.fp.test"), .alias = true}));
  out.push_back(
      probe(ProbedName::ehlo_name, "EHLO name", {.key = "ehlo", .san = dns_name("ehlo.ehlo.fp.test")}));
  out.push_back(probe(ProbedName::banner_name, "banner name",
                      {.key = "banner", .san = dns_name("banner.banner.fp.test")}));
  out.push_back(probe(ProbedName::ptr_name, "PTR name of the address",
                      {.key = "ptr",
                       .san = dns_name("reverse.ptr.fp.test"),
                       .extra_dns = R"(, "201.2.0.192.in-addr.arpa. PTR reverse.ptr.fp.test.")",
                       .pinned = "192.0.2.201"}));
  out.push_back(probe(ProbedName::address, "address of the server",
                      {.key = "address", .san = R"({"ip": "{address:mx.address.fp.test}"})"}));
  out.push_back(probe(ProbedName::parent_domain, "parent of the MX host",
                      {.key = "parent", .san = dns_name("parent.fp.test")}));
  out.push_back(probe(ProbedName::sts_pattern, "another host of the MTA-STS pattern",
                      {.key = "pattern",
                       .san = dns_name("other.pattern.fp.test"),
                       .extra = R"(, "mta_sts": {"record": "v=STSv1; id=1;",
                         "policy": "version: STSv1\r\nmode: enforce\r\nmx: *.pattern.fp.test\r\nmax_age: 86400\r\n"})"}));
  out.push_back(
      probe(ProbedName::nothing, "a stranger's name", {.key = "nothing", .san = dns_name("stranger.test")}));
  return out;
}

std::vector<BehaviourProbe> behaviour_probes() {
  const auto right = [](const std::string& key) { return dns_name("mx." + key + ".fp.test"); };
  std::vector<BehaviourProbe> out;
  for (const auto& [key, title, issuer, validity] :
       {std::tuple{"unknown-ca", "chain to an unknown CA", "unknown-ca", "ok"},
        std::tuple{"self-signed", "self-signed certificate", "self", "ok"},
        std::tuple{"expired", "expired certificate", "intermediate", "expired"}}) {
    out.push_back(
        {key, title, build({.key = key, .san = right(key), .issuer = issuer, .validity = validity})});
  }
  for (const auto& [key, title] :
       {std::pair{"hidden", "STARTTLS not offered"}, std::pair{"refused-454", "STARTTLS refused with 454"},
        std::pair{"refused-554", "STARTTLS refused with 554"}, std::pair{"garbage", "220, then garbage"},
        std::pair{"closed", "220, then closed"}, std::pair{"alert", "220, then a TLS alert"},
        std::pair{"silent", "220, then silence"}, std::pair{"injected", "plaintext after the 220"}}) {
    out.push_back({key, title, build({.key = key, .san = right(key), .starttls = key})});
  }
  return out;
}

}  // namespace mxident::harness
