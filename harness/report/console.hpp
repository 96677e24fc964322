// The run as a person reads it: one line a scenario with a glyph for each client mode, then every fault in
// full. Printed from results alone, so that a results file prints the same again.
#pragma once

#include <cstdio>
#include <functional>
#include <string>

#include "harness/analysis/findings.hpp"
#include "harness/analysis/whole_scenarios.hpp"

namespace mxident::harness {

enum class Colour { off, on };
/// On for a terminal, unless NO_COLOR is set (no-color.org).
Colour colour_of(std::FILE* out);

/// One character for a cell; width 1 on every terminal.
std::string glyph(Outcome outcome);

class ConsoleReport : public WholeScenarios {
 public:
  /// `results_file`: where the cells are, for the last line. `before_output` makes room on the terminal.
  ConsoleReport(
      std::FILE* out, Colour colour, std::string results_file, std::function<void()> before_output = [] {})
      : out_(out),
        colour_(colour),
        results_file_(std::move(results_file)),
        before_output_(std::move(before_output)) {}

 protected:
  void on_begin(const RunHeader& header) override;
  void on_whole(const ScenarioRecord& scenario, const CellsByColumn& cells) override;
  void on_end(const RunFooter& footer) override;

 private:
  void columns();
  void ruler();
  void fault(const Fault& fault);
  void faults();
  void behaviours();
  void changes();
  void contradictions();
  void summary();
  void figures(const RunFooter& footer);
  void list(const std::string& title, const std::vector<std::string>& lines);
  std::string paint(const char* code, const std::string& text) const;
  void print(const std::string& text) const { std::fwrite(text.data(), 1, text.size(), out_); }

  std::FILE* out_;
  Colour colour_;
  std::string results_file_;
  std::function<void()> before_output_;
  std::size_t id_width_ = 0;
  bool ruled_ = false;
  Findings findings_;
};

}  // namespace mxident::harness
