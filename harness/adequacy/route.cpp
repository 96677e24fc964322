#include "harness/adequacy/route.hpp"

#include <arpa/inet.h>

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

}  // namespace

std::string address_octets(const std::string& text) {
  char out[16];
  if (inet_pton(AF_INET, text.c_str(), out) == 1) return {out, 4};
  if (inet_pton(AF_INET6, text.c_str(), out) == 1) return {out, 16};
  return {};
}

std::vector<Hop> route_of(const Scenario& scenario, const std::string& domain, const mocks::World& world) {
  Situation common;
  common.address = literal_octets(domain);
  if (common.address.empty()) common.domain = fold_host(domain);
  for (const auto& host : mail_hosts(scenario)) common.mx_hosts.push_back(fold_host(host));
  common.reverse = reverse_names(scenario);
  std::vector<Hop> out;
  for (const auto& host : mail_hosts(scenario)) {
    const ScenarioServer* server = server_of(scenario, host);
    if (server == nullptr) continue;
    Hop hop{common, world.ports(server->spec.host)};
    const auto addresses = world.addresses(server->spec.host);
    if (!addresses.empty()) hop.situation.peer = address_octets(addresses.front());
    if (common.address.empty()) hop.situation.host = fold_host(host);
    if (fold_host(server->spec.host) != fold_host(host)) hop.situation.alias = fold_host(server->spec.host);
    out.push_back(std::move(hop));
  }
  return out;
}

}  // namespace mxident::harness::zoo
