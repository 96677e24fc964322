// SARIF 2.1.0 (OASIS), for servers that show findings beside a repository: one rule a behaviour, one result a
// client mode and behaviour, so that their limits are far away and a finding is the same from run to run.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/analysis/behaviours.hpp"
#include "harness/analysis/whole_scenarios.hpp"
#include "harness/report/target.hpp"

namespace mxident::harness {

/// A behaviour of the table, or a kind of its own for what none explains.
struct SarifRule {
  std::string id, phrase;
  Outcome outcome = Outcome::lax;
  std::vector<std::string_view> rules;
};

enum class SarifFiles { one, by_client };

/// Memory grows with modes and behaviours, not with cells.
class SarifReport : public WholeScenarios {
 public:
  /// Gets a client, or "" for one file of all.
  using Open = std::function<std::shared_ptr<Target>(const std::string& client)>;
  SarifReport(SarifFiles files, Open open);
  ~SarifReport() override;

 private:
  struct Mode;
  struct Finding;
  void on_begin(const RunHeader& header) override;
  void on_whole(const ScenarioRecord& scenario, const CellsByColumn& cells) override;
  void on_end(const RunFooter& footer) override;
  std::vector<Finding> findings_of(std::size_t column) const;
  std::string document(const std::string& client, const std::vector<std::size_t>& columns,
                       const RunFooter& footer) const;

  SarifFiles files_;
  Open open_;
  std::vector<Mode> modes_;  ///< by column
  std::size_t seen_ = 0;     ///< scenarios
};

}  // namespace mxident::harness
