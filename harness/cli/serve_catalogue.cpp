// mxident serve --catalogue: every world up for an appliance, and at the end the results of a run.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>
#include <utility>

#include "harness/catalogue/load.hpp"
#include "harness/cli/catalogue.hpp"
#include "harness/cli/recording.hpp"
#include "harness/cli/run_report.hpp"
#include "harness/cli/serve_options.hpp"
#include "harness/cli/serve_view.hpp"
#include "harness/input/json_input.hpp"
#include "harness/input/policy_json.hpp"
#include "harness/report/formats.hpp"
#include "harness/run/record.hpp"
#include "harness/sandbox/io.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness::cli {
namespace {

using Json = nlohmann::ordered_json;
using Clock = Bell::Clock;

/// Quiet for so long and with nothing open, a scenario is told as it stands; more may come, and is told
/// again.
constexpr std::chrono::seconds kSettled{2};
constexpr std::size_t kListedInFull = 40;
constexpr const char* kNoExpectation = "nothing says what this policy ought to do there";

void print_line(const Json& line) {
  fmt::print("{}\n", line.dump(-1, ' ', false, Json::error_handler_t::replace));
  flush_output();
}

/// The appliance as a client with one mode.
Wanted appliance_of(const ServeOptions& options) {
  if (!options.client.empty()) {
    Wanted out = wanted_clients({options.client}).front();
    if (!out.manifest.appliance)
      throw InputError("--client", "",
                       fmt::format("found \"{}\", which is no appliance: mxident run --client {}",
                                   options.client, options.client));
    if (out.mode.empty() && out.manifest.modes.size() == 1) out.mode = out.manifest.modes.front().id;
    if (out.mode.empty())
      throw InputError("--client", "",
                       fmt::format("{} has several modes, wanted one: {}:{}", out.manifest.id, options.client,
                                   out.manifest.modes.front().id));
    return out;
  }
  Wanted out;
  out.manifest.id = options.name;
  out.manifest.title = options.name;
  out.manifest.appliance = true;
  ClientMode mode;
  const std::string text = options.policy.empty() ? "opportunistic" : options.policy;
  mode.policy = policy_from_word(text, "--policy");
  mode.refined = text.starts_with("{");
  mode.id = std::string(to_string(mode.policy.id));
  mode.takes = {Takes::domain};
  out.mode = mode.id;
  out.manifest.modes.push_back(std::move(mode));
  return out;
}

/// "10.9.0.1 port 25", as an appliance that is to be set up by hand needs it.
std::string table_of(const ServedCatalogue& catalogue) {
  std::string out = "# recipient\tscenario\thost\taddress\tport\n";
  for (const auto& entry : catalogue.entries()) {
    if (!entry.world) continue;
    out += fmt::format("{}\t{}\t{}\t{}\t{}\n", entry.recipient, entry.scenario->id, entry.host, entry.address,
                       entry.port);
  }
  return out;
}

/// The ports of the one-address plan as a table of Postfix, whose form others read too.
std::string transport_of(const ServedCatalogue& catalogue) {
  std::string out = "# transport_maps of Postfix: each domain's MX is looked up, and met at this port\n";
  for (const auto& entry : catalogue.entries()) {
    if (entry.world && !entry.domain.empty())
      out += fmt::format("{}\tsmtp:{}:{}\n", entry.domain, entry.domain, entry.port);
  }
  return out;
}

Json json_of(const ServedCatalogue::Entry& entry) {
  Json out{{"event", "scenario"}, {"scenario", entry.scenario->id}};
  if (!entry.world) {
    out["not_served"] = entry.not_served;
    return out;
  }
  out["recipient"] = entry.recipient;
  out["domain"] = entry.domain;
  out["host"] = entry.host;
  out["address"] = entry.address;
  out["port"] = entry.port;
  return out;
}

std::map<std::string, mocks::Starttls> starttls_of(const Scenario& scenario) {
  std::map<std::string, mocks::Starttls> out;
  for (const auto& server : scenario.servers) out[server.spec.host] = server.spec.starttls;
  return out;
}

/// The worlds while they are up: tells what comes, and knows when it is over.
class Watch {
 public:
  Watch(const ServeOptions& options, ServedCatalogue& catalogue, const mocks::Internet& internet, Bell& bell)
      : options_(options),
        catalogue_(catalogue),
        internet_(internet),
        bell_(bell),
        watcher_(options.json ? Watcher::As::json : Watcher::As::text, Watcher::Detail::connections) {}

