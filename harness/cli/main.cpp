// mxident: the command.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <memory>
#include <string_view>

#include "certs/lean_provider.hpp"
#include "harness/cli/check_command.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/explain_command.hpp"
#include "harness/cli/help.hpp"
#include "harness/cli/limbo_command.hpp"
#include "harness/cli/list_command.hpp"
#include "harness/cli/match_command.hpp"
#include "harness/cli/mint_command.hpp"
#include "harness/cli/repro_command.hpp"
#include "harness/cli/verify_command.hpp"
#include "harness/input/json_input.hpp"
#include "harness/results/writer.hpp"
#include "harness/run/interrupts.hpp"
#include "harness/run/wanted.hpp"
#include "harness/sandbox/sandbox.hpp"

namespace {

using namespace mxident::harness;

/// A command that is interrupted before it has taken signals for itself has done nothing to the end.
void interrupted(int) {
  _exit(cli::kExitIncomplete);
}

void take_interrupts() {
  struct sigaction action {};
  action.sa_handler = interrupted;
  sigemptyset(&action.sa_mask);
  for (const int signal : kInterrupts) {
    struct sigaction now {};
    // One that is ignored ("nohup", a job in the background) stays so.
    if (sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_DFL)
      sigaction(signal, &action, nullptr);
  }
}

ssize_t write_or_drop(void*, const char* text, std::size_t size) {
  for (std::size_t done = 0; done < size;) {
    const ssize_t written = write(STDERR_FILENO, text + done, size - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    done += static_cast<std::size_t>(written);
  }
  return static_cast<ssize_t>(size);
}

/// Words for people are lost where standard error cannot be written (a full disk), and nothing besides: fmt
/// would throw, wherever in a run a line of them is due.
void forgive_standard_error() {
  FILE* const forgiving = fopencookie(nullptr, "w", {nullptr, write_or_drop, nullptr, nullptr});
  if (forgiving == nullptr) return;
  std::setvbuf(forgiving, nullptr, _IONBF, 0);
  stderr = forgiving;
}

/// What a command printed may still be on its way; only the last word on it says whether it arrived.
int with_output_written(int code) {
  std::cout.flush();
  const bool failed_before = std::ferror(stdout) != 0;
  errno = 0;
  const bool flushed = std::fflush(stdout) == 0;
  if (flushed && !failed_before && std::cout.good()) return code;
  fmt::print(stderr, "mxident: standard output: cannot be written{}\n",
             errno == 0 ? "" : fmt::format(": {}", std::strerror(errno)));
  return cli::kExitHarness;
}

/// "--output $FOLDER" of a script whose variable is empty is a mistake, and not the same as no option at all.
/// A name may be empty; what selects nothing has an exit code of its own.
void refuse_empty_values(CLI::App& app) {
  constexpr std::array<std::string_view, 4> kMayBeEmpty{"--cn", "--san", "--reference", "--client"};
  for (CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    if ((option->get_positional() && name != "results") || option->get_expected_max() == 0) continue;
    if (std::find(kMayBeEmpty.begin(), kMayBeEmpty.end(), name) != kMayBeEmpty.end()) continue;
    option->check([](const std::string& value) { return value.empty() ? "found an empty value" : ""; });
  }
  for (CLI::App* command : app.get_subcommands(nullptr)) refuse_empty_values(*command);
}

int run_main(int argc, char** argv) {
  cli::Invocation invocation{argc, argv};
  // What follows "--" is another program's command line, not ours.
  char** const dashes =
      std::find_if(argv, argv + argc, [](const char* word) { return std::string_view(word) == "--"; });
  const int ours = static_cast<int>(dashes - argv);
  if (ours < argc) invocation.other_command.assign(dashes + 1, argv + argc);
  CLI::App app{"Conformance test harness for the names in SMTP over TLS", "mxident"};
  app.formatter(std::make_shared<cli::HelpFormatter>());
  app.set_version_flag("--version", std::string("mxident ") + MXIDENT_VERSION);
  app.require_subcommand(1);
  app.footer("Example: mxident run 'rfc2818/*' --client curl --output out");
  app.failure_message(CLI::FailureMessage::help);
  cli::add_run_command(app, invocation);
  cli::add_report_command(app, invocation);
  cli::add_diff_command(app, invocation);
  cli::add_merge_command(app, invocation);
  cli::add_serve_command(app, invocation);
  cli::add_repro_command(app, invocation);
  cli::add_baseline_command(app, invocation);
  cli::add_fingerprint_command(app, invocation);
  cli::add_learn_command(app, invocation);
  cli::add_match_command(app, invocation);
  cli::add_check_command(app, invocation);
  cli::add_verify_command(app, invocation);
  cli::add_limbo_command(app, invocation);
  cli::add_mint_command(app, invocation);
  cli::add_list_command(app, invocation);
  cli::add_explain_command(app, invocation);
  refuse_empty_values(app);
  try {
    app.parse(ours, argv);
  } catch (const CLI::ParseError& error) {
    if (const auto fault = cli::unknown_command(app, ours, argv)) {
      fmt::print(stderr, "mxident: {}\n", *fault);
      return cli::kExitBadInput;
    }
    if (error.get_exit_code() == 0) return app.exit(error);
    const auto unknown = cli::unknown_option(app, ours, argv);
    fmt::print(stderr, "mxident: {}; see \"{} --help\"\n", unknown ? *unknown : error.what(),
               cli::stated_command(app, ours, argv));
    return cli::kExitBadInput;
  } catch (const InputError& error) {
    fmt::print(stderr, "mxident: {}\n", error.what());
    return cli::kExitBadInput;
  } catch (const NothingSelected& nothing) {
    fmt::print(stderr, "mxident: {}\n", nothing.what());
    return cli::kExitNothing;
  } catch (const Interrupted& interrupted) {
    fmt::print(stderr, "mxident: {}\n", interrupted.what());
    return cli::kExitIncomplete;
  } catch (const OutputError& error) {
    fmt::print(stderr, "mxident: {}\n", error.what());
    return cli::kExitHarness;
  } catch (const std::exception& error) {
    if (std::ferror(stdout) != 0) return cli::kExitHarness;  // said at the end
    fmt::print(stderr, "mxident: failed: {}\n", error.what());
    return cli::kExitHarness;
  }
  return invocation.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  take_interrupts();
  mxident::certs::use_lean_provider();  // in front of all that uses OpenSSL, as the sandbox does
  sandbox::begin_inside();
  forgive_standard_error();
  return with_output_written(run_main(argc, argv));
}
