// mxident serve: worlds kept up for a program driven by hand, and what it does shown live.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/catalogue/load.hpp"
#include "harness/cli/catalogue.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/serve_view.hpp"
#include "harness/driver/clients.hpp"
#include "harness/driver/placeholders.hpp"
#include "harness/input/json_input.hpp"
#include "harness/judge/judge.hpp"
#include "harness/run/lab.hpp"
#include "harness/text/wire.hpp"
#include "harness/world/world_builder.hpp"

namespace mxident::harness::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ServeOptions {
  std::vector<std::string> scenarios, dirs;
  bool json = false;
};

constexpr const char* kOuterPid = "MXIDENT_OUTER_PID";

/// Runs a command inside the sandbox with this terminal as its own; returns its exit code.
int run_here(std::vector<std::string> command) {
  std::vector<char*> argv;
  for (auto& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, own;
  sigemptyset(&none);
  sigemptyset(&own);
  for (const int signal : {SIGINT, SIGTERM}) sigaddset(&own, signal);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &own);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
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

struct Served {
  const Scenario* scenario;
  std::string domain;
  std::unique_ptr<mocks::World> world;
  std::map<std::string, mocks::Starttls> starttls;  ///< by host
};

/// Says what has come since the last look: each event, and each connection when it has ended.
class Watcher {
 public:
  explicit Watcher(bool json) : json_(json) {}

  void look(const Served& served) {
    const std::vector<mocks::Event> events = served.world->transcript().events();
    auto& [seen, open] = seen_[served.scenario->id];
    if (seen == events.size()) return;
    for (; seen < events.size(); ++seen) {
      const auto& event = events[seen];
      show(served.scenario->id, event);
      if (event.connection == 0 || !is_mail(event)) continue;
      auto& connection = open[event.connection];
      connection.push_back(event);
      if (event.kind != mocks::EventKind::closed) continue;
      const ConnectionEnd end = end_of(connection, served.starttls);
      fmt::print("{}\n",
                 json_
                     ? json_of(end, served.scenario->id).dump(-1, ' ', false, Json::error_handler_t::replace)
                     : text_of(end));
      open.erase(event.connection);
    }
    std::fflush(stdout);
  }

 private:
  static bool is_mail(const mocks::Event& event) {
    return event.kind != mocks::EventKind::dns_query && event.kind != mocks::EventKind::https_request;
  }

  void show(const std::string& id, const mocks::Event& event) {
    const WireEvent wire = wire_events({event}).front();
    if (!json_) {
      fmt::print("{}  {}\n", id, wire_line(wire));
      return;
    }
    const Json line{{"event", to_string(wire.kind)},
                    {"scenario", id},
                    {"at_us", wire.at_us},
                    {"connection", wire.connection},
                    {"host", wire.host},
                    {"address", wire.address},
                    {"encrypted", wire.encrypted},
                    {"text", printable(wire.text)}};
    fmt::print("{}\n", line.dump(-1, ' ', false, Json::error_handler_t::replace));
  }

  bool json_;
  struct Seen {
    std::size_t events = 0;
    std::map<std::uint32_t, std::vector<mocks::Event>> open;
  };
  std::map<std::string, Seen> seen_;
};

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

/// What a command can be told of the first world. Not of it: {program_dir} and {build_dir}, which are a
/// client's.
PlaceholderValues values_of(const Served& served, sandbox::Sandbox& sandbox) {
  const Scenario& scenario = *served.scenario;
  const std::string wanted = preferred_host(scenario);
  const ScenarioServer* const server = server_of(scenario, wanted);
  const std::string host = server != nullptr ? server->spec.host : wanted;
  const auto addresses = served.world->addresses(host);
  const std::string address = addresses.empty() ? "" : addresses.front();
  const std::string recipient = served.domain.empty() ? "postmaster" : "postmaster@" + served.domain;
  const std::string message = fmt::format(
      "From: <sender@client.test>\nTo: <{}>\nSubject: mxident\n\nA message of mxident serve.\n", recipient);
  const std::string work_dir = sandbox.make_work_dir();
  std::ofstream(work_dir + "/message.eml") << message;
  const auto anchors = served.world->trust_anchors();
  return {{"ca_file", sandbox.ca_file()},
          {"ca_dir", sandbox.ca_dir()},
          {"cache_dir", cache_dir()},
          {"dns_address", served.world->resolver_address()},
          {"domain", served.domain},
          {"domain_bracketed", "[" + served.domain + "]"},
          {"recipient", recipient},
          {"sender", "sender@client.test"},
          {"helo", "client.test"},
          {"mx_host", wanted},
          {"host_bracketed", bracketed(wanted)},
          {"address", address},
          {"address_bracketed", bracketed(address)},
          {"port", std::to_string(served.world->port(host))},
          {"work_dir", work_dir},
          {"message", message},
          {"message_file", work_dir + "/message.eml"},
          {"smtp_dialogue",
           fmt::format("EHLO client.test\r\nMAIL FROM:<sender@client.test>\r\nRCPT TO:<{}>\r\nDATA\r\n"
                       "Subject: mxident\r\n\r\nA message of mxident serve.\r\n.\r\nQUIT\r\n",
                       recipient)},
          {"trust_anchor", anchors.empty() ? "" : anchors.front()}};
}

/// Fills the words of a command; every placeholder in them must have a value.
void fill(std::vector<std::string>& command, const PlaceholderValues& values) {
  std::vector<std::string> known;
  for (const auto& [name, value] : values) known.push_back("{" + name + "}");
  for (auto& word : command) {
    for (std::size_t at = 0; (at = word.find('{', at)) != std::string::npos; ++at) {
      if (word.substr(at, 2) == "{{") {
        ++at;
        continue;
      }
      const std::string name = word.substr(at + 1, std::min(word.find('}', at), word.size()) - at - 1);
      const auto value = values.find(name);
      if (value == values.end())
        throw InputError("serve", "",
                         fmt::format("found {{{}}}, which serve cannot fill; it can {}", printable(name),
                                     fmt::join(known, " ")));
      if (value->second.empty())
        throw InputError("serve", "", fmt::format("found {{{}}}, and this scenario has none", name));
    }
    word = expand_placeholders(word, values);
  }
}

/// How to get in from another terminal; empty where there is nothing to get into.
std::string way_in(const sandbox::Sandbox& sandbox) {
  const char* const outer = std::getenv(kOuterPid);
  if (sandbox.level() == sandbox::Level::none || outer == nullptr) return {};
  const std::string process = fmt::format("$(cat /proc/{0}/task/{0}/children)", outer);
  return sandbox.level() == sandbox::Level::root_namespaces
             ? fmt::format("nsenter -n -t {}", process)
             : fmt::format("nsenter -U -n --preserve-credentials -t {}", process);
}

void announce(const ServeOptions& options, const Served& served) {
  const mocks::World& world = *served.world;
  Json servers = Json::array();
  std::string lines;
  for (const auto& server : served.scenario->servers) {
    const std::string& host = server.spec.host;
    const auto certificate = served.scenario->certificates.find(server.spec.certificate);
    const auto names = certificate == served.scenario->certificates.end()
                           ? std::vector<std::string>{"(no certificate)"}
                           : names_of(certificate->second.spec);
    servers.push_back(
        {{"host", host}, {"addresses", world.addresses(host)}, {"port", world.port(host)}, {"names", names}});
    lines += fmt::format("\n  {} {} port {}: {}", host, fmt::join(world.addresses(host), " "),
                         world.port(host), fmt::join(names, ", "));
  }
  fmt::print(stderr, "{}: {}\n  domain {}, resolver {}:{}{}\n", served.scenario->id, served.scenario->title,
             served.domain, world.resolver_address(), world.resolver_port(), lines);
  if (!options.json) return;
  const Json line{{"event", "serving"},
                  {"scenario", served.scenario->id},
                  {"domain", served.domain},
                  {"resolver", world.resolver_address()},
                  {"resolver_port", world.resolver_port()},
                  {"servers", servers},
                  {"trust_anchors", world.trust_anchors()}};
  fmt::print("{}\n", line.dump(-1, ' ', false, Json::error_handler_t::replace));
  std::fflush(stdout);
}

[[noreturn]] void watch(const ServeOptions& options, const std::vector<Served>& worlds) {
  std::thread([] {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    int signal = 0;
    sigwait(&set, &signal);
    _exit(kExitOk);
  }).detach();
  Watcher watcher(options.json);
  while (true) {
    for (const auto& served : worlds) watcher.look(served);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

int serve(const ServeOptions& options, Invocation& invocation) {
  const std::vector<Scenario> all = load_scenarios(options.dirs);
  std::vector<std::string> unmatched;
  const auto selected = select(all, options.scenarios, unmatched);
  for (const auto& pattern : unmatched) fmt::print(stderr, "mxident: \"{}\" selects no scenario\n", pattern);
  if (selected.empty()) return kExitNothing;

  // Processes inside do not know the number that this one has outside.
  setenv(kOuterPid, std::to_string(getpid()).c_str(), 0);
  Lab lab({invocation.argc, invocation.argv});
  std::vector<Served> worlds;
  std::uint32_t block = 0;
  for (const std::size_t index : selected) {
    const Scenario& scenario = all[index];
    BuiltWorld built = build_world(scenario, ++block, lab.internet->placement(), lab.authority, lab.keys);
    Served served{&scenario, built.domain, lab.internet->open(std::move(built.spec), block), {}};
    for (const auto& server : scenario.servers) served.starttls[server.spec.host] = server.spec.starttls;
    announce(options, served);
    worlds.push_back(std::move(served));
  }
  const Served& first = worlds.front();
  lab.sandbox->set_resolv_conf(
      fmt::format("nameserver {}\noptions trust-ad edns0\n", first.world->resolver_address()));
  fmt::print(stderr, "  trusted root: {}\n", lab.sandbox->ca_file());
  if (!invocation.other_command.empty()) {
    if (lab.sandbox->level() == sandbox::Level::none) {
      // It would look the domain up, and dial port 25, in the world outside.
      fmt::print(stderr, "mxident: serve runs a command in namespaces only: {}\n", lab.sandbox->describe());
      return kExitHarness;
    }
    std::vector<std::string> command = invocation.other_command;
    fill(command, values_of(first, *lab.sandbox));
    return run_here(std::move(command));
  }
  if (const std::string way = way_in(*lab.sandbox); !way.empty()) {
    fmt::print(stderr,
               "These addresses are inside of the sandbox. To get in: mxident serve {} -- bash, or from "
               "another terminal\n  {} COMMAND\n",
               first.scenario->id, way);
  }
  fmt::print(stderr, "Serving until interrupted.\n");
  watch(options, worlds);
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
  command->add_flag("--json", options->json, "What happens as JSON Lines");
  command->footer(
      "After \"--\": a command to run among the worlds, bash for instance, with {domain} {mx_host} {address} "
      "{port} {dns_address} "
      "{ca_file} {trust_anchor} and the other placeholders of manifests (docs/clients.md).");
  command->callback([options, &invocation] { invocation.exit_code = serve(*options, invocation); });
}

}  // namespace mxident::harness::cli
