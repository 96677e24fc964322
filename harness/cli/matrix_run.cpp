#include "harness/cli/matrix_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/cli/shrink_faults.hpp"
#include "harness/explore/matrix/select.hpp"
#include "harness/explore/matrix/summary.hpp"
#include "harness/input/json_input.hpp"
#include "harness/report/progress.hpp"
#include "harness/results/writer.hpp"
#include "harness/run/runner.hpp"

namespace mxident::harness::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatch = 2000;  ///< cells whose scenarios are in memory at a time
constexpr std::size_t kInFull = 50;   ///< so many cells are reported one by one, as scenarios are

/// The cells that are wanted, in the order of the matrix.
std::vector<matrix::Cell> wanted_cells(const RunOptions& options, const matrix::Spec& spec,
                                       const Shard& shard) {
  matrix::CellList list = matrix::list_cells(spec, options.cells);
  std::vector<matrix::Cell> cells = std::move(list.cells);
  fmt::print(stderr, "mxident: matrix {}: {} cells; {} combinations are impossible, {} the same as another\n",
             options.matrix, cells.size(), list.impossible, list.same);
  if (options.pairwise) {
    cells = matrix::cover_pairs(cells, options.seed);
    if (options.sample && *options.sample < cells.size())
      cells.resize(*options.sample);  // the first cover most
  } else if (options.sample) {
    cells = matrix::sample(cells, *options.sample, options.seed);
  }
  std::vector<matrix::Cell> mine;
  for (std::size_t i = shard.index - 1; i < cells.size(); i += shard.of) mine.push_back(cells[i]);
  if (mine.empty()) fmt::print(stderr, "mxident: nothing selected\n");
  return mine;
}

/// Each cell as the scenario file DIR/ID.json.
int write_scenarios(const fs::path& folder, std::span<const matrix::Cell> cells, const std::string& parent) {
  for (const auto& cell : cells) {
    const fs::path file = folder / (matrix::id_of(cell) + ".json");
    fs::create_directories(file.parent_path());
    std::ofstream out(file);
    out << matrix::document_of(cell, parent).dump(2) << "\n";
    if (!out.flush()) throw InputError(file.string(), "", "cannot be written");
  }
  fmt::print("{} scenarios written to {}\n", cells.size(), folder.string());
  return cells.empty() ? kExitNothing : kExitOk;
}

std::string reproduce_prefix(const RunOptions& options) {
  return options.matrix == "all" ? "mxident run --matrix all --cell"
                                 : fmt::format("mxident run --matrix '{}' --cell", options.matrix);
}

/// What a batch leaves behind: lines in the results, counts, groups of faults.
class Records {
 public:
  Records(ResultsWriter* writer, ConsoleReport* console, Progress& progress, const Baselines& baselines)
      : writer_(writer), console_(console), progress_(progress), baselines_(baselines) {}

  void add(const matrix::Cell& cell, const PlannedCell& planned, CellResult result) {
    baselines_.judge(result);
    if (writer_) writer_->write(to_line(result));
    count(footer, result);
    footer.client_cpu_s += result.cpu_ms / 1000;
    progress_.cell_done(result.scenario);
    summary.add(cell, result);
    faults.add(cell, planned, result);
    if (console_) in_full_[planned.scenario].emplace(planned.column, std::move(result));
  }
  void end_batch(std::span<const Scenario> scenarios) {
    if (!console_) return;
    progress_.clear();
    for (const auto& [index, cells] : in_full_) {
      console_->scenario(report_scenario_of(scenarios[index]), cells);
    }
    in_full_.clear();
  }

  RunFooter footer;
  matrix::Summary summary;
  FaultsToShrink faults;

 private:
  ResultsWriter* writer_;
  ConsoleReport* console_;
  Progress& progress_;
  const Baselines& baselines_;
  std::map<std::size_t, std::map<std::size_t, CellResult>> in_full_;
};

/// Runs one batch; false if it was interrupted.
bool run_batch(Stage& stage, std::span<const matrix::Cell> cells, const RunOptions& options,
               const std::string& parent, Records& records) {
  std::vector<Scenario> scenarios;
  std::vector<std::size_t> all;
  for (const auto& cell : cells) {
    all.push_back(scenarios.size());
    scenarios.push_back(matrix::scenario_of(cell, parent));
  }
  const auto coverage = options.policy == "all" ? PolicyCoverage::all : PolicyCoverage::where_published;
  const Plan plan = make_plan(scenarios, all, stage.columns, coverage, std::time(nullptr));
  records.footer.no_expectation += plan.no_expectation;
  RunContext context = stage.context(scenarios);
  context.reproduce_prefix = reproduce_prefix(options);
  Runner runner(context);
  stage.interrupts.pass_to(runner);
  const bool whole = runner.run(plan, [&](const PlannedCell& planned, CellResult result) {
    records.add(cells[planned.scenario], planned, std::move(result));
  });
  stage.interrupts.stop();
  records.end_batch(scenarios);
  return whole;
}

