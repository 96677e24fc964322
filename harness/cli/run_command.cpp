// mxident run: the main job.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <set>
#include <thread>

#include "harness/cli/command.hpp"
#include "harness/input/json_input.hpp"
#include "harness/report/console.hpp"
#include "harness/report/progress.hpp"
#include "harness/results/writer.hpp"
#include "harness/runner/runner.hpp"
#include "harness/scenario/load.hpp"

namespace mxident::harness::cli {
namespace {

namespace fs = std::filesystem;

struct RunOptions {
  std::vector<std::string> patterns, clients, scenario_dirs;
  std::string output, shard = "1/1", policy = "published";
  unsigned jobs = 0;
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

std::vector<Scenario> load_scenarios(const RunOptions& options) {
  std::vector<fs::path> dirs(options.scenario_dirs.begin(), options.scenario_dirs.end());
  if (dirs.empty()) dirs.push_back(data_dirs().scenarios);
  Catalogue catalogue = load_catalogue(dirs);
  if (catalogue.errors.empty()) return std::move(catalogue.scenarios);
  for (std::size_t i = 0; i + 1 < catalogue.errors.size(); ++i) fmt::print(stderr, "mxident: {}\n", catalogue.errors[i].text());
  const ScenarioError& last = catalogue.errors.back();
  throw InputError(last.file, last.pointer, last.message);
}

/// A client that was asked for: all modes, or one.
struct Wanted {
  Manifest manifest;
  std::string mode;
};

std::vector<Wanted> wanted_clients(const RunOptions& options) {
  std::vector<Wanted> out;
  const auto shipped = load_manifests(data_dirs().clients);
  if (options.clients.empty()) {
    for (const auto& manifest : shipped) out.push_back({manifest, ""});
    return out;
  }
  for (const auto& text : options.clients) {
    if (text.size() > 5 && text.ends_with(".json")) {
      out.push_back({load_manifest(text), ""});
      continue;
    }
    const std::string id = text.substr(0, text.find(':'));
    const std::string mode = text.find(':') == std::string::npos ? "" : text.substr(text.find(':') + 1);
    const auto it = std::find_if(shipped.begin(), shipped.end(), [&](const auto& m) { return m.id == id; });
    std::vector<std::string> known;
    for (const auto& manifest : shipped) known.push_back(manifest.id);
    if (it == shipped.end()) {
      const auto near = nearest(id, known);
      throw InputError("--client", "", fmt::format("found \"{}\", which is no known client{}; wanted one of {}, or a manifest ending in .json",
                                                   id, near ? fmt::format(" (did you mean \"{}\"?)", *near) : "", fmt::join(known, ", ")));
    }
    const auto& modes = it->modes;
    if (!mode.empty() && std::none_of(modes.begin(), modes.end(), [&](const auto& m) { return m.id == mode; })) {
      std::vector<std::string> ids;
      for (const auto& m : modes) ids.push_back(m.id);
      throw InputError("--client", "", fmt::format("found \"{}\", and {} has no mode \"{}\"; wanted one of {}", text, id, mode, fmt::join(ids, ", ")));
    }
    out.push_back({*it, mode});
  }
  return out;
}

/// Passes SIGINT and SIGTERM to the runner. They are blocked in every thread that starts after this one.
class Interrupts {
 public:
  Interrupts() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  void pass_to(Runner& runner) {
    thread_ = std::thread([this, &runner] {
      int signal = 0;
      sigwait(&set_, &signal);
      if (signal == SIGUSR1) return;
      seen_ = true;
      runner.interrupt();
    });
  }
  bool seen() const { return seen_; }
  void stop() {
    if (!thread_.joinable()) return;
    pthread_kill(thread_.native_handle(), SIGUSR1);
    thread_.join();
  }
  ~Interrupts() { stop(); }

 private:
  sigset_t set_{};
  std::thread thread_;
  std::atomic<bool> seen_ = false;
};

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

/// Runs the sanity scenarios; a mode that fails becomes unsupported, and says why.
std::vector<Sanity> check_sanity(RunContext context, std::vector<ClientColumn>& columns, Interrupts& interrupts) {
  const std::vector<Scenario> scenarios = sanity_scenarios();
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < scenarios.size(); ++i) all.push_back(i);
  const Plan plan = make_plan(scenarios, all, columns, PolicyCoverage::all, std::time(nullptr));
  std::vector<std::vector<SanityCell>> cells(columns.size());
  context.scenarios = scenarios;
  context.columns = columns;
  Runner runner(context);
  interrupts.pass_to(runner);
  runner.run(plan, [&](const PlannedCell& cell, const CellResult& r) {
    cells[cell.column].push_back({r.scenario, r.outcome, r.decision, r.note, r.words});
  });
  interrupts.stop();
  std::vector<Sanity> out;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    out.push_back(columns[i].unsupported.empty() ? assess(cells[i]) : Sanity{});
    if (columns[i].unsupported.empty() && !out.back().broken.empty()) {
      columns[i].unsupported = out.back().broken;
      fmt::print(stderr, "mxident: {} {}: {}\n", columns[i].client->manifest.id, columns[i].mode->id, out.back().broken);
    }
  }
  return out;
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
    footer.client_cpu_s += result.cpu_ms / 1000;
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
    console_.scenario({scenario.id, scenario.title, sources_text(scenario)}, cells_[index]);
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
  const std::vector<Scenario> scenarios = load_scenarios(options);
  std::vector<std::string> unmatched;
  std::vector<std::size_t> selected = select(scenarios, options.patterns, unmatched);
  for (const auto& pattern : unmatched) fmt::print(stderr, "mxident: \"{}\" selects no scenario\n", pattern);
  std::vector<Wanted> wanted = wanted_clients(options);
  if (shard.of > 1) {
    std::vector<std::size_t> mine;
    for (std::size_t i = shard.index - 1; i < selected.size(); i += shard.of) mine.push_back(selected[i]);
    selected = std::move(mine);
  }
  if (selected.empty()) {
    fmt::print(stderr, "mxident: nothing selected: {} scenarios are known, see \"mxident list scenarios\"\n", scenarios.size());
    return kExitNothing;
  }

