#include "harness/analysis/baseline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "harness/input/json_input.hpp"
#include "harness/results/version.hpp"

namespace mxident::harness {
namespace {

namespace fs = std::filesystem;

RecordedEnd read_end(const JsonNode& node) {
  RecordedEnd out;
  const JsonNode outcome = node.at("outcome");
  const auto value = outcome_from_string(outcome.string());
  if (!value) outcome.fail(fmt::format("\"{}\" is no outcome", outcome.string()));
  out.outcome = *value;
  if (const auto decision = node.find("decision")) {
    out.decision = decision_from_string(decision->string());
    if (!out.decision) decision->fail(fmt::format("\"{}\" is no decision", decision->string()));
  }
  return out;
}

BaselineCell read_cell(const JsonNode& node) {
  node.object({"outcome", "decision", "note", "sometimes"});
  const RecordedEnd end = read_end(node);
  if (end.outcome == Outcome::pass) {
    node.at("outcome").fail(
        "found \"pass\", wanted an outcome that a baseline keeps: lax, strict, downgrade, either, "
        "unsupported, hang, crash");
  }
  BaselineCell out{end.outcome, end.decision, "", {}};
  if (const auto note = node.find("note")) out.note = note->string();
  if (const auto sometimes = node.find("sometimes")) {
    for (const auto& other : sometimes->array()) {
      other.object({"outcome", "decision"});
      out.sometimes.push_back(read_end(other));
    }
  }
  return out;
}

bool ends_so(const RecordedEnd& end, const CellResult& result) {
  return end.outcome == result.outcome && end.decision == result.decision;
}

/// One of the ends of a cell that has several.
bool sometimes_ends_so(const BaselineCell& cell, const CellResult& result) {
  return std::any_of(cell.sometimes.begin(), cell.sometimes.end(),
                     [&](const RecordedEnd& end) { return ends_so(end, result); });
}

bool is_deviation(Outcome outcome) {
  return outcome == Outcome::lax || outcome == Outcome::strict || outcome == Outcome::downgrade ||
         outcome == Outcome::hang || outcome == Outcome::crash;
}

/// {"cve": {"name": "0123456789ab"}}: scenarios by their folders, a line each.
std::map<std::string, std::string> read_scenarios(const JsonNode& node) {
  std::map<std::string, std::string> out;
  for (const auto& [folder, names] : node.members()) {
    for (const auto& [name, digest] : names.members()) out[folder + "/" + name] = digest.string();
  }
  return out;
}

std::set<std::string> read_ran(const JsonNode& node, const std::map<std::string, std::string>& scenarios) {
  node.object({"only", "all_but"});
  std::set<std::string> out;
  const auto only = node.find("only"), but = node.find("all_but");
  if (only.has_value() == but.has_value()) node.fail("wanted one of \"only\" and \"all_but\"");
  if (but) {
    for (const auto& [id, digest] : scenarios) out.insert(id);
  }
  for (const auto& element : (only ? *only : *but).array()) {
    const std::string id = element.string();
    if (!scenarios.contains(id)) element.fail(fmt::format("\"{}\" is not among \"scenarios\"", id));
    if (only) out.insert(id);
    if (but) out.erase(id);
  }
  return out;
}

std::string ran_text(const Baseline& baseline) {
  using Json = nlohmann::ordered_json;
  std::map<std::string, std::map<std::string, std::string>> by_folder;
  for (const auto& [scenario, digest] : baseline.scenarios) {
    const std::size_t slash = scenario.find('/');
    if (slash != std::string::npos) by_folder[scenario.substr(0, slash)][scenario.substr(slash + 1)] = digest;
  }
  std::string out = "  \"scenarios\": {";
  const char* separator = "\n";
  for (const auto& [folder, names] : by_folder) {
    out += fmt::format("{}    {}: {}", separator, Json(folder).dump(), Json(names).dump());
    separator = ",\n";
  }
  out += "\n  },\n  \"ran\": {";
  separator = "\n";
  for (const auto& [mode, ran] : baseline.ran) {
    std::vector<std::string> only, but;
    for (const auto& [scenario, digest] : baseline.scenarios)
      (ran.contains(scenario) ? only : but).push_back(scenario);
    const Json json = but.size() < only.size() ? Json{{"all_but", but}} : Json{{"only", only}};
    out += fmt::format("{}    {}: {}", separator, Json(mode).dump(), json.dump());
    separator = ",\n";
  }
  return out + "\n  },\n";
}

/// What a results file says was run, in place of what was known of the same scenarios. Of a scenario whose
/// text has changed since, nothing older stays.
void take_ran(Baseline& baseline, const ResultsFile& results) {
  std::map<std::string, std::string> digests;
  for (const auto& scenario : results.scenarios) {
    if (!scenario.digest.empty()) digests[scenario.id] = scenario.digest.substr(0, kDigestKept);
  }
  for (const auto& result : results.cells) {
    if (result.client != baseline.client) continue;
    const std::string& id = result.scenario;
    const auto digest = digests.find(id);
    const bool known = digest != digests.end();
    if (known && baseline.scenarios[id] != digest->second) {
      for (auto& [mode, ran] : baseline.ran) ran.erase(id);
      for (auto& [mode, claims] : baseline.claims) claims.erase(id);
      baseline.scenarios[id] = digest->second;
    }
    baseline.ran[result.mode].erase(id);
    baseline.claims[result.mode].erase(id);
    const bool judged = was_tried(result) && result.outcome != Outcome::harness_error;
    if (!judged || !known) continue;
    baseline.ran[result.mode].insert(id);
    if (!result.contradiction.empty() && !result.said.empty()) baseline.claims[result.mode][id] = result.said;
  }
  std::erase_if(baseline.ran, [](const auto& mode) { return mode.second.empty(); });
  std::erase_if(baseline.claims, [](const auto& mode) { return mode.second.empty(); });
  std::erase_if(baseline.scenarios, [&](const auto& scenario) {
    return std::none_of(baseline.ran.begin(), baseline.ran.end(),
                        [&](const auto& mode) { return mode.second.contains(scenario.first); });
  });
}

}  // namespace

Baseline read_baseline(const fs::path& file) {
  const auto json = read_json_file(file, {.octets = 32u << 20, .depth = 16});
  const JsonNode root(json, file.string());
  root.object({"client", "version", "recorded", "packages", "scenarios", "ran", "claims", "notes", "modes"});
  Baseline out;
  out.client = root.at("client").non_empty_string();
  out.version = root.at("version").non_empty_string();
  if (const auto n = root.find("recorded")) out.recorded = n->string();
  if (const auto packages = root.find("packages")) {
    for (const auto& [name, revision] : packages->members()) out.packages[name] = revision.non_empty_string();
  }
  if (const auto notes = root.find("notes")) {
    for (const auto& [id, note] : notes->members()) {
      note.object({"behaviour", "cause", "upstream"});
      auto& target = out.notes[id];
      target.behaviour = note.at("behaviour").non_empty_string();
      target.cause = note.at("cause").non_empty_string();
      if (const auto upstream = note.find("upstream")) target.upstream = upstream->string();
    }
  }
  if (const auto ran = root.find("ran")) {
    out.scenarios = read_scenarios(root.at("scenarios"));
    for (const auto& [mode, what] : ran->members()) out.ran[mode] = read_ran(what, out.scenarios);
  }
  if (const auto claims = root.find("claims")) {
    for (const auto& [mode, said] : claims->members()) {
      for (const auto& [scenario, word] : said.members()) out.claims[mode][scenario] = word.string();
    }
  }
  for (const auto& [mode, cells] : root.at("modes").members()) {
    auto& target = out.modes[mode];
    for (const auto& [scenario, cell] : cells.members()) {
      BaselineCell read = read_cell(cell);
      if (!read.note.empty() && !out.notes.contains(read.note))
        cell.fail(fmt::format("the note \"{}\" is not among \"notes\"", read.note));
      target.emplace(scenario, std::move(read));
    }
  }
  return out;
}

std::string baseline_text(const Baseline& baseline) {
  using Json = nlohmann::ordered_json;
  // One line a cell, so that a change of one verdict is a change of one line.
  std::string out = fmt::format("{{\n  \"client\": {},\n  \"version\": {},\n  \"recorded\": {},\n",
                                Json(baseline.client).dump(), Json(baseline.version).dump(),
                                Json(baseline.recorded).dump());
  if (!baseline.packages.empty()) out += fmt::format("  \"packages\": {},\n", Json(baseline.packages).dump());
  if (!baseline.ran.empty()) out += ran_text(baseline);
  if (!baseline.claims.empty()) out += fmt::format("  \"claims\": {},\n", Json(baseline.claims).dump());
  out += "  \"notes\": {";
  const char* separator = "\n";
  for (const auto& [id, note] : baseline.notes) {
    Json json{{"behaviour", note.behaviour}, {"cause", note.cause}};
    if (!note.upstream.empty()) json["upstream"] = note.upstream;
    out += fmt::format("{}    {}: {}", separator, Json(id).dump(), json.dump());
    separator = ",\n";
  }
  out += "\n  },\n  \"modes\": {";
  separator = "\n";
  for (const auto& [mode, cells] : baseline.modes) {
    out += fmt::format("{}    {}: {{", separator, Json(mode).dump());
    separator = "\n";
    for (const auto& [scenario, cell] : cells) {
      Json json{{"outcome", to_string(cell.outcome)}};
      if (cell.decision) json["decision"] = to_string(*cell.decision);
      if (!cell.note.empty()) json["note"] = cell.note;
      for (const auto& end : cell.sometimes) {
        Json other{{"outcome", to_string(end.outcome)}};
        if (end.decision) other["decision"] = to_string(*end.decision);
        json["sometimes"].push_back(std::move(other));
      }
      out += fmt::format("{}      {}: {}", separator, Json(scenario).dump(), json.dump());
      separator = ",\n";
    }
    out += "\n    }";
    separator = ",\n";
  }
  return out + "\n  }\n}\n";
}

Baselines Baselines::load(const fs::path& source) {
  Baselines out;
  if (source == "none") return out;
  if (!fs::is_directory(source)) {
    out.baselines_.push_back(read_baseline(source));
    return out;
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(source)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) out.baselines_.push_back(read_baseline(file));
  return out;
}

const Baseline* Baselines::find(const std::string& client, const std::string& version,
                                const Packages& packages) const {
  const Baseline* same = nullptr;
  const Baseline* older_one = nullptr;
  const Baseline* newer_one = nullptr;
  for (const auto& baseline : baselines_) {
    if (baseline.client != client) continue;
    if (baseline.version == version) {
      if (!baseline.packages.empty() && differing_packages(packages, baseline.packages).empty())
        return &baseline;
      if (!same || baseline.packages.empty()) same = &baseline;
    } else if (older(baseline.version, version)) {
      if (!older_one || older(older_one->version, baseline.version)) older_one = &baseline;
    } else if (!newer_one || older(baseline.version, newer_one->version)) {
      newer_one = &baseline;
    }
  }
  if (same) return same;
  return older_one ? older_one : newer_one;
}

void Baselines::of(const std::vector<Column>& columns) {
  for (const auto& column : columns) packages_[column.client] = column.packages;
}

BaselineState Baselines::state_of(const Baseline& baseline, const CellResult& result) const {
  const BaselineCell* known = nullptr;
  if (const auto mode = baseline.modes.find(result.mode); mode != baseline.modes.end()) {
    if (const auto cell = mode->second.find(result.scenario); cell != mode->second.end())
      known = &cell->second;
  } else {
    return is_fault(result.outcome) ? BaselineState::news : BaselineState::none;
  }
  if (known && sometimes_ends_so(*known, result)) return BaselineState::as_known;
  if (result.outcome == Outcome::unsupported) {
    // What no plan would try is no news; and before packages were recorded, what could not be tried was not
    // recorded either.
    if (!was_tried(result) || baseline.packages.empty()) return BaselineState::none;
    return known && known->outcome == Outcome::unsupported ? BaselineState::as_known : BaselineState::news;
  }
  if (!known) return is_fault(result.outcome) ? BaselineState::news : BaselineState::as_known;
  if (known->outcome == result.outcome && known->decision == result.decision) return BaselineState::as_known;
  const bool mended = is_deviation(known->outcome) || known->outcome == Outcome::unsupported;
  return mended && !is_fault(result.outcome) ? BaselineState::fixed : BaselineState::news;
}

namespace {

/// What the baseline says of this cell, if it knows just this deviation.
KnownDeviation known_deviation(const Baseline& baseline, const CellResult& result) {
  const auto mode = baseline.modes.find(result.mode);
  if (mode == baseline.modes.end()) return {};
  const auto cell = mode->second.find(result.scenario);
  if (cell == mode->second.end()) return {};
  if (cell->second.outcome != result.outcome && !sometimes_ends_so(cell->second, result)) return {};
  const auto note = baseline.notes.find(cell->second.note);
  if (note == baseline.notes.end()) return {};
  return {note->second.behaviour, note->second.cause, note->second.upstream};
}

}  // namespace

void Baselines::compare(CellResult& result) const {
  const auto ours = packages_.find(result.client);
  const Packages packages = ours == packages_.end() ? Packages() : ours->second;
  const Baseline* baseline = find(result.client, result.client_version, packages);
  result.baseline = baseline ? state_of(*baseline, result) : BaselineState::none;
  result.known =
      baseline && is_deviation(result.outcome) ? known_deviation(*baseline, result) : KnownDeviation{};
  if (!baseline || result.baseline == BaselineState::none) return;
  const std::string other = differing_packages(baseline->packages, packages);
  if (baseline->version == result.client_version && other.empty()) return;
  result.compared_with = fmt::format("{}{}, recorded {}", baseline->version,
                                     other.empty() ? "" : fmt::format(" ({})", other), baseline->recorded);
}

std::string differing_packages(const std::map<std::string, std::string>& ours,
                               const std::map<std::string, std::string>& theirs) {
  std::string out;
  for (const auto& [name, revision] : ours) {
    const auto other = theirs.find(name);
    if (other == theirs.end() || other->second == revision) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, revision);
  }
  return out;
}

