#include "harness/analysis/behaviours.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "harness/analysis/checked_names.hpp"
#include "harness/catalogue/rules.hpp"

namespace mxident::harness {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

CellResult cell(const std::string& scenario, Expected expected, Decision decision, Outcome outcome) {
  CellResult out;
  out.scenario = scenario;
  out.expected = expected;
  out.decision = decision;
  out.outcome = outcome;
  return out;
}
CellResult lax(const std::string& scenario) {
  return cell(scenario, Expected::reject, Decision::accept, Outcome::lax);
}
CellResult refused(const std::string& scenario) {
  return cell(scenario, Expected::reject, Decision::reject, Outcome::pass);
}
CellResult taken(const std::string& scenario) {
  return cell(scenario, Expected::accept, Decision::accept, Outcome::pass);
}

TEST(Behaviours, FaultsAreSummedUpWithTheirShare) {
  Behaviours behaviours;
  behaviours.add({"rfc9525-2-no-cn", "rfc2818-3.1-dnsname-first"}, lax("a/cn-1"));
  behaviours.add({"rfc9525-2-no-cn", "rfc2818-3.1-dnsname-first"}, lax("a/cn-2"));
  behaviours.add({"rfc9525-2-no-cn"}, refused("a/cn-3"));
  behaviours.add({"nul-byte"}, lax("a/nul"));
  behaviours.add({"nul-byte"}, taken("a/nul-elsewhere"));
  EXPECT_THAT(behaviours.faults(), ElementsAre("takes a common name although a dNSName is there (2 of 2)",
                                               "reads a name only up to its first NUL octet (1 of 1)"));
}

TEST(Behaviours, WhatNoRowExplainsIsCounted) {
  Behaviours behaviours;
  behaviours.add({"rfc9525-6.6-automated-terminate"}, lax("a/odd"));
  EXPECT_THAT(behaviours.faults(), ElementsAre("1 other fault, the first in a/odd"));
}

TEST(Behaviours, ACorrectClientHasNone) {
  Behaviours behaviours;
  behaviours.add({"rfc9525-2-no-cn"}, refused("a/cn"));
  EXPECT_THAT(behaviours.faults(), IsEmpty());
}

TEST(Behaviours, HabitsNameWhatIsTaken) {
  Behaviours behaviours;
  behaviours.add({}, refused("rfc9525/sibling-name"));
  behaviours.add({}, refused("rfc9525/wildcard-after-text"));
  behaviours.add({}, lax("rfc9525/wildcard-before-text"));
  behaviours.add({}, refused("rfc9525/wildcard-within-text"));
  EXPECT_THAT(behaviours.habits(), ElementsAre("partial wildcards: *1"));
}

TEST(Behaviours, WhoChecksNoNameHasNoHabits) {
  Behaviours behaviours;
  behaviours.add({}, taken("rfc9525/sibling-name"));
  behaviours.add({}, taken("rfc9525/wildcard-before-text"));
  behaviours.add({}, taken("rfc9525/wildcard-within-text"));
  EXPECT_THAT(behaviours.habits(), IsEmpty());
}

TEST(Behaviours, NameOnlyRulesThatExist) {
  for (const auto rule : rules_of_behaviours()) EXPECT_NE(find_rule(rule), nullptr) << rule;
}

TEST(Behaviours, NameOnlyScenariosThatExist) {
  const std::filesystem::path catalogue = std::filesystem::path(MXIDENT_SOURCE_DIR) / "scenarios";
  std::set<std::string_view> named = scenarios_of_habits();
  for (const auto& name : checked_names()) named.insert(name.scenario);
  for (const auto scenario : named) {
    EXPECT_TRUE(std::filesystem::exists(catalogue / (std::string(scenario) + ".json"))) << scenario;
  }
}

TEST(Behaviours, EachHasOneIdAndOneDirection) {
  std::set<std::string> ids;
  for (const auto& info : all_behaviours()) {
    EXPECT_TRUE(ids.insert(behaviour_id(info.phrase)).second) << info.phrase;
    EXPECT_TRUE(info.outcome == Outcome::lax || info.outcome == Outcome::strict || info.rules.empty());
  }
  EXPECT_EQ(behaviour_id("takes a common name although a SAN is there"),
            "takes-a-common-name-although-a-san-is-there");
}

}  // namespace
}  // namespace mxident::harness
