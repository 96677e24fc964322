#include "harness/catalogue/rules.hpp"

#include <algorithm>
#include <array>

namespace mxident::harness {
namespace {

constexpr auto kRules = std::to_array<RuleInfo>({
#define MXIDENT_RULE(id, source, level, shown, judged, sentence, why) \
  {id, source, Level::level, Shown::shown, Judged::judged, sentence, why},
#include "harness/catalogue/rules.def"
#undef MXIDENT_RULE
});

}  // namespace

std::string_view to_string(Shown shown) {
  switch (shown) {
    case Shown::wire:
      return "wire";
    case Shown::open:
      return "open";
    case Shown::offline:
      return "offline";
    case Shown::not_observable:
      break;
  }
  return "not-observable";
}

std::span<const RuleInfo> all_rules() {
  return kRules;
}

const RuleInfo* find_rule(std::string_view id) {
  const auto found =
      std::find_if(kRules.begin(), kRules.end(), [&](const RuleInfo& rule) { return rule.id == id; });
  return found == kRules.end() ? nullptr : &*found;
}

bool judges(Judged judged, PolicyId policy) {
  const bool compares_names = policy != PolicyId::no_tls && policy != PolicyId::opportunistic &&
                              policy != PolicyId::encrypt && policy != PolicyId::chain_only;
  switch (judged) {
    case Judged::names:
      return compares_names && policy != PolicyId::nexthop;
    case Judged::references:
      return compares_names;
    case Judged::rfc2818:
      return policy == PolicyId::rfc2818;
    case Judged::rfc6125:
      return policy == PolicyId::rfc6125;
    case Judged::rfc7817:
      return policy == PolicyId::rfc7817;
    case Judged::rfc9525:
      return policy == PolicyId::rfc9525;
    case Judged::mta_sts:
      return policy == PolicyId::mta_sts;
    case Judged::dane:
      break;
  }
  return policy == PolicyId::dane;
}

}  // namespace mxident::harness
