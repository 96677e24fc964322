#include "mocks/dns/zone_tree.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace mxident::mocks::dns {
namespace {

/// Records that the world makes itself; by hand they would contradict the state that the scenario states.
constexpr std::array<std::uint16_t, 5> kOwnTypes = {kTypeDs, kTypeRrsig, kTypeNsec, kTypeDnskey,
                                                    50 /* NSEC3 */};

bool is_meta_type(std::uint16_t type) {
  return type == 0 || type == 41 || (type >= 128 && type <= 255);
}

void append_label(WireName& name, std::string_view label) {
  name += static_cast<char>(label.size());
  name += label;
}

/// Name of the PTR record of an address (RFC 1035 3.5, RFC 3596 2.5); missing: no address.
std::optional<WireName> reverse_name(const std::string& address, RecordLine& record) {
  std::array<unsigned char, 16> octets{};
  WireName name;
  if (inet_pton(AF_INET, address.c_str(), octets.data()) == 1) {
    record.type = kTypeA;
    record.rdata.assign(reinterpret_cast<const char*>(octets.data()), 4);
    for (int i = 3; i >= 0; --i) append_label(name, std::to_string(octets[static_cast<std::size_t>(i)]));
    append_label(name, "in-addr");
  } else if (inet_pton(AF_INET6, address.c_str(), octets.data()) == 1) {
    record.type = kTypeAaaa;
    record.rdata.assign(reinterpret_cast<const char*>(octets.data()), 16);
    static constexpr char kHex[] = "0123456789abcdef";
    for (int i = 15; i >= 0; --i) {
      const unsigned octet = octets[static_cast<std::size_t>(i)];
      append_label(name, std::string_view(&kHex[octet & 15], 1));
      append_label(name, std::string_view(&kHex[octet >> 4], 1));
    }
    append_label(name, "ip6");
  } else {
    return std::nullopt;
  }
  append_label(name, "arpa");
  name += '\0';
  return name;
}

}  // namespace

const RrSet* Node::find(std::uint16_t type) const {
  const auto found =
      std::find_if(sets.begin(), sets.end(), [&](const RrSet& set) { return set.type == type; });
  return found == sets.end() ? nullptr : &*found;
}

ZoneTree::ZoneTree(const DnsSpec& spec, const DnsContext& context) {
  read_lines(spec);
  add_hosts(context);
  add_zones(spec);
  if (is_signed()) add_cuts();
  add_apex_records(context);
  if (is_signed()) {
    add_delegations();
    add_denials();
  }
}

Node& ZoneTree::make_node(const WireName& owner) {
  Node& node = nodes_[key_of(owner)];
  if (node.owner.empty()) node.owner = owner;
  return node;
}

void ZoneTree::add_record(Node& node, RecordLine record) {
  auto set =
      std::find_if(node.sets.begin(), node.sets.end(), [&](const RrSet& s) { return s.type == record.type; });
  if (set == node.sets.end()) {
    node.sets.push_back({record.type, record.ttl, {}});
    set = std::prev(node.sets.end());
  }
  set->ttl = std::min(set->ttl, record.ttl);  // one TTL for the set (RFC 2181 5.2)
  // A set holds no record twice (RFC 2181 5).
  if (std::find(set->rdata.begin(), set->rdata.end(), record.rdata) != set->rdata.end()) return;
  set->rdata.push_back(std::move(record.rdata));
}

void ZoneTree::read_lines(const DnsSpec& spec) {
  for (const std::string& line : spec.lines) {
    auto read = read_zone_line(line);
    if (const auto* odd = std::get_if<MisbehaviourLine>(&read)) {
      oddities_[key_of(odd->owner)].push_back({odd->type, odd->what});
      continue;
    }
    RecordLine record = std::get<RecordLine>(std::move(read));
    if (std::find(kOwnTypes.begin(), kOwnTypes.end(), record.type) != kOwnTypes.end()) {
      throw WorldError("zone line \"" + line + "\": " + type_name(record.type) +
                       " records are made by the world; state the DNSSEC state of the zone");
    }
    if (is_meta_type(record.type)) {
      throw WorldError("zone line \"" + line + "\": " + type_name(record.type) + " is no type of data");
    }
    Node& owner = make_node(record.owner);
    add_record(owner, std::move(record));
  }
}

