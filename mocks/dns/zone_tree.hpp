// All names of a world and the zones that they lie in.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "mocks/dns/name.hpp"
#include "mocks/dns/zone_lines.hpp"
#include "mocks/world_parts.hpp"

namespace mxident::mocks::dns {

/// A name that has records.
struct Node {
  WireName owner;
  std::vector<RrSet> sets;  ///< few: looked through one by one

  const RrSet* find(std::uint16_t type) const;
};

struct Zone {
  WireName apex;
  ZoneState state = ZoneState::insecure;
  bool stated = false;           ///< by the scenario, and not only needed in between
  const Zone* parent = nullptr;  ///< null for the root
  std::optional<RrSet> ds;  ///< what the parent says about this zone; missing: its delegation is insecure
  /// One entry for each name of the zone and each delegation out of it; empty in an unsigned zone.
  struct Denial {
    WireName owner;
    RrSet nsec;
  };
  std::map<NameKey, Denial, std::less<>> denials;

  bool is_signed() const { return state != ZoneState::insecure; }
};

/// The names and zones of a world. Immutable once made.
///
/// Zones: the root, those of the spec and, where any zone of the spec is signed, what must stand between them
/// so that every state can be proven: TLDs, signed where a signed zone lies below, and an unsigned zone at
/// two labels for each name that lies in no zone of the spec. Without a signed zone there is no need to tell
/// zones apart.
class ZoneTree {
 public:
  /// Throws WorldError.
  ZoneTree(const DnsSpec& spec, const DnsContext& context);
  ZoneTree(const ZoneTree&) = delete;
  ZoneTree& operator=(const ZoneTree&) = delete;

  /// Null for a name without records, be it an empty non-terminal or no name at all.
  const Node* node(const NameKey& key) const;
  /// True for names with records and for empty non-terminals (RFC 4592 2.2.2).
  bool exists(const NameKey& key) const;
  /// The longest existing ancestor of a name that does not exist (RFC 4592 3.3.1).
  NameKey closest_encloser(const NameKey& key) const;

  const Zone& zone_of(const NameKey& key) const;
  /// The zone with this very apex; null if there is none.
  const Zone* zone_at(const NameKey& key) const;
  const RrSet* soa(const Zone& zone) const;

  /// What the scenario wants in place of the answer; "*" covers names that have no other entry.
  std::optional<Misbehaviour> misbehaviour(const NameKey& key, std::uint16_t type) const;

  /// True if any zone is signed; then the root is.
  bool is_signed() const { return zones_.begin()->second.is_signed(); }

 private:
  struct Oddity {
    std::uint16_t type;
    Misbehaviour what;
  };

  void read_lines(const DnsSpec& spec);
  void add_hosts(const DnsContext& context);
  void add_zones(const DnsSpec& spec);
  void add_cuts();
  void add_apex_records(const DnsContext& context);
  void add_delegations();
  void add_denials();

  Node& make_node(const WireName& owner);
  static void add_record(Node& node, RecordLine record);

  std::map<NameKey, Node, std::less<>> nodes_;
  std::map<NameKey, Zone, std::less<>> zones_;
  std::map<NameKey, std::vector<Oddity>, std::less<>> oddities_;
};

}  // namespace mxident::mocks::dns
