// mxident serve: worlds kept up for a program driven by hand, and what it does shown live.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstring>
#include <thread>

#include "harness/catalogue/load.hpp"
#include "harness/cli/catalogue.hpp"
#include "harness/cli/command.hpp"
#include "harness/driver/placeholders.hpp"
#include "harness/input/json_input.hpp"
#include "harness/judge/judge.hpp"
#include "harness/run/lab.hpp"
#include "harness/world/world_builder.hpp"

namespace mxident::harness::cli {
namespace {

struct ServeOptions {
  std::vector<std::string> scenarios, dirs;
};

/// Runs a command inside the sandbox with this terminal as its own; returns its exit code.
int run_here(std::vector<std::string> command) {
  std::vector<char*> argv;
  for (auto& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, argv[0], nullptr, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (error)
    throw InputError("serve", "",
                     fmt::format("\"{}\" cannot be started: {}", command[0], std::strerror(error)));
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : kExitHarness;
}

/// Prints the lines of a transcript that have come since the last look.
class Watcher {
 public:
  void show(const std::string& id, const mocks::World& world) {
    const auto events = wire_events(world.transcript().events());
    std::size_t& seen = seen_[id];
    for (; seen < events.size(); ++seen) fmt::print("{}  {}\n", id, wire_line(events[seen]));
    std::fflush(stdout);
  }

 private:
  std::map<std::string, std::size_t> seen_;
};

int serve(const ServeOptions& options, Invocation& invocation) {
  const std::vector<Scenario> all = load_scenarios(options.dirs);
  std::vector<std::string> unmatched;
  const auto selected = select(all, options.scenarios, unmatched);
  for (const auto& pattern : unmatched) fmt::print(stderr, "mxident: \"{}\" selects no scenario\n", pattern);
  if (selected.empty()) return kExitNothing;

  Lab lab({invocation.argc, invocation.argv});
  std::vector<std::pair<const Scenario*, std::unique_ptr<mocks::World>>> worlds;
  std::uint32_t block = 0;
  for (const std::size_t index : selected) {
    const Scenario& scenario = all[index];
    BuiltWorld built = build_world(scenario, ++block, lab.internet->placement(), lab.authority, lab.keys);
    const std::string domain = built.domain;
    worlds.emplace_back(&scenario, lab.internet->open(std::move(built.spec), block));
    const mocks::World& world = *worlds.back().second;
    fmt::print(stderr, "{}: {}\n  domain {}, resolver {}:{}", scenario.id, scenario.title, domain,
               world.resolver_address(), world.resolver_port());
    for (const auto& server : scenario.servers) {
      fmt::print(stderr, "\n  {} {} port {}", server.spec.host,
                 fmt::join(world.addresses(server.spec.host), " "), world.port(server.spec.host));
    }
    fmt::print(stderr, "\n");
  }
  const mocks::World& first = *worlds.front().second;
  lab.sandbox->set_resolv_conf(
      fmt::format("nameserver {}\noptions trust-ad edns0\n", first.resolver_address()));
  fmt::print(stderr, "  trusted root: {}\n", lab.sandbox->ca_file());
  if (!invocation.other_command.empty()) {
    std::vector<std::string> command = invocation.other_command;
    for (const auto& word : command) {
      if (const auto fault = placeholder_fault(word)) throw InputError("serve", "", *fault);
    }
    for (auto& word : command) {
      word = expand_placeholders(
          word, {{"ca_file", lab.sandbox->ca_file()},
                 {"dns_address", first.resolver_address()},
                 {"domain", worlds.front().first->domain},
                 {"mx_host", preferred_host(*worlds.front().first)},
                 {"port", std::to_string(first.port(preferred_host(*worlds.front().first)))}});
    }
    return run_here(std::move(command));
  }
  fmt::print(stderr, "Serving until interrupted.\n");
  std::thread([] {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    int signal = 0;
    sigwait(&set, &signal);
    _exit(kExitOk);
  }).detach();
  Watcher watcher;
  while (true) {
    for (const auto& [scenario, world] : worlds) watcher.show(scenario->id, *world);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

}  // namespace

void add_serve_command(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command =
      app.add_subcommand("serve", "Keep worlds up for a program driven by hand or run a command among them");
  command->add_option("scenarios", options->scenarios, "Ids, folders or patterns")->required();
  command->add_option("--scenarios", options->dirs, "Folder of scenarios in place of the shipped ones")
      ->take_all()
      ->allow_extra_args(false);
  command->footer(
      "After \"--\": a command to run among the worlds, with {ca_file} {dns_address} {domain} {mx_host} "
      "{port}.");
  command->callback([options, &invocation] { invocation.exit_code = serve(*options, invocation); });
}

}  // namespace mxident::harness::cli
