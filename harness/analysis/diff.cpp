#include "harness/analysis/diff.hpp"

#include <algorithm>

#include "harness/analysis/near_names.hpp"

namespace mxident::harness {
namespace {

CellChange change_of(const std::string& scenario, const RunDigest::Cell& before,
                     const RunDigest::Cell& after) {
  const int from = rank_of(before.outcome), to = rank_of(after.outcome);
  return {scenario,
          to < from   ? Change::improved
          : to > from ? Change::regressed
                      : Change::changed,
          before.outcome,
          after.outcome,
          before.decision,
          after.decision,
          ""};
}

bool is_same(const RunDigest::Cell& a, const RunDigest::Cell& b) {
  return a.outcome == b.outcome && a.decision == b.decision;
}

/// As behaviours want it.
CellResult result_of(const std::string& scenario, const RunDigest::Cell& cell) {
  CellResult out;
  out.scenario = scenario;
  out.outcome = cell.outcome;
  out.expected = cell.expected;
  out.decision = cell.decision;
  return out;
}

std::vector<std::string> packages_of(const Column& before, const Column& after) {
  std::vector<std::string> out;
  for (const auto& [name, revision] : after.packages) {
    const auto old = before.packages.find(name);
    if (old != before.packages.end() && old->second != revision)
      out.push_back(name + " " + old->second + " -> " + revision);
  }
  return out;
}

/// What one shows and the other does not at all.
std::vector<std::string> without(const Behaviours& some, const Behaviours& others) {
  std::vector<std::string> out;
  for (const auto& phrase : some.phrases()) {
    if (!others.shows(phrase)) out.push_back(phrase);
  }
  return out;
}

ModeDiff mode_diff(const RunDigest& before, const RunDigest& after, const RunDigest::Mode& mode,
                   RunDiff& sum) {
  const RunDigest::Results &olds = before.modes.at(mode), &news = after.modes.at(mode);
  const Column &old = olds.column, &now = news.column;
  ModeDiff out;
  out.client = mode.first;
  out.mode = mode.second;
  out.version_before = old.version;
  out.version_after = now.version;
  out.packages = packages_of(old, now);
  out.manifest_changed = old.manifest != now.manifest;
  Behaviours old_behaviours, new_behaviours;
  std::size_t both = 0;
  for (const auto& [id, scenario] : after.scenarios) {
    const auto cell = news.of(scenario);
    if (!cell) continue;
    const auto earlier = before.scenarios.find(id);
    const auto other = earlier == before.scenarios.end() ? std::nullopt : olds.of(earlier->second);
    if (!other) {
      ++sum.added;
      continue;
    }
    ++both;
    const bool same_scenario = earlier->second.digest == scenario.digest;
    if (same_scenario) {
      old_behaviours.add(scenario.rules, scenario.near_name, result_of(id, *other));
      new_behaviours.add(scenario.rules, scenario.near_name, result_of(id, *cell));
    }
    if (is_same(*other, *cell)) {
      ++sum.same;
      continue;
    }
    CellChange change = change_of(id, *other, *cell);
    change.reproduce = after.commands.of(news.place, scenario.place, id);
    if (same_scenario) {
      ++sum.counts[change.change];
      out.cells.push_back(std::move(change));
    } else {
      out.of_changed_scenarios.push_back(std::move(change));
    }
  }
  sum.gone += olds.size() - both;
  out.behaviours_gone = without(old_behaviours, new_behaviours);
  out.behaviours_new = without(new_behaviours, old_behaviours);
  return out;
}

}  // namespace

void RunDigest::begin(const RunHeader& head) {
  header = head;
  for (const auto& column : head.columns) results_of({column.client, column.mode}).column = column;
}

RunDigest::Results& RunDigest::results_of(const Mode& mode) {
  const auto [at, added] = modes.try_emplace(mode);
  if (added) at->second.place = modes.size() - 1;
  return at->second;
}

RunDigest::Scenario& RunDigest::scenario_of(const std::string& id) {
  const auto [at, added] = scenarios.try_emplace(id);
  if (added) at->second.place = scenarios.size() - 1;
  return at->second;
}

void RunDigest::scenario(const ScenarioRecord& scenario) {
  Scenario& kept = scenario_of(scenario.id);
  kept.digest = scenario.digest;
  kept.rules = scenario.rules;
  kept.near_name = near_name_mistake(scenario);
}

void RunDigest::cell(const CellResult& result) {
  const std::size_t place = scenario_of(result.scenario).place;
  Results& results = results_of({result.client, result.mode});
  if (results.kept_.size() <= place) results.kept_.resize(std::max(place + 1, scenarios.size()));
  auto& kept = results.kept_[place];
  if (kept.outcome < 0) ++results.cells_;
  kept.outcome = static_cast<std::int8_t>(result.outcome);
  kept.expected = static_cast<std::int8_t>(result.expected);
  kept.decision = result.decision ? static_cast<std::int8_t>(*result.decision) : std::int8_t{-1};
  commands.add(results.place, place, result.scenario, result.reproduce);
}

std::optional<RunDigest::Cell> RunDigest::Results::of(const Scenario& scenario) const {
  if (scenario.place >= kept_.size() || kept_[scenario.place].outcome < 0) return std::nullopt;
  const Kept& kept = kept_[scenario.place];
  Cell out{static_cast<Outcome>(kept.outcome), static_cast<Expected>(kept.expected), std::nullopt};
  if (kept.decision >= 0) out.decision = static_cast<Decision>(kept.decision);
  return out;
}

int rank_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::pass:
      return 0;
    case Outcome::either:
      return 0;  // the standards leave it open: neither is better
    case Outcome::unsupported:
      return 1;  // a cell that can no longer be tried is worse than one that passes
    case Outcome::strict:
      return 2;
    case Outcome::hang:
    case Outcome::crash:
    case Outcome::harness_error:
      return 3;  // one kind of coming to no end for another is no regression
    case Outcome::lax:
      return 4;
    case Outcome::downgrade:
      return 5;
  }
  return 0;
}