  /// Until `over` says so and nothing is under way, or nothing has come for as long as was asked for.
  void run(const std::atomic<bool>& interrupted, const std::atomic<bool>& over) {
    last_news_ = Clock::now();
    while (!interrupted) {
      const Clock::time_point now = Clock::now();
      for (const auto entry : catalogue_.changed()) {
        const auto& world = *catalogue_.entries()[entry].world;
        watcher_.look(catalogue_.entries()[entry].scenario->id, world.transcript(),
                      starttls_of(*catalogue_.entries()[entry].scenario));
        pending_[entry] = last_news_ = now;
      }
      tell_settled(now);
      tell_turned_away();
      const bool quiet = pending_.empty() && options_.end_after_s > 0 &&
                         now - last_news_ >= std::chrono::duration<double>(options_.end_after_s);
      if (quiet || (over && pending_.empty())) break;
      bell_.wait(next_look(now));
    }
    for (const auto& [entry, last] : std::exchange(pending_, {})) tell(entry);
    tell_turned_away();
  }

 private:
  bool judges() const { return !options_.policy.empty() || !options_.client.empty(); }

  void tell_settled(Clock::time_point now) {
    for (auto it = pending_.begin(); it != pending_.end();) {
      const bool open = catalogue_.entries()[it->first].world->open_connections() > 0;
      if (open || now - it->second < kSettled) {
        ++it;
        continue;
      }
      tell(it->first);
      it = pending_.erase(it);
    }
  }

  void tell(std::size_t number) {
    const auto& entry = catalogue_.entries()[number];
    for (const auto& mailbox : refused_recipients(entry.world->transcript().events()))
      if (foreign_.insert(mailbox).second)
        fmt::print(stderr, "mxident: mail for {} was refused at {}: it is for none of its recipients\n",
                   mailbox, entry.scenario->id);
    if (!judges()) return;
    const CellResult result = catalogue_.seen(number).result;
    if (options_.json) {
      Json line{{"event", "cell"}};
      line.update(Json::parse(to_line(result)));
      return print_line(line);
    }
    fmt::print(
        "{:<13} {}: {} was right{}\n", to_string(result.outcome), entry.scenario->id,
        to_string(result.expected),
        result.decision ? fmt::format(", {} was done", to_string(*result.decision)) : ": " + result.note);
    flush_output();
  }

  void tell_turned_away() {
    const mocks::TurnedAway now = internet_.turned_away();
    const std::size_t sum = now.too_fast + now.too_many_open + now.questions;
    if (sum == told_turned_away_) return;
    told_turned_away_ = sum;
    fmt::print(
        stderr,
        "mxident: turned away so far: {} connections faster than {} a second, {} beyond what may be open "
        "at once, {} questions\n",
        now.too_fast, options_.rate, now.too_many_open, now.questions);
  }

  Clock::time_point next_look(Clock::time_point now) const {
    Clock::time_point out = now + std::chrono::hours(24);
    if (options_.end_after_s > 0)
      out = last_news_ +
            std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.end_after_s));
    for (const auto& [entry, last] : pending_) out = std::min(out, last + kSettled);
    return std::max(out, now + std::chrono::milliseconds(100));  // a connection that stays open
  }

  const ServeOptions& options_;
  ServedCatalogue& catalogue_;
  const mocks::Internet& internet_;
  Bell& bell_;
  Watcher watcher_;
  std::map<std::size_t, Clock::time_point> pending_;  ///< entries of which there is news
  Clock::time_point last_news_;
  std::set<std::string> foreign_;
  std::size_t told_turned_away_ = 0;
};

/// Where programs find what they must know, if there is a place for it.
void write_papers(const ServeOptions& options, const ServedCatalogue& catalogue, const Outpost* outpost,
                  const std::string& root) {
  if (options.output.empty()) return;
  const std::filesystem::path folder = options.output;
  make_folder(folder);
  write_file(folder / "ca.pem", root);
  write_file(folder / "recipients.txt", table_of(catalogue));
  if (outpost != nullptr && outpost->one_address()) write_file(folder / "transport", transport_of(catalogue));
}

/// Scenarios that were asked for and of which nothing says what this policy ought to do.
std::vector<std::string> left_out(const std::vector<Scenario>& scenarios,
                                  const std::vector<std::size_t>& selected, const Plan& plan) {
  std::set<std::size_t> planned;
  for (const auto& cell : plan.cells) planned.insert(cell.scenario);
  std::vector<std::string> out;
  for (const auto number : selected)
    if (!planned.contains(number)) out.push_back(scenarios[number].id);
  return out;
}

