// The one table of rules (rules.def): what scenarios may cite in "rules", and how far a client shows it.
#pragma once

#include <span>
#include <string_view>

#include "harness/scenario/scenario.hpp"

namespace mxident::harness {

/// Whether what a client does on the wire shows if it keeps a rule.
enum class Shown {
  wire,            ///< it does: the catalogue has scenarios that must be accepted and that must be refused
  open,            ///< it does, and either is right: recorded, never failed
  offline,         ///< references that no DNS record holds: `mxident match` and the verifier's tests decide
  not_observable,  ///< no client shows it under any policy of the catalogue
};
std::string_view to_string(Shown shown);

/// The policies whose expectation says whether a scenario that cites a rule must be accepted or refused.
enum class Judged {
  names,  ///< every policy that compares names, but for nexthop: that refuses most right certificates of an
          ///< MX host
  references,  ///< nexthop too: the rule is about where references come from
  rfc2818,
  rfc6125,
  rfc7817,
  rfc9525,
  mta_sts,
  dane,
};

struct RuleInfo {
  std::string_view id;      ///< "rfc9525-2-no-cn"; stable for ever
  std::string_view source;  ///< "RFC 9525 2": document and section
  Level level;
  Shown shown;
  Judged judged;
  std::string_view sentence;  ///< for people; may be reworded
  std::string_view why;       ///< why the wire does not show it or leaves it open; empty for Shown::wire
};

/// All rules, by document.
std::span<const RuleInfo> all_rules();
/// nullptr: there is no such rule.
const RuleInfo* find_rule(std::string_view id);

bool judges(Judged judged, PolicyId policy);

}  // namespace mxident::harness
