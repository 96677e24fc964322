// Badges as a page embeds them: the JSON that shields.io reads from an endpoint (schemaVersion 1), a client
// each.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "harness/analysis/whole_scenarios.hpp"

namespace mxident::harness {

/// What is counted of a client, over all its modes.
struct BadgeCounts {
  std::size_t wrong = 0, wrong_taken = 0;    ///< cells that must not end in a delivery, and that did
  std::size_t right = 0, right_refused = 0;  ///< cells that must be accepted, and were not
  std::size_t broken = 0;                    ///< hung, crashed or could not be judged
};

/// One JSON object, without line end.
std::string badge_json(const std::string& client, const BadgeCounts& counts, const RunFooter& footer);

/// Counts cells; as every report it refuses those of no announced scenario.
class BadgeReport : public WholeScenarios {
 public:
  /// Gets a client and its badge, when the run ends.
  using Deliver = std::function<void(const std::string& client, const std::string& text)>;
  explicit BadgeReport(Deliver deliver) : deliver_(std::move(deliver)) {}

 private:
  void on_begin(const RunHeader& header) override;
  void on_cell(const CellResult& result) override;
  void on_whole(const ScenarioRecord&, const CellsByColumn&) override {}
  void on_end(const RunFooter& footer) override;
  Deliver deliver_;
  std::map<std::string, BadgeCounts> clients_;
};

}  // namespace mxident::harness
