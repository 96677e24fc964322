// mxident run: the main job.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "harness/catalogue/load.hpp"
#include "harness/cli/catalogue.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/help.hpp"
#include "harness/cli/matrix_run.hpp"
#include "harness/cli/recording.hpp"
#include "harness/cli/run_report.hpp"
#include "harness/cli/test_groups.hpp"
#include "harness/input/json_input.hpp"
#include "harness/report/formats.hpp"
#include "harness/results/merge.hpp"
#include "harness/run/record.hpp"

namespace mxident::harness::cli {
namespace {

std::vector<std::size_t> selected_of(const std::vector<Scenario>& scenarios,
                                     const std::vector<std::string>& patterns) {
  std::vector<std::string> unmatched;
  std::vector<std::size_t> out = select(scenarios, patterns, unmatched);
  std::vector<std::string> known;
  for (const auto& scenario : scenarios) {
    known.push_back(scenario.id);
    known.push_back(scenario.id.substr(0, scenario.id.find('/')));
  }
  // One that selects nothing is a mistake even beside others: a renamed folder would silently no longer be
  // run.
  for (const auto& pattern : unmatched) {
    const auto near = nearest(pattern, known);
    throw NothingSelected(
        fmt::format("\"{}\" selects no scenario{}; {} are known, see \"mxident list scenarios\"", pattern,
                    near ? fmt::format(" (did you mean \"{}\"?)", *near) : "", scenarios.size()));
  }
  if (out.empty()) throw NothingSelected("nothing selected: there are no scenarios");
  return out;
}

/// What a scenario costs, by what the manifests say of their modes: the same on every machine, whatever is
/// installed there.
std::vector<double> weights_of(const std::vector<Scenario>& scenarios,
                               const std::vector<std::size_t>& selected, const std::vector<Wanted>& clients,
                               PolicyCoverage coverage) {
  std::vector<double> out;
  for (const auto index : selected) {
    double weight = 1;
    for (const auto& client : clients) {
      for (const auto& mode : client.manifest.modes) {
        const bool asked = client.mode.empty() || mode.id == client.mode;
        if (asked && (coverage == PolicyCoverage::all || is_published(scenarios[index], mode.policy.id)))
          weight += mode.cpu_ms;
      }
    }
    out.push_back(weight);
  }
  return out;
}

/// Why nothing of a test could be tried, where the clients are sound: "acme strict: there is no program
/// \"acme\" on PATH". Empty: something was, or a client that is there could not be worked with.
std::string nothing_tried(const Lab& lab, const Plan& plan) {
  if (!lab.breakage.empty()) return "";
  std::string why;
  for (const auto& cell : plan.cells) {
    if (cell.unsupported.empty()) return "";
    const auto& column = lab.columns[cell.column];
    if (why.empty()) {
      why = fmt::format("{} {}: {}", column.client->manifest.id, column.mode->id, cell.unsupported);
    }
  }
  return why;
}

int run(RunOptions& options, Invocation& invocation) {
  // All input is read before anything starts, so that a mistake in it costs nothing.
  const ShardChoice choice = shard_of_run(options);
  const Shard& shard = choice.shard;
  for (const auto& text : options.reports) parse_report_request(text);
  const std::vector<Scenario> scenarios = load_scenarios(options.scenario_dirs);
  std::vector<std::size_t> selected = selected_of(scenarios, options.patterns);
  std::vector<Wanted> clients = wanted_clients(options.clients);
  if (!options.ctest.empty()) {
    const TestGroup test = find_test(scenarios, selected, clients, options.ctest);
    selected = test.scenarios;
    clients = clients_of(test, clients);
  }
  const Baselines baselines = load_baselines(options.baseline);
  const auto coverage = options.policy == "all" ? PolicyCoverage::all : PolicyCoverage::where_published;
  std::vector<std::size_t> mine;
  for (const auto place : shard_of(weights_of(scenarios, selected, clients, coverage), shard))
    mine.push_back(selected[place]);
  if (mine.empty()) throw NothingSelected("nothing selected: this shard has no scenario");

  Reproduce reproduce;
  for (const auto& dir : options.scenario_dirs) reproduce.before += fmt::format(" --scenarios '{}'", dir);
  const auto lab = make_lab(options, std::move(clients), invocation.argc, invocation.argv, reproduce);
  if (lab->interrupts.seen()) return kExitIncomplete;
  announce(choice);

  Plan plan = make_plan(scenarios, mine, lab->columns, coverage, lab->now);
  if (plan.cells.empty())
    throw NothingSelected(fmt::format("nothing to run: {} cells have no expectation", plan.no_expectation));
  if (!options.ctest.empty()) {
    if (const std::string why = nothing_tried(*lab, plan); !why.empty()) {
      fmt::print("skipped: {}\n", printable(why));
      return kExitSkipped;
    }
  }
  choose_output(options, *lab);

  RunHeader header = header_of(*lab);
  header.scenarios = mine.size();
  header.suite_digest = suite_digest(scenarios, selected);
  header.shard = shard.index;
  header.shards = shard.of;
  Progress progress(plan.cells.size(), terminal_of(stderr));
  Recording recording(options, baselines, *lab, progress);
  const auto console = run_report(header, recording.results_file(), [&] { progress.clear(); });
  recording.tell(*console);
  recording.leave_out(plan, scenarios, header);
  recording.begin(header);
  const bool whole = lab->run(scenarios, repeated(plan, options.repeat), recording);
  return recording.finish(whole, plan.no_expectation);
}

void add_matrix_options(CLI::App& command, RunOptions& options) {
  const char* const kGroup = "Generated cells (docs/matrix.md)";
  auto* matrix =
      command.add_option("--matrix", options.matrix, "all, or the file of a spec: run generated cells")
          ->group(kGroup);
  command.get_option("scenarios")->excludes(matrix);
  command.get_option("--scenarios")->excludes(matrix);
  command.get_option("--repeat")->excludes(matrix);
  command.get_option("--ctest")->excludes(matrix);
  command.add_option("--cell", options.cells, "Id or pattern of matrix cells")
      ->take_all()
      ->allow_extra_args(false)
      ->needs(matrix)
      ->group(kGroup);
  command.add_option("--sample", options.sample, "So many cells of the matrix")
      ->check(CLI::Range(1u, 1000000000u))
      ->needs(matrix)
      ->group(kGroup);
  command.add_option("--seed", options.seed, "Another seed draws another sample (default: 1)")
      ->check(not_negative())
      ->needs(matrix)
      ->group(kGroup);
  command.add_flag("--pairwise", options.pairwise, "A small set of cells that has every pair of values")
      ->needs(matrix)
      ->group(kGroup);
  command.add_option("--write", options.write, "Folder: write cells as scenario files, run nothing")
      ->needs(matrix)
      ->group(kGroup);
}

}  // namespace

void add_run_command(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Run clients against scenarios and judge what they do");
  command->add_option("scenarios", options->patterns, "Ids, folders or patterns (default: all)");
  command->add_option("--client", options->clients, "CLIENT[:MODE] or manifest.json (default: installed)")
      ->take_all()
      ->allow_extra_args(false);
  command
      ->add_option("--scenarios", options->scenario_dirs, "Folder of scenarios in place of the shipped ones")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--jobs", options->jobs, "External clients at a time (default: two a core)")
      ->check(CLI::Range(1u, 1024u));
  auto* repeat =
      command->add_option("--repeat", options->repeat, "Run each cell N times and report those that differ")
          ->check(CLI::Range(1u, 1000u));
  command->add_option("--shard", options->shard, "I/N: a part of the scenarios, of about equal weight");
  command->add_option("--ctest", options->ctest, "Id of \"list tests\"; exit code 77: cannot be tried");
  auto* output = command->add_option("--output", options->output, "Folder for results.ndjson");
  command->add_option("--keep", options->keep, "Folder that grows: a run a folder, index, \"latest\"")
      ->excludes(output);
  command->add_flag("--resume", options->resume, "Go on with the run in --output that was cut off")
      ->needs(output)
      ->excludes(repeat);
  command->add_option("--report", options->reports, "FORMAT:FILE, a report besides (docs/results.md)")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--baseline", options->baseline,
                      "Known outcomes in place of the shipped ones, or none");
  command->add_option("--policy", options->policy, "all: mta-sts and dane also where none is published")
      ->check(CLI::IsMember({"published", "all"}));
  command->add_option("--sanity", options->sanity, "skip: score modes whose set-up was not checked first")
      ->check(CLI::IsMember({"check", "skip"}));
  command->add_option("--workers", options->workers, "on: interpreters stay for cells (docs/workers.md)")
      ->check(CLI::IsMember({"on", "off"}));
  add_matrix_options(*command, *options);
  command->footer(
      "Exit codes: 0 as known, 1 news, 2 bad input, 3 failed, 4 nothing run, 5 interrupted.\n"
      "Example: mxident run 'rfc2818/*' --client curl --output out");
  command->callback([options, &invocation] {
    end_on_interrupt(kExitIncomplete);
    try {
      invocation.exit_code =
          options->matrix.empty() ? run(*options, invocation) : run_matrix(*options, invocation);
    } catch (const IncompleteParts& error) {
      fmt::print(stderr, "mxident: {}\n", error.what());
      invocation.exit_code = kExitIncomplete;
    }
  });
}

}  // namespace mxident::harness::cli
