#include "harness/cli/run_report.hpp"

#include "harness/explore/matrix/report.hpp"
#include "harness/report/console.hpp"
#include "harness/report/senders.hpp"

namespace mxident::harness::cli {
namespace {

/// Of one situation or two, people ask what each sender makes of it.
constexpr std::size_t kFewSituations = 2;

class WithSenders : public Sinks {
 public:
  explicit WithSenders(std::unique_ptr<Sink> console) : console_(std::move(console)) {
    add(*console_);
    add(senders_);
  }

 private:
  std::unique_ptr<Sink> console_;
  SendersReport senders_{[](const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }};
};

}  // namespace

std::unique_ptr<Sink> run_report(const RunHeader& header, const std::string& results_file,
                                 std::function<void()> before_output) {
  if (!header.matrix.empty() && header.scenarios > matrix::kInFull)
    return std::make_unique<matrix::Report>(stdout, results_file);
  auto console =
      std::make_unique<ConsoleReport>(stdout, colour_of(stdout), results_file, std::move(before_output));
  if (header.scenarios > kFewSituations || header.columns.size() < 2) return console;
  return std::make_unique<WithSenders>(std::move(console));
}

}  // namespace mxident::harness::cli
