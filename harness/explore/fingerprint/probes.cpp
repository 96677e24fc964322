#include "harness/explore/fingerprint/probes.hpp"

#include <fmt/format.h>

#include "harness/catalogue/own_scenario.hpp"

namespace mxident::harness {
namespace {

using Json = DocumentBuilder::Json;

/// What is odd about one probe's world; every name has its own host below NAME.fp.test, so that none fits by
/// chance.
struct Oddity {
  std::string key;
  Json san;
  std::string issuer = "intermediate";
  std::string validity = "ok";
  std::string starttls = "offered";
  std::string extra_dns = {};  ///< a further line
  Json mta_sts = {};
  bool alias = false;       ///< the MX host is a CNAME
  std::string pinned = {};  ///< address of the server where a name in the DNS depends on it
};

Scenario build(const Oddity& odd) {
  const std::string base = odd.key + ".fp.test", domain = fmt::format("rcpt-{}.test", odd.key);
  Json server{{"banner", "banner." + base},
              {"ehlo", "ehlo." + base},
              {"certificate", "mx"},
              {"starttls", odd.starttls}};
  if (!odd.pinned.empty()) server["addresses"] = Json::array({odd.pinned});
  DocumentBuilder document("fingerprint/" + odd.key, "Fingerprint: " + odd.key, domain);
  document
      .certificate("mx", {{"subject", Json::array({Json{{"o", "mxident fingerprint"}}})},
                          {"san", odd.san},
                          {"issuer", odd.issuer},
                          {"validity", odd.validity}})
      .server((odd.alias ? "tail." : "mx.") + base, server)
      .dns(fmt::format("{}. MX 10 mx.{}.", domain, base));
  if (odd.alias) document.dns(fmt::format("mx.{0}. CNAME tail.{0}.", base));
  if (!odd.extra_dns.empty()) document.dns(odd.extra_dns);
  if (!odd.mta_sts.empty()) document.with("mta_sts", odd.mta_sts);
  return own_scenario(document);
}

Json dns_name(const std::string& name) {
  return dns_names({name});
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
                       .extra_dns = "201.2.0.192.in-addr.arpa. PTR reverse.ptr.fp.test.",
                       .pinned = "192.0.2.201"}));
  out.push_back(
      probe(ProbedName::address, "address of the server",
            {.key = "address", .san = Json::array({Json{{"ip", "{address:mx.address.fp.test}"}}})}));
  out.push_back(probe(ProbedName::parent_domain, "parent of the MX host",
                      {.key = "parent", .san = dns_name("parent.fp.test")}));
  out.push_back(probe(ProbedName::sts_pattern, "another host of the MTA-STS pattern",
                      {.key = "pattern",
                       .san = dns_name("other.pattern.fp.test"),
                       .mta_sts = {{"record", "v=STSv1; id=1;"},
                                   {"policy",
                                    "version: STSv1\r\nmode: enforce\r\n"
                                    "mx: *.pattern.fp.test\r\nmax_age: 86400\r\n"}}}));
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
