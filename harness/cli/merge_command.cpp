// mxident merge: the shards of a run as one file.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "harness/cli/command.hpp"
#include "harness/results/merge.hpp"

namespace mxident::harness::cli {

void add_merge_command(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("merge", "Put the shards of a run together");
  auto files = std::make_shared<std::vector<std::string>>();
  auto output = std::make_shared<std::string>();
  command->add_option("results", *files, "results.ndjson of every shard")->required();
  command->add_option("--output", *output, "Folder for the one results.ndjson")->required();
  command->footer(
      "Exit code 5: a shard is missing, there twice, interrupted, or of another run.\n"
      "Example: mxident merge shard-*/results.ndjson --output whole");
  command->callback([files, output, &invocation] {
    try {
      const std::vector<std::filesystem::path> parts(files->begin(), files->end());
      fmt::print("{}\n", merge_results(parts, *output).string());
    } catch (const IncompleteParts& error) {
      fmt::print(stderr, "mxident: {}\n", error.what());
      invocation.exit_code = kExitIncomplete;
    }
  });
}

}  // namespace mxident::harness::cli
