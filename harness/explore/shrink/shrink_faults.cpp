#include "harness/explore/shrink/shrink_faults.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/analysis/findings.hpp"
#include "harness/catalogue/load.hpp"
#include "harness/explore/shrink/shrink.hpp"
#include "harness/oracle/expectation.hpp"
#include "harness/results/writer.hpp"
#include "harness/run/experiment.hpp"
#include "harness/run/record.hpp"

namespace mxident::harness {
namespace {

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
              const FaultToShrink& fault, std::int64_t now) {
  const LoadResult loaded = read_scenario(document, "(shrunk)");
  const ScenarioRecord about = record_of(*loaded.scenario, 0);
  const std::string presented =
      presented_text(about, fault.sent_sni ? std::optional(about.host) : std::nullopt);
  document["id"] = "shrunk/" + name;
  document["title"] =
      fmt::format("{} {} {} for {}", mode, verb_of(fault.outcome), presented.empty() ? "no names" : presented,
                  about.host.empty() || about.domain.starts_with("[") ? about.domain : about.host);
  document["note"] = fmt::format("Shrunk from {}.", matrix::id_of(fault.cell));
  ScenarioDocument expect = ScenarioDocument::object();
  for (const Policy& policy : all_policies()) {
    const auto expected = oracle::expect(*loaded.scenario, policy, "", now);
    if (expected) expect[std::string(to_string(policy.id))] = to_string(*expected);
  }
  document["expect"] = expect;
}

}  // namespace

void FaultsToShrink::cell(const CellResult& result) {
  const bool shown = is_fault(result.outcome) && result.outcome != Outcome::harness_error &&
                     result.baseline != BaselineState::as_known;
  const auto cell = matrix::cell_of(result.scenario);
  if (!shown || !cell) return;
  if (!seen_.emplace(result.client, result.mode, result.outcome, (*cell)[matrix::Dimension::shape]).second)
    return;
  if (list_.size() < kMost)
    list_.push_back(
        {*cell, result.client, result.mode, result.expected, result.outcome, result.sni.has_value()});
}

void shrink_faults(Lab& lab, const FaultsToShrink& faults, const std::string& parent,
                   const std::optional<std::filesystem::path>& folder) {
  if (faults.list().empty()) return;
  fmt::print("\nThe smallest that show the same (by the oracle's expectation)\n\n");
  for (const auto& fault : faults.list()) {
    const auto column = std::find_if(lab.columns.begin(), lab.columns.end(), [&](const ClientColumn& c) {
      return c.client->manifest.id == fault.client && c.mode->id == fault.mode;
    });
    const Question question{static_cast<std::size_t>(column - lab.columns.begin()), fault.expected};
    Shrunk shrunk =
        shrink(matrix::document_of(fault.cell, parent), [&](const std::vector<ScenarioDocument>& candidates) {
          std::vector<bool> out;
          for (const auto& result : experiment(lab, question, candidates))
            out.push_back(result && result->outcome == fault.outcome);
          return out;
        });
    if (lab.interrupts.seen()) return;
    std::string name =
        fmt::format("{}-{}-{}-{}", fault.client, fault.mode, to_string(fault.outcome),
                    matrix::value_of(matrix::Dimension::shape, fault.cell[matrix::Dimension::shape]).name);
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '_' || c == '.'; }, '-');
    complete(shrunk.document, name, fmt::format("{} {}", fault.client, fault.mode), fault, lab.now);
    fmt::print("  {}\n", shrunk.document["title"].get<std::string>());
    if (folder) {
      const std::filesystem::path file = *folder / "shrunk" / (name + ".json");
      make_folder(file.parent_path());
      write_file(file, shrunk.document.dump(2) + "\n");
      fmt::print("      {} ({} steps, {} candidates)\n", file.string(), shrunk.steps, shrunk.trials);
    }
    std::fflush(stdout);
  }
  if (faults.left_out())
    fmt::print("  and {} more kinds of fault that were not made smaller\n", faults.left_out());
}

}  // namespace mxident::harness
