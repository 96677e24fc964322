// mxident diff: what became of each client from one run to another, or over several.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "harness/analysis/diff.hpp"
#include "harness/cli/command.hpp"
#include "harness/report/diff_report.hpp"
#include "harness/results/reader.hpp"

namespace mxident::harness::cli {
namespace {

struct Results {
  RunDigest digest;
  Ending ending = Ending::whole;
};

Results results_of(const std::string& file) {
  Results out;
  out.ending = read_results(file, out.digest);
  if (out.ending != Ending::whole)
    fmt::print(stderr, "mxident: {}: the run was cut off; what it had done is compared\n", file);
  return out;
}

History::Run run_of(const std::string& file, const RunDigest& digest) {
  History::Run out{file, {}};
  for (const auto& column : digest.header.columns) out.versions[column.client] = column.version;
  return out;
}

/// Two results are in memory at a time.
int compare(const std::vector<std::string>& files, const std::string& format) {
  History history;
  Results before = results_of(files.front());
  history.runs.push_back(run_of(files.front(), before.digest));
  bool whole = true;  // of the last step: what is missing there cannot have stayed as it was
  for (std::size_t i = 1; i < files.size(); ++i) {
    Results after = results_of(files[i]);
    history.runs.push_back(run_of(files[i], after.digest));
    history.steps.push_back(diff(before.digest, after.digest));
    whole = before.ending == Ending::whole && after.ending == Ending::whole;
    before = std::move(after);
  }
  const RunDiff& last = history.steps.back();
  const bool two = files.size() == 2;
  if (format == "json") {
    fmt::print("{}", two ? diff_json(last) : history_json(history));
  } else if (format == "markdown") {
    fmt::print("{}", diff_markdown(last));
  } else if (format == "html") {
    fmt::print("{}", diff_html(last, files[files.size() - 2], files.back()));
  } else {
    fmt::print("{}", two ? diff_text(last) : history_text(history));
  }
  return history.has_news() ? kExitNews : whole ? kExitOk : kExitIncomplete;
}

}  // namespace

void add_diff_command(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("diff", "Compare results: what is better, what is worse");
  auto files = std::make_shared<std::vector<std::string>>();
  auto format = std::make_shared<std::string>("text");
  command->add_option("results", *files, "results.ndjson of two runs, or of more: each client's history")
      ->required()
      ->expected(2, 1000);
  auto* form = command->add_option("--format", *format, "Form (markdown: nothing where there is no news)")
                   ->check(CLI::IsMember({"text", "markdown", "json", "html"}));
  command
      ->add_flag(
          "--json", [format](std::int64_t) { *format = "json"; }, "As --format json")
      ->excludes(form);
  command->footer(
      "Exit code 1: from the last but one to the last, a cell of a scenario that both "
      "ran ends otherwise. New scenarios and modes are no news. 5: one of the two was "
      "cut off.\n"
      "Example: mxident diff old/results.ndjson new/results.ndjson");
  command->callback([files, format, &invocation] { invocation.exit_code = compare(*files, *format); });
}

}  // namespace mxident::harness::cli
