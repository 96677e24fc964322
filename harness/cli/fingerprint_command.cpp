// mxident fingerprint: which reference identifier does a client check at all.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "harness/cli/command.hpp"
#include "harness/cli/stage.hpp"
#include "harness/explore/fingerprint/fingerprint.hpp"
#include "harness/explore/fingerprint/probes.hpp"
#include "harness/input/json_input.hpp"

namespace mxident::harness::cli {
namespace {

ProbeResult result_of(const CellResult& r, std::string key, std::string title) {
  ProbeResult out{std::move(key), std::move(title),          r.decision, r.note, r.sni,
                  false,          r.outcome == Outcome::hang};
  out.mail_seen = std::any_of(r.transcript.begin(), r.transcript.end(),
                              [](const auto& line) { return line.find(" C: MAIL ") != std::string::npos; });
  if (r.outcome == Outcome::harness_error) out.decision.reset();
  return out;
}

int run(const std::vector<std::string>& clients, bool json, Invocation& invocation) {
  std::vector<Wanted> wanted = wanted_clients(clients);
  Stage stage(invocation, std::move(wanted), {}, 0, SanityCheck::run);
  if (stage.interrupts.seen()) return kExitIncomplete;

  const auto names = name_probes();
  const auto behaviours = behaviour_probes();
  std::vector<Scenario> scenarios;
  for (const auto& probe : names) scenarios.push_back(probe.scenario);
  for (const auto& probe : behaviours) scenarios.push_back(probe.scenario);
  Plan plan;
  std::vector<Fingerprint> prints;
  for (std::size_t c = 0; c < stage.columns.size(); ++c) {
    const ClientColumn& column = stage.columns[c];
    prints.push_back({column.client->manifest.id,
                      column.client->version,
                      column.mode->id,
                      std::string(to_string(column.mode->policy.id)),
                      column.mode->title,
                      {},
                      {}});
    prints.back().names.resize(names.size());
    prints.back().behaviours.resize(behaviours.size());
    for (std::size_t s = 0; s < scenarios.size(); ++s)
      plan.cells.push_back(make_cell(scenarios[s], s, column, c, Expected::either));
  }
  Runner runner(stage.context(scenarios));
  stage.interrupts.pass_to(runner);
  const bool whole = runner.run(plan, [&](const PlannedCell& cell, const CellResult& r) {
    Fingerprint& print = prints[cell.column];
    if (cell.scenario < names.size()) {
      const auto& probe = names[cell.scenario];
      const std::string id = probe.scenario.id;
      print.names[cell.scenario] = result_of(r, id.substr(id.find('/') + 1), probe.title);
    } else {
      const auto& probe = behaviours[cell.scenario - names.size()];
      print.behaviours[cell.scenario - names.size()] = result_of(r, probe.key, probe.title);
    }
  });
  stage.interrupts.stop();
  if (!whole) return kExitIncomplete;
  for (std::size_t c = 0; c < prints.size(); ++c) {
    if (json) {
      fmt::print("{}\n", to_json(prints[c]));
    } else if (!stage.columns[c].unsupported.empty()) {
      fmt::print("{} {}: {}\n\n", prints[c].client, prints[c].mode, stage.columns[c].unsupported);
    } else {
      fmt::print("{}\n", card(prints[c]));
    }
  }
  return kExitOk;
}

}  // namespace

void add_fingerprint_command(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("fingerprint", "Find out which names a client checks at all");
  auto clients = std::make_shared<std::vector<std::string>>();
  auto json = std::make_shared<bool>(false);
  command->add_option("client", *clients, "CLIENT[:MODE] or a manifest.json (default: all)");
  command->add_flag("--json", *json, "One JSON object a mode");
  command->callback(
      [clients, json, &invocation] { invocation.exit_code = run(*clients, *json, invocation); });
}

}  // namespace mxident::harness::cli
