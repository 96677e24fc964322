#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

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

/// "curl 8.14.1 no longer takes a common name (ssl-reqd, ssl-try)"
std::string headline_text(const Headline& headline) {
  std::vector<std::string> modes;
  for (const auto& mode : headline.modes) modes.push_back(printable(mode));
  return fmt::format("{} {} {} {} ({})\n", printable(headline.client), printable(headline.version),
                     headline.became == Headline::Became::gone ? "no longer" : "now",
                     printable(headline.behaviour), fmt::join(modes, ", "));
}

std::string packages_text(const RunDiff& diff) {
  std::string out;
  for (const auto& [package, clients] : changed_packages(diff)) {
    std::vector<std::string> names;
    for (const auto& client : clients) names.push_back(printable(client));
    out += fmt::format("package changed: {} ({})\n", printable(package), fmt::join(names, ", "));
  }
  return out;
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

Json json_of(const RunDiff& diff) {
  Json modes = Json::array(), behaviours = Json::array();
  for (const auto& mode : diff.modes) modes.push_back(json_of(mode));
  for (const auto& headline : headlines(diff)) {
    behaviours.push_back({{"client", headline.client},
                          {"version", headline.version},
                          {"became", headline.became == Headline::Became::gone ? "gone" : "shown"},
                          {"behaviour", headline.behaviour},
                          {"modes", headline.modes}});
  }
  return {{"schema", "mxident-diff/1"},
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
          {"behaviours", behaviours},
          {"packages_changed", changed_packages(diff)},
          {"modes", modes}};
}

std::string dumped(const Json& json) {
  return json.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string counts_text(const RunDiff& diff) {
  return fmt::format("{} regressed, {} changed, {} improved; {} the same, {} added, {} gone",
                     count_of(diff, Change::regressed), count_of(diff, Change::changed),
                     count_of(diff, Change::improved), diff.same, diff.added, diff.gone);
}

std::string diff_text(const RunDiff& diff) {
  std::string out;
  for (const auto& headline : headlines(diff)) out += headline_text(headline);
  out += packages_text(diff);
  if (!out.empty()) out += "\n";
  for (const auto& mode : diff.modes) out += mode_text(mode) + "\n";
  out += list_line("Modes added", diff.modes_added);
  out += list_line("Modes gone", diff.modes_gone);
  out += list_line("Scenarios added", diff.scenarios_added);
  out += list_line("Scenarios gone", diff.scenarios_gone);
  out += list_line("Scenarios changed", diff.scenarios_changed);
  return out + counts_text(diff) + "\n";
}

std::string diff_json(const RunDiff& diff) {
  return dumped(json_of(diff));
}

std::string history_text(const History& history) {
  std::set<std::string> clients;
  for (const auto& run : history.runs) {
    for (const auto& [client, version] : run.versions) clients.insert(client);
  }
  std::string out;
  for (std::size_t i = 0; i < history.runs.size(); ++i)
    out += fmt::format("run {}  {}\n", i + 1, printable(history.runs[i].file));
  for (const auto& client : clients) {
    out += fmt::format("\n{}\n", printable(client));
    bool seen = false;
    for (std::size_t i = 0; i < history.runs.size(); ++i) {
      const auto version = history.runs[i].versions.find(client);
      if (version == history.runs[i].versions.end()) {
        if (seen) out += fmt::format("  run {}  was not run\n", i + 1);
        continue;
      }
      seen = true;
      std::vector<std::string> lines;
      std::map<Change, std::size_t> counts;
      if (i > 0) {
        const RunDiff& step = history.steps[i - 1];
        for (const auto& headline : headlines(step)) {
          if (headline.client == client) lines.push_back(headline_text(headline));
        }
        for (const auto& [package, theirs] : changed_packages(step)) {
          if (std::find(theirs.begin(), theirs.end(), client) != theirs.end())
            lines.push_back(fmt::format("package changed: {}\n", printable(package)));
        }
        for (const auto& mode : step.modes) {
          if (mode.client != client) continue;
          for (const auto& cell : mode.cells) ++counts[cell.change];
        }
      }
      out += fmt::format("  run {}  {}", i + 1, printable(version->second));
      const char* separator = ": ";
      for (const auto& [change, count] : counts) {
        out += fmt::format("{}{} {}", separator, count, to_string(change));
        separator = ", ";
      }
      out += "\n";
      for (const auto& line : lines) out += "         " + line;
    }
  }
  return out + (history.steps.empty() ? "" : "\nThe last step: " + counts_text(history.steps.back()) + "\n");
}

std::string history_json(const History& history) {
  Json runs = Json::array(), steps = Json::array();
  for (const auto& run : history.runs) runs.push_back({{"file", run.file}, {"versions", run.versions}});
  for (const auto& step : history.steps) steps.push_back(json_of(step));
  return dumped(
      {{"schema", "mxident-history/1"}, {"news", history.has_news()}, {"runs", runs}, {"steps", steps}});
}

}  // namespace mxident::harness
