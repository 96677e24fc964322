#include "harness/run/claims.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "harness/input/json_input.hpp"
#include "verifier/address.hpp"

namespace mxident::harness {
namespace {

std::string plain(const std::string& name) {
  std::string out = fold_host(name);
  if (!out.empty() && out.back() == '.') out.pop_back();
  return out;
}

/// Addresses may be spelt in several ways.
std::string plain_address(const std::string& text) {
  auto octets = ipv4_octets(text);
  if (!octets) octets = ipv6_octets(text);
  return octets ? mxident::address_text(*octets) : text;
}

std::vector<std::string> plain_addresses(std::vector<std::string> texts) {
  for (auto& text : texts) text = plain_address(text);
  return texts;
}

void sort_out(std::vector<std::string>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

bool share(const std::vector<std::string>& a, const std::vector<std::string>& b, std::string& which) {
  const auto found = std::find_if(
      a.begin(), a.end(), [&](const auto& name) { return std::find(b.begin(), b.end(), name) != b.end(); });
  if (found != a.end()) which = *found;
  return found != a.end();
}

}  // namespace

std::vector<std::string> Claims::names() const {
  std::vector<std::string> out = domains;
  out.insert(out.end(), hosts.begin(), hosts.end());
  sort_out(out);
  return out;
}

Claims claims_of(const Scenario& scenario) {
  Claims out;
  out.addresses = plain_addresses(pinned_addresses(scenario));
  if (!scenario.domain.empty() && scenario.domain.front() != '[')
    out.domains.push_back(plain(scenario.domain));
  for (const auto& sts : scenario.mta_sts) out.domains.push_back(plain(sts.domain));
  for (const auto& server : scenario.servers) out.hosts.push_back(plain(server.spec.host));
  for (const auto& text : scenario.dns.lines) {
    const auto line = split_dns_line(text);
    if (!line) continue;
    out.hosts.push_back(plain(line->owner));
    // A name that a record leads to is the scenario's even where it has no record: it has to be found
    // missing.
    const bool leads_on = line->type == "MX" || line->type == "CNAME" || line->type == "SRV";
    if (leads_on && !line->data.empty()) out.hosts.push_back(plain(line->data.back()));
  }
  std::erase(out.hosts, "");  // the root is everybody's
  sort_out(out.domains);
  sort_out(out.hosts);
  return out;
}

void check_claims(std::span<const ClientColumn> columns) {
  using Claim = std::pair<bool, std::string>;  // an address or not, and the value
  std::map<Claim, const ClientColumn*> held;
  for (const auto& column : columns) {
    if (!column.mode->daemon) continue;
    const Daemon::Claims& own = column.mode->daemon->claims;
    for (const auto& [kind, values] : {std::pair("addresses", &own.addresses),
                                       std::pair("domains", &own.domains), std::pair("hosts", &own.hosts)}) {
      const bool address = values == &own.addresses;
      for (std::size_t i = 0; i < values->size(); ++i) {
        const std::string& value = (*values)[i];
        const auto [at, fresh] =
            held.emplace(Claim(address, address ? plain_address(value) : plain(value)), &column);
        if (fresh || at->second == &column) continue;
        throw InputError(
            own.file, fmt::format("{}/{}/{}", own.pointer, kind, i),
            fmt::format("the mode \"{}\" claims \"{}\", which the mode \"{}\" of {} claims too",
                        column.mode->id, value, at->second->mode->id, at->second->client->manifest.id));
      }
    }
  }
}

std::string claimed_by(const ClientColumn& column, const Claims& scenario) {
  if (!column.mode->daemon) return "";
  const Daemon::Claims& own = column.mode->daemon->claims;
  std::string which;
  std::vector<std::string> names;
  for (const auto* list : {&own.domains, &own.hosts}) {
    for (const auto& name : *list) names.push_back(plain(name));
  }
  if (share(plain_addresses(own.addresses), scenario.addresses, which) ||
      share(names, scenario.names(), which))
    return fmt::format("the daemon has \"{}\" for itself", which);
  return "";
}

}  // namespace mxident::harness
