#include "harness/catalogue/coverage.hpp"

#include <array>
#include <map>
#include <set>

#include "harness/oracle/expectation.hpp"

namespace mxident::harness::cli {
namespace {

/// What each policy is expected to do: of the message, and of single hosts.
using Demands = std::array<std::set<Expected>, kPolicyCount>;

Demands demands(const Scenario& scenario, std::int64_t now) {
  Demands out;
  for (const auto& policy : all_policies()) {
    auto& of_policy = out[static_cast<std::size_t>(policy.id)];
    auto expected = scenario.expect.of(policy.id);
    if (!expected) expected = oracle::expect(scenario, policy, {}, now);
    if (expected) of_policy.insert(*expected);
    for (const auto& [host, expect] : scenario.expect_hosts) {
      if (const auto here = expect.of(policy.id)) of_policy.insert(*here);
    }
  }
  return out;
}

void add(RuleCoverage& coverage, const std::string& id, const Demands& of_scenario) {
  bool accepts = false, refuses = false;
  for (const auto& policy : all_policies()) {
    if (!judges(coverage.rule->judged, policy.id)) continue;
    const auto& expected = of_scenario[static_cast<std::size_t>(policy.id)];
    accepts = accepts || expected.contains(Expected::accept) || expected.contains(Expected::plaintext);
    refuses = refuses || expected.contains(Expected::reject) || expected.contains(Expected::none);
  }
  if (accepts) coverage.accepting.push_back(id);
  if (refuses) coverage.refusing.push_back(id);
  if (!accepts && !refuses) coverage.others.push_back(id);
}

}  // namespace

std::size_t RuleCoverage::count() const {
  std::set<std::string> all(accepting.begin(), accepting.end());
  all.insert(refusing.begin(), refusing.end());
  return all.size() + others.size();
}

std::vector<RuleCoverage> rule_coverage(std::span<const Scenario> scenarios, std::int64_t now) {
  std::vector<RuleCoverage> out;
  std::map<std::string_view, std::size_t> index;
  for (const auto& rule : all_rules()) {
    index[rule.id] = out.size();
    out.push_back({&rule, {}, {}, {}});
  }
  for (const auto& scenario : scenarios) {
    const Demands of_scenario = demands(scenario, now);
    const std::set<std::string_view> cited(scenario.rules.begin(), scenario.rules.end());
    for (const auto& rule : cited) {
      const auto found = index.find(rule);
      if (found != index.end()) add(out[found->second], scenario.id, of_scenario);
    }
  }
  return out;
}

}  // namespace mxident::harness::cli
