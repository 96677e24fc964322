// What a run of the catalogue and a run of the matrix have in common: who is told of it, what is counted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/baseline.hpp"
#include "harness/analysis/findings.hpp"
#include "harness/analysis/repetitions.hpp"
#include "harness/report/progress.hpp"
#include "harness/results/unfinished.hpp"
#include "harness/results/writer.hpp"
#include "harness/run/lab.hpp"
#include "harness/run/shard.hpp"

namespace mxident::harness::cli {

struct RunOptions {
  std::vector<std::string> patterns, clients, scenario_dirs;
  std::string keep;   ///< folder that grows; `output` is then one of it
  std::string ctest;  ///< id of a test: only its scenarios, and exit code 77 where nothing could be tried
  std::string output, shard, policy = "published", baseline, sanity = "check", workers = "off";
  std::vector<std::string> reports;  ///< FORMAT:FILE
  bool resume = false;               ///< go on with what is in `output`
  unsigned jobs = 0;
  std::size_t repeat = 1;

  std::string matrix;                 ///< "all", or the file of a spec; empty: the catalogue is run
  std::vector<std::string> cells;     ///< patterns of the ids of matrix cells
  std::optional<std::size_t> sample;  ///< so many cells of the matrix
  std::uint64_t seed = 1;
  bool pairwise = false;  ///< a covering set of pairs
  std::string write;      ///< folder for the cells' scenarios, in place of a run
};

/// The shard of --shard or of the environment, and tells the engine that its word was heard. A test of a
/// ctest is whole, whatever an engine around it says. Throws InputError.
ShardChoice shard_of_run(const RunOptions& options);
/// Says whose word was taken, where nobody stated a shard.
void announce(const ShardChoice& choice);

/// Exit code of what a run came to.
int exit_code_of(Verdict verdict);

/// From --baseline; empty: the shipped ones. Throws InputError.
Baselines load_baselines(const std::string& stated);

/// Where the results go: with `keep`, a new folder in it. Once the sandbox is entered, for that starts the
/// program again.
void choose_output(RunOptions& options, const Lab& lab);

/// The lab of these options; with no client named, those that are not installed are left out with one line.
std::unique_ptr<Lab> make_lab(const RunOptions& options, std::vector<Wanted> clients, int argc, char** argv,
                              Reproduce reproduce);

/// Between the lab and those who are told: each result is compared with its baseline and counted, and of
/// repetitions only the first is handed on. A run that is gone on with tells everybody but its file what the
/// file has already.
class Recording : public Sink {
 public:
  /// `report` prints; the results file is written before.
  Recording(const RunOptions& options, const Baselines& baselines, Lab& lab, Progress& progress);
  /// Where the results are, for the report.
  std::string results_file() const;
  void tell(Sink& sink) { sinks_.add(sink); }

  /// Marks the cells that an earlier part of the run has. Throws IncompleteParts where what it has is not of
  /// this run.
  void leave_out(Plan& plan, const std::vector<Scenario>& scenarios, const RunHeader& header);

  void begin(const RunHeader& header) override;
  void scenario(const ScenarioRecord& scenario) override;
  void cell(const CellResult& result) override;
  /// After the last cell; returns the exit code of the run.
  int finish(bool whole, std::size_t no_expectation);

  RunFooter& footer() { return tally_.footer(); }

 private:
  class Replay;
  [[noreturn]] void refuse(const std::string& what) const;
  void check_header(const RunHeader& header) const;
  void take(const CellResult& compared);

  const RunOptions& options_;
  Baselines baselines_;
  Lab& lab_;
  Progress& progress_;
  std::unique_ptr<ResultsWriter> writer_;
  std::unique_ptr<Unfinished> earlier_;  ///< null: nothing is gone on with
  std::vector<std::unique_ptr<Sink>> reports_;
  Sinks sinks_;
  Tally tally_;
  Repetitions repetitions_;
  RunHeader header_;
  double client_cpu_s_ = 0, cpu_before_ = 0;
};

}  // namespace mxident::harness::cli
