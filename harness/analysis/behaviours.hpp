// A client's cells summed up as behaviours: "takes a common name although a SAN is there (2 of 3)", "partial
// wildcards: only mx*". Reads results only; what is a fault is the judge's word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/results/result.hpp"

namespace mxident::harness {

/// Memory grows with the kinds of faults, not with the cells.
class Behaviours {
 public:
  /// Faults that show the same phrases are of one kind. Its number, in one object.
  using Kind = std::uint32_t;
  static constexpr Kind kNoFault = UINT32_MAX;

  /// One cell of the mode that this is about, no scenario twice; `rules`: ids of the rules that its scenario
  /// exercises, `near_name`: near_name_mistake() of it. The kind of its fault.
  Kind add(const std::vector<std::string>& rules, std::string_view near_name, const CellResult& cell);
  Kind add(const ScenarioRecord& scenario, const CellResult& cell);

  /// What its faults have in common, most telling first: each with its share of the scenarios that could have
  /// shown it. One that most of them contradict is not claimed. Faults that no behaviour of the table
  /// explains are counted in the last entry.
  std::vector<std::string> faults() const;

  /// The same without their shares, and whether one shows at all: for a comparison with another run.
  std::vector<std::string> phrases() const;
  /// The same with the kinds that show them.
  std::vector<std::pair<std::string, std::set<Kind>>> explained() const;
  bool shows(std::string_view phrase) const;

  /// What it does where rules leave room or not, from chosen scenarios that have run: empty for a mode that
  /// checks no name.
  std::vector<std::string> habits() const;

 private:
  struct KindOfFault {
    std::vector<std::string_view> phrases;  ///< that it shows
    std::size_t scenarios = 0;
    std::string first;  ///< scenario, by its id
  };
  bool shows(Kind kind, std::string_view phrase) const;
  std::size_t scenarios_of(std::string_view phrase) const;
  /// Behaviours that together explain the faults; `unexplained` gets those that none does.
  std::vector<std::string_view> explaining(std::set<Kind>& unexplained) const;

  std::map<std::string_view, std::size_t> could_;  ///< scenarios in which a phrase could have shown
  std::vector<KindOfFault> kinds_;                 ///< by number
  std::map<std::vector<std::string_view>, Kind> kinds_by_phrases_;
  std::map<std::string, Decision> decisions_;  ///< of the scenarios that habits are read from
};

/// One behaviour of the table.
struct BehaviourInfo {
  std::string_view phrase;  ///< for people; may be reworded
  Outcome outcome = Outcome::lax;
  std::vector<std::string_view> rules;  ///< ids of those that it breaks; none: any
};
const std::vector<BehaviourInfo>& all_behaviours();

/// "takes-a-common-name-although-a-san-is-there": for consumers that follow a behaviour from run to run. A
/// test holds the list.
std::string behaviour_id(std::string_view phrase);

/// What the table of behaviours speaks of: a test holds both against the catalogue.
std::set<std::string_view> rules_of_behaviours();
std::set<std::string_view> scenarios_of_habits();

}  // namespace mxident::harness