namespace {

/// It ends in one of the several ways that are known of it: then they all stay.
bool draws_lots(const std::map<std::string, BaselineCell>& cells, const CellResult& result) {
  const auto cell = cells.find(result.scenario);
  if (cell == cells.end() || cell->second.sometimes.empty()) return false;
  return sometimes_ends_so(cell->second, result) ||
         ends_so({cell->second.outcome, cell->second.decision}, result);
}

}  // namespace

std::vector<Baseline> record_baselines(const ResultsFile& results, const Baselines& known,
                                       const std::string& date) {
  std::map<std::string, Baseline> by_client;
  std::map<std::string, std::map<std::string, std::string>> packages;
  for (const auto& column : results.header.columns) packages[column.client] = column.packages;
  std::set<std::tuple<std::string, std::string, std::string>> ran;
  for (const auto& result : results.cells) ran.emplace(result.client, result.mode, result.scenario);
  // A part of a run does not make what was recorded before, with revisions that nobody knows, one of today's.
  const auto covers = [&](const Baseline& old) {
    for (const auto& [mode, cells] : old.modes) {
      for (const auto& [scenario, cell] : cells) {
        if (!ran.contains({old.client, mode, scenario})) return false;
      }
    }
    return true;
  };
  for (const auto& result : results.cells) {
    const Baseline* old = known.find(result.client, result.client_version, packages[result.client]);
    const auto [place, fresh] = by_client.try_emplace(result.client);
    Baseline& baseline = place->second;
    if (fresh) {
      // What was not run stays as it is known, if it is known of this very release and revision.
      if (old && old->version == result.client_version &&
          differing_packages(old->packages, packages[result.client]).empty())
        baseline = *old;
      baseline.client = result.client;
      baseline.version = result.client_version;
      baseline.recorded = date;
      const bool kept = !baseline.modes.empty();
      if (!kept || !old->packages.empty() || covers(*old)) baseline.packages = packages[result.client];
    }
    auto& mode = baseline.modes[result.mode];
    if (draws_lots(mode, result)) continue;
    mode.erase(result.scenario);
    const bool untried = result.outcome == Outcome::unsupported && !was_tried(result);
    if (result.outcome == Outcome::pass || untried || result.outcome == Outcome::harness_error) continue;
    BaselineCell cell{result.outcome, result.decision, "", {}};
    if (old && is_deviation(result.outcome)) {
      const auto old_mode = old->modes.find(result.mode);
      if (old_mode != old->modes.end()) {
        const auto old_cell = old_mode->second.find(result.scenario);
        if (old_cell != old_mode->second.end() && old_cell->second.outcome == cell.outcome)
          cell.note = old_cell->second.note;
      }
      if (!cell.note.empty()) baseline.notes[cell.note] = old->notes.at(cell.note);
    }
    mode[result.scenario] = std::move(cell);
  }
  std::vector<Baseline> out;
  for (auto& [client, baseline] : by_client) {
    std::set<std::string> used;
    for (const auto& [mode, cells] : baseline.modes) {
      for (const auto& [scenario, cell] : cells) used.insert(cell.note);
    }
    std::erase_if(baseline.notes, [&](const auto& note) { return !used.contains(note.first); });
    take_ran(baseline, results);
    out.push_back(std::move(baseline));
  }
  return out;
}

