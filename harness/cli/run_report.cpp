#include "harness/cli/run_report.hpp"

#include "harness/explore/matrix/report.hpp"
#include "harness/report/console.hpp"

namespace mxident::harness::cli {

std::unique_ptr<Sink> run_report(const RunHeader& header, const std::string& results_file,
                                 std::function<void()> before_output) {
  if (!header.matrix.empty() && header.scenarios > matrix::kInFull)
    return std::make_unique<matrix::Report>(stdout, results_file);
  return std::make_unique<ConsoleReport>(stdout, colour_of(stdout), results_file, std::move(before_output));
}

}  // namespace mxident::harness::cli
