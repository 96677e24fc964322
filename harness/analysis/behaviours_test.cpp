#include "harness/analysis/behaviours.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "harness/analysis/checked_names.hpp"
#include "harness/analysis/near_names.hpp"
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

ScenarioRecord citing(std::vector<std::string> rules) {
  ScenarioRecord out;
  out.rules = std::move(rules);
  return out;
}
ScenarioRecord presenting(const std::string& name, const std::string& host) {
  ScenarioRecord out;
  out.host = host;
  out.presented = {name};
  return out;
}

TEST(NearNames, EachMistakeHasItsName) {
  const struct {
    const char *name, *host, *mistake;
  } rows[] = {
      {"dns:x.mx1.a.test", "mx1.a.test", "takes a name that ends with the host"},
      {"dns:xmx1.A.test", "mx1.a.test", "takes a name that ends with the host"},
      {"dns:mx1.a.test.b.test", "mx1.a.test", "takes a name that begins with the host"},
      {"dns:x.mx1.a.test.y", "mx1.a.test", "takes a name that holds the host in its midst"},
      {"dns:a.test", "mx1.a.test", "takes the name of a domain above the host"},
      {"dns:1.a.test", "mx1.a.test", "takes a name with which the host ends"},
      {"dns:mx1.a", "mx1.a.test", "takes a name with which the host begins"},
      {"dns:*.test", "mx1.a.test", "lets a wildcard stand for several labels"},
      {"dns:*.a.test", "a.test", "lets a wildcard stand for no label"},
      {"dns:*.a.test", "mx1.a.test", ""},
      {"dns:mx1.a.test", "MX1.a.test", ""},
      {"dns:m*.a.test", "mx1.a.test", ""},
      {"dns:*.b.test", "mx1.a.test", ""},
      {"CN a.test", "mx1.a.test", ""},
      {"dns:mx2.a.test", "mx1.a.test", ""},
  };
  for (const auto& row : rows)
    EXPECT_EQ(near_name_mistake(presenting(row.name, row.host)), row.mistake) << row.name;
  ScenarioRecord chain = presenting("dns:a.test", "mx1.a.test");
  chain.reason = "chain-expired";
  EXPECT_EQ(near_name_mistake(chain), "");
}

TEST(Behaviours, AMistakeOfComparingIsClaimedWhereNothingContradictsIt) {
  Behaviours behaviours;
  behaviours.add(presenting("dns:x.mx1.a.test", "mx1.a.test"), lax("a/child"));
  behaviours.add(presenting("dns:xmx1.a.test", "mx1.a.test"), lax("a/suffix"));
  EXPECT_THAT(behaviours.faults(), ElementsAre("takes a name that ends with the host (2 of 2)"));
  behaviours.add(presenting("dns:y.mx1.a.test", "mx1.a.test"), refused("a/other-child"));
  EXPECT_THAT(behaviours.faults(), ElementsAre("2 other faults, the first in a/child"));
}

TEST(Behaviours, WhatMostScenariosContradictIsNotClaimed) {
  Behaviours behaviours;
  behaviours.add(citing({"nul-byte"}), lax("a/nul"));
  behaviours.add(citing({"nul-byte"}), refused("a/nul-2"));
  behaviours.add(citing({"nul-byte"}), refused("a/nul-3"));
  EXPECT_THAT(behaviours.faults(), ElementsAre("1 other fault, the first in a/nul"));
}

TEST(Behaviours, FaultsAreSummedUpWithTheirShare) {
  Behaviours behaviours;
  behaviours.add(citing({"rfc9525-2-no-cn", "rfc2818-3.1-dnsname-first"}), lax("a/cn-1"));
  behaviours.add(citing({"rfc9525-2-no-cn", "rfc2818-3.1-dnsname-first"}), lax("a/cn-2"));
  behaviours.add(citing({"rfc9525-2-no-cn"}), refused("a/cn-3"));
  behaviours.add(citing({"nul-byte"}), lax("a/nul"));
  behaviours.add(citing({"nul-byte"}), taken("a/nul-elsewhere"));
  EXPECT_THAT(behaviours.faults(), ElementsAre("takes a common name although a dNSName is there (2 of 2)",
                                               "reads a name only up to its first NUL octet (1 of 1)"));
}

TEST(Behaviours, WhatNoRowExplainsIsCounted) {
  Behaviours behaviours;
  behaviours.add(citing({"rfc9525-6.6-automated-terminate"}), lax("a/odd"));
  EXPECT_THAT(behaviours.faults(), ElementsAre("1 other fault, the first in a/odd"));
}

TEST(Behaviours, ACorrectClientHasNone) {
  Behaviours behaviours;
  behaviours.add(citing({"rfc9525-2-no-cn"}), refused("a/cn"));
  EXPECT_THAT(behaviours.faults(), IsEmpty());
}

TEST(Behaviours, HabitsNameWhatIsTaken) {
  Behaviours behaviours;
  behaviours.add(citing({}), refused("rfc9525/sibling-name"));
  behaviours.add(citing({}), refused("rfc9525/wildcard-after-text"));
  behaviours.add(citing({}), lax("rfc9525/wildcard-before-text"));
  behaviours.add(citing({}), refused("rfc9525/wildcard-within-text"));
  EXPECT_THAT(behaviours.habits(), ElementsAre("partial wildcards: *1"));
}

TEST(Behaviours, WhoChecksNoNameHasNoHabits) {
  Behaviours behaviours;
  behaviours.add(citing({}), taken("rfc9525/sibling-name"));
  behaviours.add(citing({}), taken("rfc9525/wildcard-before-text"));
  behaviours.add(citing({}), taken("rfc9525/wildcard-within-text"));
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