  auto sandbox = sandbox::enter(invocation.argc, invocation.argv);
  Interrupts interrupts;
  const auto started = std::chrono::steady_clock::now();
  const double cpu_before = cpu_seconds(RUSAGE_SELF);

  certs::KeyPool keys;
  const certs::Authority authority = certs::Authority::make(keys);
  sandbox->set_trust({{authority.root.pem()}});
  std::vector<Client> clients;
  clients.reserve(wanted.size());
  for (auto& w : wanted) clients.push_back(find_client(w.manifest, *sandbox));
  std::vector<ClientColumn> columns;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (!clients[i].unavailable.empty() && options.clients.empty()) {
      fmt::print(stderr, "mxident: {} left out: {}\n", clients[i].manifest.id, clients[i].unavailable);
      continue;
    }
    for (const auto& mode : clients[i].manifest.modes) {
      if (!wanted[i].mode.empty() && mode.id != wanted[i].mode) continue;
      const std::string lacking = clients[i].unavailable.empty() ? missing_needs(mode, *sandbox) : clients[i].unavailable;
      columns.push_back({&clients[i], &mode, lacking});
    }
  }
  const auto placement = sandbox->level() == sandbox::Level::none ? mocks::Placement::loopback : mocks::Placement::namespaced;
  mocks::Internet internet(placement, 1);
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  std::string prefix = "mxident run";
  for (const auto& dir : options.scenario_dirs) prefix += fmt::format(" --scenarios '{}'", dir);
  RunContext context{*sandbox, internet, authority, keys, scenarios, columns, {}, options.jobs ? options.jobs : 2 * cores, prefix};
  const std::vector<Sanity> sanity = check_sanity(context, columns, interrupts);
  if (interrupts.seen()) return kExitIncomplete;
  context.columns = columns;
  context.sanity = sanity;

  const Plan plan = make_plan(scenarios, selected, columns, options.policy == "all" ? PolicyCoverage::all : PolicyCoverage::where_published, std::time(nullptr));
  if (plan.cells.empty()) {
    fmt::print(stderr, "mxident: nothing to run: {} cells have no expectation\n", plan.no_expectation);
    return kExitNothing;
  }

  RunHeader header;
  header.mxident_version = MXIDENT_VERSION;
  header.sandbox = sandbox->describe();
  header.scenarios = selected.size();
  header.shard = shard.index;
  header.shards = shard.of;
  for (const auto& client : clients) {
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
  for (const auto& column : columns) {
    report_columns.push_back({column.client->manifest.id, column.client->version, column.mode->id,
                              column.mode->title.empty() ? fmt::format("policy {}", to_string(column.mode->policy.id)) : column.mode->title});
  }
  std::size_t width = 0;
  for (const auto index : selected) width = std::max(width, scenarios[index].id.size());
  console.begin(header, sandbox->describe(), std::move(report_columns), width);

  Runner runner(context);
  interrupts.pass_to(runner);
  Collector collector(plan, scenarios, console, progress, writer.get());
  const bool whole = runner.run(plan, [&](const PlannedCell& cell, const CellResult& result) { collector.add(cell, result); });
  interrupts.stop();
  progress.clear();
  if (!whole) collector.flush_rest();

  RunFooter& footer = collector.footer;
  footer.no_expectation = plan.no_expectation;
  footer.complete = whole;
  footer.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  footer.harness_cpu_s = cpu_seconds(RUSAGE_SELF) - cpu_before;
  if (writer) writer->write(to_line(footer));
  console.end(footer, results_file.string());
  if (!whole) return kExitIncomplete;
  if (footer.counts[Outcome::harness_error]) return kExitHarness;
  return footer.news || footer.fixed ? kExitNews : kExitOk;
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
  command->add_option("--shard", options->shard, "I/N: every Nth scenario, from the Ith");
  command->add_option("--output", options->output, "Folder for results.ndjson");
  command->add_option("--policy", options->policy, "all: run mta-sts and dane also where nothing is published")
      ->check(CLI::IsMember({"published", "all"}));
  command->callback([options, &invocation] { invocation.exit_code = run(*options, invocation); });
}

}  // namespace mxident::harness::cli
