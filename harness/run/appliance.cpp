#include "harness/run/appliance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "harness/run/claims.hpp"
#include "harness/run/verdict.hpp"
#include "harness/world/world_builder.hpp"

namespace mxident::harness {
namespace {

/// Of one connection from outside, however busy: an honest mail takes seconds.
constexpr std::chrono::minutes kLifeOutside{5};
constexpr const char* kMailbox = "anything";

std::string address_text(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24U, (address >> 16U) & 255U, (address >> 8U) & 255U,
                     address & 255U);
}

bool is_literal_domain(const std::string& domain) {
  return domain.starts_with("[");
}

std::size_t addresses_of(const mocks::WorldSpec& spec) {
  std::size_t out = spec.sts.size();
  for (const auto& server : spec.servers) out += std::max<std::size_t>(1, server.addresses.size());
  return out;
}

/// Domains whose mail the servers take: the recipient's, nobody else's.
std::vector<std::string> taken_domains(const std::string& domain) {
  return {domain.empty() ? std::string("mxident.invalid") : domain};
}

bool is_of_mail(const mocks::Event& event) {
  return event.role == mocks::Role::mail_server || event.role == mocks::Role::policy_host;
}

}  // namespace

std::string Outpost::resolver() const {
  return address_text(one_address() ? first : first + 1);
}

std::size_t Outpost::room() const {
  if (one_address()) return 65536U - first_port;
  return ((std::size_t{1} << (32U - prefix)) / mocks::kOutsideAddresses) -
         1;  // the first ones: the resolver's
}

std::string Outpost::text() const {
  return one_address() ? address_text(first) : fmt::format("{}/{}", address_text(first), prefix);
}

void Bell::ring() {
  const std::lock_guard lock(mutex_);
  rung_ = true;
  condition_.notify_one();
}

void Bell::wait(Clock::time_point until) {
  std::unique_lock lock(mutex_);
  condition_.wait_until(lock, until, [this] { return rung_; });
  rung_ = false;
}

ServedCatalogue::ServedCatalogue(const Parts& parts, std::span<const Scenario> scenarios, const Plan& plan,
                                 const Outpost* outpost, Bell& bell)
    : parts_(parts), bell_(bell) {
  if (outpost != nullptr) {
    parts_.internet.limit(outpost->limits);
    directory_ = parts_.internet.open_directory(outpost->resolver(), outpost->dns_port);
  } else {
    directory_ = parts_.internet.open_directory(1);
  }
  entries_.reserve(plan.cells.size());  // worlds tell of themselves by their place
  for (const auto& cell : plan.cells) {
    entries_.push_back({});
    Entry& entry = entries_.back();
    entry.scenario = &scenarios[cell.scenario];
    entry.cell = cell;
    entry.not_served = cell.unsupported;
    if (entry.not_served.empty()) open(entry, entries_.size() - 1, outpost);
  }
}

ServedCatalogue::~ServedCatalogue() {
  for (const auto& entry : entries_) {
    if (entry.world) directory_->remove(*entry.world);
  }
  entries_.clear();  // what worlds tell goes to the members that end next
}

std::string ServedCatalogue::obstacle(const Entry& entry, const Outpost* outpost,
                                      const mocks::WorldSpec& spec) const {
  if (outpost == nullptr || !outpost->one_address()) return "";
  if (is_literal_domain(entry.domain))
    return "is about an address literal, whose port is 25: a network of addresses is wanted";
  if (!spec.sts.empty()) return "has a policy host on port 443 of its own: a network of addresses is wanted";
  if (addresses_of(spec) > 1) return "has several servers: a network of addresses is wanted";
  return "";
}

