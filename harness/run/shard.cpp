#include "harness/run/shard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <queue>
#include <string_view>

#include "harness/input/json_input.hpp"
#include "harness/text/printable.hpp"

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

/// Two variables with which an engine tells a job its place.
struct Engine {
  const char *index, *total;
  unsigned first;  ///< where it begins to count
};
constexpr const char* kSlurmIndex = "SLURM_ARRAY_TASK_ID";
constexpr Engine kEngines[] = {{"TEST_SHARD_INDEX", "TEST_TOTAL_SHARDS", 0},  // Bazel, GoogleTest
                               {"CI_NODE_INDEX", "CI_NODE_TOTAL", 1},         // GitLab
                               {kSlurmIndex, "SLURM_ARRAY_TASK_COUNT", 0},
                               {"JOB_COMPLETION_INDEX", "JOB_COMPLETIONS", 0}};  // Kubernetes

/// nullopt where the variable is not set, or empty as in a template that was not filled in.
std::optional<unsigned> value_of(const char* name, const Environment& environment) {
  const char* const text = environment(name);
  if (text == nullptr || *text == '\0') return std::nullopt;
  const auto value = number(text);
  if (!value) throw InputError(name, "", fmt::format("found \"{}\", wanted a number", printable(text)));
  return value;
}

/// An array of Slurm may begin anywhere and have steps; a list with holes gives its tasks no even places.
unsigned place_in_array(unsigned task, unsigned count, const Environment& environment) {
  const unsigned least = value_of("SLURM_ARRAY_TASK_MIN", environment).value_or(0);
  const unsigned step = value_of("SLURM_ARRAY_TASK_STEP", environment).value_or(1);
  const auto most = value_of("SLURM_ARRAY_TASK_MAX", environment);
  const bool even = step > 0 && task >= least && (task - least) % step == 0 &&
                    (task - least) / step < count &&
                    (!most || (*most >= least && (*most - least) / step + 1 == count));
  if (!even) {
    throw InputError(kSlurmIndex, "",
                     fmt::format("found {} of {} tasks from {} in steps of {}{}, wanted an array without "
                                 "holes, such as --array=1-4",
                                 task, count, least, step, most ? fmt::format(" to {}", *most) : ""));
  }
  return (task - least) / step + 1;
}

std::optional<Shard> shard_of_engine(const Engine& engine, const Environment& environment) {
  const auto index = value_of(engine.index, environment), total = value_of(engine.total, environment);
  if (!index && !total) return std::nullopt;
  // GitLab and Kubernetes state the total of jobs that are one of one.
  if (!index && *total <= 1) return std::nullopt;
  if (!index || !total) {
    throw InputError(
        index ? engine.index : engine.total, "",
        fmt::format("is set and {} is not, wanted both or --shard I/N", index ? engine.total : engine.index));
  }
  if (*total < 1 || *total > kMostShards)
    throw InputError(engine.total, "", fmt::format("found {}, wanted 1 to {}", *total, kMostShards));
  if (std::string_view(engine.index) == kSlurmIndex)
    return Shard{place_in_array(*index, *total, environment), *total};
  if (*index < engine.first || *index - engine.first >= *total) {
    throw InputError(engine.index, "",
                     fmt::format("found {}, wanted {} to {}, for {} is {}", *index, engine.first,
                                 *total - 1 + engine.first, engine.total, *total));
  }
  return Shard{*index - engine.first + 1, *total};
}

}  // namespace

Shard parse_shard(const std::string& text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto index = number(text.substr(0, slash));
  const auto of = number(text.substr(std::min(slash + 1, text.size())));  // empty text is no number
  if (!index || !of || *index < 1 || *of > kMostShards || *index > *of)
    throw InputError("--shard", "", fmt::format("found \"{}\", wanted I/N with 1 <= I <= N", text));
  return {*index, *of};
}

ShardChoice choose_shard(const std::string& stated, const Environment& environment) {
  if (!stated.empty()) return {parse_shard(stated)};
  std::optional<ShardChoice> out;
  for (const auto& engine : kEngines) {
    const auto shard = shard_of_engine(engine, environment);
    if (!shard) continue;
    const std::string from = fmt::format("{} and {}", engine.index, engine.total);
    if (out && (out->shard.index != shard->index || out->shard.of != shard->of)) {
      throw InputError(engine.index, "",
                       fmt::format("says shard {}/{}, and {} say {}/{}; wanted one of them, or --shard I/N",
                                   shard->index, shard->of, out->from, out->shard.index, out->shard.of));
    }
    if (out) continue;
    out = {*shard, from};
    const char* const status = environment("TEST_SHARD_STATUS_FILE");
    if (&engine == kEngines && status != nullptr) out->status_file = status;
  }
  return out.value_or(ShardChoice{});
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
