// JUnit XML as the continuous-integration servers read it: the whole explanation is the content of a failure,
// for no server shows its attributes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "harness/analysis/whole_scenarios.hpp"
#include "harness/report/target.hpp"

namespace mxident::harness {

enum class JunitFiles { one, by_client };

/// A suite says its counts before its cases, so these wait in a file without a name: memory does not grow
/// with the run.
class JunitReport : public WholeScenarios {
 public:
  /// Gets a client; for one document of all, "".
  using Open = std::function<std::shared_ptr<Target>(const std::string& client)>;
  static constexpr std::size_t kMostOctets = 16000;  ///< of an explanation

  JunitReport(JunitFiles files, Open open);
  ~JunitReport() override;

 private:
  struct Suite;
  class Waiting;
  void on_begin(const RunHeader& header) override;
  void on_whole(const ScenarioRecord& scenario, const CellsByColumn& cells) override;
  void on_end(const RunFooter& footer) override;
  void write_suite(Target& target, std::size_t column, Suite& suite);

  JunitFiles files_;
  Open open_;
  std::map<std::size_t, Suite> suites_;  ///< by column
  std::unique_ptr<Waiting> waiting_;
};

}  // namespace mxident::harness
