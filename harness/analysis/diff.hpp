// Two results held against each other: what is better, what is worse, and what only differs because something
// else was run.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/analysis/behaviours.hpp"
#include "harness/results/sink.hpp"

namespace mxident::harness {

/// One file as a diff needs it: no events, no words.
class RunDigest : public Sink {
 public:
  using Mode = std::pair<std::string, std::string>;  ///< client and mode

  void begin(const RunHeader& header) override;
  void scenario(const ScenarioRecord& scenario) override;
  void cell(const CellResult& result) override;

  RunHeader header;
  std::map<Mode, Column> columns;
  std::map<std::string, std::string> scenarios;           ///< id to digest
  std::map<std::string, std::vector<std::string>> rules;  ///< by scenario
  std::map<Mode, std::map<std::string, CellResult>>
      results;  ///< by mode and scenario; without events and words
};

enum class Change { improved, regressed, changed };
std::string_view to_string(Change change);

/// How bad an outcome is: who goes from one to a higher one has become worse.
int rank_of(Outcome outcome);

struct CellChange {
  std::string scenario;
  Change change = Change::changed;
  Outcome before = Outcome::pass, after = Outcome::pass;
  std::optional<Decision> decision_before, decision_after;
  std::string reproduce;
};

/// What became of one mode.
struct ModeDiff {
  std::string client, mode;
  std::string version_before, version_after;
  std::vector<std::string> packages;  ///< "libssl3 3.0.11 -> 3.0.17"
  bool manifest_changed = false;
  std::vector<std::string> behaviours_gone, behaviours_new;  ///< over the scenarios that both have, unchanged
  std::vector<CellChange> cells;                             ///< in scenarios that are the same in both
  std::vector<CellChange> of_changed_scenarios;  ///< the scenario differs, too: no news of the client
};

struct RunDiff {
  std::vector<ModeDiff> modes;                       ///< with anything to say
  std::vector<std::string> modes_added, modes_gone;  ///< "curl ssl"
  std::vector<std::string> scenarios_added, scenarios_gone, scenarios_changed;
  std::size_t same = 0;             ///< cells
  std::size_t added = 0, gone = 0;  ///< cells that only one of the two has, in all modes
  std::map<Change, std::size_t> counts;

  /// Something became better, worse or otherwise in a scenario that both ran.
  bool has_news() const { return !counts.empty(); }
};

RunDiff diff(const RunDigest& before, const RunDigest& after);

/// For people: behaviours before cells, news before the rest, counts last.
std::string diff_text(const RunDiff& diff);
std::string diff_json(const RunDiff& diff);

}  // namespace mxident::harness