std::string_view to_string(Change change) {
  return change == Change::improved ? "improved" : change == Change::regressed ? "regressed" : "changed";
}

RunDiff diff(const RunDigest& before, const RunDigest& after) {
  RunDiff out;
  for (const auto& [id, scenario] : after.scenarios) {
    const auto old = before.scenarios.find(id);
    if (old == before.scenarios.end()) {
      out.scenarios_added.push_back(id);
    } else if (old->second.digest != scenario.digest) {
      out.scenarios_changed.push_back(id);
    }
  }
  for (const auto& [id, scenario] : before.scenarios) {
    if (!after.scenarios.contains(id)) out.scenarios_gone.push_back(id);
  }
  for (const auto& [mode, results] : after.modes) {
    if (!before.modes.contains(mode)) {
      out.modes_added.push_back(mode.first + " " + mode.second);
      out.added += results.size();
      continue;
    }
    ModeDiff theirs = mode_diff(before, after, mode, out);
    const bool silent = theirs.cells.empty() && theirs.of_changed_scenarios.empty() &&
                        theirs.packages.empty() && theirs.version_before == theirs.version_after &&
                        !theirs.manifest_changed;
    if (!silent) out.modes.push_back(std::move(theirs));
  }
  for (const auto& [mode, results] : before.modes) {
    if (after.modes.contains(mode)) continue;
    out.modes_gone.push_back(mode.first + " " + mode.second);
    out.gone += results.size();
  }
  return out;
}

std::vector<Headline> headlines(const RunDiff& diff) {
  std::vector<Headline> out;
  const auto add = [&](const ModeDiff& mode, Headline::Became became, const std::string& behaviour) {
    for (auto& known : out) {
      if (known.client != mode.client || known.became != became || known.behaviour != behaviour) continue;
      known.modes.push_back(mode.mode);
      return;
    }
    out.push_back({mode.client, mode.version_after, became, behaviour, {mode.mode}});
  };
  for (const auto became : {Headline::Became::gone, Headline::Became::shown}) {
    for (const auto& mode : diff.modes) {
      for (const auto& behaviour :
           became == Headline::Became::gone ? mode.behaviours_gone : mode.behaviours_new)
        add(mode, became, behaviour);
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.client < b.client; });
  return out;
}

std::map<std::string, std::vector<std::string>> changed_packages(const RunDiff& diff) {
  std::map<std::string, std::vector<std::string>> out;
  for (const auto& mode : diff.modes) {
    for (const auto& package : mode.packages) {
      auto& clients = out[package];
      if (clients.empty() || clients.back() != mode.client) clients.push_back(mode.client);
    }
  }
  return out;
}

}  // namespace mxident::harness