void announce(const ServeOptions& options, const ServedCatalogue& catalogue, const Outpost* outpost,
              const std::string& ca_file, const std::vector<std::string>& unexpected) {
  std::map<std::string, std::size_t> reasons;
  for (const auto& entry : catalogue.entries()) {
    if (options.json) print_line(json_of(entry));
    if (!entry.world) ++reasons[entry.not_served];
  }
  if (options.json) {
    for (const auto& id : unexpected)
      print_line({{"event", "scenario"}, {"scenario", id}, {"not_served", kNoExpectation}});
    print_line({{"event", "serving"},
                {"resolver", catalogue.resolver()},
                {"resolver_port", outpost != nullptr ? outpost->dns_port : 53},
                {"ca_file", ca_file},
                {"scenarios", catalogue.served()}});
  }
  fmt::print(stderr, "{} of {} scenarios are served{}\n  name server  {} port {}\n  trusted root {}\n",
             catalogue.served(), catalogue.entries().size() + unexpected.size(),
             outpost != nullptr ? " at " + outpost->text() : " in the sandbox", catalogue.resolver(),
             outpost != nullptr ? outpost->dns_port : 53, ca_file);
  if (!options.output.empty())
    fmt::print(stderr, "  recipients   {}/recipients.txt\n", options.output);
  else if (catalogue.served() > kListedInFull)
    fmt::print(stderr,
               "  recipients   with --output they are written to a file, with --json they are printed\n");
  else
    fmt::print(stderr, "{}", table_of(catalogue));
  for (const auto& [reason, count] : reasons) fmt::print(stderr, "  {} not served: {}\n", count, reason);
  if (!unexpected.empty())
    fmt::print(stderr, "  {} not served: {}{}\n", unexpected.size(), kNoExpectation,
               unexpected.size() <= kListedInFull ? fmt::format(": {}", fmt::join(unexpected, ", ")) : "");
}

PlaceholderValues values_for_all(Lab& lab, const ServedCatalogue& catalogue) {
  const std::string work_dir = lab.sandbox->make_work_dir();
  sandbox::write_file(work_dir + "/recipients.txt", table_of(catalogue));
  return {{"ca_file", lab.sandbox->ca_file()},
          {"ca_dir", lab.sandbox->ca_dir()},
          {"cache_dir", cache_dir()},
          {"dns_address", catalogue.resolver()},
          {"helo", "client.test"},
          {"mxident", own_program()},
          {"recipients_file", work_dir + "/recipients.txt"},
          {"sender", "sender@client.test"},
          {"work_dir", work_dir}};
}

std::string reproduce_of(const ServeOptions& options) {
  std::string out;
  if (!options.listen.empty()) out += " --listen " + options.listen;
  if (!options.client.empty()) return out + " --client " + options.client;
  return out + (options.policy.starts_with("{") ? fmt::format(" --policy '{}'", options.policy)
                                                : " --policy " + options.policy);
}

int record(const ServeOptions& options, const Baselines& baselines, Lab& lab,
           const std::vector<Scenario>& scenarios, const std::vector<std::size_t>& selected, const Plan& plan,
           const ServedCatalogue& catalogue, const Outpost* outpost) {
  RunOptions run;
  run.output = options.output;
  run.reports = options.reports;
  run.clients = {lab.clients.front().manifest.id};
  RunHeader header = header_of(lab);
  if (outpost != nullptr) header.sandbox = "none: served at " + outpost->text();
  header.scenarios = catalogue.entries().size();
  header.suite_digest = suite_digest(scenarios, selected);
  Progress progress(catalogue.entries().size(), Terminal{});
  Recording recording(run, baselines, lab, progress);
  const auto console = run_report(header, recording.results_file());
  if (!options.json) recording.tell(*console);
  recording.begin(header);
  for (const auto& entry : catalogue.entries()) recording.scenario(record_of(*entry.scenario, 1));
  bool whole = true;
  for (std::size_t i = 0; i < catalogue.entries().size(); ++i) {
    ServedCatalogue::Seen seen = catalogue.seen(i);
    whole = whole && (seen.tried || !catalogue.entries()[i].world);
    seen.result.reproduce =
        fmt::format("mxident serve --catalogue '{}'{}", seen.result.scenario, reproduce_of(options));
    for (std::string* text : {&seen.result.note, &seen.result.alert, &seen.result.contradiction})
      *text = visible(*text);
    if (seen.result.sni) *seen.result.sni = visible(*seen.result.sni);
    recording.cell(seen.result);
  }
  return recording.finish(whole, plan.no_expectation);
}

std::unique_ptr<ServedCatalogue> open_catalogue(const ServedCatalogue::Parts& parts,
                                                const std::vector<Scenario>& scenarios, const Plan& plan,
                                                const Outpost* outpost, Bell& bell) {
  try {
    return std::make_unique<ServedCatalogue>(parts, scenarios, plan, outpost, bell);
  } catch (const mocks::WorldError& error) {
    if (outpost == nullptr) throw;
    throw InputError(
        "--listen", "",
        fmt::format("{}; is it this machine's, and its port {} free? \"ip route add local {} dev "
                    "lo\" makes addresses this machine's",
                    error.what(), outpost->dns_port, outpost->text()));
  }
}

}  // namespace