void ZoneTree::add_hosts(const DnsContext& context) {
  std::set<NameKey> given_pointers;
  for (const auto& [key, node] : nodes_) {
    if (node.find(kTypePtr)) given_pointers.insert(key);
  }
  for (const auto& [host, addresses] : context.addresses) {
    const auto owner = name_from_text(host);
    if (!owner) throw WorldError("host \"" + host + "\": no domain name");
    const Node* given = node(key_of(*owner));
    const bool wanted =
        !(given && (given->find(kTypeA) || given->find(kTypeAaaa) || given->find(kTypeCname))) &&
        misbehaviour(key_of(*owner), kTypeAny) != Misbehaviour::nxdomain;
    for (const std::string& address : addresses) {
      RecordLine record;
      const auto reverse = reverse_name(address, record);
      if (!reverse) throw WorldError("host \"" + host + "\": \"" + address + "\" is no address");
      if (wanted) add_record(make_node(*owner), std::move(record));
      if (given_pointers.contains(key_of(*reverse))) continue;
      add_record(make_node(*reverse), {*reverse, kTypePtr, kDefaultTtl, *owner});
    }
  }
  for (const auto& [name, text] : context.texts) {
    const auto owner = name_from_text(name);
    if (!owner) throw WorldError("\"" + name + "\": no domain name");
    if (const Node* given = node(key_of(*owner)); given && (given->find(kTypeTxt) || given->find(kTypeCname)))
      continue;
    add_record(make_node(*owner), {*owner, kTypeTxt, kDefaultTtl, txt_rdata(text)});
  }
}

const Node* ZoneTree::node(const NameKey& key) const {
  const auto found = nodes_.find(key);
  return found == nodes_.end() ? nullptr : &found->second;
}

bool ZoneTree::exists(const NameKey& key) const {
  const auto next = nodes_.lower_bound(key);
  return next != nodes_.end() && is_at_or_below(next->first, key);
}

NameKey ZoneTree::closest_encloser(const NameKey& key) const {
  NameKey ancestor = parent_key(key);
  while (!exists(ancestor)) ancestor = parent_key(ancestor);  // the root always exists
  return ancestor;
}

const Zone& ZoneTree::zone_of(const NameKey& key) const {
  NameKey apex = key;
  while (true) {
    if (const Zone* zone = zone_at(apex)) return *zone;
    apex = parent_key(apex);
  }
}

const Zone* ZoneTree::zone_at(const NameKey& key) const {
  const auto found = zones_.find(key);
  return found == zones_.end() ? nullptr : &found->second;
}

const RrSet* ZoneTree::soa(const Zone& zone) const {
  return node(key_of(zone.apex))->find(kTypeSoa);
}

std::optional<Misbehaviour> ZoneTree::misbehaviour(const NameKey& key, std::uint16_t type) const {
  if (oddities_.empty()) return std::nullopt;
  const auto at = [&](const NameKey& owner) -> std::optional<Misbehaviour> {
    const auto found = oddities_.find(owner);
    if (found == oddities_.end()) return std::nullopt;
    for (const Oddity& oddity : found->second) {
      if (oddity.type == type || oddity.type == kTypeAny) return oddity.what;
    }
    return std::nullopt;
  };
  if (const auto own = at(key)) return own;
  for (NameKey name = key; !name.empty() && !exists(name);) {
    name = parent_key(name);
    if (const auto wild = at(wildcard_key(name))) return wild;
  }
  return std::nullopt;
}

}  // namespace mxident::mocks::dns
