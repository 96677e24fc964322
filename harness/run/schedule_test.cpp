#include "harness/run/schedule.hpp"

#include <gtest/gtest.h>

namespace mxident::harness {
namespace {

using std::chrono::milliseconds;

Scenario scenario_with(mocks::Starttls behaviour) {
  Scenario out;
  out.servers.emplace_back();
  out.servers.back().spec.starttls = behaviour;
  return out;
}

TEST(StartOrder, WaitingScenariosFirstThenTheDearestClientOfEach) {
  const std::vector<Scenario> scenarios = {scenario_with(mocks::Starttls::offered),
                                           scenario_with(mocks::Starttls::silent)};
  Plan plan;
  for (std::size_t scenario = 0; scenario < 2; ++scenario) {
    for (std::size_t column = 0; column < 3; ++column) {
      plan.cells.push_back({});
      plan.cells.back().scenario = scenario;
      plan.cells.back().column = column;
    }
  }
  const std::vector<double> cost = {5, 8, 400};
  EXPECT_EQ(start_order(plan, scenarios, cost), (std::vector<std::size_t>{5, 4, 3, 2, 1, 0}));
}

TEST(Places, OneThatWaitsGivesItsPlaceBack) {
  const Places::Clock::time_point start{};
  Places places(2);
  places.take(1, 10, start);
  EXPECT_TRUE(places.free(start, 0));
  places.take(2, 400, start);
  EXPECT_FALSE(places.free(start, 0));
  EXPECT_EQ(places.next_change(start), start + milliseconds(360));
  EXPECT_TRUE(places.free(start + milliseconds(360), 0));
  EXPECT_EQ(places.next_change(start + milliseconds(360)), start + milliseconds(410));
}

TEST(Places, OneThatMayWaitForACoreKeepsItsPlace) {
  const Places::Clock::time_point start{}, later = start + milliseconds(9000);
  Places places(2);
  places.take(1, 10, start);
  EXPECT_TRUE(places.free(later, 100)) << "a place that nobody has taken is free on a busy machine too";
  places.take(2, 10, start);
  EXPECT_FALSE(places.free(later, 4));
  EXPECT_TRUE(places.free(later, 3));
}

TEST(Machine, AtLeastThisProcessIsRunnable) {
  EXPECT_GE(runnable_processes(), 1u);
}

TEST(Places, ThoseThatWaitAreBoundedToo) {
  Places places(1);
  for (std::size_t i = 0; i < 8; ++i) places.take(i, 0, Places::Clock::time_point{});
  const auto later = Places::Clock::time_point{} + milliseconds(9000);
  EXPECT_FALSE(places.free(later, 0));
  places.leave(3);
  EXPECT_TRUE(places.free(later, 0));
}

}  // namespace
}  // namespace mxident::harness
