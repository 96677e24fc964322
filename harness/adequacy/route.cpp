#include "harness/adequacy/route.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace mxident::harness::zoo {
namespace {

/// The address of "[192.0.2.25]" or "[IPv6:2001:db8::25]".
std::string literal_octets(const std::string& domain) {
  if (domain.size() < 2 || domain.front() != '[') return {};
  std::string text = domain.substr(1, domain.size() - 2);
  if (text.starts_with("IPv6:")) text.erase(0, 5);
  return address_octets(text);
}

std::vector<std::string> reverse_names(const Scenario& scenario) {
  std::vector<std::string> out;
  for (const auto& text : scenario.dns.lines) {
    const auto line = split_dns_line(text);
    if (line && line->type == "PTR" && line->data.size() == 1) out.push_back(fold_host(line->data[0]));
  }
  return out;
}

/// The names on the way of CNAMEs from `host`, in lower case.
std::vector<std::string> aliases_of(const Scenario& scenario, const std::string& host) {
  std::vector<std::string> out;
  std::string at = fold_host(host);
  for (std::size_t step = 0; step < scenario.dns.lines.size(); ++step) {
    for (const auto& text : scenario.dns.lines) {
      const auto line = split_dns_line(text);
      if (!line || line->type != "CNAME" || line->data.size() != 1 || fold_host(line->owner) != at) continue;
      at = fold_host(line->data[0]);
      out.push_back(at);
      break;
    }
  }
  return out;
}

Hop hop_to(const std::string& host, const ScenarioServer& server, const Scenario& scenario,
           const Situation& common, const BuiltWorld& built, const mocks::World& world) {
  Hop hop{common, world.ports(server.spec.host), {}};
  if (common.address.empty()) hop.tlsa = tlsa_of(built.spec.dns, host);
  const auto addresses = world.addresses(server.spec.host);
  if (!addresses.empty()) hop.situation.peer = address_octets(addresses.front());
  // On the loopback a stated address is none that can be connected to; the client believes to be there.
  const auto& stated = server.spec.addresses;
  if (!stated.empty() && !stated.front().text.empty())
    hop.situation.peer = address_octets(stated.front().text);
  if (common.address.empty()) hop.situation.host = fold_host(host);
  hop.situation.stated = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
  if (fold_host(server.spec.host) != fold_host(host)) hop.situation.alias = fold_host(server.spec.host);
  hop.situation.aliases = aliases_of(scenario, host);
  return hop;
}

}  // namespace

std::string address_octets(const std::string& text) {
  char out[16];
  if (inet_pton(AF_INET, text.c_str(), out) == 1) return {out, 4};
  if (inet_pton(AF_INET6, text.c_str(), out) == 1) return {out, 16};
  return {};
}

std::string address_text(const std::string& octets) {
  char out[INET6_ADDRSTRLEN] = "";
  if (!octets.empty()) inet_ntop(octets.size() == 4 ? AF_INET : AF_INET6, octets.data(), out, sizeof out);
  return out;
}

Route route_of(const Scenario& scenario, const BuiltWorld& built, const mocks::World& world) {
  const std::string& domain = built.domain;
  Situation common;
  common.address = literal_octets(domain);
  if (common.address.empty()) common.domain = fold_host(domain);
  const std::vector<std::string> hosts = mail_hosts(scenario);
  for (const auto& host : hosts) common.mx_hosts.push_back(fold_host(host));
  common.reverse = reverse_names(scenario);
  Route out;
  out.announced = announced_of(built.spec, domain);
  for (const auto& host : hosts) {
    const ScenarioServer* server = server_of(scenario, host);
    if (server != nullptr) out.hops.push_back(hop_to(host, *server, scenario, common, built, world));
  }
  const ScenarioServer* at_domain = common.domain.empty() ? nullptr : server_of(scenario, domain);
  if (at_domain != nullptr &&
      std::find(common.mx_hosts.begin(), common.mx_hosts.end(), common.domain) == common.mx_hosts.end())
    out.domain_host = hop_to(common.domain, *at_domain, scenario, common, built, world);
  return out;
}

}  // namespace mxident::harness::zoo
