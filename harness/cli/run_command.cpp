// mxident run: the main job.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <thread>

#include "harness/baseline/baseline.hpp"
#include "harness/cli/catalogue.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/stage.hpp"
#include "harness/input/json_input.hpp"
#include "harness/report/console.hpp"
#include "harness/report/progress.hpp"
#include "harness/results/writer.hpp"
#include "harness/runner/repetitions.hpp"
#include "harness/runner/runner.hpp"
#include "harness/scenario/load.hpp"

namespace mxident::harness::cli {
namespace {

namespace fs = std::filesystem;

struct RunOptions {
  std::vector<std::string> patterns, clients, scenario_dirs;
  std::string output, shard = "1/1", policy = "published", baseline, sanity = "check";
  unsigned jobs = 0;
  std::size_t repeat = 1;
};

struct Shard {
  unsigned index = 1, of = 1;
};

Shard parse_shard(const std::string& text) {
  Shard out;
  char rest = 0;
  const bool good = std::sscanf(text.c_str(), "%u/%u%c", &out.index, &out.of, &rest) == 2 && out.of >= 1 && out.index >= 1 &&
                    out.index <= out.of && text.front() != '-';
  if (!good) throw InputError("--shard", "", fmt::format("found \"{}\", wanted I/N with 1 <= I <= N", text));
  return out;
}

Baselines load_baselines(const std::string& stated) {
  if (!stated.empty()) {
    if (stated != "none" && !fs::exists(stated)) throw InputError("--baseline", "", fmt::format("found \"{}\", wanted a file, a folder, or none", stated));
    return Baselines::load(stated);
  }
  const fs::path shipped = data_dirs().baselines;
  return Baselines::load(fs::is_directory(shipped) ? shipped : fs::path("none"));
}

/// With no client named, those that are not installed are left out with one line; named ones stay, as unsupported.
void drop_missing(Stage& stage) {
  std::vector<std::string> others;
  for (const auto& client : stage.clients) {
    if (!client.unavailable.empty()) others.push_back(client.manifest.id);
  }
  if (!others.empty()) {
    fmt::print(stderr, "mxident: {} more clients could be had by scripts/install-clients: {}\n", others.size(), fmt::join(others, " "));
  }
  std::vector<Sanity> sanity;
  std::vector<ClientColumn> columns;
  for (std::size_t i = 0; i < stage.columns.size(); ++i) {
    if (!stage.columns[i].client->unavailable.empty()) continue;
    columns.push_back(stage.columns[i]);
    sanity.push_back(stage.sanity[i]);
  }
  stage.columns = std::move(columns);
  stage.sanity = std::move(sanity);
}

double cpu_seconds(int who) {
  rusage usage{};
  getrusage(who, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

std::string sources_text(const Scenario& scenario) {
  std::vector<std::string> refs;
  for (const auto& source : scenario.sources) refs.push_back(source.ref);
  return fmt::format("{}", fmt::join(refs, ", "));
}

/// The names that the preferred host shows, a few of them.
std::string presented_text(const Scenario& scenario, const std::string& host) {
  constexpr std::size_t kMost = 3;
  const ScenarioServer* server = server_of(scenario, host);
  const auto shown = server ? scenario.certificates.find(server->spec.certificate) : scenario.certificates.end();
  if (shown == scenario.certificates.end()) return "";
  std::vector<std::string> names = names_of(shown->second.spec);
  if (names.empty()) return "a certificate without names";
  const std::size_t more = names.size() - std::min(names.size(), kMost);
  names.resize(names.size() - more);
  return fmt::format("{}{}", fmt::join(names, ", "), more ? fmt::format(" and {} more", more) : "");
}

/// Gathers cells until a scenario is whole, then hands it to the console.
class Collector {
 public:
  Collector(const Plan& plan, std::span<const Scenario> scenarios, ConsoleReport& console, Progress& progress, ResultsWriter* writer)
      : scenarios_(scenarios), console_(console), progress_(progress), writer_(writer) {
    for (const auto& cell : plan.cells) {
      if (order_.empty() || order_.back() != cell.scenario) order_.push_back(cell.scenario);
      ++open_[cell.scenario];
    }
  }

  void add(const PlannedCell& cell, const CellResult& result) {
    if (writer_) writer_->write(to_line(result));
    ++footer.counts[result.outcome];
    const bool unexpected = result.baseline == BaselineState::news || (result.baseline == BaselineState::none && is_fault(result.outcome));
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
    const std::string host = preferred_host(scenario);
    console_.scenario({scenario.id, scenario.title, sources_text(scenario), presented_text(scenario, host), host, scenario.domain, scenario.rules},
                      cells_[index]);
    cells_.erase(index);
    const std::string group = scenario.id.substr(0, scenario.id.find('/'));
    ++group_scenarios_[group];
    const bool last = at_ >= order_.size() || scenarios_[order_[at_]].id.substr(0, scenarios_[order_[at_]].id.find('/')) != group;
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
    fmt::print(stderr, "mxident: nothing selected: {} scenarios are known, see \"mxident list scenarios\"\n", scenarios.size());
    return kExitNothing;
  }

  Stage stage(invocation, std::move(wanted), options.scenario_dirs, options.jobs,
              options.sanity == "skip" ? SanityCheck::skip : SanityCheck::run);
  if (stage.interrupts.seen()) return kExitIncomplete;
  if (options.clients.empty()) drop_missing(stage);

  const Plan plan = make_plan(scenarios, selected, stage.columns, options.policy == "all" ? PolicyCoverage::all : PolicyCoverage::where_published, std::time(nullptr));
  if (plan.cells.empty()) {
    fmt::print(stderr, "mxident: nothing to run: {} cells have no expectation\n", plan.no_expectation);
    return kExitNothing;
  }

  RunHeader header;
  header.mxident_version = MXIDENT_VERSION;
  header.sandbox = stage.sandbox->describe();
  header.scenarios = selected.size();
  header.shard = shard.index;
  header.shards = shard.of;
  for (const auto& client : stage.clients) {
    if (client.unavailable.empty()) header.clients[client.manifest.id] = client.version;
  }

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
  std::vector<ReportColumn> report_columns;
  for (const auto& column : stage.columns) {
    report_columns.push_back({column.client->manifest.id, column.client->version, column.mode->id,
                              column.mode->title.empty() ? fmt::format("policy {}", to_string(column.mode->policy.id)) : column.mode->title});
  }
  std::size_t width = 0;
  for (const auto index : selected) width = std::max(width, scenarios[index].id.size());
  console.begin(header, stage.sandbox->describe(), std::move(report_columns), width);

  const auto started = std::chrono::steady_clock::now();
  const double cpu_before = cpu_seconds(RUSAGE_SELF);
  Runner runner(stage.context(scenarios));
  stage.interrupts.pass_to(runner);
  Collector collector(plan, scenarios, console, progress, writer.get());
  Repetitions repetitions;
  const bool whole = runner.run(repeated(plan, options.repeat), [&](const PlannedCell& cell, CellResult result) {
    collector.footer.client_cpu_s += result.cpu_ms / 1000;
    if (options.repeat > 1 && !repetitions.first(cell, result)) return;
    result.baseline = baselines.compare(result);
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
  footer.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  footer.harness_cpu_s = cpu_seconds(RUSAGE_SELF) - cpu_before;
  if (writer) writer->write(to_line(footer));
  console.end(footer, results_file.string(), differing);
  if (!whole) return kExitIncomplete;
  if (footer.counts[Outcome::harness_error]) return kExitHarness;
  return footer.news || footer.fixed || footer.differing ? kExitNews : kExitOk;
}

}  // namespace

void add_run_command(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Run clients against scenarios and judge what they do");
  command->add_option("scenarios", options->patterns, "Ids, folders or patterns (default: all)");
  command->add_option("--client", options->clients, "CLIENT[:MODE] or a manifest.json; may be repeated (default: all that are installed)")
      ->take_all()->allow_extra_args(false);
  command->add_option("--scenarios", options->scenario_dirs, "Folder of scenarios in place of the shipped ones; may be repeated")
      ->take_all()->allow_extra_args(false);
  command->add_option("--jobs", options->jobs, "External clients at a time (default: twice the cores)")->check(CLI::Range(1u, 1024u));
  command->add_option("--repeat", options->repeat, "Run every cell N times and report those that differ")->check(CLI::Range(1u, 1000u));
  command->add_option("--shard", options->shard, "I/N: every Nth scenario, from the Ith");
  command->add_option("--output", options->output, "Folder for results.ndjson");
  command->add_option("--baseline", options->baseline, "File or folder of known outcomes, or none (default: the shipped ones)");
  command->add_option("--policy", options->policy, "all: run mta-sts and dane also where nothing is published")
      ->check(CLI::IsMember({"published", "all"}));
  command->add_option("--sanity", options->sanity, "skip: score modes whose set-up was not checked first")
      ->check(CLI::IsMember({"check", "skip"}));
  command->callback([options, &invocation] { invocation.exit_code = run(*options, invocation); });
}

}  // namespace mxident::harness::cli
