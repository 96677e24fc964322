// mxident serve: worlds kept up for a program driven by hand, and what it does shown live.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/catalogue/load.hpp"
#include "harness/cli/catalogue.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/help.hpp"
#include "harness/cli/serve_options.hpp"
#include "harness/cli/serve_view.hpp"
#include "harness/driver/clients.hpp"
#include "harness/driver/placeholders.hpp"
#include "harness/input/json_input.hpp"
#include "harness/run/appliance.hpp"
#include "harness/run/lab.hpp"
#include "harness/sandbox/io.hpp"
#include "harness/world/world_builder.hpp"

namespace mxident::harness::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kOuterPid = "MXIDENT_OUTER_PID";

struct Served {
  const Scenario* scenario;
  std::string domain;
  std::unique_ptr<mocks::World> world;
  std::map<std::string, mocks::Starttls> starttls;  ///< by host
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
  sandbox::write_file(work_dir + "/message.eml", message);
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
          {"mxident", own_program()},
          {"trust_anchor", anchors.empty() ? "" : anchors.front()}};
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
  flush_output();
}

/// Sleeps until something comes: nothing is looked at in vain.
[[noreturn]] void watch(const ServeOptions& options, const std::vector<Served>& worlds, Bell& bell) {
  std::thread([] {
    const sigset_t set = interrupts();
    int signal = 0;
    sigwait(&set, &signal);
    _exit(kExitOk);
  }).detach();
  for (const auto& served : worlds) served.world->on_event([&bell] { bell.ring(); });
  Watcher watcher(options.json ? Watcher::As::json : Watcher::As::text, Watcher::Detail::events);
  while (true) {
    for (const auto& served : worlds)
      watcher.look(served.scenario->id, served.world->transcript(), served.starttls);
    bell.wait(Bell::Clock::now() + std::chrono::hours(24));
  }
}

int serve(const ServeOptions& options, Invocation& invocation) {
  if (options.catalogue || !options.listen.empty()) return serve_catalogue(options, invocation);
  const std::vector<Scenario> all = load_scenarios(options.dirs);
  std::vector<std::string> unmatched;
  const auto selected = select(all, options.scenarios, unmatched);
  for (const auto& pattern : unmatched) fmt::print(stderr, "mxident: \"{}\" selects no scenario\n", pattern);
  if (selected.empty()) return kExitNothing;

  // Processes inside do not know the number that this one has outside.
  setenv(kOuterPid, std::to_string(getpid()).c_str(), 0);
  Lab lab({invocation.argc, invocation.argv});
  Bell bell;  // which the worlds ring as long as they are up
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
    fill_command(command, values_of(first, *lab.sandbox));
    return run_here(std::move(command),
                    options.json ? CommandOutput::to_standard_error : CommandOutput::with_ours);
  }
  if (const std::string way = way_in(*lab.sandbox); !way.empty()) {
    fmt::print(stderr,
               "These addresses are inside of the sandbox. To get in: mxident serve {} -- bash, or from "
               "another terminal\n  {} COMMAND\n",
               first.scenario->id, way);
  }
  fmt::print(stderr, "Serving until interrupted.\n");
  watch(options, worlds, bell);
}

/// For a mail server that no sandbox can hold (docs/vendors.md).
void add_catalogue_options(CLI::App& command, ServeOptions& options) {
  const char* const kGroup = "An appliance (docs/vendors.md)";
  const auto option = [&](const char* name, auto& value, const char* text) {
    return command.add_option(name, value, text)->group(kGroup);
  };
  command.add_flag("--catalogue", options.catalogue, "All scenarios, or those named, with one name server")
      ->group(kGroup);
  auto* listen = option("--listen", options.listen, "IPv4 address or network (10.9.0.0/18) of this machine");
  option("--policy", options.policy, "What it claims: a policy, or a refined one as JSON");
  option("--client", options.client, "Its manifest, FILE.json[:MODE], in place of --policy")
      ->excludes(command.get_option("--policy"));
  option("--name", options.name, "Its name in the results (default: appliance)");
  option("--release", options.release, "Its version in the results");
  option("--output", options.output, "Folder: results.ndjson, ca.pem, recipients.txt");
  option("--report", options.reports, "FORMAT:FILE, as of run")->take_all()->allow_extra_args(false);
  option("--baseline", options.baseline, "File or folder of known outcomes (default: none)");
  option("--end-after", options.end_after_s, "End after so many seconds without news")
      ->check(number_between(0.1, 1e6));
  option("--dns-port", options.dns_port, "Of the name server (default: 53)")->needs(listen);
  option("--first-port", options.first_port, "One address: first scenario's port (default: 10025)")
      ->needs(listen)
      ->check(CLI::Range(1, 65000));
  option("--rate", options.rate, "Connections taken a second (default: 100)")
      ->needs(listen)
      ->check(number_between(0.1, 1e5));
  command.add_flag("--public", options.is_public, "A public address; wants --really-public too")
      ->group(kGroup);
  command.add_flag("--really-public", options.really_public, "Yes, public")->group(kGroup);
}

}  // namespace

void add_serve_command(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command =
      app.add_subcommand("serve", "Keep worlds up for a program driven by hand or run a command among them");
  command->add_option("scenarios", options->scenarios, "Ids, folders or patterns");
  command->add_option("--scenarios", options->dirs, "Folder of scenarios in place of the shipped ones")
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--json", options->json, "What happens as JSON Lines");
  add_catalogue_options(*command, *options);
  command->footer(
      "After \"--\": a command to run among the worlds, bash for instance, with {domain} {mx_host} {address} "
      "{port} {dns_address} "
      "{ca_file} {trust_anchor} and the other placeholders of manifests (docs/clients.md).\n"
      "Example: mxident serve rfc9525/exact-name -- echo {mx_host} {address} {port}");
  command->callback([options, &invocation] {
    if (options->scenarios.empty() && !options->catalogue)
      throw InputError("serve", "", "wanted a scenario, or --catalogue for all of them");
    invocation.exit_code = serve(*options, invocation);
  });
}

}  // namespace mxident::harness::cli