void ServedCatalogue::open(Entry& entry, std::size_t number, const Outpost* outpost) {
  using mocks::Placement;
  if (outpost != nullptr && number >= outpost->room()) {
    entry.not_served = fmt::format("{} has room for {} scenarios", outpost->text(), outpost->room());
    return;
  }
  const auto place = static_cast<std::uint32_t>(number + 1);
  const std::uint32_t block = outpost == nullptr       ? place
                              : outpost->one_address() ? outpost->first
                                                       : outpost->first + place * mocks::kOutsideAddresses;
  try {
    BuiltWorld built = build_world(*entry.scenario, block, parts_.internet.placement(), parts_.authority,
                                   parts_.keys, parts_.column.mode->server);
    entry.domain = built.domain;
    entry.not_served = obstacle(entry, outpost, built.spec);
    if (!entry.not_served.empty()) return;
    if (outpost != nullptr) {
      built.spec.life_limit = kLifeOutside;
      for (auto& server : built.spec.servers) {
        server.recipients = taken_domains(entry.domain);
        for (auto& later : server.then) later.recipients = server.recipients;
        if (outpost->one_address()) server.ports = {static_cast<std::uint16_t>(outpost->first_port + number)};
      }
    }
    auto world = parts_.internet.open(std::move(built.spec), block);
    if (!directory_->add(*world, claims_of(*entry.scenario).names())) {
      entry.not_served = "has a name that another scenario served here has too: serve it by itself";
      return;
    }
    world->on_event([this, number] {
      const std::lock_guard lock(mutex_);
      changed_.insert(number);
      bell_.ring();
    });
    entry.world = std::move(world);
  } catch (const mocks::WorldError& error) {
    entry.not_served = error.what();
    return;
  }
  entry.recipient = entry.domain.empty() ? "postmaster" : fmt::format("{}@{}", kMailbox, entry.domain);
  entry.host = preferred_host(*entry.scenario);
  const ScenarioServer* const server = server_of(*entry.scenario, entry.host);
  const std::string met = server != nullptr ? server->spec.host : entry.host;
  const auto addresses = entry.world->addresses(met);
  if (!addresses.empty()) entry.address = addresses.front();
  entry.port = entry.world->port(met);
}

std::size_t ServedCatalogue::served() const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(), [](const Entry& e) { return e.world != nullptr; }));
}

std::set<std::size_t> ServedCatalogue::changed() {
  const std::lock_guard lock(mutex_);
  return std::exchange(changed_, {});
}

bool ServedCatalogue::tried(std::size_t number) const {
  const Entry& entry = entries_[number];
  return entry.world && !entry.world->transcript().events().empty();
}

ServedCatalogue::Seen ServedCatalogue::seen(std::size_t number) const {
  const Entry& entry = entries_[number];
  Seen out;
  CellResult& result = out.result;
  result.scenario = entry.scenario->id;
  result.client = parts_.column.client->manifest.id;
  result.client_version = parts_.column.client->version;
  result.mode = parts_.column.mode->id;
  result.policy = std::string(to_string(parts_.column.mode->policy.id));
  result.expected = entry.cell.expected;
  result.outcome = Outcome::unsupported;
  if (!entry.world) {
    result.note = "not served: " + entry.not_served;
    return out;
  }
  const std::vector<mocks::Event> events = entry.world->transcript().events();
  if (events.empty()) {
    result.note = fmt::format("nothing came: was a message sent to {}?", entry.recipient);
    return out;
  }
  out.tried = true;
  if (const std::size_t dropped = entry.world->transcript().dropped(); dropped > 0) {
    result.outcome = Outcome::harness_error;
    result.note = fmt::format("flooded: {} events beyond {} were not kept, so nothing is judged", dropped,
                              mocks::Transcript::kMaxEvents);
    return out;
  }
  judge_cell(result, *entry.scenario, events, {}, facts_of(*parts_.column.mode, *entry.scenario),
             oracle::truth_of(*entry.scenario, entry.cell.host, parts_.now));
  // Of what was seen; never 0, which says that a cell was not tried.
  result.duration_ms = std::max(1.0, static_cast<double>(events.back().at_us - events.front().at_us) / 1000);
  const bool met = std::any_of(events.begin(), events.end(), is_of_mail);
  if (result.outcome == Outcome::unsupported && !met)
    result.note = "asked the name server, and came to no mail server";
  return out;
}

}  // namespace mxident::harness
