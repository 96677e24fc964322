#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "harness/analysis/diff.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness {
namespace {

using Json = nlohmann::ordered_json;

std::string_view word_of(const std::optional<Decision>& decision) {
  return decision ? to_string(*decision) : "-";
}

/// "Scenarios added (3): a/b, a/c, a/d"
std::string list_line(const char* title, const std::vector<std::string>& items) {
  constexpr std::size_t kMost = 8;
  if (items.empty()) return "";
  std::vector<std::string> shown(items.begin(),
                                 items.begin() + static_cast<std::ptrdiff_t>(std::min(items.size(), kMost)));
  for (auto& item : shown) item = printable(item);
  return fmt::format("{} ({}): {}{}\n", title, items.size(), fmt::join(shown, ", "),
                     items.size() > kMost ? ", ..." : "");
}

std::string cell_line(const CellChange& cell) {
  return fmt::format("  {:<10} {}: {} ({}) -> {} ({})\n", to_string(cell.change), printable(cell.scenario),
                     to_string(cell.before), word_of(cell.decision_before), to_string(cell.after),
                     word_of(cell.decision_after));
}

std::string mode_text(const ModeDiff& mode) {
  std::string out = fmt::format("{} {}", printable(mode.client), printable(mode.mode));
  std::vector<std::string> what;
  if (mode.version_before != mode.version_after)
    what.push_back(printable(mode.version_before) + " -> " + printable(mode.version_after));
  for (const auto& package : mode.packages) what.push_back("package changed: " + printable(package));
  if (mode.manifest_changed) what.push_back("its manifest changed");
  out += fmt::format("{}{}\n", what.empty() ? "" : ": ", fmt::join(what, "; "));
  for (const auto& phrase : mode.behaviours_gone) out += fmt::format("  no longer  {}\n", printable(phrase));
  for (const auto& phrase : mode.behaviours_new) out += fmt::format("  now        {}\n", printable(phrase));
  for (const auto change : {Change::regressed, Change::changed, Change::improved}) {
    for (const auto& cell : mode.cells) {
      if (cell.change == change) out += cell_line(cell);
    }
  }
  for (const auto& cell : mode.of_changed_scenarios)
    out += fmt::format("  scenario changed, too: {}: {} -> {}\n", printable(cell.scenario),
                       to_string(cell.before), to_string(cell.after));
  return out;
}

Json json_of(const CellChange& cell) {
  const auto decision = [](const auto& value) { return value ? Json(to_string(*value)) : Json(nullptr); };
  return {{"scenario", cell.scenario},
          {"change", to_string(cell.change)},
          {"before", {{"outcome", to_string(cell.before)}, {"decision", decision(cell.decision_before)}}},
          {"after", {{"outcome", to_string(cell.after)}, {"decision", decision(cell.decision_after)}}},
          {"reproduce", cell.reproduce}};
}

Json json_of(const ModeDiff& mode) {
  Json cells = Json::array(), others = Json::array();
  for (const auto& cell : mode.cells) cells.push_back(json_of(cell));
  for (const auto& cell : mode.of_changed_scenarios) others.push_back(json_of(cell));
  return {{"client", mode.client},
          {"mode", mode.mode},
          {"version", {{"before", mode.version_before}, {"after", mode.version_after}}},
          {"packages_changed", mode.packages},
          {"manifest_changed", mode.manifest_changed},
          {"behaviours_gone", mode.behaviours_gone},
          {"behaviours_new", mode.behaviours_new},
          {"cells", cells},
          {"of_changed_scenarios", others}};
}

std::size_t count_of(const RunDiff& diff, Change change) {
  const auto found = diff.counts.find(change);
  return found == diff.counts.end() ? 0 : found->second;
}

}  // namespace

std::string diff_text(const RunDiff& diff) {
  std::string out;
  for (const auto& mode : diff.modes) out += mode_text(mode) + "\n";
  out += list_line("Modes added", diff.modes_added);
  out += list_line("Modes gone", diff.modes_gone);
  out += list_line("Scenarios added", diff.scenarios_added);
  out += list_line("Scenarios gone", diff.scenarios_gone);
  out += list_line("Scenarios changed", diff.scenarios_changed);
  out += fmt::format("{} regressed, {} changed, {} improved; {} the same, {} added, {} gone\n",
                     count_of(diff, Change::regressed), count_of(diff, Change::changed),
                     count_of(diff, Change::improved), diff.same, diff.added, diff.gone);
  return out;
}

std::string diff_json(const RunDiff& diff) {
  Json modes = Json::array();
  for (const auto& mode : diff.modes) modes.push_back(json_of(mode));
  const Json json{{"schema", "mxident-diff/1"},
                  {"news", diff.has_news()},
                  {"regressed", count_of(diff, Change::regressed)},
                  {"changed", count_of(diff, Change::changed)},
                  {"improved", count_of(diff, Change::improved)},
                  {"same", diff.same},
                  {"added", diff.added},
                  {"gone", diff.gone},
                  {"modes_added", diff.modes_added},
                  {"modes_gone", diff.modes_gone},
                  {"scenarios_added", diff.scenarios_added},
                  {"scenarios_gone", diff.scenarios_gone},
                  {"scenarios_changed", diff.scenarios_changed},
                  {"modes", modes}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mxident::harness
