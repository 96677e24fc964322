#include "harness/run/sanity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "harness/catalogue/own_scenario.hpp"
#include "harness/scenario/document_builder.hpp"

namespace mxident::harness {
namespace {

/// `san` and `issuer` are what is odd; addresses are pinned per scenario, as those of the catalogue are.
DocumentBuilder host_scenario(const std::string& name, const std::string& san, const std::string& issuer) {
  const std::string host = "mx." + name + ".sanity.test", domain = name + "-domain.sanity.test";
  DocumentBuilder out("sanity/" + name, "Sanity: " + name, domain);
  out.certificate("mx", {{"subject", {{{"cn", san}}}},
                         {"san", dns_names({san, san == host ? domain : "second." + san})},
                         {"issuer", issuer}});
  out.server(host, {{"certificate", "mx"}});
  out.dns(domain + ". MX 10 " + host + ".");
  // A mode that wants DANE connects to no host without it: the right server has it.
  if (san == host && issuer == "intermediate") {
    out.dns("_25._tcp." + host + ". TLSA 3 1 1 {spki-sha256:mx}");
    out.with("dnssec", {{domain, "secure"}, {host, "secure"}}).with("expect", {{"dane", "accept"}});
  }
  return out;
}

DocumentBuilder address_scenario(const std::string& name, const std::string& address, const std::string& san,
                                 const std::string& issuer) {
  DocumentBuilder out("sanity/" + name, "Sanity: " + name, "[" + address + "]");
  out.certificate("mx", {{"subject", {{{"cn", "mxident"}}}}, {"san", {{{"ip", san}}}}, {"issuer", issuer}});
  out.server("mx." + name + ".sanity.test", {{"certificate", "mx"}, {"addresses", {address}}});
  return out;
}

/// ": " and the last line of a client's output, bounded; empty if it said nothing.
std::string last_line(const std::string& words) {
  const std::size_t end = words.find_last_not_of('\n');
  if (end == std::string::npos) return "";
  const std::size_t begin = words.rfind('\n', end);
  const std::size_t from = begin == std::string::npos ? 0 : begin + 1;
  return fmt::format(": {}", words.substr(from, std::min<std::size_t>(160, end + 1 - from)));
}

constexpr const char* kTakesHint =
    "; the manifest states no \"takes\", so the mode is handed host names and address literals, and no "
    "domain "
    "(docs/clients.md)";

bool is_scenario(const SanityCell& cell, const char* kind) {
  return cell.scenario.find(kind) != std::string::npos;
}

/// The plan did not leave it out.
bool was_started(const SanityCell& cell) {
  return cell.decision || cell.outcome != Outcome::unsupported;
}

/// The client came as far as a mail dialogue: what it did there is its own.
bool met_the_dialogue(const SanityCell& cell) {
  // Who dies on the way there does so by what the server shows, unlike who dies before it connects.
  const bool died = cell.outcome == Outcome::crash && cell.connect == LayerState::ok;
  return died || (cell.decision && *cell.decision != Decision::none);
}

std::vector<SanityCell> cells_of(const std::vector<SanityCell>& cells, const char* kind) {
  std::vector<SanityCell> out;
  std::copy_if(cells.begin(), cells.end(), std::back_inserter(out),
               [&](const auto& cell) { return is_scenario(cell, kind); });
  return out;
}

/// Where no cell came as far as the client: what the plan said.
std::string no_cell(const std::vector<SanityCell>& cells) {
  std::string out = "broken set-up: no sanity scenario could be tried";
  if (!cells.empty()) out += fmt::format(" ({})", cells.front().note);
  return out;
}

Sanity::Kind assess_kind(const std::vector<SanityCell>& cells) {
  Sanity::Kind out;
  bool tried = false;
  const SanityCell* shown = nullptr;
  for (const auto& cell : cells) {
    if (!was_started(cell)) continue;
    tried = tried || met_the_dialogue(cell);
    // A program whose library is missing makes no connection: its last words say why.
    if (shown == nullptr || (shown->words.empty() && !cell.words.empty())) shown = &cell;
    const bool went_on = cell.decision == Decision::accept;
    if (is_scenario(cell, "wrong-name") && went_on) out.name = LayerState::not_checked;
    if (is_scenario(cell, "wrong-chain") && went_on) out.chain = LayerState::not_checked;
  }
  if (tried || shown == nullptr) return out;
  out.broken = fmt::format("broken set-up: {} gave {}{}{}", shown->scenario, to_string(shown->outcome),
                           shown->note.empty() ? "" : " (" + shown->note + ")", last_line(shown->words));
  return out;
}

/// What the cells show of a mode that does not do as it claims.
std::set<std::string> faults(const std::vector<SanityCell>& cells) {
  std::set<std::string> out;
  bool no_chain = false, no_name = false;
  for (const auto& cell : cells) {
    if (!met_the_dialogue(cell)) continue;
    const bool right = is_scenario(cell, "right");
    if (cell.outcome == Outcome::lax) {
      (is_scenario(cell, "wrong-chain") ? no_chain : no_name) = true;
    } else if (cell.outcome == Outcome::downgrade) {
      out.insert("sends in clear");
    } else if (cell.outcome == Outcome::strict && right) {
      out.insert("refuses a right server");
    } else if (cell.outcome == Outcome::hang) {
      out.insert("hangs");
    } else if (cell.outcome == Outcome::crash) {
      out.insert("crashes");
    }
  }
  if (no_chain || no_name)
    out.insert(no_chain && no_name ? "checks neither chain nor name"
               : no_chain          ? "checks no chain"
                                   : "checks no name");
  return out;
}

}  // namespace

std::vector<Scenario> sanity_scenarios() {
  const DocumentBuilder documents[] = {
      // First, as they start daemons all at once: an address is one mode's at a time.
      host_scenario("host-right", "mx.host-right.sanity.test", "intermediate"),
      host_scenario("host-wrong-chain", "mx.host-wrong-chain.sanity.test", "unknown-ca"),
      host_scenario("host-wrong-name", "other.example.test", "intermediate"),
      address_scenario("address-right", "192.0.2.241", "192.0.2.241", "intermediate"),
      address_scenario("address-wrong-chain", "192.0.2.242", "192.0.2.242", "unknown-ca"),
      address_scenario("address-wrong-name", "192.0.2.243", "198.51.100.243", "intermediate"),
  };
  std::vector<Scenario> out;
  for (const auto& document : documents) out.push_back(own_scenario(document));
  return out;
}

Sanity assess(const std::vector<SanityCell>& cells, const ClientMode& mode) {
  Sanity out;
  double measured = 0;
  for (const auto& cell : cells) {
    if (was_started(cell)) out.cpu_ms += (cell.cpu_ms - out.cpu_ms) / ++measured;
  }
  const auto hosts = cells_of(cells, "host-"), addresses = cells_of(cells, "address-");
  out.hosts = assess_kind(hosts);
  out.addresses = assess_kind(addresses);
  // Each kind says of its own cells only; where one of them could be tried, the mode runs.
  if (std::none_of(cells.begin(), cells.end(), met_the_dialogue)) {
    out.broken = !out.hosts.broken.empty()       ? out.hosts.broken
                 : !out.addresses.broken.empty() ? out.addresses.broken
                                                 : no_cell(cells);
    if (!mode.states_takes) out.broken += kTakesHint;
  } else if (!mode.states_takes) {
    for (auto* kind : {&out.hosts, &out.addresses}) {
      if (!kind->broken.empty()) kind->broken += kTakesHint;
    }
  }
  const std::set<std::string> by_host = faults(hosts), by_address = faults(addresses);
  const std::set<std::string>& all = by_host.empty() ? by_address : by_host;
  if (all.empty()) return out;
  out.headline = fmt::format("claims {} and {}", to_string(mode.policy.id), fmt::join(all, ", "));
  if (by_host.empty()) out.headline += " with address literals";
  return out;
}

}  // namespace mxident::harness
