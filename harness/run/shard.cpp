#include "harness/run/shard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <numeric>
#include <queue>

#include "harness/input/json_input.hpp"

namespace mxident::harness {
namespace {

constexpr unsigned kMostShards = 1000000;

/// A decimal number without sign; nullopt for anything else.
std::optional<unsigned> number(std::string_view text) {
  unsigned out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

/// Two variables with which an engine tells a job its place. SLURM_ARRAY_TASK_MIN says where Slurm begins to
/// count.
struct Engine {
  const char *index, *total;
  unsigned first;
};
constexpr Engine kEngines[] = {{"TEST_SHARD_INDEX", "TEST_TOTAL_SHARDS", 0},  // Bazel
                               {"CI_NODE_INDEX", "CI_NODE_TOTAL", 1},         // GitLab
                               {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", 0},
                               {"JOB_COMPLETION_INDEX", "JOB_COMPLETIONS", 0}};  // Kubernetes

std::optional<Shard> from_environment() {
  for (const auto& engine : kEngines) {
    const char *index = std::getenv(engine.index), *total = std::getenv(engine.total);
    if (!index || !total) continue;
    unsigned first = engine.first;
    if (const char* least = std::getenv("SLURM_ARRAY_TASK_MIN"); least && engine.index == kEngines[2].index)
      first = number(least).value_or(0);
    const auto i = number(index), n = number(total);
    if (!i || !n || *n < 1 || *n > kMostShards || *i < first || *i - first >= *n) {
      throw InputError(engine.index, "",
                       fmt::format("found \"{}\" of {} \"{}\", wanted a place among so many jobs", index,
                                   engine.total, total));
    }
    return Shard{*i - first + 1, *n};
  }
  return std::nullopt;
}

}  // namespace

Shard parse_shard(const std::string& text) {
  if (text.empty()) return from_environment().value_or(Shard{});
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto index = number(text.substr(0, slash));
  const auto of = number(text.substr(std::min(slash + 1, text.size())));  // empty text is no number
  if (!index || !of || *index < 1 || *of > kMostShards || *index > *of)
    throw InputError("--shard", "", fmt::format("found \"{}\", wanted I/N with 1 <= I <= N", text));
  return {*index, *of};
}

std::vector<std::size_t> shard_of(std::span<const double> weights, const Shard& shard) {
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return weights[a] > weights[b]; });
  using Load = std::pair<double, unsigned>;  // the least first, then the lowest index
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;
  for (unsigned i = 1; i <= shard.of; ++i) loads.emplace(0, i);
  std::vector<std::size_t> out;
  for (const std::size_t place : order) {
    auto [load, index] = loads.top();
    loads.pop();
    if (index == shard.index) out.push_back(place);
    loads.emplace(load + weights[place], index);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace mxident::harness
