#include "harness/run/shard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <string>
#include <vector>

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
                         testing::Values("", "0/2", "3/2", "1", "1/", "/2", "-1/2", "1/2/3", "1/2x", "a/b",
                                         "1/0", "1/99999999999"),
                         [](const auto& i) { return "row_" + std::to_string(i.index); });

using Variables = std::map<std::string, std::string>;

ShardChoice chosen(const std::string& stated, const Variables& variables) {
  return choose_shard(stated, [&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

struct EngineRow {
  const char* name;
  Variables variables;
  unsigned index, of;
  const char* from;  ///< begin of what is named
};
class EnginesWord : public testing::TestWithParam<EngineRow> {};
TEST_P(EnginesWord, IsTaken) {
  const auto& row = GetParam();
  const ShardChoice choice = chosen("", row.variables);
  EXPECT_EQ(choice.shard.index, row.index);
  EXPECT_EQ(choice.shard.of, row.of);
  EXPECT_TRUE(choice.from.starts_with(row.from) && choice.from.empty() == (*row.from == '\0')) << choice.from;
}
INSTANTIATE_TEST_SUITE_P(
    Table, EnginesWord,
    testing::ValuesIn(std::vector<EngineRow>{
        {"nobody", {}, 1, 1, ""},
        {"bazel_first", {{"TEST_SHARD_INDEX", "0"}, {"TEST_TOTAL_SHARDS", "3"}}, 1, 3, "TEST_SHARD_INDEX"},
        {"bazel_last", {{"TEST_SHARD_INDEX", "2"}, {"TEST_TOTAL_SHARDS", "3"}}, 3, 3, "TEST_SHARD_INDEX"},
        {"gitlab_first", {{"CI_NODE_INDEX", "1"}, {"CI_NODE_TOTAL", "2"}}, 1, 2, "CI_NODE_INDEX"},
        {"gitlab_not_parallel", {{"CI_NODE_TOTAL", "1"}}, 1, 1, ""},
        {"gitlab_empty", {{"CI_NODE_INDEX", ""}, {"CI_NODE_TOTAL", "1"}}, 1, 1, ""},
        {"slurm_from_zero", {{"SLURM_ARRAY_TASK_ID", "3"}, {"SLURM_ARRAY_TASK_COUNT", "4"}}, 4, 4, "SLURM"},
        {"slurm_from_two",
         {{"SLURM_ARRAY_TASK_ID", "5"},
          {"SLURM_ARRAY_TASK_COUNT", "4"},
          {"SLURM_ARRAY_TASK_MIN", "2"},
          {"SLURM_ARRAY_TASK_MAX", "5"}},
         4,
         4,
         "SLURM"},
        {"slurm_in_steps",
         {{"SLURM_ARRAY_TASK_ID", "5"},
          {"SLURM_ARRAY_TASK_COUNT", "4"},
          {"SLURM_ARRAY_TASK_MIN", "1"},
          {"SLURM_ARRAY_TASK_MAX", "7"},
          {"SLURM_ARRAY_TASK_STEP", "2"}},
         3,
         4,
         "SLURM"},
        {"kubernetes",
         {{"JOB_COMPLETION_INDEX", "1"}, {"JOB_COMPLETIONS", "2"}},
         2,
         2,
         "JOB_COMPLETION_INDEX"},
        {"two_that_agree",
         {{"CI_NODE_INDEX", "2"},
          {"CI_NODE_TOTAL", "2"},
          {"TEST_SHARD_INDEX", "1"},
          {"TEST_TOTAL_SHARDS", "2"}},
         2,
         2,
         "TEST_SHARD_INDEX"}}),
    [](const auto& row) { return row.param.name; });

struct RefusedRow {
  const char* name;
  Variables variables;
  const char* said;  ///< of the sentence
};
class EnginesNonsense : public testing::TestWithParam<RefusedRow> {};
TEST_P(EnginesNonsense, IsRefusedUnlessAShardIsStated) {
  const auto& row = GetParam();
  try {
    chosen("", row.variables);
    ADD_FAILURE() << "was taken";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(row.said));
  }
  const ShardChoice stated = chosen("2/3", row.variables);
  EXPECT_EQ(stated.shard.index, 2u);
  EXPECT_EQ(stated.shard.of, 3u);
  EXPECT_EQ(stated.from, "");
}
INSTANTIATE_TEST_SUITE_P(
    Table, EnginesNonsense,
    testing::ValuesIn(std::vector<RefusedRow>{
        {"bazel_out_of_range", {{"TEST_SHARD_INDEX", "3"}, {"TEST_TOTAL_SHARDS", "3"}}, "wanted 0 to 2"},
        {"gitlab_counts_from_one", {{"CI_NODE_INDEX", "0"}, {"CI_NODE_TOTAL", "2"}}, "wanted 1 to 2"},
        {"none_of_none", {{"TEST_SHARD_INDEX", "0"}, {"TEST_TOTAL_SHARDS", "0"}}, "wanted 1 to"},
        {"no_number", {{"TEST_SHARD_INDEX", "one"}, {"TEST_TOTAL_SHARDS", "3"}}, "wanted a number"},
        {"negative", {{"CI_NODE_INDEX", "-1"}, {"CI_NODE_TOTAL", "3"}}, "wanted a number"},
        {"too_many", {{"CI_NODE_INDEX", "1"}, {"CI_NODE_TOTAL", "9999999"}}, "wanted 1 to 1000000"},
        {"no_index", {{"TEST_TOTAL_SHARDS", "3"}}, "TEST_SHARD_INDEX is not"},
        {"no_total", {{"JOB_COMPLETION_INDEX", "0"}}, "JOB_COMPLETIONS is not"},
        {"slurm_with_holes",
         {{"SLURM_ARRAY_TASK_ID", "2"},
          {"SLURM_ARRAY_TASK_COUNT", "3"},
          {"SLURM_ARRAY_TASK_MIN", "1"},
          {"SLURM_ARRAY_TASK_MAX", "4"}},
         "without holes"},
        {"slurm_beyond", {{"SLURM_ARRAY_TASK_ID", "4"}, {"SLURM_ARRAY_TASK_COUNT", "4"}}, "without holes"},
        {"slurm_without_step",
         {{"SLURM_ARRAY_TASK_ID", "1"}, {"SLURM_ARRAY_TASK_COUNT", "4"}, {"SLURM_ARRAY_TASK_STEP", "0"}},
         "without holes"},
        {"two_that_differ",
         {{"CI_NODE_INDEX", "1"},
          {"CI_NODE_TOTAL", "2"},
          {"TEST_SHARD_INDEX", "1"},
          {"TEST_TOTAL_SHARDS", "2"}},
         "say 2/2"}}),
    [](const auto& row) { return row.param.name; });

TEST(ChooseShard, OnlyWhoWasHeardIsTold) {
  Variables variables{
      {"TEST_SHARD_INDEX", "0"}, {"TEST_TOTAL_SHARDS", "2"}, {"TEST_SHARD_STATUS_FILE", "heard"}};
  EXPECT_EQ(chosen("", variables).status_file, "heard");
  EXPECT_EQ(chosen("1/2", variables).status_file, "");
  variables.erase("TEST_SHARD_INDEX");
  variables.erase("TEST_TOTAL_SHARDS");
  EXPECT_EQ(chosen("", variables).status_file, "");
}

}  // namespace
}  // namespace mxident::harness
