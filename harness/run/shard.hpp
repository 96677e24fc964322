// A part of a run for each of several machines.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace mxident::harness {

struct Shard {
  unsigned index = 1, of = 1;  ///< from 1
};
/// From "I/N". Throws InputError.
Shard parse_shard(const std::string& text);

struct ShardChoice {
  Shard shard;
  std::string from = {};         ///< the variables whose word was taken; empty: stated, or the whole
  std::string status_file = {};  ///< to be touched, which tells the engine that its word was heard
};
/// Value of a variable, nullptr where it is not set.
using Environment = std::function<const char*(const char*)>;

/// `stated` ("I/N"), where it is not empty; else the place that an engine gives a job by its variables: Bazel
/// and GoogleTest (TEST_SHARD_INDEX, TEST_TOTAL_SHARDS), GitLab (CI_NODE_INDEX, CI_NODE_TOTAL), Slurm
/// (SLURM_ARRAY_TASK_ID, _COUNT, _MIN, _MAX, _STEP), Kubernetes (JOB_COMPLETION_INDEX, JOB_COMPLETIONS); else
/// the whole. Throws InputError, also where two engines say different things, or one only half of it.
ShardChoice choose_shard(const std::string& stated, const Environment& environment);

/// Places of those that are this shard's, ascending. Weights are spread evenly: the heaviest first, each to
/// the shard that has least; the same weights give the same shards everywhere.
std::vector<std::size_t> shard_of(std::span<const double> weights, const Shard& shard);

}  // namespace mxident::harness
