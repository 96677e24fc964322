// The run as a person reads it: one line a scenario with a glyph for each client mode, then every fault in
// full.
#pragma once

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "harness/analysis/behaviours.hpp"
#include "harness/results/result.hpp"

namespace mxident::harness {

enum class Colour { off, on };

/// One column: a mode of a client.
struct ReportColumn {
  std::string client, version, mode, title;
};

/// A scenario as the report needs it.
struct ReportScenario {
  std::string id, title, sources;
  std::string
      presented;  ///< names of the preferred host's certificate: "dns:mx*.x.test"; empty: none is shown
  std::string host, domain;        ///< what they are compared with
  std::vector<std::string> rules;  ///< ids of the rules that it exercises
};

/// One character for a cell; width 1 on every terminal.
std::string glyph(Outcome outcome, BaselineState baseline);

/// What is wrong, in one sentence: "accepts dns:mx*.x.test for mx1.x.test, which rfc9525 must reject (RFC
/// 9525 6.3)".
std::string fault_sentence(const ReportScenario& scenario, const CellResult& result);

class ConsoleReport {
 public:
  static constexpr std::size_t kMaxFaultBlocks = 40;  ///< in full; further ones as one line each

  ConsoleReport(std::FILE* out, Colour colour) : out_(out), colour_(colour) {}

  void begin(const RunHeader& header, const std::string& sandbox, std::vector<ReportColumn> columns,
             std::size_t id_width);
  /// All cells of a scenario, in the order of the columns; a cell that was not run has no entry.
  void scenario(const ReportScenario& scenario, const std::map<std::size_t, CellResult>& cells);
  /// `differing`: cells that did not end the same way each time, a line each.
  void end(const RunFooter& footer, const std::string& results_file,
           const std::vector<std::string>& differing);

 private:
  void fault(const ReportScenario& scenario, const CellResult& result);
  void behaviours();
  void changes();
  void contradictions();
  void summary();
  void figures(const RunFooter& footer);
  std::string paint(const char* code, const std::string& text) const;
  void print(const std::string& text) const { std::fwrite(text.data(), 1, text.size(), out_); }

  std::FILE* out_;
  Colour colour_;
  std::vector<ReportColumn> columns_;
  std::size_t id_width_ = 0;
  std::vector<std::pair<ReportScenario, CellResult>> faults_;
  /// What differs from another release: "curl 8.14.1, compared with 7.88.1, recorded 2026-11-22" to lines.
  std::map<std::string, std::vector<std::string>> changes_;
  std::map<std::size_t, std::map<Outcome, std::size_t>> by_column_;
  std::map<std::size_t, Behaviours> behaviours_;  ///< by column
  std::map<std::size_t, std::size_t> not_run_;
  /// Claims that the wire contradicts: "client mode: claim" to how many cells, and the first one's reproduce
  /// command.
  std::map<std::string, std::pair<std::size_t, std::string>> contradictions_;
  std::map<std::string, std::size_t> unsupported_;  ///< "client mode: reason" to count
};

}  // namespace mxident::harness
