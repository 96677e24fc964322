// Zones of a world: where they are cut, what stands at their apex, and how they deny names (RFC 4034, RFC
// 4035 2).
#include <arpa/inet.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "mocks/dns/signer.hpp"
#include "mocks/dns/zone_tree.hpp"

namespace mxident::mocks::dns {
namespace {

/// The name of all name servers, in the root zone: a world's names are the scenario's, so this is no name
/// below a TLD that a scenario may use.
const WireName& server_name() {
  static const WireName kName(
      "\x09"
      "authority"
      "\0",
      11);
  return kName;
}

std::string soa_rdata() {
  std::string rdata = server_name() + WireName("\x0ahostmaster", 11) + server_name();
  // Serial, refresh, retry, expire, and the TTL of negative answers (RFC 2308 4).
  for (const std::uint32_t value : {1u, 3600u, 600u, 86400u, kDefaultTtl}) {
    for (int shift = 24; shift >= 0; shift -= 8) rdata += static_cast<char>((value >> shift) & 0xff);
  }
  return rdata;
}

[[noreturn]] void contradiction(const WireName& name, const std::string& why) {
  throw WorldError("DNSSEC state of " + name_to_text(name) + ": " + why);
}

std::vector<std::uint16_t> types_of(const Node& node) {
  std::vector<std::uint16_t> types = {kTypeRrsig, kTypeNsec};
  for (const RrSet& set : node.sets) types.push_back(set.type);
  return types;
}

}  // namespace

void ZoneTree::add_zones(const DnsSpec& spec) {
  bool any_signed = false;
  for (const auto& [text, state] : spec.zones) {
    const auto apex = text.ends_with('.') ? name_from_text(text) : std::nullopt;
    if (!apex) throw WorldError("zone \"" + text + "\": wanted a domain name with final dot");
    Zone& zone = zones_[key_of(*apex)];
    zone.apex = *apex;
    zone.state = state;
    zone.stated = true;
    any_signed |= zone.is_signed();
  }
  Zone& root = zones_[NameKey()];
  if (root.stated) return;
  root.apex = WireName(1, '\0');
  root.state = any_signed ? ZoneState::secure : ZoneState::insecure;
}

void ZoneTree::add_cuts() {
  if (zones_.begin()->second.stated) return;  // then the root holds whatever lies in no other zone
  const auto cut_at = [&](const WireName& apex) -> Zone& {
    Zone& zone = zones_[key_of(apex)];
    if (zone.apex.empty()) zone.apex = apex;
    return zone;
  };
  for (const auto& [key, zone] : zones_) {
    if (label_count(key) < 2) continue;
    Zone& top = cut_at(suffix(zone.apex, 1));
    if (zone.is_signed() && !top.stated) top.state = ZoneState::secure;
  }
  for (const auto& [key, node] : nodes_) {
    const Zone& zone = zone_of(key);
    if (zone.stated || !zone.is_signed()) continue;
    const std::size_t depth = label_count(key_of(zone.apex)) + 1;  // the root or a signed TLD
    const WireName apex = suffix(node.owner, depth);
    const NameKey apex_key = key_of(apex);
    const bool signed_below = std::any_of(zones_.lower_bound(apex_key), zones_.end(), [&](const auto& other) {
      return is_at_or_below(other.first, apex_key) && other.second.is_signed();
    });
    if (label_count(key) < depth || signed_below) {
      contradiction(node.owner, "it has records and lies in no stated zone, but above or at a signed one");
    }
    cut_at(apex);
  }
}

void ZoneTree::add_apex_records(const DnsContext& context) {
  std::string octets(4, '\0');
  if (inet_pton(AF_INET, context.authority_address.c_str(), octets.data()) == 1) {
    add_record(make_node(server_name()), {server_name(), kTypeA, kDefaultTtl, octets});
  }
  for (const auto& [key, zone] : zones_) {
    Node& apex = make_node(zone.apex);
    if (!apex.find(kTypeSoa)) add_record(apex, {zone.apex, kTypeSoa, kDefaultTtl, soa_rdata()});
    if (!apex.find(kTypeNs)) add_record(apex, {zone.apex, kTypeNs, kDefaultTtl, server_name()});
    if (zone.is_signed()) apex.sets.push_back(dnskey_set());
  }
}

void ZoneTree::add_delegations() {
  for (auto& [key, zone] : zones_) {
    if (key.empty()) continue;
    const Zone& parent = zone_of(parent_key(key));
    zone.parent = &parent;
    // A state is what a validating resolver finds, so that no state but insecure can hold below one that is
    // not secure (RFC 4035 5.2), and nothing can be found insecure below a zone whose proof of that does not
    // verify.
    if (parent.state == ZoneState::bogus || parent.state == ZoneState::expired) {
      contradiction(zone.apex, "it lies below a zone that does not validate");
    }
    if (!zone.is_signed()) continue;
    if (!parent.is_signed())
      contradiction(zone.apex, "it cannot be other than insecure below an insecure zone");
    zone.ds = ds_set(zone.apex);
  }
}

void ZoneTree::add_denials() {
  using Names = std::map<NameKey, std::pair<WireName, std::vector<std::uint16_t>>>;
  std::map<const Zone*, Names> names;
  for (const auto& [key, node] : nodes_) names[&zone_of(key)][key] = {node.owner, types_of(node)};
  for (const auto& [key, zone] : zones_) {
    if (!zone.parent) continue;
    // On the parent's side of a cut stand NS, DS and NSEC only (RFC 4035 2.3).
    std::vector<std::uint16_t> types = {kTypeNs, kTypeRrsig, kTypeNsec};
    if (zone.ds) types.push_back(kTypeDs);
    names[zone.parent][key] = {zone.apex, std::move(types)};
  }
  for (auto& [apex, zone] : zones_) {
    if (!zone.is_signed()) continue;
    Names& owners = names[&zone];
    for (auto name = owners.begin(); name != owners.end(); ++name) {
      const auto next =
          std::next(name) == owners.end() ? owners.begin() : std::next(name);  // the last closes the ring
      auto& [owner, types] = name->second;
      zone.denials[name->first] = {owner, nsec_set(next->second.first, std::move(types))};
    }
  }
}

}  // namespace mxident::mocks::dns
