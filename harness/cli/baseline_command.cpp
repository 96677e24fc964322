// mxident baseline record: what is known of a client, from the results of a run.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <filesystem>

#include "harness/analysis/baseline.hpp"
#include "harness/cli/command.hpp"
#include "harness/input/data_dirs.hpp"
#include "harness/input/json_input.hpp"
#include "harness/results/writer.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness::cli {
namespace {

namespace fs = std::filesystem;

std::string today() {
  char text[16];
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

/// Ids are of the manifests' form (scenarios/schema/client.schema.json): a results file may come from
/// anywhere.
void check_client(const std::string& id, const std::string& results_file) {
  const bool plain =
      !id.empty() && id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string::npos;
  if (!plain || id.front() == '.' || id.front() == '-' || id.front() == '_') {
    throw InputError(
        results_file, "",
        fmt::format("found the client \"{}\", wanted an id of small letters, digits, \".\", \"_\" and \"-\"",
                    printable(id)));
  }
}

int record(const std::string& results_file, const fs::path& output) {
  const ResultsFile results = read_results(results_file);
  if (!results.footer || !results.footer->complete) {
    throw InputError(results_file, "", "holds an interrupted run, wanted the results of a complete one");
  }
  for (const auto& cell : results.cells) check_client(cell.client, results_file);
  const Baselines known = Baselines::load(fs::is_directory(output) ? output : fs::path("none"));
  make_folder(output);
  std::size_t open = 0, written = 0;
  for (const auto& baseline : record_baselines(results, known, today())) {
    if (baseline.client == "mxident")
      continue;  // the verifier itself has no known deviations: any one is a bug
    const fs::path file = output / baseline_file_name(baseline, known);
    write_file(file, baseline_text(baseline));
    ++written;
    const auto missing = unexplained(baseline);
    fmt::print("{}: {} deviations without a reason\n", file.string(), missing.size());
    for (const auto& line : missing) fmt::print("  {}\n", line);
    open += missing.size();
  }
  if (written == 0) {
    throw InputError(
        results_file, "",
        "holds no client that has a baseline: the built-in one has none, for any deviation of it "
        "is a bug");
  }
  if (open)
    fmt::print(
        "Give each a \"note\" that stands among the file's \"notes\" with behaviour, cause and upstream "
        "reference.\n");
  return open ? kExitNews : kExitOk;
}

}  // namespace

void add_baseline_command(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("baseline", "Record what is known of clients");
  command->require_subcommand(1);
  const char* const example = "Example: mxident baseline record out/results.ndjson --output baselines";
  command->footer(example);
  CLI::App* rec = command->add_subcommand(
      "record",
      "Write baselines from results; reasons are kept, and what was not run stays as it was recorded");
  auto results = std::make_shared<std::string>();
  auto output = std::make_shared<std::string>(data_dirs().baselines.string());
  rec->add_option("results", *results, "results.ndjson of a run")->required();
  rec->add_option("--output", *output, "Folder of the baselines")->capture_default_str();
  rec->footer(example);
  rec->callback([results, output, &invocation] { invocation.exit_code = record(*results, *output); });
}

}  // namespace mxident::harness::cli
