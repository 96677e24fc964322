#include "harness/run/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <set>

#include "harness/driver/driver.hpp"
#include "harness/driver/says.hpp"
#include "harness/judge/judge.hpp"
#include "harness/oracle/truth.hpp"
#include "harness/run/claims.hpp"
#include "harness/run/queue.hpp"
#include "harness/run/schedule.hpp"
#include "harness/run/verdict.hpp"
#include "harness/text/digest.hpp"
#include "harness/world/world_builder.hpp"

namespace mxident::harness {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kBlocks = 65000;
constexpr std::size_t kWordsKept = 600;  ///< octets of a client's output kept with a result
constexpr const char* kHelo = "client.test";
constexpr const char* kSender = "sender@client.test";

std::string recipient_of(const Scenario& scenario, const std::string& domain) {
  return scenario.domain.empty() ? "postmaster" : "postmaster@" + domain;
}

std::string message_of(const Scenario& scenario, const std::string& recipient) {
  std::string headers;
  for (const auto& line : scenario.headers) headers += line + "\r\n";
  return fmt::format(
      "From: <{}>\r\nTo: <{}>\r\nSubject: mxident\r\nDate: Sun, 15 Jun 2025 12:00:00 +0000\r\n"
      "Message-ID: <1@client.test>\r\n{}\r\nA message of the mxident test harness.\r\n",
      kSender, recipient, headers);
}

/// "[192.0.2.25]": nothing stands in for it where the address belongs to the world outside.
bool states_address(const Scenario& scenario) {
  return scenario.domain.starts_with("[") && scenario.domain.find('{') == std::string::npos;
}

std::string unix_lines(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
  return text;
}

/// A whole session's commands. With CRLF: tools that turn LF into CRLF themselves get it wrong when they read
/// several lines at once (gnutls-cli 3.7.9 --crlf replaces the first octets of the second line).
std::string dialogue_of(const Scenario& scenario, const std::string& recipient) {
  return fmt::format("EHLO {}\r\nMAIL FROM:<{}>\r\nRCPT TO:<{}>\r\nDATA\r\n{}.\r\nQUIT\r\n", kHelo, kSender,
                     recipient, message_of(scenario, recipient));
}

bool is_ipv6(const std::string& text) {
  return text.find(':') != std::string::npos;
}

/// The end of a client's output with control octets made visible: that is where programs say why they gave
/// up.
std::string last_words(const std::string& output) {
  std::string out;
  const std::size_t from = output.size() > kWordsKept ? output.size() - kWordsKept : 0;
  for (std::size_t i = from; i < output.size(); ++i) {
    const auto octet = static_cast<unsigned char>(output[i]);
    if (octet == '\r') continue;
    if ((octet < 0x20 && octet != '\n' && octet != '\t') || octet == 0x7f) {
      out += fmt::format("\\x{:02x}", octet);
    } else {
      out += output[i];
    }
  }
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

/// What a server said when it refused something, of which a client may quote whole lines.
std::vector<std::string> refusals_of(const std::vector<mocks::Event>& events) {
  constexpr std::size_t kShortest = 8;  // a shorter one could be a word of the client's own
  std::vector<std::string> out;
  for (const auto& event : events) {
    if (event.kind != mocks::EventKind::sent || event.role != mocks::Role::mail_server) continue;
    for (std::size_t at = 0; at < event.text.size();) {
      const std::size_t end = std::min(event.text.find_first_of("\r\n", at), event.text.size());
      const std::string line = event.text.substr(at, end - at);
      at = end + 1;
      const bool refuses = line.size() > 4 && (line[0] == '4' || line[0] == '5');
      if (refuses && line.size() - 4 >= kShortest) out.push_back(line.substr(4));
    }
  }
  return out;
}

/// What the client says, without what it quotes: the patterns of its manifest are about its own words.
std::string own_words(std::string output, const std::vector<mocks::Event>& events) {
  for (const auto& quoted : refusals_of(events)) {
    for (std::size_t at = 0; (at = output.find(quoted, at)) != std::string::npos;)
      output.erase(at, quoted.size());
  }
  return output;
}

ClientReport with_words(ClientReport report, const Says& says, const std::string& output) {
  const ClientWords words{output, report.end == ClientReport::End::exited ? report.code : -1};
  report.said = said(says, words);
  report.said_crashed = report.said_crashed || holds(says.crashed, words);
  for (const auto& [name, member] : kLayers) report.said_layers.*member = said_layer(says, name, words);
  return report;
}

/// One cell under way.
struct Flight {
  std::size_t index = 0;
  const PlannedCell& cell;
  const Scenario& scenario;
  const ClientColumn& column;
  Driver& driver;
  Claims claims;
  std::string first_end;  ///< how it ended in company; empty: this is its first time
  std::unique_ptr<mocks::World> world;
  std::string domain, fingerprint;
  Clock::time_point started;
  CellReport report;
  std::string failure, unsupported;
};

bool is_literal(const std::string& domain) {
  return domain.starts_with("[");
}

/// Of the certificate that the server presents to a client that asks for no name, SHA-256; empty without one.
std::string fingerprint_of(const Flight& flight, const mocks::WorldSpec& spec) {
  const std::string host = flight.cell.host.empty() ? preferred_host(flight.scenario) : flight.cell.host;
  const ScenarioServer* server = server_of(flight.scenario, host);
  if (server == nullptr) return "";
  const auto presented = spec.certificates.find(server->spec.certificate);
  if (presented == spec.certificates.end()) return "";
  const auto& der = presented->second.leaf.der;
  return sha256_hex({reinterpret_cast<const char*>(der.data()), der.size()});
}

/// What a program is told of its cell, by placeholders.
PlaceholderValues values_of(const Flight& flight, const CellTask& task, const sandbox::Sandbox& sandbox) {
  const mocks::World& world = *flight.world;
  // The host may be an alias of the server, or spelt in another way.
  const ScenarioServer* server = server_of(flight.scenario, flight.cell.host);
  const std::string served = server ? server->spec.host : flight.cell.host;
  const auto addresses = world.addresses(served);
  const std::string address = addresses.empty() ? "" : addresses.front();
  std::string host = flight.cell.host;
  if (!flight.scenario.reference.empty() && host == preferred_host(flight.scenario))
    host = flight.scenario.reference;
  if (is_literal(flight.domain)) {
    host = flight.domain.substr(1, flight.domain.size() - 2);
    if (host.rfind("IPv6:", 0) == 0) host.erase(0, 5);
  }
  return {{"domain", flight.domain},
          {"domain_bracketed", "[" + flight.domain + "]"},
          {"recipient", task.recipient},
          {"sender", kSender},
          {"mx_host", host},
          {"host_bracketed", is_ipv6(host) ? "[" + host + "]" : host},
          {"address", address},
          {"address_bracketed", is_ipv6(address) ? "[" + address + "]" : address},
          {"fingerprint", flight.fingerprint},
          {"port", std::to_string(flight.cell.host.empty() ? 25 : world.port(served))},
          {"dns_address", world.resolver_address()},
          {"ca_file", sandbox.ca_file()},
          {"ca_dir", sandbox.ca_dir()},
          {"message", unix_lines(task.message)},
          {"smtp_dialogue", dialogue_of(flight.scenario, task.recipient)},
          {"cache_dir", cache_dir()},
          {"build_dir", flight.column.client->build_dir},
          {"helo", kHelo}};
}

/// Recipients of a daemon must differ, for its log is read by them; each scenario has a domain of its own.
CellTask task_of(const Flight& flight, const sandbox::Sandbox& sandbox, std::int64_t now) {
  CellTask out;
  out.column = &flight.column;
  out.world = flight.world.get();
  out.reference = flight.scenario.reference;
  const ScenarioServer* met = server_of(
      flight.scenario, flight.cell.host.empty() ? preferred_host(flight.scenario) : flight.cell.host);
  if (met != nullptr) {
    out.behaviour = met->spec.starttls;
    const auto& ports = met->spec.ports;
    if (std::find(ports.begin(), ports.end(), out.port) == ports.end()) out.port = ports.front();
  }
  out.names = flight.claims.names();
  out.domain = flight.domain;
  out.sender = kSender;
  out.recipient = recipient_of(flight.scenario, flight.domain);
  out.message = message_of(flight.scenario, out.recipient);
  out.alone = !flight.first_end.empty();
  out.time = flight.scenario.clock.value_or(now);  // the time that external clients see
  if (flight.driver.runs_programs()) out.values = values_of(flight, out, sandbox);
  return out;
}

/// For another external client, and for another message that a daemon takes.
struct Room {
  bool client = false, message = false;
};

/// Cells under way, and what they hold.
class UnderWay {
 public:
  UnderWay(std::size_t places, const std::vector<std::shared_ptr<Driver>>& drivers)
      : places_(places),
        messages_(kMessagesPerPlace * places),
        has_programs_(
            std::any_of(drivers.begin(), drivers.end(), [&](const auto& d) { return places_of(*d); })) {}

  bool full(const Driver& driver, const Room& room) const {
    if (driver.at_once() == 0) return !room.client;
    if (driver.looks_up_many() && !room.message) return true;
    const auto count = count_.find(&driver);
    return count != count_.end() && count->second >= driver.at_once();
  }
  bool may_start(const Driver& driver, const Claims& claims, const Room& room) const {
    if (full(driver, room) || any(claims.addresses, addresses_)) return false;
    const auto names = names_.find(&driver);
    return !driver.looks_up_many() || names == names_.end() || !any(claims.names(), names->second);
  }
  void take(const Flight& flight, double cost) {
    ++count_[&flight.driver];
    ++all_;
    if (Places* places = places_of(flight.driver)) places->take(flight.index, cost, Clock::now());
    addresses_.insert(flight.claims.addresses.begin(), flight.claims.addresses.end());
    if (flight.driver.looks_up_many()) {
      for (const auto& name : flight.claims.names()) names_[&flight.driver].insert(name);
    }
  }
  void leave(const Flight& flight) {
    --count_[&flight.driver];
    --all_;
    if (Places* places = places_of(flight.driver)) places->leave(flight.index);
    for (const auto& address : flight.claims.addresses) addresses_.erase(address);
    if (flight.driver.looks_up_many()) {
      for (const auto& name : flight.claims.names()) names_[&flight.driver].erase(name);
    }
  }
  std::size_t all() const { return all_; }
  Room room() const {
    if (!has_programs_) return {true, true};
    const auto now = Clock::now();
    const std::size_t runnable = runnable_processes();
    return {places_.free(now, runnable), messages_.free(now, runnable)};
  }
  Clock::time_point next_change() const {
    const auto now = Clock::now();
    return std::min(places_.next_change(now), messages_.next_change(now));
  }

 private:
  /// Delivering one costs less than starting a client. Dozens of agents, each with all that it takes at once,
  /// would keep each other from their deadlines.
  static constexpr std::size_t kMessagesPerPlace = 8;

  /// Of this kind of driver; nullptr for clients of this process.
  Places* places_of(const Driver& driver) {
    if (driver.at_once() == 0) return &places_;
    return driver.looks_up_many() ? &messages_ : nullptr;
  }
  static bool any(const std::vector<std::string>& wanted, const std::set<std::string>& held) {
    return std::any_of(wanted.begin(), wanted.end(), [&](const auto& name) { return held.contains(name); });
  }

  Places places_, messages_;
  const bool has_programs_;  ///< some driver takes places
  std::map<const Driver*, std::size_t> count_;
  std::size_t all_ = 0;
  std::set<std::string> addresses_;
  std::map<const Driver*, std::set<std::string>> names_;
};

}  // namespace

class Runner::Impl {
 public:
  explicit Impl(RunContext context)
      : context_(std::move(context)), certificates_(context_.authority, context_.keys) {
    check_claims(context_.columns);
    drivers_ = make_drivers(context_.columns, {context_.sandbox, context_.internet,
                                               context_.authority.root.pem(), context_.workers});
  }

