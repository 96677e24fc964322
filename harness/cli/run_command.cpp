// mxident run: the main job.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <filesystem>
#include <thread>

#include "harness/catalogue/load.hpp"
#include "harness/cli/catalogue.hpp"
#include "harness/cli/matrix_run.hpp"
#include "harness/cli/run_job.hpp"
#include "harness/input/json_input.hpp"
#include "harness/report/console.hpp"
#include "harness/report/progress.hpp"
#include "harness/results/writer.hpp"
#include "harness/run/repetitions.hpp"
#include "harness/run/runner.hpp"

namespace mxident::harness::cli {
namespace {

namespace fs = std::filesystem;

/// Gathers cells until a scenario is whole, then hands it to the console.
class Collector {
 public:
  Collector(const Plan& plan, std::span<const Scenario> scenarios, ConsoleReport& console, Progress& progress,
            ResultsWriter* writer)
      : scenarios_(scenarios), console_(console), progress_(progress), writer_(writer) {
    for (const auto& cell : plan.cells) {
      if (order_.empty() || order_.back() != cell.scenario) order_.push_back(cell.scenario);
      ++open_[cell.scenario];
    }
  }

  void add(const PlannedCell& cell, const CellResult& result) {
    if (writer_) writer_->write(to_line(result));
    ++footer.counts[result.outcome];
    const bool unexpected = result.baseline == BaselineState::news ||
                            (result.baseline == BaselineState::none && is_fault(result.outcome));
    if (unexpected) ++footer.news;
    if (result.baseline == BaselineState::fixed) ++footer.fixed;
    const std::string group = result.scenario.substr(0, result.scenario.find('/'));
    if (unexpected) ++group_faults_[group];
    progress_.cell_done(result.scenario);
    cells_[cell.scenario].emplace(cell.column, result);
    --open_[cell.scenario];
    while (at_ < order_.size() && open_[order_[at_]] == 0) flush(order_[at_++]);
  }
  /// An interrupted run: what is there is shown.
  void flush_rest() {
    for (; at_ < order_.size(); ++at_) {
      if (cells_.contains(order_[at_])) flush(order_[at_]);
    }
  }

  RunFooter footer;

 private:
  void flush(std::size_t index) {
    const Scenario& scenario = scenarios_[index];
    progress_.clear();
    console_.scenario(report_scenario_of(scenario), cells_[index]);
    cells_.erase(index);
    const std::string group = scenario.id.substr(0, scenario.id.find('/'));
    ++group_scenarios_[group];
    const bool last = at_ >= order_.size() ||
                      scenarios_[order_[at_]].id.substr(0, scenarios_[order_[at_]].id.find('/')) != group;
    if (last) progress_.group_done(group, group_scenarios_[group], group_faults_[group]);
  }

