// What a run's cells come to, computed from results alone: every report prints from this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/analysis/behaviours.hpp"
#include "harness/analysis/whole_scenarios.hpp"
#include "harness/results/result.hpp"

namespace mxident::harness {

/// "curl ssl-reqd".
std::string mode_name(const CellResult& result);

/// The names of the certificate that a scenario's host shows to those who send this SNI, a few of them; ""
/// where none is shown.
std::string presented_text(const ScenarioRecord& scenario, const std::optional<std::string>& sni = {});

/// What is wrong, in one sentence: "accepts dns:mx*.x.test for mx1.x.test, which rfc9525 must reject (RFC
/// 9525 6.3)".
std::string fault_sentence(const ScenarioRecord& scenario, const CellResult& result);

/// What fault_sentence() asks a scenario for, and its id: to be kept for many of them.
ScenarioRecord for_sentences(const ScenarioRecord& scenario);

/// A fault with the scenario that shows it.
struct Fault {
  ScenarioRecord scenario;
  CellResult result;
};

class Findings {
 public:
  static constexpr std::size_t kFaultsInFull = 40;  ///< of further ones only some octets are kept

  /// A mode summed up.
  struct Mode {
    std::map<Outcome, std::size_t> outcomes;
    std::size_t not_run = 0;  ///< scenarios that say nothing of what it ought to do
    Behaviours behaviours;
  };
  /// A claim that the wire contradicts.
  struct Contradiction {
    std::size_t cells = 0;
    std::string reproduce;  ///< the first one's
  };

  void begin(const RunHeader& header);
  void add(const ScenarioRecord& scenario, const CellsByColumn& cells);

  /// Those that no baseline knows, and known ones that are gone. Behind kFaultsInFull a result has only what
  /// a sentence needs.
  std::size_t faults() const { return in_full_.size() + brief_.size(); }
  Fault fault(std::size_t i) const;

  std::vector<Mode> modes;  ///< by column
  /// What differs from another release: "curl 8.14.1, compared with 7.88.1, recorded 2026-11-22" to lines.
  std::map<std::string, std::vector<std::string>> changes;
  std::map<std::string, Contradiction> contradictions;  ///< "curl ssl says ..., and ..."
  std::map<std::string, std::size_t> unsupported;       ///< "curl ssl: why" to cells

 private:
  struct Brief {
    std::shared_ptr<const ScenarioRecord> scenario;
    std::uint32_t column = 0;
    Expected expected = Expected::either;
    Outcome outcome = Outcome::pass;
    BaselineState baseline = BaselineState::none;
  };
  std::vector<Column> columns_;
  std::vector<Fault> in_full_;
  std::vector<Brief> brief_;
};

/// What a whole run comes to; every report and every exit code say the same.
enum class Verdict {
  as_known,
  news,            ///< something unexpected, or something that was to be tried and could not be
  harness_failed,  ///< cells could not be judged
  incomplete       ///< it was interrupted or cut off
};
Verdict verdict_of(const RunFooter& footer);

/// The end of a run, counted from its cells.
class Tally : public Sink {
 public:
  void cell(const CellResult& result) override;
  /// Not complete, until who runs the cells says so.
  RunFooter& footer() { return footer_; }

 private:
  RunFooter footer_;
};

}  // namespace mxident::harness
