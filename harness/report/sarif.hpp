// SARIF 2.1.0 (OASIS), for servers that show findings beside a repository: one rule a behaviour, one result a
// client mode and behaviour, so that their limits are far away and a finding is the same from run to run.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "harness/analysis/behaviours.hpp"
#include "harness/analysis/commands.hpp"
#include "harness/report/target.hpp"
#include "harness/results/sink.hpp"

namespace mxident::harness {

/// A behaviour of the table, or a kind of its own for what none explains.
struct SarifRule {
  std::string id, phrase;
  Outcome outcome = Outcome::lax;
  std::vector<std::string_view> rules;
};

enum class SarifFiles { one, by_client };

/// Of each cell that no baseline knows, and of each known deviation that is gone, some octets are kept.
class SarifReport : public Sink {
 public:
  /// Gets a client, or "" for one file of all.
  using Open = std::function<std::shared_ptr<Target>(const std::string& client)>;
  SarifReport(SarifFiles files, Open open) : files_(files), open_(std::move(open)) {}

  void begin(const RunHeader& header) override;
  void scenario(const ScenarioRecord& scenario) override;
  void cell(const CellResult& result) override;
  void end(const RunFooter& footer) override;

 private:
  struct Unexpected {
    std::uint32_t scenario = 0;
    Outcome outcome = Outcome::pass;
    BaselineState baseline = BaselineState::none;
  };
  struct Mode {
    std::vector<Unexpected> unexpected;
    Behaviours behaviours;
  };
  struct Finding;
  std::vector<Finding> findings_of(std::size_t column) const;
  std::string document(const std::string& client, const std::vector<std::size_t>& columns,
                       const RunFooter& footer) const;

  SarifFiles files_;
  Open open_;
  RunHeader header_;
  std::map<std::pair<std::string, std::string>, std::size_t> columns_;
  std::unordered_map<std::string, std::uint32_t> places_;
  std::vector<ScenarioRecord> scenarios_;
  std::vector<Mode> modes_;
  Commands commands_;
};

}  // namespace mxident::harness