  std::span<const Scenario> scenarios_;
  ConsoleReport& console_;
  Progress& progress_;
  ResultsWriter* writer_;
  std::vector<std::size_t> order_;
  std::size_t at_ = 0;
  std::map<std::size_t, std::size_t> open_;
  std::map<std::size_t, std::map<std::size_t, CellResult>> cells_;
  std::map<std::string, std::size_t> group_faults_, group_scenarios_;
};

int run(const RunOptions& options, Invocation& invocation) {
  // All input is read before anything starts, so that a mistake in it costs nothing.
  const Shard shard = parse_shard(options.shard);
  const std::vector<Scenario> scenarios = load_scenarios(options.scenario_dirs);
  std::vector<std::string> unmatched;
  std::vector<std::size_t> selected = select(scenarios, options.patterns, unmatched);
  for (const auto& pattern : unmatched) fmt::print(stderr, "mxident: \"{}\" selects no scenario\n", pattern);
  std::vector<Wanted> wanted = wanted_clients(options.clients);
  const Baselines baselines = load_baselines(options.baseline);
  if (shard.of > 1) {
    std::vector<std::size_t> mine;
    for (std::size_t i = shard.index - 1; i < selected.size(); i += shard.of) mine.push_back(selected[i]);
    selected = std::move(mine);
  }
  if (selected.empty()) {
    fmt::print(stderr, "mxident: nothing selected: {} scenarios are known, see \"mxident list scenarios\"\n",
               scenarios.size());
    return kExitNothing;
  }

  Stage stage(invocation, std::move(wanted), options.scenario_dirs, options.jobs, sanity_check(options),
              use_workers(options));
  if (stage.interrupts.seen()) return kExitIncomplete;
  if (options.clients.empty()) drop_missing(stage);

  const Plan plan = make_plan(scenarios, selected, stage.columns,
                              options.policy == "all" ? PolicyCoverage::all : PolicyCoverage::where_published,
                              std::time(nullptr));
  if (plan.cells.empty()) {
    fmt::print(stderr, "mxident: nothing to run: {} cells have no expectation\n", plan.no_expectation);
    return kExitNothing;
  }

  const RunHeader header = header_of(stage, selected.size(), shard);

  std::unique_ptr<ResultsWriter> writer;
  fs::path results_file = "(not written: no --output)";
  if (!options.output.empty()) {
    fs::create_directories(options.output);
    results_file = fs::absolute(options.output) / "results.ndjson";
    writer = std::make_unique<ResultsWriter>(results_file);
    writer->write(to_line(header));
  }

  ConsoleReport console(stdout, isatty(STDOUT_FILENO) && !std::getenv("NO_COLOR") ? Colour::on : Colour::off);
  Progress progress(plan.cells.size(), isatty(STDERR_FILENO) ? Terminal::yes : Terminal::no);
  std::size_t width = 0;
  for (const auto index : selected) width = std::max(width, scenarios[index].id.size());
  console.begin(header, stage.sandbox->describe(), report_columns_of(stage), width);

  const Stopwatch watch;
  Runner runner(stage.context(scenarios));
  stage.interrupts.pass_to(runner);
  Collector collector(plan, scenarios, console, progress, writer.get());
  Repetitions repetitions;
  const bool whole =
      runner.run(repeated(plan, options.repeat), [&](const PlannedCell& cell, CellResult result) {
        collector.footer.client_cpu_s += result.cpu_ms / 1000;
        if (options.repeat > 1 && !repetitions.first(cell, result)) return;
        baselines.judge(result);
        collector.add(cell, result);
      });
  stage.interrupts.stop();
  progress.clear();
  if (!whole) collector.flush_rest();

  RunFooter& footer = collector.footer;
  footer.no_expectation = plan.no_expectation;
  footer.complete = whole;
  footer.repetitions = options.repeat;
  const std::vector<std::string> differing = repetitions.differing();
  footer.differing = differing.size();
  footer.cores = std::max(1u, std::thread::hardware_concurrency());
  watch.stop(footer, stage);
  if (writer) writer->write(to_line(footer));
  console.end(footer, results_file.string(), differing);
  return exit_code_of(footer);
}

void add_matrix_options(CLI::App& command, RunOptions& options) {
  auto* matrix = command.add_option("--matrix", options.matrix,
                                    "all, or the file of a spec: run generated cells (docs/matrix.md)");
  command.get_option("scenarios")->excludes(matrix);
  command.get_option("--scenarios")->excludes(matrix);
  command.get_option("--repeat")->excludes(matrix);
  command.add_option("--cell", options.cells, "Id or pattern of matrix cells; may be repeated")
      ->take_all()
      ->allow_extra_args(false)
      ->needs(matrix);
  command.add_option("--sample", options.sample, "So many cells of the matrix")
      ->check(CLI::PositiveNumber)
      ->needs(matrix);
  command.add_option("--seed", options.seed, "Another seed draws another sample (default: 1)")->needs(matrix);
  command.add_flag("--pairwise", options.pairwise, "A small set of cells that has every pair of values")
      ->needs(matrix);
  command.add_option("--write", options.write, "Folder: write the cells as scenario files and run nothing")
      ->needs(matrix);
}

}  // namespace

void add_run_command(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Run clients against scenarios and judge what they do");
  command->add_option("scenarios", options->patterns, "Ids, folders or patterns (default: all)");
  command
      ->add_option("--client", options->clients,
                   "CLIENT[:MODE] or a manifest.json; may be repeated (default: all that are installed)")
      ->take_all()
      ->allow_extra_args(false);
  command
      ->add_option("--scenarios", options->scenario_dirs,
                   "Folder of scenarios in place of the shipped ones; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--jobs", options->jobs, "External clients at a time (default: twice the cores)")
      ->check(CLI::Range(1u, 1024u));
  command->add_option("--repeat", options->repeat, "Run every cell N times and report those that differ")
      ->check(CLI::Range(1u, 1000u));
  command->add_option("--shard", options->shard, "I/N: every Nth scenario, from the Ith");
  command->add_option("--output", options->output, "Folder for results.ndjson");
  command->add_option("--baseline", options->baseline,
                      "File or folder of known outcomes, or none (default: the shipped ones)");
  command
      ->add_option("--policy", options->policy, "all: run mta-sts and dane also where nothing is published")
      ->check(CLI::IsMember({"published", "all"}));
  command->add_option("--sanity", options->sanity, "skip: score modes whose set-up was not checked first")
      ->check(CLI::IsMember({"check", "skip"}));
  command
      ->add_option("--workers", options->workers,
                   "on: interpreters stay and run one cell after another (docs/workers.md)")
      ->check(CLI::IsMember({"on", "off"}));
  add_matrix_options(*command, *options);
  command->callback([options, &invocation] {
    invocation.exit_code =
        options->matrix.empty() ? run(*options, invocation) : run_matrix(*options, invocation);
  });
}

}  // namespace mxident::harness::cli
