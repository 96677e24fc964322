#include "harness/run/shard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <numeric>

#include "harness/input/json_input.hpp"

namespace mxident::harness {
namespace {

using testing::ElementsAre;

TEST(Shards, AreTheWholeWithoutDoubles) {
  std::vector<double> weights;
  for (int i = 0; i < 101; ++i) weights.push_back(1 + i % 7);
  std::vector<int> seen(weights.size(), 0);
  for (unsigned i = 1; i <= 5; ++i) {
    for (const auto place : shard_of(weights, {i, 5})) ++seen[place];
  }
  EXPECT_THAT(seen, testing::Each(1));
}

TEST(Shards, AreOfEqualWeight) {
  std::vector<double> weights(200, 1);
  for (std::size_t i = 0; i < weights.size(); i += 2)
    weights[i] = 9;  // by position one shard would have these
  double least = 1e9, most = 0;
  for (unsigned i = 1; i <= 2; ++i) {
    double sum = 0;
    for (const auto place : shard_of(weights, {i, 2})) sum += weights[place];
    least = std::min(least, sum);
    most = std::max(most, sum);
  }
  EXPECT_LE(most - least, 9);
}

TEST(Shards, OneOfOneIsAllInOrder) {
  EXPECT_THAT(shard_of(std::vector<double>{1, 3, 2}, {}), ElementsAre(0, 1, 2));
}

TEST(Shards, MoreThanThereIsHaveNothing) {
  EXPECT_TRUE(shard_of(std::vector<double>{1}, {2, 2}).empty());
}

class BadShard : public testing::TestWithParam<const char*> {};
TEST_P(BadShard, IsRefused) {
  EXPECT_THROW(parse_shard(GetParam()), InputError);
}
INSTANTIATE_TEST_SUITE_P(Table, BadShard,
                         testing::Values("0/2", "3/2", "1", "1/", "/2", "-1/2", "1/2/3", "1/2x", "a/b", "1/0",
                                         "1/99999999999"),
                         [](const auto& i) { return "row_" + std::to_string(i.index); });

TEST(ParseShard, TakesTheEnvironmentsWord) {
  EXPECT_EQ(parse_shard("").of, 1u);
  setenv("SLURM_ARRAY_TASK_ID", "5", 1);
  setenv("SLURM_ARRAY_TASK_COUNT", "4", 1);
  setenv("SLURM_ARRAY_TASK_MIN", "2", 1);
  EXPECT_EQ(parse_shard("").index, 4u);
  EXPECT_EQ(parse_shard("").of, 4u);
  EXPECT_EQ(parse_shard("1/2").of, 2u) << "what is stated wins";
  setenv("SLURM_ARRAY_TASK_ID", "6", 1);
  EXPECT_THROW(parse_shard(""), InputError);
  for (const char* name : {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN"})
    unsetenv(name);
}

}  // namespace
}  // namespace mxident::harness
