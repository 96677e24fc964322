#include "harness/run/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>

#include "harness/driver/builtin.hpp"
#include "harness/driver/process_client.hpp"
#include "harness/driver/says.hpp"
#include "harness/judge/judge.hpp"
#include "harness/oracle/truth.hpp"
#include "harness/run/schedule.hpp"
#include "harness/world/world_builder.hpp"

namespace mxident::harness {
namespace {

using Clock = std::chrono::steady_clock;
using sandbox::ProcessResult;

constexpr std::uint32_t kBlocks = 65000;
constexpr std::size_t kBuiltinAtOnce = 64;  ///< sessions of the verifier under way
constexpr std::size_t kWordsKept = 600;     ///< octets of a client's output kept with a result
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

ClientReport report_of(const ProcessResult& result, const Says& says) {
  ClientReport out;
  switch (result.end) {
    case ProcessResult::End::exited:
      out.end = ClientReport::End::exited;
      break;
    case ProcessResult::End::signalled:
      out.end = ClientReport::End::signalled;
      break;
    case ProcessResult::End::deadline:
      out.end = ClientReport::End::deadline;
      break;
    case ProcessResult::End::output_limit:
      out.end = ClientReport::End::output_limit;
      break;
    case ProcessResult::End::not_started:
      out.end = ClientReport::End::not_started;
      break;
  }
  out.code = result.code;
  out.error = result.error;
  const ClientWords words{result.output, result.end == ProcessResult::End::exited ? result.code : -1};
  out.said = said(says, words);
  for (const auto& [name, member] : kLayers) out.said_layers.*member = said_layer(says, name, words);
  return out;
}

}  // namespace

/// What is the same for all cells of a scenario.
struct Runner::Shared {
  CertificateStock certificates;
  std::map<std::pair<std::size_t, std::string>, oracle::Truth> truths;  ///< by scenario and host
};

/// One cell under way.
struct Runner::Flight {
  const PlannedCell* cell = nullptr;
  std::size_t index = 0;
  std::uint32_t block = 0;
  std::unique_ptr<mocks::World> world;
  std::string domain;
  Clock::time_point started;
  ClientReport client;
  std::string reason, words, failure;
  double cpu_ms = 0;
  RanIn ran_in = RanIn::own_process;
};

Runner::Runner(RunContext context)
    : context_(context),
      shared_(std::make_unique<Shared>(CertificateStock(context.authority, context.keys))) {
  const bool wanted = std::any_of(context_.columns.begin(), context_.columns.end(),
                                  [](const auto& column) { return column.client->manifest.builtin; });
  if (wanted) builtin_ = std::make_unique<BuiltinClient>(context_.authority.root.pem(), 1);
}

Runner::~Runner() = default;

void Runner::interrupt() {
  queue_.interrupt();
  context_.sandbox.stop_all();
}

CellResult Runner::blank_result(const PlannedCell& cell) const {
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

CellResult Runner::unsupported_result(const PlannedCell& cell) const {
  CellResult out = blank_result(cell);
  out.outcome = Outcome::unsupported;
  out.note = cell.unsupported;
  return out;
}

bool Runner::pinned_free(const Scenario& scenario) const {
  const auto pinned = pinned_addresses(scenario);
  return std::none_of(pinned.begin(), pinned.end(),
                      [&](const auto& a) { return pinned_in_use_.contains(a); });
}

void Runner::start(Flight& flight) {
  const Scenario& scenario = context_.scenarios[flight.cell->scenario];
  const ClientMode& mode = *context_.columns[flight.cell->column].mode;
  for (const auto& address : pinned_addresses(scenario)) pinned_in_use_.insert(address);
  flight.started = Clock::now();
  flight.block = 1 + static_cast<std::uint32_t>(flight.index % kBlocks);
  try {
    BuiltWorld built = build_world(scenario, flight.block, context_.internet.placement(),
                                   shared_->certificates, mode.server);
    flight.domain = built.domain;
    flight.world = context_.internet.open(std::move(built.spec), flight.block);
    if (context_.columns[flight.cell->column].client->manifest.builtin) {
      start_builtin(flight);
    } else {
      start_process(flight);
    }
  } catch (const std::exception& error) {
    flight.failure = error.what();
    queue_.push(flight.index);
  }
}

/// The mode as it is run at the server of this cell.
const ClientMode& Runner::way_of(const Flight& flight) const {
  const ClientColumn& column = context_.columns[flight.cell->column];
  const Scenario& scenario = context_.scenarios[flight.cell->scenario];
  const std::string& host = flight.cell->host;
  const ScenarioServer* server = server_of(scenario, host.empty() ? preferred_host(scenario) : host);
  const auto behaviour = server == nullptr ? mocks::Starttls::offered : server->spec.starttls;
  const ClientMode* way = way_to(column.client->manifest, *column.mode, behaviour);
  return way == nullptr ? *column.mode : *way;  // the plan runs no such cell
}

void Runner::start_process(Flight& flight) {
  const Scenario& scenario = context_.scenarios[flight.cell->scenario];
  const ClientColumn& column = context_.columns[flight.cell->column];
  const mocks::World& world = *flight.world;
  const bool literal = !flight.domain.empty() && flight.domain.front() == '[';
  // The host may be an alias of the server, or spelt in another way.
  const ScenarioServer* server = server_of(scenario, flight.cell->host);
  const std::string served = server ? server->spec.host : flight.cell->host;
  const auto addresses = world.addresses(served);
  const std::string address = addresses.empty() ? "" : addresses.front();
  std::string host = flight.cell->host;
  if (!scenario.reference.empty() && host == preferred_host(scenario)) host = scenario.reference;
  if (literal) {
    host = flight.domain.substr(1, flight.domain.size() - 2);
    if (host.rfind("IPv6:", 0) == 0) host.erase(0, 5);
  }
  ProcessClientJob job;
  job.manifest = &column.client->manifest;
  const ClientMode* way = &way_of(flight);
  job.mode = way;
  const std::string recipient = recipient_of(scenario, flight.domain);
  job.values = {{"domain", flight.domain},
                {"domain_bracketed", "[" + flight.domain + "]"},
                {"recipient", recipient},
                {"sender", kSender},
                {"mx_host", host},
                {"host_bracketed", is_ipv6(host) ? "[" + host + "]" : host},
                {"address", address},
                {"address_bracketed", is_ipv6(address) ? "[" + address + "]" : address},
                {"port", std::to_string(flight.cell->host.empty() ? 25 : world.port(served))},
                {"dns_address", world.resolver_address()},
                {"ca_file", context_.sandbox.ca_file()},
                {"ca_dir", context_.sandbox.ca_dir()},
                {"message", unix_lines(message_of(scenario, recipient))},
                {"smtp_dialogue", dialogue_of(scenario, recipient)},
                {"cache_dir", cache_dir()},
                {"build_dir", column.client->build_dir},
                {"helo", kHelo}};
  job.resolv_conf =
      fmt::format("nameserver {}\noptions trust-ad edns0 timeout:2 attempts:2\n", world.resolver_address());
  start_process_client(context_.sandbox, context_.workers, std::move(job),
                       [this, &flight, mode = way](ProcessResult result, RanIn ran_in) {
                         flight.client = report_of(result, mode->says);
                         flight.words = last_words(result.output);
                         flight.ran_in = ran_in;
                         flight.cpu_ms = std::chrono::duration<double, std::milli>(result.cpu).count();
                         client_ended(flight);
                       });
}

void Runner::start_builtin(Flight& flight) {
  const Scenario& scenario = context_.scenarios[flight.cell->scenario];
  const mocks::World& world = *flight.world;
  BuiltinJob job;
  job.mode = context_.columns[flight.cell->column].mode;
  const ScenarioServer* server = server_of(scenario, preferred_host(scenario));
  if (server != nullptr) {
    job.tls = server->spec.starttls == mocks::Starttls::implicit ? probe::TlsMode::implicit
                                                                 : probe::TlsMode::starttls;
    job.smtp_port = world.port(server->spec.host);
  }
  job.domain = flight.domain;
  job.reference = scenario.reference;
  job.resolver_address = world.resolver_address();
  job.resolver_port = world.resolver_port();
  job.time = scenario.clock.value_or(context_.now);  // the time that external clients see
  job.sender = kSender;
  job.recipient = recipient_of(scenario, flight.domain);
  job.message = message_of(scenario, job.recipient);
  job.timeout = job.mode->timeout;
  builtin_->start(std::move(job), [this, &flight](BuiltinReport report) {
    flight.client = std::move(report.client);
    flight.reason = std::move(report.reason);
    flight.words = std::move(report.words);
    client_ended(flight);
  });
}

/// The servers may still be reading what the client's kernel sent last: an alert, a reset, an end of file.
void Runner::client_ended(Flight& flight) {
  flight.world->when_idle([this, index = flight.index] { queue_.push(index); });
}

oracle::Truth Runner::truth_of(const PlannedCell& cell) {
  const auto [known, fresh] = shared_->truths.try_emplace({cell.scenario, cell.host});
  if (fresh) {
    known->second = oracle::truth_of(context_.scenarios[cell.scenario], cell.host, context_.now);
  }
  return known->second;
}

CellResult Runner::judge_flight(Flight& flight) {
  const ClientColumn& column = context_.columns[flight.cell->column];
  CellResult out = blank_result(*flight.cell);
  out.duration_ms = std::chrono::duration<double, std::milli>(Clock::now() - flight.started).count();
  out.cpu_ms = flight.cpu_ms;
  out.in_worker = flight.ran_in == RanIn::worker;
  out.words = flight.words;
  if (!flight.failure.empty()) {
    out.outcome = Outcome::harness_error;
    out.note = flight.failure;
    return out;
  }
  Observation observation{.events = flight.world->transcript().events(), .client = flight.client};
  const Scenario& scenario = context_.scenarios[flight.cell->scenario];
  observation.bait = scenario.bait;
  for (const auto& server : scenario.servers) {
    observation.starttls[server.spec.host] = server.spec.starttls;
    if (has_odd_dialogue(server)) observation.odd_dialogue.insert(server.spec.host);
  }
  const oracle::Truth truth = truth_of(*flight.cell);
  observation.true_chain = truth.chain;
  observation.true_name = truth.name;
  // Where nothing is published, MTA-STS and DANE mean opportunistic.
  const bool published = is_published(context_.scenarios[flight.cell->scenario], column.mode->policy.id);
  const ModeFacts facts{
      published ? column.mode->policy : policy(PolicyId::opportunistic),
      column.mode->delivers ? Delivers::yes : Delivers::no,
      column.mode->hangs_without_starttls ? WaitsWithoutStarttls::yes : WaitsWithoutStarttls::no};
  Judgement judgement = judge(flight.cell->expected, observation, facts);
  out.decision = judgement.decision;
  out.outcome = judgement.outcome;
  out.layers = judgement.layers;
  if (!context_.sanity.empty()) {
    const Sanity& sanity = context_.sanity[flight.cell->column];
    if (out.layers.chain == LayerState::unknown) out.layers.chain = sanity.chain;
    if (out.layers.name == LayerState::unknown) out.layers.name = sanity.name;
  }
  out.note = std::move(judgement.note);
  out.contradiction = std::move(judgement.contradiction);
  out.sni = std::move(judgement.sni);
  out.alert = std::move(judgement.alert);
  out.said = observation.client.said;
  out.reason = flight.reason;
  out.events = wire_events(observation.events);
  return out;
}

/// CPU time of a cell by column: as sanity measured it, else as the manifest says.
std::vector<double> Runner::costs() const {
  std::vector<double> out;
  for (std::size_t i = 0; i < context_.columns.size(); ++i) {
    const double measured = context_.sanity.empty() ? 0 : context_.sanity[i].cpu_ms;
    out.push_back(measured > 0 ? measured : context_.columns[i].mode->cpu_ms);
  }
  return out;
}

bool Runner::run(const Plan& plan, const std::function<void(const PlannedCell&, const CellResult&)>& record) {
  const std::vector<double> cost = costs();
  const std::vector<std::size_t> order = start_order(plan, context_.scenarios, cost);
  std::vector<std::unique_ptr<Flight>> flights(plan.cells.size());
  std::deque<std::size_t> waiting;  // cells that could not start yet: a pinned address or a full house
  std::size_t next = 0, builtins = 0;
  Places places(context_.jobs);
  const auto is_builtin = [&](std::size_t i) {
    return context_.columns[plan.cells[i].column].client->manifest.builtin;
  };
  bool room = false;  // for external cells; asked once for all that wait
  const auto try_start = [&](std::size_t i) {
    if (is_builtin(i) ? builtins >= kBuiltinAtOnce : !room) return false;
    if (!pinned_free(context_.scenarios[plan.cells[i].scenario])) return false;
    flights[i] = std::make_unique<Flight>();
    flights[i]->cell = &plan.cells[i];
    flights[i]->index = i;
    if (is_builtin(i)) {
      ++builtins;
    } else {
      places.take(i, cost[plan.cells[i].column], Clock::now());
    }
    start(*flights[i]);
    room = places.free(Clock::now(), runnable_processes());
    return true;
  };
  const auto finish = [&](std::size_t i) {
    if (is_builtin(i)) {
      --builtins;
    } else {
      places.leave(i);
    }
    for (const auto& address : pinned_addresses(context_.scenarios[plan.cells[i].scenario])) {
      pinned_in_use_.erase(pinned_in_use_.find(address));
    }
  };
  // kWindow cells further on may overtake those that wait for a place.
  constexpr std::size_t kWindow = 512;
  while (true) {
    room = places.free(Clock::now(), runnable_processes());
    for (auto it = waiting.begin(); it != waiting.end();) it = try_start(*it) ? waiting.erase(it) : it + 1;
    while (next < order.size() && waiting.size() < kWindow) {
      const PlannedCell& cell = plan.cells[order[next]];
      if (!cell.unsupported.empty()) {
        record(cell, unsupported_result(cell));
      } else if (!try_start(order[next])) {
        waiting.push_back(order[next]);
      }
      ++next;
      if (!room && builtins >= kBuiltinAtOnce) break;
    }
    if (places.taken() + builtins == 0 && waiting.empty() && next == order.size()) return true;
    const auto done = queue_.pop(places.next_change(Clock::now()));
    if (!done) {
      if (queue_.interrupted()) break;
      continue;
    }
    finish(*done);
    record(plan.cells[*done], judge_flight(*flights[*done]));
    flights[*done].reset();
  }
  // Interrupted: wait for what was stopped, so that no callback outlives its cell; nothing of it is recorded.
  while (places.taken() + builtins > 0) {
    const std::size_t done = queue_.pop_even_if_interrupted();
    finish(done);
    flights[done].reset();
  }
  return false;
}

}  // namespace mxident::harness
