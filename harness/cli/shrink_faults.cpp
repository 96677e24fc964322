#include "harness/cli/shrink_faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <fstream>

#include "harness/catalogue/load.hpp"
#include "harness/cli/run_job.hpp"
#include "harness/explore/shrink/shrink.hpp"
#include "harness/input/json_input.hpp"
#include "harness/oracle/expectation.hpp"
#include "harness/run/runner.hpp"

namespace mxident::harness::cli {
namespace {

/// Runs candidates with the one mode that has the fault.
class Trial {
 public:
  Trial(Stage& stage, const FaultToShrink& fault) : stage_(stage), fault_(fault) {}

  std::vector<bool> operator()(const std::vector<ScenarioDocument>& candidates) {
    std::vector<bool> out(candidates.size(), false);
    if (stage_.interrupts.seen()) return out;
    std::vector<Scenario> scenarios;
    std::vector<std::size_t> at;  // their places among the candidates
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      LoadResult loaded = parse_scenario(candidates[i].dump(), "(candidate)");
      if (!loaded.scenario) continue;
      scenarios.push_back(std::move(*loaded.scenario));
      at.push_back(i);
    }
    Plan plan;
    const ClientColumn& column = stage_.columns[fault_.column];
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
      const PlannedCell cell = make_cell(scenarios[i], i, column, fault_.column, fault_.expected);
      if (cell.unsupported.empty() &&
          expected_of(scenarios[i], column, cell.host, std::time(nullptr)) == fault_.expected) {
        plan.cells.push_back(cell);
      }
    }
    Runner runner(stage_.context(scenarios));
    stage_.interrupts.pass_to(runner);
    runner.run(plan, [&](const PlannedCell& cell, const CellResult& result) {
      out[at[cell.scenario]] = result.outcome == fault_.outcome;
    });
    stage_.interrupts.stop();
    return out;
  }

 private:
  Stage& stage_;
  const FaultToShrink& fault_;
};

std::string_view verb_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::lax:
      return "accepts";
    case Outcome::strict:
      return "rejects";
    case Outcome::downgrade:
      return "sends in clear, given";
    case Outcome::hang:
      return "hangs, given";
    default:
      return "crashes, given";
  }
}

/// What a scenario that is kept needs beside the situation: an id, a title, expectations by policy.
void complete(ScenarioDocument& document, const std::string& name, const std::string& mode,
              const FaultToShrink& fault) {
  const LoadResult loaded = parse_scenario(document.dump(), "(shrunk)");
  const ReportScenario about = report_scenario_of(*loaded.scenario);
  document["id"] = "shrunk/" + name;
  document["title"] = fmt::format(
      "{} {} {} for {}", mode, verb_of(fault.outcome), about.presented.empty() ? "no names" : about.presented,
      about.host.empty() || about.domain.starts_with("[") ? about.domain : about.host);
  document["note"] = fmt::format("Shrunk from {}.", matrix::id_of(fault.cell));
  ScenarioDocument expect = ScenarioDocument::object();
  for (const Policy& policy : all_policies()) {
    const auto expected = oracle::expect(*loaded.scenario, policy, "", std::time(nullptr));
    if (expected) expect[std::string(to_string(policy.id))] = to_string(*expected);
  }
  document["expect"] = expect;
}

}  // namespace

void FaultsToShrink::add(const matrix::Cell& cell, const PlannedCell& planned, const CellResult& result) {
  const bool shown = is_fault(result.outcome) && result.outcome != Outcome::harness_error &&
                     result.baseline != BaselineState::as_known;
  if (!shown || !seen_.emplace(planned.column, result.outcome, cell[matrix::Dimension::shape]).second) return;
  if (list_.size() < kMost) list_.push_back({cell, planned.column, planned.expected, result.outcome});
}

void shrink_faults(Stage& stage, const FaultsToShrink& faults, const std::string& parent,
                   const std::optional<std::filesystem::path>& folder) {
  if (faults.list().empty()) return;
  fmt::print("\nThe smallest that show the same (by the oracle's expectation)\n\n");
  for (const auto& fault : faults.list()) {
    const ClientColumn& column = stage.columns[fault.column];
    Shrunk shrunk = shrink(matrix::document_of(fault.cell, parent), Trial(stage, fault));
    if (stage.interrupts.seen()) return;
    const std::string mode = fmt::format("{} {}", column.client->manifest.id, column.mode->id);
    std::string name =
        fmt::format("{}-{}-{}-{}", column.client->manifest.id, column.mode->id, to_string(fault.outcome),
                    matrix::value_of(matrix::Dimension::shape, fault.cell[matrix::Dimension::shape]).name);
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '_' || c == '.'; }, '-');
    complete(shrunk.document, name, mode, fault);
    fmt::print("  {}\n", shrunk.document["title"].get<std::string>());
    if (folder) {
      const std::filesystem::path file = *folder / "shrunk" / (name + ".json");
      std::filesystem::create_directories(file.parent_path());
      std::ofstream out(file);
      out << shrunk.document.dump(2) << "\n";
      if (!out.flush()) throw InputError(file.string(), "", "cannot be written");
      fmt::print("      {} ({} steps, {} candidates)\n", file.string(), shrunk.steps, shrunk.trials);
    }
    std::fflush(stdout);
  }
  if (faults.left_out())
    fmt::print("  and {} more kinds of fault that were not made smaller\n", faults.left_out());
}

}  // namespace mxident::harness::cli