  bool run(const Plan& plan, const std::function<void(const PlannedCell&, const CellResult&)>& record);
  std::map<std::string, certs::Chain> certificates_of(std::size_t scenario) {
    try {
      return certificates_.of(context_.scenarios[scenario], 1, context_.internet.placement());
    } catch (const std::exception&) {
      return {};  // the cells end the same way, and say what is wrong
    }
  }
  void interrupt() {
    queue_.interrupt();
    end_all();
  }

 private:
  void end_all() {
    for (const auto& driver : drivers_) driver->stop();
    context_.sandbox.stop_all();
  }
  void start(Flight& flight);
  CellResult result_of(Flight& flight);
  CellResult unsupported_result(const PlannedCell& cell, std::string note) const;
  CellResult blank_result(const PlannedCell& cell) const;
  const oracle::Truth& truth_of(const PlannedCell& cell);
  ModeFacts facts_of(const Flight& flight) const;
  std::vector<double> costs() const;
  const Claims& claims_of_scenario(std::size_t scenario);

  RunContext context_;
  CompletionQueue queue_;
  CertificateStock certificates_;
  std::map<std::pair<std::size_t, std::string>, oracle::Truth> truths_;  ///< by scenario and host
  std::map<std::size_t, Claims> claims_;                                 ///< by scenario
  std::vector<std::shared_ptr<Driver>>
      drivers_;  ///< by column; the last to come: their threads use the others
};

CellResult Runner::Impl::blank_result(const PlannedCell& cell) const {
  const Scenario& scenario = context_.scenarios[cell.scenario];
  const ClientColumn& column = context_.columns[cell.column];
  CellResult out;
  out.scenario = scenario.id;
  out.client = column.client->manifest.id;
  out.client_version = column.client->version;
  out.mode = column.mode->id;
  out.policy = std::string(to_string(column.mode->policy.id));
  out.expected = cell.expected;
  return out;
}

CellResult Runner::Impl::unsupported_result(const PlannedCell& cell, std::string note) const {
  CellResult out = blank_result(cell);
  out.outcome = Outcome::unsupported;
  out.note = std::move(note);
  return out;
}

const Claims& Runner::Impl::claims_of_scenario(std::size_t scenario) {
  const auto [known, fresh] = claims_.try_emplace(scenario);
  if (fresh) known->second = claims_of(context_.scenarios[scenario]);
  return known->second;
}

void Runner::Impl::start(Flight& flight) {
  flight.started = Clock::now();
  const auto block = 1 + static_cast<std::uint32_t>(flight.cell.place.value_or(flight.index) % kBlocks);
  try {
    const auto placement = flight.driver.placement(context_.internet.placement());
    BuiltWorld built =
        build_world(flight.scenario, block, placement, certificates_, flight.column.mode->server);
    flight.domain = built.domain;
    if (flight.driver.runs_programs()) flight.fingerprint = fingerprint_of(flight, built.spec);
    if (placement == mocks::Placement::loopback && states_address(flight.scenario)) {
      flight.unsupported = "the address of the scenario is within reach in namespaces only";
      queue_.push(flight.index);
      return;
    }
    flight.world = context_.internet.open(std::move(built.spec), block, placement);
    // The servers may still be reading what the client's kernel sent last: an alert, a reset, an end of file.
    flight.driver.start(task_of(flight, context_.sandbox, context_.now), [this, &flight](CellReport report) {
      flight.report = std::move(report);
      flight.world->when_idle([this, index = flight.index] { queue_.push(index); });
    });
  } catch (const std::exception& error) {
    flight.failure = error.what();
    queue_.push(flight.index);
  }
}

const oracle::Truth& Runner::Impl::truth_of(const PlannedCell& cell) {
  const auto [known, fresh] = truths_.try_emplace({cell.scenario, cell.host});
  if (fresh) {
    known->second = oracle::truth_of(context_.scenarios[cell.scenario], cell.host, context_.now);
  }
  return known->second;
}

ModeFacts Runner::Impl::facts_of(const Flight& flight) const {
  ModeFacts out = harness::facts_of(*flight.column.mode, flight.scenario);
  if (!context_.sanity.empty()) {
    const Sanity& sanity = context_.sanity[flight.cell.column];
    const Sanity::Kind& kind = is_literal(flight.domain) ? sanity.addresses : sanity.hosts;
    out.silent_chain = kind.chain;
    out.silent_name = kind.name;
  }
  return out;
}

CellResult Runner::Impl::result_of(Flight& flight) {
  if (!flight.unsupported.empty()) return unsupported_result(flight.cell, flight.unsupported);
  CellResult out = blank_result(flight.cell);
  out.duration_ms = std::chrono::duration<double, std::milli>(Clock::now() - flight.started).count();
  out.cpu_ms = flight.report.cpu_ms;
  out.in_worker = flight.report.ran_in == RanIn::worker;
  const std::string& output = flight.report.output;
  out.words = flight.report.words.empty() ? last_words(output) : flight.report.words;
  if (!flight.failure.empty()) {
    out.outcome = Outcome::harness_error;
    out.note = flight.failure;
    return out;
  }
  const std::vector<mocks::Event> events = flight.world->transcript().events();
  ClientReport client =
      flight.report.reason.empty()
          ? with_words(std::move(flight.report.client), flight.column.mode->says, own_words(output, events))
          : std::move(flight.report.client);
  judge_cell(out, flight.scenario, events, std::move(client), facts_of(flight), truth_of(flight.cell));
  out.reason = flight.report.reason;
  if (!flight.first_end.empty() && out.note.empty()) out.note = "asked again alone: " + flight.first_end;
  return out;
}

/// CPU time of a cell by column: as sanity measured it, else as the manifest says.
std::vector<double> Runner::Impl::costs() const {
  std::vector<double> out;
  for (std::size_t i = 0; i < context_.columns.size(); ++i) {
    const double measured = context_.sanity.empty() ? 0 : context_.sanity[i].cpu_ms;
    out.push_back(measured > 0 ? measured : context_.columns[i].mode->cpu_ms);
  }
  return out;
}

bool Runner::Impl::run(const Plan& plan,
                       const std::function<void(const PlannedCell&, const CellResult&)>& record) {
  const std::vector<double> cost = costs();
  const std::vector<std::size_t> order = start_order(plan, context_.scenarios, cost);
  std::vector<std::unique_ptr<Flight>> flights(plan.cells.size());
  std::deque<std::size_t> waiting;  // cells that could not start yet: something is held, or a full house
  std::map<std::size_t, std::string> again;  // cells that ended in company, and how: the second time is alone
  std::size_t next = 0;
  UnderWay under_way(context_.jobs, drivers_);
  Room room;  // asked once for all that wait
  const auto try_start = [&](std::size_t i) {
    const PlannedCell& cell = plan.cells[i];
    Driver& driver = *drivers_[cell.column];
    const Claims& claims = claims_of_scenario(cell.scenario);
    if (!under_way.may_start(driver, claims, room)) return false;
    flights[i] = std::unique_ptr<Flight>(new Flight{i,
                                                    cell,
                                                    context_.scenarios[cell.scenario],
                                                    context_.columns[cell.column],
                                                    driver,
                                                    claims,
                                                    again.contains(i) ? again[i] : "",
                                                    {},
                                                    {},
                                                    {},
                                                    {},
                                                    {},
                                                    {},
                                                    {}});
    under_way.take(*flights[i], cost[cell.column]);
    start(*flights[i]);
    room = under_way.room();
    return true;
  };
  const auto all_full = [&] {
    return std::all_of(drivers_.begin(), drivers_.end(),
                       [&](const auto& driver) { return under_way.full(*driver, room); });
  };
  // Again and again: one that was being started while the others were ended, or has a further command, runs.
  const auto drain = [&] {
    constexpr std::chrono::milliseconds kEndAgain{100};
    while (under_way.all() > 0) {
      end_all();
      const auto done = queue_.pop_even_if_interrupted(Clock::now() + kEndAgain);
      if (!done) continue;
      under_way.leave(*flights[*done]);
      flights[*done].reset();
    }
  };
  // kWindow cells further on may overtake those that wait for a place.
  constexpr std::size_t kWindow = 512;
  try {
    while (true) {
      room = under_way.room();
      for (auto it = waiting.begin(); it != waiting.end();) it = try_start(*it) ? waiting.erase(it) : it + 1;
      while (next < order.size() && waiting.size() < kWindow) {
        const PlannedCell& cell = plan.cells[order[next]];
        if (cell.done) {
          ++next;
          continue;
        }
        const std::string claimed = cell.unsupported.empty() ? claimed_by(context_.columns[cell.column],
                                                                          claims_of_scenario(cell.scenario))
                                                             : cell.unsupported;
        if (!claimed.empty()) {
          record(cell, unsupported_result(cell, claimed));
        } else if (!try_start(order[next])) {
          waiting.push_back(order[next]);
        }
        ++next;
        if (all_full()) break;
      }
      if (under_way.all() == 0 && waiting.empty() && next == order.size()) return true;
      const auto done = queue_.pop(under_way.next_change());
      if (!done) {
        if (queue_.interrupted()) break;
        continue;
      }
      under_way.leave(*flights[*done]);
      const std::unique_ptr<Flight> flight = std::move(flights[*done]);
      // In a world of its own again: what the servers have seen of it so far is cut off.
      if (flight->report.in_company && again.try_emplace(*done, flight->report.client.error).second) {
        waiting.push_front(*done);
        continue;
      }
      record(flight->cell, result_of(*flight));
    }
  } catch (...) {
    // Clients and servers still hold on to their cells.
    drain();
    throw;
  }
  // Interrupted: wait for what is stopped, so that no callback outlives its cell; nothing of it is recorded.
  drain();
  return false;
}

Runner::Runner(RunContext context) : impl_(std::make_unique<Impl>(std::move(context))) {}

Runner::~Runner() = default;

bool Runner::run(const Plan& plan, const std::function<void(const PlannedCell&, const CellResult&)>& record) {
  return impl_->run(plan, record);
}

std::map<std::string, certs::Chain> Runner::certificates_of(std::size_t scenario) {
  return impl_->certificates_of(scenario);
}

void Runner::interrupt() {
  impl_->interrupt();
}

}  // namespace mxident::harness
