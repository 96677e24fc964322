#include "harness/analysis/diff.hpp"

#include <algorithm>

namespace mxident::harness {
namespace {

CellChange change_of(const std::string& scenario, const CellResult& before, const CellResult& after) {
  const int from = rank_of(before.outcome), to = rank_of(after.outcome);
  return {scenario,        to < from ? Change::improved : to > from ? Change::regressed : Change::changed,
          before.outcome,  after.outcome,
          before.decision, after.decision,
          after.reproduce};
}

bool is_same(const CellResult& a, const CellResult& b) {
  return a.outcome == b.outcome && a.decision == b.decision;
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
  const Column &old = before.columns.at(mode), &now = after.columns.at(mode);
  ModeDiff out;
  out.client = mode.first;
  out.mode = mode.second;
  out.version_before = old.version;
  out.version_after = now.version;
  out.packages = packages_of(old, now);
  out.manifest_changed = old.manifest != now.manifest;
  static const std::map<std::string, CellResult> kNone;
  const auto cells_of = [&](const RunDigest& run) -> const std::map<std::string, CellResult>& {
    const auto found = run.results.find(mode);
    return found == run.results.end() ? kNone : found->second;
  };
  const auto &olds = cells_of(before), &news = cells_of(after);
  Behaviours old_behaviours, new_behaviours;
  for (const auto& [scenario, cell] : news) {
    const auto other = olds.find(scenario);
    if (other == olds.end()) {
      ++sum.added;
      continue;
    }
    const bool same_scenario = before.scenarios.at(scenario) == after.scenarios.at(scenario);
    if (same_scenario) {
      old_behaviours.add(after.rules.at(scenario), other->second);
      new_behaviours.add(after.rules.at(scenario), cell);
    }
    if (is_same(other->second, cell)) {
      ++sum.same;
    } else if (same_scenario) {
      out.cells.push_back(change_of(scenario, other->second, cell));
      ++sum.counts[out.cells.back().change];
    } else {
      out.of_changed_scenarios.push_back(change_of(scenario, other->second, cell));
    }
  }
  for (const auto& [scenario, cell] : olds) sum.gone += news.contains(scenario) ? 0 : 1;
  out.behaviours_gone = without(old_behaviours, new_behaviours);
  out.behaviours_new = without(new_behaviours, old_behaviours);
  return out;
}

}  // namespace

void RunDigest::begin(const RunHeader& head) {
  header = head;
  for (const auto& column : head.columns) columns[{column.client, column.mode}] = column;
}

void RunDigest::scenario(const ScenarioRecord& scenario) {
  scenarios[scenario.id] = scenario.digest;
  rules[scenario.id] = scenario.rules;
}

void RunDigest::cell(const CellResult& result) {
  CellResult brief;
  brief.scenario = result.scenario;
  brief.expected = result.expected;
  brief.decision = result.decision;
  brief.outcome = result.outcome;
  brief.reproduce = result.reproduce;
  scenarios.try_emplace(result.scenario);
  rules.try_emplace(result.scenario);
  columns.try_emplace({result.client, result.mode});
  results[{result.client, result.mode}][result.scenario] = std::move(brief);
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
  for (const auto& [id, digest] : after.scenarios) {
    const auto old = before.scenarios.find(id);
    if (old == before.scenarios.end()) {
      out.scenarios_added.push_back(id);
    } else if (old->second != digest) {
      out.scenarios_changed.push_back(id);
    }
  }
  for (const auto& [id, digest] : before.scenarios) {
    if (!after.scenarios.contains(id)) out.scenarios_gone.push_back(id);
  }
  const auto cells = [](const RunDigest& run, const RunDigest::Mode& mode) {
    const auto found = run.results.find(mode);
    return found == run.results.end() ? std::size_t{0} : found->second.size();
  };
  for (const auto& [mode, column] : after.columns) {
    if (!before.columns.contains(mode)) {
      out.modes_added.push_back(mode.first + " " + mode.second);
      out.added += cells(after, mode);
      continue;
    }
    ModeDiff theirs = mode_diff(before, after, mode, out);
    const bool silent = theirs.cells.empty() && theirs.of_changed_scenarios.empty() &&
                        theirs.packages.empty() && theirs.version_before == theirs.version_after &&
                        !theirs.manifest_changed;
    if (!silent) out.modes.push_back(std::move(theirs));
  }
  for (const auto& [mode, column] : before.columns) {
    if (after.columns.contains(mode)) continue;
    out.modes_gone.push_back(mode.first + " " + mode.second);
    out.gone += cells(before, mode);
  }
  return out;
}

}  // namespace mxident::harness
