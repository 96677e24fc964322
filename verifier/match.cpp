// The comparison itself (rules section 14, steps 4 to 6).
#include "match.hpp"

#include "address.hpp"
#include "dns_match.hpp"
#include "dns_name.hpp"
#include "service_match.hpp"

namespace mxident {
namespace {

using San = PresentedNames::San;

PresentedType presented_type_of(ReferenceType type) {
  switch (type) {
    case ReferenceType::dns:
      return PresentedType::dns;
    case ReferenceType::ip:
      return PresentedType::ip;
    case ReferenceType::srv:
      return PresentedType::srv;
    case ReferenceType::uri:
      return PresentedType::uri;
  }
  return PresentedType::other;
}

// An entry of another type than the reference. It never matches; the reason is for people.
Comparison compare_other_type(const PresentedIdentifier& presented, const ReferenceIdentifier& reference,
                              const NameRules& rules) {
  switch (presented.type()) {
    case PresentedType::email:
    case PresentedType::common_name:
    case PresentedType::other:
      return {Reason::presented_other_type, Closeness::unrelated};
    case PresentedType::srv:
      if (rules.srv_ids == Switch::off) return {Reason::presented_type_unsupported, Closeness::unrelated};
      break;
    case PresentedType::uri:
      if (rules.uri_ids == Switch::off) return {Reason::presented_type_unsupported, Closeness::unrelated};
      break;
    case PresentedType::dns:
      if (reference.type != ReferenceType::ip) break;
      if (const auto v4 = ipv4_octets(presented.octets()); v4 && *v4 == reference.octets) {
        return {Reason::presented_address_text, Closeness::close};
      }
      if (const auto v6 = ipv6_octets(presented.octets()); v6 && *v6 == reference.octets) {
        return {Reason::presented_address_text, Closeness::close};
      }
      break;
    case PresentedType::ip:
      break;
  }
  return {Reason::presented_type_differs, Closeness::unrelated};
}

Comparison compare_address(const PresentedIdentifier& presented, const ReferenceIdentifier& reference) {
  if (presented.octets() == reference.octets) return {Reason::match_exact, Closeness::match};
  const std::size_t size = presented.octets().size();
  if (size != 4 && size != 16) return {Reason::presented_address_length, Closeness::flawed};
  return {Reason::no_presented_identifier_matches, Closeness::plain};
}

Comparison compare(const PresentedIdentifier& presented, const ReferenceIdentifier& reference,
                   const NameRules& rules, const PublicSuffixTest& is_public_suffix) {
  if (presented.type() != presented_type_of(reference.type))
    return compare_other_type(presented, reference, rules);
  switch (reference.type) {
    case ReferenceType::dns:
      return compare_dns(presented.octets(), reference.domain, rules, is_public_suffix);
    case ReferenceType::ip:
      return compare_address(presented, reference);
    case ReferenceType::srv:
      return compare_srv(presented.octets(), reference.service, reference.domain);
    case ReferenceType::uri:
      return compare_uri(presented.octets(), reference.service, reference.domain);
  }
  return {};
}

// One common name, whether the rules use it or not: `counts` tells.
Comparison compare_common_name(const PresentedNames& names, std::size_t index,
                               const ReferenceIdentifier& reference, const NameRules& rules, Switch counts,
                               const PublicSuffixTest& is_public_suffix) {
  const PresentedCommonName& name = names.common_names[index];
  // A common name that the rules use and that is no host name explains a mismatch; one that they do not use
  // does not.
  const Closeness no_name = counts == Switch::on ? Closeness::flawed : Closeness::unrelated;
  if (!name.decodable) return {Reason::cn_undecodable, no_name};
  if (reference.type != ReferenceType::dns) return {Reason::presented_type_differs, Closeness::unrelated};
  if (ipv4_octets(name.octets) || ipv6_octets(name.octets)) return {Reason::cn_not_a_host_name, no_name};
  const Comparison as_dns = compare_dns(name.octets, reference.domain, rules, is_public_suffix);
  if (as_dns.closeness == Closeness::flawed && !dns_name::is_pattern(name.octets)) {
    return {Reason::cn_not_a_host_name, no_name};
  }
  if (as_dns.closeness != Closeness::match) {
    // What would be a near miss of a name that counts is nothing for one that does not.
    return {as_dns.reason, counts == Switch::on ? as_dns.closeness : Closeness::unrelated};
  }
  if (rules.common_name == CommonNameUse::never) return {Reason::cn_ignored, Closeness::close};
  if (counts == Switch::off) return {Reason::cn_blocked, Closeness::close};
  if (rules.common_name_choice == CommonNameChoice::most_specific) {
    if (index + 1 != names.common_names.size()) return {Reason::cn_not_most_specific, Closeness::close};
  } else if (!name.only_one_in_rdn) {
    return {Reason::cn_in_multi_valued_rdn, Closeness::close};
  }
  return {Reason::match_common_name, Closeness::match};
}

// Keeps what decides: the first match, else the comparison that came closest.
class Collector {
 public:
  Collector(MatchResult& result, Explain explain) : result_(result), explain_(explain) {}

  Closeness closest() const { return closest_; }

