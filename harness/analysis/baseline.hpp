// Baselines: what is known of a client's release, each deviation with its reason.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/results/reader.hpp"
#include "harness/results/result.hpp"

namespace mxident::harness {

/// A behaviour that explains deviations.
struct BehaviourNote {
  std::string behaviour;  ///< what the client does
  std::string cause;      ///< where that comes from: a documented choice, a library's rule, a missing check
  std::string upstream;   ///< reference in its own documentation, source or tracker; may be empty
};

/// How a cell ends.
struct RecordedEnd {
  Outcome outcome = Outcome::either;
  std::optional<Decision> decision;
};

/// One cell that is not `pass`.
struct BaselineCell {
  Outcome outcome = Outcome::either;
  std::optional<Decision> decision;
  std::string note;  ///< key into Baseline::notes; empty for `either`
  /// How it ends at other times, of which `pass` may be one: the client draws lots, among the addresses of a
  /// host, say. Written by hand; none of them is news.
  std::vector<RecordedEnd> sometimes;
};

/// One file: fixtures/baselines/CLIENT-VERSION.json, or CLIENT-VERSION+REVISION.json for a further revision.
struct Baseline {
  std::string client, version;
  std::string recorded;  ///< date, for people
  /// Revisions of the packages that it was recorded with; empty: not known. Debian mends faults without a new
  /// upstream version, so the same version may be two behaviours.
  std::map<std::string, std::string> packages;
  std::map<std::string, BehaviourNote> notes;
  std::map<std::string, std::map<std::string, BaselineCell>> modes;  ///< mode, scenario
  /// The scenarios that were run, by id, with the beginning of the digest that they had then.
  std::map<std::string, std::string> scenarios;
  /// By mode those of them that it ran: only so is it known that one of which nothing is said in `modes` has
  /// passed. Older files do not have it.
  std::map<std::string, std::set<std::string>> ran;
  /// By mode and scenario what the client says ("verified") where the wire contradicts it.
  std::map<std::string, std::map<std::string, std::string>> claims;
};

/// What was recorded of a cell, if it is known: one that deviates has a line of its own, and one that was run
/// on the scenario as it is now and has none has passed, so its decision is what is expected.
struct RecordedCell {
  Outcome outcome = Outcome::pass;
  std::optional<Decision> decision;  ///< missing for a pass
  std::string note;                  ///< as of BaselineCell
  std::string claim;                 ///< see Baseline::claims
  std::vector<RecordedEnd> sometimes;
};
std::optional<RecordedCell> recorded_cell(const Baseline& baseline, const std::string& mode,
                                          const std::string& scenario, const std::string& digest);

inline constexpr std::size_t kDigestKept = 12;  ///< characters of a scenario's digest that a baseline keeps

/// Throws InputError with file and JSON pointer.
Baseline read_baseline(const std::filesystem::path& file);
std::string baseline_text(const Baseline& baseline);

/// The baselines of a run, one for each client where there is any.
class Baselines {
 public:
  /// `source`: a file, a folder, or "none".
  static Baselines load(const std::filesystem::path& source);

  using Packages = std::map<std::string, std::string>;
  /// The client's own version, of its own package revisions where there are several; else the nearest
  /// version: the highest that is older, else the lowest.
  const Baseline* find(const std::string& client, const std::string& version,
                       const Packages& packages = {}) const;

  /// From now on results are of these columns: their packages choose the baselines.
  void of(const std::vector<Column>& columns);

  /// Fills what a result says of its baseline: as known, news or fixed, none where there is no baseline for
  /// the client or nothing to compare; and the release or revision where another one was recorded.
  void compare(CellResult& result) const;

 private:
  BaselineState state_of(const Baseline& baseline, const CellResult& result) const;

  std::vector<Baseline> baselines_;
  std::map<std::string, Packages> packages_;  ///< by client
};

/// Packages of which two sets hold different revisions: "libgnutls30 3.7.9-2+deb12u7"; those of `ours`.
std::string differing_packages(const std::map<std::string, std::string>& ours,
                               const std::map<std::string, std::string>& theirs);

/// Cells of a results file as baselines, one a client. Notes of `known` are kept where behaviour and outcome
/// are the same, and scenarios and modes that these results do not have stay as they were recorded.
std::vector<Baseline> record_baselines(const ResultsFile& results, const Baselines& known,
                                       const std::string& date);

/// The name of a baseline's file, which no version and no id leads out of its folder: what could is replaced.
std::string baseline_file_name(const Baseline& baseline, const Baselines& known);

/// Deviations that have no note: "MODE SCENARIO: OUTCOME".
std::vector<std::string> unexplained(const Baseline& baseline);

}  // namespace mxident::harness
