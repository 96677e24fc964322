// The shipped catalogue as a whole. Files are read when the test runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "harness/scenario/load.hpp"
#include "verifier/reasons.hpp"

namespace mxident::harness {
namespace {

const Catalogue& catalogue() {
  static const std::filesystem::path root = std::filesystem::path(MXIDENT_SOURCE_DIR) / "scenarios";
  static const Catalogue loaded = load_catalogue({&root, 1});
  return loaded;
}

bool expects(const Scenario& scenario, Expected expected) {
  const auto has = [&](const Expectations& expect) {
    return std::any_of(all_policies().begin(), all_policies().end(),
                       [&](const Policy& policy) { return expect.of(policy.id) == expected; });
  };
  return has(scenario.expect) || std::any_of(scenario.expect_hosts.begin(), scenario.expect_hosts.end(),
                                             [&](const auto& host) { return has(host.second); });
}

TEST(Catalogue, LoadsWithoutErrors) {
  for (const auto& error : catalogue().errors) ADD_FAILURE() << error.text();
  for (const auto& error : check_twins(catalogue().scenarios)) ADD_FAILURE() << error.text();
  EXPECT_GE(catalogue().scenarios.size(), 40u);
}

TEST(Catalogue, SaysSomethingInEveryFile) {
  for (const auto& scenario : catalogue().scenarios) {
    EXPECT_TRUE(expects(scenario, Expected::accept) || expects(scenario, Expected::reject) ||
                expects(scenario, Expected::plaintext) || expects(scenario, Expected::none) ||
                expects(scenario, Expected::either))
        << scenario.id;
  }
}

TEST(Catalogue, NamesKnownReasons) {
  for (const auto& scenario : catalogue().scenarios) {
    EXPECT_TRUE(scenario.reason.empty() || reason_from_string(scenario.reason))
        << scenario.id << ": " << scenario.reason;
  }
}

/// A client that refuses everything would pass a scenario that must be refused: its twin shows that it can
/// accept.
TEST(Catalogue, HasATwinThatIsAcceptedForEachRefusal) {
  std::map<std::string, const Scenario*> by_id;
  for (const auto& scenario : catalogue().scenarios) by_id[scenario.id] = &scenario;
  for (const auto& scenario : catalogue().scenarios) {
    const bool refused = scenario.expect.of(PolicyId::rfc9525) == Expected::reject;
    if (!refused) continue;
    const auto twin = by_id.find(scenario.twin);
    if (twin == by_id.end()) {
      ADD_FAILURE() << scenario.id << " has no twin";
      continue;
    }
    EXPECT_TRUE(expects(*twin->second, Expected::accept))
        << scenario.id << ": its twin " << scenario.twin << " is accepted by nobody";
  }
}

}  // namespace
}  // namespace mxident::harness
