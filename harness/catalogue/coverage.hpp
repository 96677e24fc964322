// Which scenarios exercise which rule, and what they demand.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/catalogue/rules.hpp"

namespace mxident::harness::cli {

/// Scenarios that cite a rule, by what is expected of the policies that the rule is judged by: by hand, or of
/// the oracle where the file is silent. One that expects both, of two hosts or of two policies, is in both
/// lists.
struct RuleCoverage {
  const RuleInfo* rule = nullptr;
  std::vector<std::string> accepting;  ///< some such policy must deliver
  std::vector<std::string> refusing;   ///< some such policy must refuse, or not connect
  std::vector<std::string> others;     ///< all that are left: either, or nothing is expected
  bool has_both() const { return !accepting.empty() && !refusing.empty(); }
  std::size_t count() const;  ///< scenarios, each once
};

/// In the order of the table. `now`: seconds since 1970, for scenarios without a clock.
std::vector<RuleCoverage> rule_coverage(std::span<const Scenario> scenarios, std::int64_t now);

}  // namespace mxident::harness::cli