std::optional<RecordedCell> recorded_cell(const Baseline& baseline, const std::string& mode,
                                          const std::string& scenario, const std::string& digest) {
  const auto text = baseline.scenarios.find(scenario);
  const auto modes = baseline.ran.find(mode);
  const bool ran = modes != baseline.ran.end() && modes->second.contains(scenario);
  // What is said of a text that is not this one, or that this mode was not run on, is about another scenario.
  if (text != baseline.scenarios.end() && (!ran || text->second != digest.substr(0, kDigestKept)))
    return std::nullopt;
  RecordedCell out;
  if (const auto cells = baseline.modes.find(mode); cells != baseline.modes.end()) {
    if (const auto cell = cells->second.find(scenario); cell != cells->second.end())
      out = {cell->second.outcome, cell->second.decision, cell->second.note, "", cell->second.sometimes};
  }
  // A deviation stands there by itself; that nothing is said of a scenario says nothing unless it was run.
  if (!ran && !out.decision) return std::nullopt;
  if (const auto claims = baseline.claims.find(mode); claims != baseline.claims.end()) {
    if (const auto claim = claims->second.find(scenario); claim != claims->second.end())
      out.claim = claim->second;
  }
  return out;
}

std::string baseline_file_name(const Baseline& baseline, const Baselines& known) {
  std::string name = fmt::format("{}-{}", baseline.client, baseline.version);
  const Baseline* same = known.find(baseline.client, baseline.version, baseline.packages);
  const std::string other =
      same && same->version == baseline.version ? differing_packages(baseline.packages, same->packages) : "";
  if (!other.empty()) name += "+" + other;
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '+' || c == '~';
    if (!plain) c = '_';
  }
  if (name.starts_with(".")) name.front() = '_';
  constexpr std::size_t kLongest = 200;  // a file name has at most 255 octets
  if (name.size() > kLongest) name.resize(kLongest);
  return name + ".json";
}

std::vector<std::string> unexplained(const Baseline& baseline) {
  std::vector<std::string> out;
  for (const auto& [mode, cells] : baseline.modes) {
    for (const auto& [scenario, cell] : cells) {
      if (is_deviation(cell.outcome) && cell.note.empty())
        out.push_back(fmt::format("{} {}: {}", mode, scenario, to_string(cell.outcome)));
    }
  }
  return out;
}

}  // namespace mxident::harness