void print_end(const RunFooter& footer, const matrix::Summary& summary, const std::string& results_file) {
  std::size_t cells = 0;
  for (const auto& [outcome, n] : footer.counts) cells += n;
  fmt::print("{}\n", summary.text());
  std::string counts;
  for (const auto& [outcome, n] : footer.counts)
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", n, to_string(outcome));
  fmt::print("{} cells: {}; {} had no expectation\n{:.1f} s, {:.0f} cells/s{}\nresults: {}\n", cells, counts,
             footer.no_expectation, footer.wall_s,
             footer.wall_s > 0 ? static_cast<double>(cells) / footer.wall_s : 0.0,
             footer.complete ? "" : "; interrupted: not complete", results_file);
}

}  // namespace

int run_matrix(const RunOptions& options, Invocation& invocation) {
  // All input is read before anything starts, so that a mistake in it costs nothing.
  const Shard shard = parse_shard(options.shard);
  const matrix::Spec spec = matrix::read_spec(options.matrix);
  std::vector<Wanted> wanted = wanted_clients(options.clients);
  const Baselines baselines = load_baselines(options.baseline.empty() ? "none" : options.baseline);
  if (!options.write.empty())
    return write_scenarios(options.write, wanted_cells(options, spec, shard), spec.parent);

  const Stopwatch watch;
  Stage stage(invocation, std::move(wanted), {}, options.jobs, sanity_check(options), use_workers(options));
  if (stage.interrupts.seen()) return kExitIncomplete;
  if (options.clients.empty()) drop_missing(stage);
  // Entering the sandbox started the program again: only here is the list made once.
  const std::vector<matrix::Cell> cells = wanted_cells(options, spec, shard);
  if (cells.empty()) return kExitNothing;

  RunHeader header = header_of(stage, cells.size(), shard);
  header.seed = options.seed;
  std::unique_ptr<ResultsWriter> writer;
  std::string results_file = "(not written: no --output)";
  if (!options.output.empty()) {
    fs::create_directories(options.output);
    results_file = (fs::absolute(options.output) / "results.ndjson").string();
    writer = std::make_unique<ResultsWriter>(results_file);
    writer->write(to_line(header));
  }

  std::unique_ptr<ConsoleReport> console;
  if (cells.size() <= kInFull) {
    console = std::make_unique<ConsoleReport>(
        stdout, isatty(STDOUT_FILENO) && !std::getenv("NO_COLOR") ? Colour::on : Colour::off);
    std::size_t width = 0;
    for (const auto& cell : cells) width = std::max(width, matrix::id_of(cell).size());
    console->begin(header, stage.sandbox->describe(), report_columns_of(stage), width);
  } else {
    fmt::print("mxident {}: matrix {}, {} cells of {}, {} client modes\n{}\n", header.mxident_version,
               options.matrix, cells.size(), matrix::describe(cells), stage.columns.size(),
               stage.sandbox->describe());
    std::fflush(stdout);
  }
  Progress progress(cells.size() * stage.columns.size(),
                    isatty(STDERR_FILENO) ? Terminal::yes : Terminal::no);
  Records records(writer.get(), console.get(), progress, baselines);
  bool whole = true;
  for (std::size_t from = 0; whole && from < cells.size(); from += kBatch) {
    whole = run_batch(stage, std::span(cells).subspan(from, std::min(kBatch, cells.size() - from)), options,
                      spec.parent, records);
  }
  progress.clear();

  RunFooter& footer = records.footer;
  footer.complete = whole;
  footer.cores = std::max(1u, std::thread::hardware_concurrency());
  watch.stop(footer, stage);
  if (writer) writer->write(to_line(footer));
  if (console) {
    console->end(footer, results_file, {});
  } else {
    print_end(footer, records.summary, results_file);
  }
  if (whole) {
    const auto folder = options.output.empty() ? std::nullopt : std::optional(fs::absolute(options.output));
    shrink_faults(stage, records.faults, spec.parent, folder);
  }
  if (footer.complete && footer.counts.empty()) {
    fmt::print(stderr, "mxident: nothing to run: {} cells have no expectation\n", footer.no_expectation);
    return kExitNothing;
  }
  return exit_code_of(footer);
}

}  // namespace mxident::harness::cli
