// mxident: the command.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string_view>

#include "harness/cli/check_command.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/explain_command.hpp"
#include "harness/cli/limbo_command.hpp"
#include "harness/cli/list_command.hpp"
#include "harness/cli/match_command.hpp"
#include "harness/cli/mint_command.hpp"
#include "harness/cli/verify_command.hpp"
#include "harness/input/json_input.hpp"
#include "harness/results/writer.hpp"
#include "harness/run/wanted.hpp"

int main(int argc, char** argv) {
  using namespace mxident::harness;
  cli::Invocation invocation{argc, argv};
  // What follows "--" is another program's command line, not ours.
  char** const dashes =
      std::find_if(argv, argv + argc, [](const char* word) { return std::string_view(word) == "--"; });
  const int ours = static_cast<int>(dashes - argv);
  if (ours < argc) invocation.other_command.assign(dashes + 1, argv + argc);
  CLI::App app{"Conformance test harness for the names in SMTP over TLS", "mxident"};
  app.set_version_flag("--version", std::string("mxident ") + MXIDENT_VERSION);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  cli::add_run_command(app, invocation);
  cli::add_report_command(app, invocation);
  cli::add_diff_command(app, invocation);
  cli::add_merge_command(app, invocation);
  cli::add_serve_command(app, invocation);
  cli::add_baseline_command(app, invocation);
  cli::add_fingerprint_command(app, invocation);
  cli::add_match_command(app, invocation);
  cli::add_check_command(app, invocation);
  cli::add_verify_command(app, invocation);
  cli::add_limbo_command(app, invocation);
  cli::add_mint_command(app, invocation);
  cli::add_list_command(app, invocation);
  cli::add_explain_command(app, invocation);
  try {
    app.parse(ours, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    if (app.get_subcommands().empty() && argc > 1 && argv[1][0] != '-') {
      std::vector<std::string> known;
      for (const auto* command : app.get_subcommands({})) known.push_back(command->get_name());
      const auto near = nearest(argv[1], known);
      fmt::print(stderr, "mxident: found \"{}\", which is no command{}; wanted one of {}\n", argv[1],
                 near ? fmt::format(" (did you mean \"{}\"?)", *near) : "", fmt::join(known, ", "));
      return cli::kExitBadInput;
    }
    fmt::print(stderr, "mxident: {}; see \"mxident --help\"\n", error.what());
    return cli::kExitBadInput;
  } catch (const InputError& error) {
    fmt::print(stderr, "mxident: {}\n", error.what());
    return cli::kExitBadInput;
  } catch (const NothingSelected& nothing) {
    fmt::print(stderr, "mxident: {}\n", nothing.what());
    return cli::kExitNothing;
  } catch (const OutputError& error) {
    fmt::print(stderr, "mxident: {}\n", error.what());
    return cli::kExitHarness;
  } catch (const std::exception& error) {
    fmt::print(stderr, "mxident: failed: {}\n", error.what());
    return cli::kExitHarness;
  }
  // What a full disk has refused of the output has not been said.
  if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
    fmt::print(stderr, "mxident: standard output: cannot be written: {}\n", std::strerror(errno));
    return cli::kExitHarness;
  }
  return invocation.exit_code;
}
