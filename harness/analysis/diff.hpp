// Two results held against each other: what is better, what is worse, and what only differs because something
// else was run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/analysis/behaviours.hpp"
#include "harness/analysis/commands.hpp"
#include "harness/results/sink.hpp"

namespace mxident::harness {

/// One file as a diff needs it: no events, no words, some octets a cell.
class RunDigest : public Sink {
 public:
  using Mode = std::pair<std::string, std::string>;  ///< client and mode

  void begin(const RunHeader& header) override;
  void scenario(const ScenarioRecord& scenario) override;
  void cell(const CellResult& result) override;

  struct Scenario {
    std::size_t place = 0;  ///< in the order of the file
    std::string digest;
    std::vector<std::string> rules;
    std::string_view near_name;  ///< near_name_mistake() of it
  };
  /// What is kept of a cell.
  struct Cell {
    Outcome outcome = Outcome::pass;
    Expected expected = Expected::either;
    std::optional<Decision> decision;
  };
  struct Results {
    Column column;
    std::size_t place = 0;  ///< in the order of the header

    std::optional<Cell> of(const Scenario& scenario) const;
    std::size_t size() const { return cells_; }

   private:
    friend class RunDigest;
    struct Kept {
      std::int8_t outcome = -1, expected = 0, decision = -1;  ///< outcome -1: there is no such cell
    };
    std::vector<Kept> kept_;  ///< by place of the scenario
    std::size_t cells_ = 0;
  };

  RunHeader header;
  std::map<std::string, Scenario> scenarios;  ///< by id
  std::map<Mode, Results> modes;
  Commands commands;

 private:
  Results& results_of(const Mode& mode);
  Scenario& scenario_of(const std::string& id);
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

/// A behaviour that some modes of a client no longer show, or do now.
struct Headline {
  enum class Became { gone, shown };
  std::string client, version;
  Became became = Became::gone;
  std::string behaviour;
  std::vector<std::string> modes;
};
/// By client; those that are gone first.
std::vector<Headline> headlines(const RunDiff& diff);

/// "libgnutls30 3.7.9-2+deb12u6 -> 3.7.9-2+deb12u7" to the clients that have it.
std::map<std::string, std::vector<std::string>> changed_packages(const RunDiff& diff);

/// "2 regressed, 0 changed, 1 improved; 12 the same, 0 added, 0 gone".
std::string counts_text(const RunDiff& diff);

/// For people: behaviours before cells, news before the rest, counts last.
std::string diff_text(const RunDiff& diff);
std::string diff_json(const RunDiff& diff);

/// Several results, one after another, the oldest first.
struct History {
  struct Run {
    std::string file;
    std::map<std::string, std::string> versions;  ///< by client
  };
  std::vector<Run> runs;
  std::vector<RunDiff> steps;  ///< from each run to the next

  /// The last step has any: what was before is known.
  bool has_news() const { return !steps.empty() && steps.back().has_news(); }
};

/// A client at a time: its releases, and at each what it does otherwise.
std::string history_text(const History& history);
std::string history_json(const History& history);

}  // namespace mxident::harness
