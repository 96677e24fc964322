#include "mocks/dns/lookup.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace mxident::mocks::dns {
namespace {

constexpr int kMaxCnames = 12;  // unbound follows 11, BIND 16

class Search {
 public:
  Search(const ZoneTree& tree, std::uint16_t type, DnsRole role) : tree_(tree), type_(type), role_(role) {}

  Found run(WireName name) {
    const Zone* first = nullptr;
    for (int hop = 0; hop <= kMaxCnames; ++hop) {
      const NameKey key = key_of(name);
      const Zone& zone = zone_for(key);
      if (!first) first = &zone;
      // A validator takes from an authority what lies in the zone it asked for, and asks for the rest.
      if (&zone != first && role_ == DnsRole::authority) return std::move(found_);
      if (misbehave(key, zone)) return std::move(found_);
      touch(zone);
      const auto target = step(name, key, zone);
      if (!target) return std::move(found_);
      name = *target;
    }
    if (role_ == DnsRole::resolver) {
      found_.answers.clear();
      found_.rcode = Rcode::servfail;
    }
    return std::move(found_);
  }

 private:
  /// DS lies above the cut, whatever else has this name below it (RFC 4035 3.1.4.1).
  const Zone& zone_for(const NameKey& key) const {
    if (type_ == kTypeDs && !key.empty() && tree_.zone_at(key)) return tree_.zone_of(parent_key(key));
    return tree_.zone_of(key);
  }

  void touch(const Zone& zone) {
    const auto weight = [](ZoneState state) {
      return state == ZoneState::secure ? 0 : state == ZoneState::insecure ? 1 : 2;
    };
    if (weight(zone.state) > weight(found_.state)) found_.state = zone.state;
  }

  /// True if there is nothing more to do.
  bool misbehave(const NameKey& key, const Zone& zone) {
    const auto what = tree_.misbehaviour(key, type_);
    if (!what) return false;
    switch (*what) {
      case Misbehaviour::servfail:
        found_.rcode = Rcode::servfail;
        found_.answers.clear();
        return true;
      case Misbehaviour::timeout:
        found_.timeout = true;
        return true;
      case Misbehaviour::truncate:
        found_.truncate_udp = true;
        return false;
      case Misbehaviour::nxdomain:
        touch(zone);
        if (tree_.exists(key)) {  // a lie, which no zone can prove
          found_.rcode = Rcode::nxdomain;
          add_soa(zone);
          return true;
        }
        deny_name(key, zone);
        return true;
    }
    return false;
  }

  /// Adds what one name gives; the next name if it is an alias.
  std::optional<WireName> step(const WireName& name, const NameKey& key, const Zone& zone) {
    if (const Zone* child = tree_.zone_at(key); child && child != &zone) {
      if (child->ds) {
        add(name, *child->ds, zone, child->apex);
      } else {
        add_soa(zone);
        deny_type(key, zone);
      }
      return std::nullopt;
    }
    if (tree_.exists(key)) {
      const auto [alias, any] = add_sets(name, tree_.node(key), zone, key);
      if (!any) {
        add_soa(zone);
        deny_type(key, zone);
      }
      return alias;
    }
    const NameKey encloser = tree_.closest_encloser(key);
    const NameKey wildcard = wildcard_key(encloser);
    if (!tree_.exists(wildcard)) {
      deny_name(key, zone);
      return std::nullopt;
    }
    const auto [alias, any] = add_sets(name, tree_.node(wildcard), zone, wildcard);
    if (!any) {
      add_soa(zone);
      deny_type(wildcard, zone);
    }
    add_covering(key, zone);  // proves that no closer name stood in the wildcard's way (RFC 4035 3.1.3.3)
    return alias;
  }

  struct Added {
    std::optional<WireName> alias;
    bool any = false;
  };

  /// The sets of `node` that were asked for, or its CNAME.
  Added add_sets(const WireName& name, const Node* node, const Zone& zone, const NameKey& key) {
    Added added;
    if (type_ == kTypeNsec) {
      const auto denial = zone.denials.find(key);
      if (denial == zone.denials.end()) return added;
      add(name, denial->second.nsec, zone, denial->second.owner);
      added.any = true;
    } else if (node && type_ == kTypeAny) {
      for (const RrSet& set : node->sets) add(name, set, zone, node->owner);
      added.any = !node->sets.empty();
    } else if (const RrSet* set = node ? node->find(type_) : nullptr) {
      add(name, *set, zone, node->owner);
      added.any = true;
    } else if (const RrSet* cname = node ? node->find(kTypeCname) : nullptr) {
      add(name, *cname, zone, node->owner);
      added.any = true;
      added.alias = cname->rdata.front();
    }
    return added;
  }

  void add(const WireName& name, const RrSet& set, const Zone& zone, const WireName& signed_owner) {
    found_.answers.push_back({name, &set, &zone, signed_owner});
  }

  void add_soa(const Zone& zone) { found_.soa.push_back({zone.apex, tree_.soa(zone), &zone, zone.apex}); }

  void add_denial(const Zone::Denial& denial, const Zone& zone) {
    const bool there = std::any_of(found_.denials.begin(), found_.denials.end(),
                                   [&](const Answer& answer) { return answer.set == &denial.nsec; });
    if (!there) found_.denials.push_back({denial.owner, &denial.nsec, &zone, denial.owner});
  }

  /// NSEC of the last name before `key`, or of `key` itself.
  void add_covering(const NameKey& key, const Zone& zone) {
    if (!zone.is_signed()) return;
    // The apex is the first name of its zone, so that there is always one before.
    add_denial(std::prev(zone.denials.upper_bound(key))->second, zone);
  }

  /// The name is there, the type is not (RFC 4035 3.1.3.1); of an empty non-terminal, the NSEC before it
  /// shows that.
  void deny_type(const NameKey& key, const Zone& zone) { add_covering(key, zone); }

  /// Neither the name nor a wildcard for it is there (RFC 4035 3.1.3.2).
  void deny_name(const NameKey& key, const Zone& zone) {
    found_.rcode = Rcode::nxdomain;
    add_soa(zone);
    add_covering(key, zone);
    add_covering(wildcard_key(tree_.closest_encloser(key)), zone);
  }

  const ZoneTree& tree_;
  std::uint16_t type_;
  DnsRole role_;
  Found found_;
};

}  // namespace

Found look_up(const ZoneTree& tree, const WireName& name, std::uint16_t type, DnsRole role) {
  return Search(tree, type, role).run(name);
}

}  // namespace mxident::mocks::dns
