// mxident report: what a run printed, from its results alone.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "harness/analysis/findings.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/recording.hpp"
#include "harness/cli/run_report.hpp"
#include "harness/input/json_input.hpp"
#include "harness/report/formats.hpp"
#include "harness/results/reader.hpp"

namespace mxident::harness::cli {
namespace {

/// A footer that says otherwise than the cells before it: every report and the exit code would depend on
/// which of them is asked.
void check_counts(const RunFooter& said, const RunFooter& counted) {
  const auto check = [](const char* what, std::size_t found, std::size_t wanted) {
    if (found == wanted) return;
    throw InputError(
        "results", "",
        fmt::format("the footer counts {} {}, and the cells before it are {}", found, what, wanted));
  };
  check("news", said.news, counted.news);
  check("fixed", said.fixed, counted.fixed);
  auto counts = counted.counts;
  for (const auto& [outcome, count] : said.counts) counts[outcome];
  for (const auto& [outcome, count] : counts) {
    const auto found = said.counts.find(outcome);
    check(std::string(to_string(outcome)).c_str(), found == said.counts.end() ? 0 : found->second, count);
  }
}

/// Chooses the report when it knows the header, and counts for a file without footer.
class Reporter : public Sink {
 public:
  Reporter(std::string file, std::string format, std::vector<std::filesystem::path> earlier)
      : file_(std::move(file)), format_(std::move(format)), earlier_(std::move(earlier)) {}
  void begin(const RunHeader& header) override {
    report_ = !earlier_.empty() ? make_page_with_history(stdout, earlier_)
              : format_.empty() ? run_report(header, file_)
                                : make_report(format_, stdout);
    report_->begin(header);
  }
  void scenario(const ScenarioRecord& scenario) override { report_->scenario(scenario); }
  void cell(const CellResult& result) override {
    tally_.cell(result);
    report_->cell(result);
  }
  void end(const RunFooter& footer) override {
    if (!ended_) check_counts(footer, tally_.footer());
    ended_ = true;
    footer_ = footer;
    report_->end(footer);
  }
  /// After the file: of a run that was cut off, what there is.
  int finish() {
    if (!ended_) end(tally_.footer());
    return exit_code_of(verdict_of(footer_));
  }

 private:
  std::string file_, format_;
  std::vector<std::filesystem::path> earlier_;
  std::unique_ptr<Sink> report_;
  Tally tally_;
  RunFooter footer_;
  bool ended_ = false;
};

/// `files`: oldest first; the last is reported, and those before it are its history, as `earlier` is.
int report(const std::vector<std::string>& files, const std::string& format,
           std::vector<std::string> earlier) {
  const std::string& file = files.back();
  earlier.insert(earlier.end(), files.begin(), files.end() - 1);
  if (!earlier.empty() && format != "html")
    throw InputError(files.size() > 1 ? "report" : "--earlier", "",
                     "earlier results are the history of the page, wanted --format html with them");
  Reporter reporter(std::filesystem::absolute(file).lexically_normal().string(), format,
                    {earlier.begin(), earlier.end()});
  if (read_results(file, reporter) != Ending::whole)
    fmt::print(stderr, "mxident: {}: the run was cut off; what it had done is shown\n", file);
  return reporter.finish();
}

}  // namespace

void add_report_command(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("report", "Print what a run printed, from its results alone");
  auto files = std::make_shared<std::vector<std::string>>();
  command->add_option("results", *files, "Of a run; those before the last are its history")->required();
  auto format = std::make_shared<std::string>();
  command->add_option("--format", *format, "In place of what the run printed (docs/results.md)")
      ->check(CLI::IsMember(report_formats()));
  auto earlier = std::make_shared<std::vector<std::string>>();
  command->add_option("--earlier", *earlier, "Results of an earlier run, for the page's history")
      ->allow_extra_args(false);
  command->footer(
      "Exit codes are those of the run, whatever the format.\n"
      "Example: mxident report out/results.ndjson --format markdown");
  command->callback(
      [files, format, earlier, &invocation] { invocation.exit_code = report(*files, *format, *earlier); });
}

}  // namespace mxident::harness::cli
