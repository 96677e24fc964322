// JUnit XML as the continuous-integration servers read it: the whole explanation is the content of a failure,
// for no server shows its attributes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "harness/analysis/whole_scenarios.hpp"

namespace mxident::harness {

enum class JunitFiles { one, by_client };

class JunitReport : public WholeScenarios {
 public:
  /// Gets a client and its document; for one document of all, the client is "".
  using Deliver = std::function<void(const std::string& client, const std::string& text)>;
  static constexpr std::size_t kMostOctets = 16000;  ///< of an explanation

  JunitReport(JunitFiles files, Deliver deliver);
  ~JunitReport() override;

 private:
  struct Suite;
  void on_begin(const RunHeader& header) override;
  void on_whole(const ScenarioRecord& scenario, const CellsByColumn& cells) override;
  void on_end(const RunFooter& footer) override;

  JunitFiles files_;
  Deliver deliver_;
  std::map<std::size_t, Suite> suites_;  ///< by column
};

}  // namespace mxident::harness
