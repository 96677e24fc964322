#include "harness/analysis/commands.hpp"

#include <gtest/gtest.h>

namespace mxident::harness {
namespace {

TEST(Commands, ComeBackAsTheyWere) {
  Commands commands;
  const std::string usual = "mxident run 'a/b' --client acme:m";
  commands.add(0, 7, "a/b", usual);
  commands.add(0, 8, "c/d", "mxident run 'c/d' --client acme:m");
  commands.add(0, 9, "e/f", "another 'e/f'");
  commands.add(2, 8, "c/d", "without its id");
  EXPECT_EQ(commands.of(0, 7, "a/b"), usual);
  EXPECT_EQ(commands.of(0, 8, "c/d"), "mxident run 'c/d' --client acme:m");
  EXPECT_EQ(commands.of(0, 9, "e/f"), "another 'e/f'");
  EXPECT_EQ(commands.of(2, 8, "c/d"), "without its id");
  EXPECT_EQ(commands.of(1, 7, "a/b"), "") << "nothing was said of it";
}

TEST(Commands, OneThatIsOnlyAlikeIsNotChanged) {
  Commands commands;
  commands.add(0, 0, "a", "run 'a' --x");
  commands.add(0, 1, "b", "run 'a' --x");
  EXPECT_EQ(commands.of(0, 1, "b"), "run 'a' --x");
}

}  // namespace
}  // namespace mxident::harness
