#include "harness/run/experiment.hpp"

#include <nlohmann/json.hpp>

#include "harness/catalogue/load.hpp"

namespace mxident::harness {

std::vector<std::optional<CellResult>> experiment(Lab& lab, const Question& question,
                                                  std::span<const nlohmann::ordered_json> documents) {
  std::vector<std::optional<CellResult>> out(documents.size());
  std::vector<Scenario> scenarios;
  std::vector<std::size_t> places;  // of the cells among the documents
  Plan plan;
  const ClientColumn& column = lab.columns[question.column];
  for (std::size_t i = 0; i < documents.size(); ++i) {
    LoadResult loaded = read_scenario(documents[i], "(experiment)");
    if (!loaded.scenario) continue;
    const Scenario& scenario = *loaded.scenario;
    const PlannedCell first =
        make_cell(scenario, scenarios.size(), column, question.column, Expected::either);
    if (!first.unsupported.empty()) continue;
    const auto expected = expected_of(scenario, column, first.host, lab.now);
    if (!expected || (question.expected && expected != question.expected)) continue;
    const PlannedCell cell = make_cell(scenario, scenarios.size(), column, question.column, *expected);
    if (!cell.unsupported.empty()) continue;
    plan.cells.push_back(cell);
    places.push_back(i);
    scenarios.push_back(std::move(*loaded.scenario));
  }
  const auto results = lab.ask(scenarios, plan);
  for (std::size_t i = 0; i < results.size(); ++i) out[places[i]] = results[i];
  return out;
}

}  // namespace mxident::harness
