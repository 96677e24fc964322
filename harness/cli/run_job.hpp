// What a run of the catalogue and a run of the matrix have in common.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/baseline.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/stage.hpp"
#include "harness/report/console.hpp"
#include "harness/results/result.hpp"

namespace mxident::harness::cli {

struct RunOptions {
  std::vector<std::string> patterns, clients, scenario_dirs;
  std::string output, shard = "1/1", policy = "published", baseline, sanity = "check", workers = "off";
  unsigned jobs = 0;
  std::size_t repeat = 1;

  std::string matrix;                 ///< "all", or the file of a spec; empty: the catalogue is run
  std::vector<std::string> cells;     ///< patterns of the ids of matrix cells
  std::optional<std::size_t> sample;  ///< so many cells of the matrix
  std::uint64_t seed = 1;
  bool pairwise = false;  ///< a covering set of pairs
  std::string write;      ///< folder for the cells' scenarios, in place of a run
};

struct Shard {
  unsigned index = 1, of = 1;
};
/// Throws InputError.
Shard parse_shard(const std::string& text);

inline SanityCheck sanity_check(const RunOptions& options) {
  return options.sanity == "skip" ? SanityCheck::skip : SanityCheck::run;
}
inline UseWorkers use_workers(const RunOptions& options) {
  return options.workers == "on" ? UseWorkers::yes : UseWorkers::no;
}

/// From --baseline; empty: the shipped ones. Throws InputError.
Baselines load_baselines(const std::string& stated);

/// With no client named, those that are not installed are left out with one line; named ones stay, as
/// unsupported.
void drop_missing(Stage& stage);

RunHeader header_of(const Stage& stage, std::size_t scenarios, const Shard& shard);
std::vector<ReportColumn> report_columns_of(const Stage& stage);

ReportScenario report_scenario_of(const Scenario& scenario);

/// Counts a result that has its baseline state; true if it is a fault that nobody knows of.
bool count(RunFooter& footer, const CellResult& result);

/// Wall and CPU time since this object was made.
class Stopwatch {
 public:
  Stopwatch();
  /// Ends the stage's workers first: what they took counts as the clients'.
  void stop(RunFooter& footer, Stage& stage) const;

 private:
  std::chrono::steady_clock::time_point started_;
  double cpu_;
};

/// Exit code of a run that has ended.
int exit_code_of(const RunFooter& footer);

}  // namespace mxident::harness::cli
