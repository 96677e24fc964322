// One table a situation for a mail administrator: who delivers, under which word, and who does not.
#pragma once

#include <functional>
#include <string>

#include "harness/analysis/whole_scenarios.hpp"

namespace mxident::harness {

class SendersReport : public WholeScenarios {
 public:
  /// `write` gets the text when the run ends.
  explicit SendersReport(std::function<void(const std::string&)> write) : write_(std::move(write)) {}

 private:
  void on_whole(const ScenarioRecord& scenario, const CellsByColumn& cells) override;
  void on_end(const RunFooter&) override { write_(text_); }

  std::function<void(const std::string&)> write_;
  std::string text_;
};

/// The table of one scenario in at most 80 columns.
std::string senders_table(const ScenarioRecord& scenario, const CellsByColumn& cells);

}  // namespace mxident::harness