  /// True when the search may stop.
  bool take(std::size_t reference, PresentedType type, std::string_view octets,
            const Comparison& comparison) {
    if (explain_ == Explain::yes) {
      result_.attempts.push_back({reference, type, printable(type, octets), comparison.reason});
    }
    if (comparison.closeness > closest_) {
      closest_ = comparison.closeness;
      result_.reason = comparison.reason;
      type_ = type;
      octets_ = octets;
    }
    if (comparison.closeness != Closeness::match) return false;
    result_.verdict = MatchVerdict::match;
    result_.reference = reference;
    return true;
  }

  void finish() {
    if (closest_ == Closeness::unrelated) {
      result_.reason = Reason::no_identifier_of_type;
    } else if (explain_ == Explain::no) {
      return;
    } else if (type_ == PresentedType::dns &&
               (closest_ == Closeness::match || closest_ == Closeness::plain)) {
      result_.presented = octets_;  // a host name or a wildcard: nothing to escape
    } else {
      result_.presented = printable(type_, octets_);
    }
  }

 private:
  MatchResult& result_;
  Explain explain_;
  Closeness closest_ = Closeness::unrelated;
  PresentedType type_ = PresentedType::other;
  std::string_view octets_;
};

// One call of match(): its arguments, and the passes over the names.
class Search {
 public:
  Search(const PresentedNames& presented, std::span<const ReferenceIdentifier> references,
         const NameRules& rules, Explain explain, const PublicSuffixTest& is_public_suffix)
      : presented_(presented),
        references_(references),
        rules_(rules),
        explain_(explain),
        is_public_suffix_(is_public_suffix) {}

  /// Each reference against each alternative name until two match.
  bool compare_alternative_names(Collector& collector) const {
    for (std::size_t i = 0; i < references_.size(); ++i) {
      const ReferenceIdentifier& reference = references_[i];
      const bool host = reference.type == ReferenceType::dns;
      for (const auto& identifier : presented_.identifiers) {
        Comparison comparison;
        if (host && identifier.type() == PresentedType::dns) {
          if (dns_name::equal_fold(identifier.octets(), reference.domain)) {
            comparison = {Reason::match_exact, Closeness::match};
          } else if (tells_nothing_new(identifier, collector)) {
            continue;
          } else {
            comparison = compare_unequal_dns(identifier.octets(),
                                             {identifier.octet_classes(), identifier.labels_fit()},
                                             reference.domain, rules_, is_public_suffix_);
          }
        } else {
          comparison = compare(identifier, reference, rules_, is_public_suffix_);
        }
        if (collector.take(i, identifier.type(), identifier.octets(), comparison)) return true;
      }
    }
    return false;
  }

  bool compare_common_names(Collector& collector) const {
    if (presented_.common_names.empty()) return false;
    const Switch counts = uses_common_name(presented_, rules_);
    for (std::size_t i = 0; i < references_.size(); ++i) {
      for (std::size_t k = 0; k < presented_.common_names.size(); ++k) {
        const Comparison comparison =
            compare_common_name(presented_, k, references_[i], rules_, counts, is_public_suffix_);
        if (collector.take(i, PresentedType::common_name, presented_.common_names[k].octets, comparison))
          return true;
      }
    }
    return false;
  }

 private:
  // A plain name that is not equal is no nearer than another such one.
  bool tells_nothing_new(const PresentedIdentifier& identifier, const Collector& collector) const {
    return identifier.is_plain_dns() && collector.closest() >= Closeness::plain && explain_ != Explain::yes;
  }

  const PresentedNames& presented_;
  std::span<const ReferenceIdentifier> references_;
  const NameRules& rules_;
  const Explain explain_;
  const PublicSuffixTest& is_public_suffix_;
};

std::optional<Reason> refused_extension(San san) {
  switch (san) {
    case San::malformed:
      return Reason::san_malformed;
    case San::repeated:
      return Reason::san_repeated;
    case San::too_many:
      return Reason::san_too_many;
    case San::empty:
      return Reason::san_empty;
    case San::absent:
    case San::present:
      break;
  }
  return std::nullopt;
}

}  // namespace

Switch uses_common_name(const PresentedNames& presented, const NameRules& rules) {
  if (rules.common_name == CommonNameUse::never || presented.common_names.empty()) return Switch::off;
  if (refused_extension(presented.san)) return Switch::off;  // D2: empty or undecodable blocks as well
  for (const auto& identifier : presented.identifiers) {
    switch (identifier.type()) {
      case PresentedType::dns:
        return Switch::off;
      case PresentedType::srv:
      case PresentedType::uri:
        if (rules.common_name == CommonNameUse::last_resort) return Switch::off;
        break;
      case PresentedType::ip:
        if (rules.ip_blocks_common_name == Switch::on) return Switch::off;
        break;
      case PresentedType::email:
      case PresentedType::common_name:
      case PresentedType::other:
        break;
    }
  }
  return Switch::on;
}

MatchResult match(const PresentedNames& presented, std::span<const ReferenceIdentifier> references,
                  const NameRules& rules, Explain explain, const PublicSuffixTest& is_public_suffix) {
  MatchResult result;
  if (references.empty()) {
    result.reason = Reason::no_reference;
    return result;
  }
  if (const auto refused = refused_extension(presented.san)) {
    result.reason = *refused;
    return result;
  }
  Collector collector(result, explain);
  const Search search(presented, references, rules, explain, is_public_suffix);
  if (!search.compare_alternative_names(collector)) search.compare_common_names(collector);
  collector.finish();
  return result;
}

}  // namespace mxident
