#include "harness/cli/test_groups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "harness/cli/catalogue.hpp"
#include "harness/input/json_input.hpp"

namespace mxident::harness::cli {
namespace {

using testing::ElementsAre;

Scenario scenario_of(std::string id, std::vector<std::string> rules, std::vector<Source> sources = {}) {
  Scenario out;
  out.id = std::move(id);
  out.title = "about " + out.id;
  out.rules = std::move(rules);
  out.sources = std::move(sources);
  return out;
}

std::vector<Scenario> some_scenarios() {
  return {scenario_of("a/ten", {}, {{"a report"}, {"RFC 9525 6.10"}}),
          scenario_of("a/two", {"rfc9525-6.3-wildcard-leftmost", "rfc9525-2-no-cn"}),
          scenario_of("b/two", {"rfc9525-6.3-wildcard-one-label"}),
          scenario_of("own/none", {}, {{"ticket 12"}})};
}

std::vector<Wanted> one_client() {
  Wanted wanted;
  wanted.manifest.id = "acme";
  wanted.manifest.title = "Acme";
  for (const char* id : {"strict", "loose"}) wanted.manifest.modes.emplace_back().id = id;
  return {wanted};
}

std::vector<std::string> ids(const std::vector<TestGroup>& groups) {
  std::vector<std::string> out;
  for (const auto& group : groups) out.push_back(group.id);
  return out;
}

constexpr std::size_t kAll[] = {0, 1, 2, 3};

TEST(TestGroups, SectionsAreInTheOrderOfPeopleAndHoldEachScenarioOnce) {
  const auto scenarios = some_scenarios();
  const auto groups = group_tests(scenarios, kAll, {}, GroupBy::section);
  EXPECT_THAT(ids(groups), ElementsAre("own", "rfc9525.6.3", "rfc9525.6.10"));
  EXPECT_EQ(groups[1].title, "RFC 9525 6.3");
  EXPECT_THAT(groups[1].scenarios, ElementsAre(1, 2));
}

TEST(TestGroups, RulesHoldAScenarioForEachThatItExercises) {
  const auto scenarios = some_scenarios();
  const auto groups = group_tests(scenarios, kAll, {}, GroupBy::rule);
  EXPECT_THAT(ids(groups), ElementsAre("rfc9525-2-no-cn", "rfc9525-6.3-wildcard-leftmost",
                                       "rfc9525-6.3-wildcard-one-label"));
}

TEST(TestGroups, ModesAreThoseThatWereAskedFor) {
  const auto scenarios = some_scenarios();
  auto clients = one_client();
  EXPECT_THAT(ids(group_tests(scenarios, kAll, clients, GroupBy::mode)),
              ElementsAre("mode:loose", "mode:strict"));
  clients[0].mode = "strict";
  EXPECT_THAT(ids(group_tests(scenarios, kAll, clients, GroupBy::mode)), ElementsAre("mode:strict"));
}

TEST(TestGroups, OnlyWhatIsSelected) {
  const auto scenarios = some_scenarios();
  constexpr std::size_t kOne[] = {2};
  const auto groups = group_tests(scenarios, kOne, {}, GroupBy::scenario);
  EXPECT_THAT(ids(groups), ElementsAre("b/two"));
  EXPECT_EQ(groups[0].title, "about b/two");
}

TEST(TestGroups, AnIdOfAnyGroupingIsFoundAgain) {
  const auto scenarios = some_scenarios();
  const auto clients = one_client();
  for (const auto by : {GroupBy::section, GroupBy::rule, GroupBy::mode, GroupBy::scenario}) {
    for (const auto& group : group_tests(scenarios, kAll, clients, by)) {
      const TestGroup found = find_test(scenarios, kAll, clients, group.id);
      EXPECT_EQ(found.scenarios, group.scenarios) << group.id;
      EXPECT_EQ(found.mode, group.mode) << group.id;
    }
  }
}

TEST(TestGroups, WhatThereIsNotHasANeighbour) {
  const auto scenarios = some_scenarios();
  try {
    find_test(scenarios, kAll, {}, "rfc9525.6.4");
    FAIL();
  } catch (const NothingSelected& nothing) {
    EXPECT_THAT(nothing.what(), testing::HasSubstr("did you mean \"rfc9525.6.3\"?"));
  }
}

TEST(TestGroups, AModesTestIsAboutThatModeOnly) {
  const auto clients = one_client();
  const TestGroup test{"mode:loose", "", {}, "loose"};
  ASSERT_EQ(clients_of(test, clients).size(), 1u);
  EXPECT_EQ(clients_of(test, clients)[0].mode, "loose");
  EXPECT_TRUE(clients_of({"mode:other", "", {}, "other"}, clients).empty());
  EXPECT_EQ(clients_of({"rfc9525.6.3", "", {}, ""}, clients)[0].mode, "");
}

TEST(TestGroups, UnknownGroupingIsRefused) {
  EXPECT_THROW(parse_group_by("folder"), InputError);
}

/// ctest, shells and CMake lists have to take the names of all that is shipped.
TEST(TestGroups, ShippedNamesHaveOrdinaryCharactersOnly) {
  const auto scenarios = load_scenarios({});
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < scenarios.size(); ++i) all.push_back(i);
  for (const auto by : {GroupBy::section, GroupBy::rule, GroupBy::scenario}) {
    const auto groups = group_tests(scenarios, all, {}, by);
    EXPECT_GT(groups.size(), 20u);
    for (const auto& group : groups)
      EXPECT_EQ(
          group.id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/-"),
          std::string::npos)
          << group.id;
  }
}

TEST(TestGroups, EveryShippedScenarioIsInOneSection) {
  const auto scenarios = load_scenarios({});
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < scenarios.size(); ++i) all.push_back(i);
  std::multiset<std::size_t> seen;
  for (const auto& group : group_tests(scenarios, all, {}, GroupBy::section))
    seen.insert(group.scenarios.begin(), group.scenarios.end());
  EXPECT_EQ(std::vector<std::size_t>(seen.begin(), seen.end()), all);
}

}  // namespace
}  // namespace mxident::harness::cli
