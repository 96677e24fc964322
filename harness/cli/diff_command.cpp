// mxident diff: what became of each client from one run to another.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "harness/analysis/diff.hpp"
#include "harness/cli/command.hpp"
#include "harness/results/reader.hpp"

namespace mxident::harness::cli {
namespace {

RunDigest digest_of(const std::string& file) {
  RunDigest out;
  if (read_results(file, out) != Ending::whole)
    fmt::print(stderr, "mxident: {}: the run was cut off; what it had done is compared\n", file);
  return out;
}

int compare(const std::string& before, const std::string& after, bool json) {
  const RunDiff result = diff(digest_of(before), digest_of(after));
  fmt::print("{}", json ? diff_json(result) : diff_text(result));
  return result.has_news() ? kExitNews : kExitOk;
}

}  // namespace

void add_diff_command(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("diff", "Compare two results: what is better, what is worse");
  auto before = std::make_shared<std::string>();
  auto after = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  command->add_option("old", *before, "results.ndjson of a run")->required();
  command->add_option("new", *after, "results.ndjson of a later run")->required();
  command->add_flag("--json", *json, "One JSON object");
  command->footer(
      "Exit code 1: a cell of a scenario that both ran ends otherwise. New scenarios and modes are no "
      "news.\nExample: mxident diff old/results.ndjson new/results.ndjson");
  command->callback(
      [before, after, json, &invocation] { invocation.exit_code = compare(*before, *after, *json); });
}

}  // namespace mxident::harness::cli
