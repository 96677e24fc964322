// What all subcommands share: exit codes, where the shipped data lies, how a command is registered.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace mxident::harness::cli {

/// Exit codes of every subcommand (design: interfaces).
inline constexpr int kExitOk = 0;
inline constexpr int kExitNews = 1;  ///< an unexpected outcome, a mismatch
inline constexpr int kExitBadInput = 2;
inline constexpr int kExitHarness = 3;     ///< the harness itself failed
inline constexpr int kExitNothing = 4;     ///< nothing selected
inline constexpr int kExitIncomplete = 5;  ///< a missing shard, an interrupted run
inline constexpr int kExitSkipped = 77;    ///< run --ctest: nothing could be tried here

/// The command line as main got it; a command that enters the sandbox starts the program again with it.
struct Invocation {
  int argc = 0;
  char** argv = nullptr;
  std::vector<std::string> other_command = {};  ///< after "--"
  int exit_code = kExitOk;                      ///< set by the command that ran
};

void add_baseline_command(CLI::App& app, Invocation& invocation);
void add_diff_command(CLI::App& app, Invocation& invocation);
void add_fingerprint_command(CLI::App& app, Invocation& invocation);
void add_learn_command(CLI::App& app, Invocation& invocation);
void add_merge_command(CLI::App& app, Invocation& invocation);
void add_report_command(CLI::App& app, Invocation& invocation);
void add_run_command(CLI::App& app, Invocation& invocation);
void add_serve_command(CLI::App& app, Invocation& invocation);

}  // namespace mxident::harness::cli