int serve_catalogue(const ServeOptions& options, Invocation& invocation) {
  std::optional<Outpost> stated;
  if (!options.listen.empty()) stated = outpost_of(options);
  const Outpost* const outpost = stated ? &*stated : nullptr;
  const Wanted wanted = appliance_of(options);
  for (const auto& text : options.reports) parse_report_request(text);
  const std::vector<Scenario> scenarios = load_scenarios(options.dirs);
  std::vector<std::string> unmatched;
  const auto selected = select(scenarios, options.scenarios, unmatched);
  if (!unmatched.empty()) throw NothingSelected(fmt::format("\"{}\" selects no scenario", unmatched.front()));
  const Baselines baselines = load_baselines(options.baseline);
  if (outpost != nullptr && !invocation.other_command.empty())
    throw InputError("serve", "", "a command runs in the sandbox: it wants no --listen");

  // A program of another machine cannot come into namespaces.
  if (outpost != nullptr) setenv("MXIDENT_SANDBOX", "none", 1);
  Lab lab({invocation.argc, invocation.argv});
  if (outpost == nullptr && lab.sandbox->level() == sandbox::Level::none) {
    fmt::print(stderr, "mxident: serve --catalogue wants namespaces, or --listen: {}\n",
               lab.sandbox->describe());
    return kExitHarness;
  }
  lab.wanted.push_back(wanted);
  lab.clients.push_back({wanted.manifest, options.release, "", ""});
  const auto& modes = lab.clients.front().manifest.modes;
  const auto mode =
      std::find_if(modes.begin(), modes.end(), [&](const auto& m) { return m.id == wanted.mode; });
  lab.columns.push_back({&lab.clients.front(), &*mode, "", "", ""});
  std::unique_ptr<mocks::Internet> outside;
  if (outpost != nullptr) outside = std::make_unique<mocks::Internet>(mocks::Placement::outside, 2);
  mocks::Internet& internet = outside ? *outside : *lab.internet;

  const Plan plan = make_plan(scenarios, selected, lab.columns, PolicyCoverage::all, lab.now);
  Bell bell;
  const auto served = open_catalogue({internet, lab.authority, lab.keys, lab.columns.front(), lab.now},
                                     scenarios, plan, outpost, bell);
  ServedCatalogue& catalogue = *served;
  if (catalogue.served() == 0)
    throw NothingSelected(fmt::format(
        "nothing can be served: {}",
        plan.cells.empty() ? "no scenario has an expectation" : catalogue.entries().front().not_served));
  write_papers(options, catalogue, outpost, lab.authority.root.pem());
  announce(options, catalogue, outpost,
           options.output.empty() ? lab.sandbox->ca_file() : options.output + "/ca.pem",
           left_out(scenarios, selected, plan));

  std::atomic<bool> interrupted = false, over = false;
  std::jthread command;  // waited for also where the watch ends with an exception
  if (!invocation.other_command.empty()) {
    lab.sandbox->set_resolv_conf(
        fmt::format("nameserver {}\noptions trust-ad edns0\n", catalogue.resolver()));
    std::vector<std::string> words = invocation.other_command;
    fill_command(words, values_for_all(lab, catalogue));
    const CommandOutput output = options.json ? CommandOutput::to_standard_error : CommandOutput::with_ours;
    command = std::jthread([&over, &bell, output, words = std::move(words)] {
      try {
        if (const int code = run_here(words, output); code != 0)
          fmt::print(stderr, "mxident: \"{}\" ended with exit code {}\n", words.front(), code);
      } catch (const std::exception& error) {
        fmt::print(stderr, "mxident: {}\n", error.what());
      }
      over = true;
      bell.ring();
    });
  } else {
    fmt::print(stderr, "Serving until {}.\n",
               options.end_after_s > 0 ? fmt::format("nothing has come for {} s", options.end_after_s)
                                       : "interrupted");
  }
  {
    const auto passing = lab.interrupts.pass_to([&] {
      interrupted = true;
      bell.ring();
    });
    Watch(options, catalogue, internet, bell).run(interrupted, over);
    if (command.joinable()) command.join();
  }
  const bool judged = !options.policy.empty() || !options.client.empty();
  return judged ? record(options, baselines, lab, scenarios, selected, plan, catalogue, outpost) : kExitOk;
}

}  // namespace mxident::harness::cli
