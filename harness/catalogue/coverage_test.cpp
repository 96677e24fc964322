#include "harness/catalogue/coverage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "harness/catalogue/load.hpp"

namespace mxident::harness::cli {
namespace {

constexpr std::int64_t kNow = 1770000000;

const RuleCoverage& of(const std::vector<RuleCoverage>& all, std::string_view id) {
  return *std::find_if(all.begin(), all.end(), [&](const RuleCoverage& one) { return one.rule->id == id; });
}

Scenario scenario(const std::string& id, const std::string& rule, PolicyId policy, Expected expected) {
  Scenario out;
  out.id = id;
  out.rules = {rule};
  out.domain = "[192.0.2.99]";  // no host: the oracle has nothing to add
  out.expect.set(policy, expected);
  return out;
}

using Ids = std::vector<std::string>;

TEST(RuleCoverage, CountsWhatTheRulesOwnPoliciesDemand) {
  const std::string rule = "rfc9525-2-no-cn";
  const std::vector<Scenario> scenarios{scenario("a/accepted", rule, PolicyId::rfc9525, Expected::accept),
                                        scenario("a/refused", rule, PolicyId::rfc9525, Expected::reject),
                                        scenario("a/open", rule, PolicyId::rfc9525, Expected::either),
                                        scenario("a/of-another", rule, PolicyId::rfc2818, Expected::accept)};
  const auto all = rule_coverage(scenarios, kNow);
  ASSERT_EQ(all.size(), all_rules().size());
  const RuleCoverage& got = of(all, rule);
  EXPECT_EQ(got.accepting, Ids{"a/accepted"});
  // Without a host there is no connection: the oracle says so of the policies that the file is silent about.
  EXPECT_EQ(got.count(), 4u);
  EXPECT_TRUE(std::count(got.refusing.begin(), got.refusing.end(), "a/refused") == 1);
  EXPECT_EQ(of(all, "nul-byte").count(), 0u);
}

TEST(RuleCoverage, ReadsWhatIsSaidOfSingleHosts) {
  Scenario both = scenario("a/both", "nul-byte", PolicyId::rfc9525, Expected::accept);
  Expectations refused;
  refused.set(PolicyId::rfc9525, Expected::reject);
  both.expect_hosts["mx2.a.test"] = refused;
  const auto all = rule_coverage({&both, 1}, kNow);
  EXPECT_TRUE(of(all, "nul-byte").has_both());
  EXPECT_EQ(of(all, "nul-byte").count(), 1u);
}

/// What the wire can show has a scenario that must be accepted and one that must be refused.
TEST(RuleCoverage, IsWholeInTheShippedCatalogue) {
  const std::filesystem::path root = std::filesystem::path(MXIDENT_SOURCE_DIR) / "scenarios";
  for (const auto& coverage : rule_coverage(load_catalogue({&root, 1}).scenarios, kNow)) {
    if (coverage.rule->shown == Shown::wire) {
      EXPECT_FALSE(coverage.accepting.empty()) << coverage.rule->id << ": no scenario must be accepted";
      EXPECT_FALSE(coverage.refusing.empty()) << coverage.rule->id << ": no scenario must be refused";
    } else if (coverage.rule->shown == Shown::open) {
      EXPECT_GT(coverage.count(), 0u) << coverage.rule->id;
    }
  }
}

}  // namespace
}  // namespace mxident::harness::cli
