// Faults of a matrix run made small: for each, the smallest certificate, reference and server that still show
// it, as a scenario file that is ready to be kept.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "harness/cli/stage.hpp"
#include "harness/explore/matrix/cell.hpp"
#include "harness/results/result.hpp"
#include "harness/run/plan.hpp"

namespace mxident::harness::cli {

struct FaultToShrink {
  matrix::Cell cell;
  std::size_t column = 0;
  Expected expected = Expected::either;
  Outcome outcome = Outcome::lax;
};

/// The faults of a run that are worth it: the first of each mode, outcome and shape, a few in all.
class FaultsToShrink {
 public:
  static constexpr std::size_t kMost = 12;

  void add(const matrix::Cell& cell, const PlannedCell& planned, const CellResult& result);
  const std::vector<FaultToShrink>& list() const { return list_; }
  std::size_t left_out() const { return seen_.size() - list_.size(); }

 private:
  std::set<std::tuple<std::size_t, Outcome, std::size_t>> seen_;
  std::vector<FaultToShrink> list_;
};

/// Shrinks each by running candidates, and prints one line for it. `folder`: where files are written; none
/// without it. Stops early at an interrupt.
void shrink_faults(Stage& stage, const FaultsToShrink& faults, const std::string& parent,
                   const std::optional<std::filesystem::path>& folder);

}  // namespace mxident::harness::cli
