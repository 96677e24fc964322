// A part of a run for each of several machines.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace mxident::harness {

struct Shard {
  unsigned index = 1, of = 1;  ///< from 1
};
/// "I/N"; empty: what the environment says (TEST_SHARD_INDEX and TEST_TOTAL_SHARDS, CI_NODE_INDEX and
/// CI_NODE_TOTAL, SLURM_ARRAY_TASK_ID ..., JOB_COMPLETION_INDEX and COMPLETIONS), or the whole. Throws
/// InputError.
Shard parse_shard(const std::string& text);

/// Places of those that are this shard's, ascending. Weights are spread evenly: the heaviest first, each to
/// the shard that has least; the same weights give the same shards everywhere.
std::vector<std::size_t> shard_of(std::span<const double> weights, const Shard& shard);

}  // namespace mxident::harness
