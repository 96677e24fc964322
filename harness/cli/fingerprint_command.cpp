// mxident fingerprint: which reference identifier does a client check at all.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "harness/cli/command.hpp"
#include "harness/explore/fingerprint/take.hpp"

namespace mxident::harness::cli {
namespace {

int run(const std::vector<std::string>& clients, bool json, Invocation& invocation) {
  end_on_interrupt(kExitIncomplete);
  Lab lab({.argc = invocation.argc,
           .argv = invocation.argv,
           .clients = wanted_clients(clients),
           .sanity = SanityCheck::run});
  if (lab.interrupts.seen()) return kExitIncomplete;
  for (const auto& line : lab.breakage) fmt::print(stderr, "mxident: {}\n", line);
  for (const auto& line : lab.findings) fmt::print(stderr, "mxident: {}\n", line);
  const auto prints = take_fingerprints(lab);
  if (lab.interrupts.seen()) return kExitIncomplete;
  for (std::size_t c = 0; c < prints.size(); ++c) {
    if (json) {
      fmt::print("{}\n", to_json(prints[c]));
    } else if (!lab.columns[c].unsupported.empty()) {
      fmt::print("{} {}: {}\n\n", prints[c].client, prints[c].mode, lab.columns[c].unsupported);
    } else {
      fmt::print("{}\n", card(prints[c]));
    }
  }
  return kExitOk;
}

}  // namespace

void add_fingerprint_command(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("fingerprint", "Find out which names a client checks at all");
  auto clients = std::make_shared<std::vector<std::string>>();
  auto json = std::make_shared<bool>(false);
  command->add_option("client", *clients, "CLIENT[:MODE] or a manifest.json (default: all)");
  command->add_flag("--json", *json, "One JSON object a mode");
  command->footer("Example: mxident fingerprint curl:ssl-reqd");
  command->callback(
      [clients, json, &invocation] { invocation.exit_code = run(*clients, *json, invocation); });
}

}  // namespace mxident::harness::cli
