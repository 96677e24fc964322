// Results for a job's summary or a comment: news first, within the octets that such places take.
#pragma once

#include <functional>
#include <string>

#include "harness/analysis/findings.hpp"
#include "harness/analysis/whole_scenarios.hpp"

namespace mxident::harness {

/// Text in which nothing is markup, a mention or HTML.
std::string markdown_text(const std::string& octets);

class MarkdownReport : public WholeScenarios {
 public:
  explicit MarkdownReport(std::function<void(const std::string&)> deliver) : deliver_(std::move(deliver)) {}

 private:
  void on_begin(const RunHeader& header) override { findings_.begin(header); }
  void on_whole(const ScenarioRecord& scenario, const CellsByColumn& cells) override {
    findings_.add(scenario, cells);
  }
  void on_end(const RunFooter& footer) override;

  std::function<void(const std::string&)> deliver_;
  Findings findings_;
};

}  // namespace mxident::harness
