#include "mocks/net/gate.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace mxident::mocks {
namespace {

using std::chrono::milliseconds;

Gate::Clock::time_point at(int ms) {
  return Gate::Clock::time_point{} + std::chrono::hours(1) + milliseconds(ms);
}

TEST(Gate, LetsInNoMoreThanMayBeOpen) {
  const auto gate = std::make_shared<Gate>(StrangerLimits{.open = 2});
  auto first = gate->enter(at(0));
  const auto second = gate->enter(at(0));
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(gate->enter(at(0)));
  EXPECT_EQ(gate->turned_away().too_many_open, 1U);
  first.reset();
  EXPECT_TRUE(gate->enter(at(0)));
}

TEST(Gate, LetsInNoFasterThanTheRate) {
  const auto gate =
      std::make_shared<Gate>(StrangerLimits{.open = 100, .connections_per_s = 10, .connections_at_once = 3});
  std::vector<std::shared_ptr<void>> passes;
  for (int i = 0; i < 5; ++i) passes.push_back(gate->enter(at(0)));
  EXPECT_TRUE(passes[2]);
  EXPECT_FALSE(passes[3]);
  EXPECT_FALSE(passes[4]);
  EXPECT_EQ(gate->turned_away().too_fast, 2U);
  EXPECT_TRUE(gate->enter(at(100)));  // a tenth of a second brings one
  EXPECT_FALSE(gate->enter(at(150)));
  EXPECT_TRUE(gate->enter(at(200)));
}

TEST(Gate, AnswersNoMoreQuestionsThanTheRate) {
  const auto gate = std::make_shared<Gate>(StrangerLimits{.questions_per_s = 1, .questions_at_once = 1});
  EXPECT_TRUE(gate->question(at(0)));
  EXPECT_FALSE(gate->question(at(1)));
  EXPECT_EQ(gate->turned_away().questions, 1U);
  EXPECT_TRUE(gate->question(at(1001)));
}

}  // namespace
}  // namespace mxident::mocks
