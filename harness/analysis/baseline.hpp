// Baselines: what is known of a client's release, each deviation with its reason.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/results/result.hpp"

namespace mxident::harness {

/// A behaviour that explains deviations.
struct BehaviourNote {
  std::string behaviour;  ///< what the client does
  std::string cause;      ///< where that comes from: a documented choice, a library's rule, a missing check
  std::string upstream;   ///< reference in its own documentation, source or tracker; may be empty
};

/// One cell that is not `pass`.
struct BaselineCell {
  Outcome outcome = Outcome::either;
  std::optional<Decision> decision;
  std::string note;  ///< key into Baseline::notes; empty for `either`
};

/// One file: fixtures/baselines/CLIENT-VERSION.json.
struct Baseline {
  std::string client, version;
  std::string recorded;  ///< date, for people
  std::map<std::string, BehaviourNote> notes;
  std::map<std::string, std::map<std::string, BaselineCell>> modes;  ///< mode, scenario
};

/// Throws InputError with file and JSON pointer.
Baseline read_baseline(const std::filesystem::path& file);
std::string baseline_text(const Baseline& baseline);

/// The baselines of a run, one for each client where there is any.
class Baselines {
 public:
  /// `source`: a file, a folder, or "none".
  static Baselines load(const std::filesystem::path& source);

  /// The client's own version, else the nearest one: the highest that is older, else the lowest.
  const Baseline* find(const std::string& client, const std::string& version) const;

  /// as_known, news, fixed; none where there is no baseline for the client, or nothing to compare.
  BaselineState compare(const CellResult& result) const;

  /// Fills what a result says of its baseline: the state, and the release where another one was recorded.
  void judge(CellResult& result) const;

 private:
  std::vector<Baseline> baselines_;
};

/// Cells of a results file as baselines, one a client; notes of `known` are kept where behaviour and outcome
/// are the same.
std::vector<Baseline> record_baselines(const ResultsFile& results, const Baselines& known,
                                       const std::string& date);

/// Deviations that have no note: "MODE SCENARIO: OUTCOME".
std::vector<std::string> unexplained(const Baseline& baseline);

}  // namespace mxident::harness
