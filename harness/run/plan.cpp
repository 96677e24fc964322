#include "harness/run/plan.hpp"

#include <algorithm>
#include <array>

#include "harness/oracle/expectation.hpp"

namespace mxident::harness {
namespace {

bool is_literal(const Scenario& scenario) {
  return !scenario.domain.empty() && scenario.domain.front() == '[';
}

bool takes(const ClientMode& mode, Takes what) {
  return std::find(mode.takes.begin(), mode.takes.end(), what) != mode.takes.end();
}

/// True if the client looks up the domain itself.
bool resolves(const ClientColumn& column) {
  return column.client->manifest.builtin || takes(*column.mode, Takes::domain);
}

/// Why the mode cannot be led to a server of this kind; empty if it can.
std::string obstacle_of_submission(const ScenarioServer& server, const ClientColumn& column) {
  constexpr std::uint16_t kRelayPort = 25;
  const auto& manifest = column.client->manifest;
  const ClientMode* way = way_to(manifest, *column.mode, server.spec.starttls);
  if (way == nullptr) return "begins no TLS with the first octet (its manifest says no \"implicit\")";
  const auto& ports = server.spec.ports;
  const bool relay = std::find(ports.begin(), ports.end(), kRelayPort) != ports.end();
  if (!relay && !takes_port(manifest, *way)) return "goes to port 25 only (its manifest has no {port})";
  return "";
}

/// Why this scenario cannot be put to this mode; empty if it can.
std::string obstacle(const Scenario& scenario, const ClientColumn& column, const std::string& host) {
  if (!column.unsupported.empty()) return column.unsupported;
  const std::string& kind = is_literal(scenario) ? column.unsupported_addresses : column.unsupported_hosts;
  if (!kind.empty()) return kind;
  const ClientMode& mode = *column.mode;
  if (!mode.server.is_default() && is_about_versions(scenario))
    return "the scenario is about TLS versions, and this client needs a server profile of its own";
  const ScenarioServer* server = server_of(scenario, preferred_host(scenario));
  if (server != nullptr) {
    if (std::string reason = obstacle_of_submission(*server, column); !reason.empty()) return reason;
  }
  if (resolves(column)) return "";
  if (host.empty()) return "the domain has no mail host that could be given to this client";
  if (is_literal(scenario) && !takes(mode, Takes::address)) return "takes no address literal";
  if (!is_literal(scenario) && !takes(mode, Takes::host_name)) return "takes address literals only";
  return "";
}

/// A refinement that only says when TLS is wanted: at servers that offer it in the ordinary way, what is
/// expected of the named policy is expected of it too.
bool as_named_policy(const ClientMode& mode, const Scenario& scenario) {
  if (!mode.refined) return true;
  return mode.refined_in_tls_only && mode.policy.tls != TlsDemand::never &&
         std::all_of(scenario.servers.begin(), scenario.servers.end(), [](const ScenarioServer& server) {
           return server.spec.starttls == mocks::Starttls::offered && server.spec.replies.empty() &&
                  server.spec.tls_max >= mocks::TlsVersion::tls1_2;
         });
}

/// True if the command is handed the server's address, so that the client asks no name server.
bool is_given_address(const ClientMode& mode) {
  return std::any_of(mode.command.begin(), mode.command.end(),
                     [](const auto& word) { return word.find("{address") != std::string::npos; });
}

/// Expected of a checker that looks at every host and address: one that must be refused decides, and what
/// cannot be reached does not count beside what can. nullopt: there is but one, so that what is expected of a
/// delivery holds.
std::optional<Expected> of_every_host(const Scenario& scenario, const Policy& policy, std::int64_t now) {
  std::size_t addresses = 0;
  std::optional<Expected> worst;
  constexpr std::array kWorstFirst{Expected::reject, Expected::either, Expected::accept, Expected::plaintext,
                                   Expected::none};
  const auto rank = [&](Expected one) { return std::find(kWorstFirst.begin(), kWorstFirst.end(), one); };
  for (const auto& host : mail_hosts(scenario)) {
    const ScenarioServer* const server = server_of(scenario, host);
    if (server == nullptr) continue;
    addresses += std::max<std::size_t>(1, server->spec.addresses.size());
    const auto stated = scenario.expect_hosts.find(fold_host(host));
    auto here = stated != scenario.expect_hosts.end() ? stated->second.of(policy.id) : std::nullopt;
    if (!here) here = oracle::expect(scenario, policy, host, now);
    const Expected one = here.value_or(Expected::either);
    if (!worst || rank(one) < rank(*worst)) worst = one;
  }
  return addresses > 1 ? worst : std::nullopt;
}

}  // namespace

bool is_published(const Scenario& scenario, PolicyId policy) {
  if (policy == PolicyId::mta_sts) return !scenario.mta_sts.empty();
  if (policy != PolicyId::dane) return true;
  return std::any_of(scenario.dns.lines.begin(), scenario.dns.lines.end(), [](const auto& line) {
    const auto parts = split_dns_line(line);
    return parts && (parts->type == "TLSA" || parts->owner.find("._tcp.") != std::string::npos);
  });
}

std::optional<Expected> expected_of(const Scenario& scenario, const ClientColumn& column,
                                    const std::string& host, std::int64_t now) {
  const ClientMode& mode = *column.mode;
  // Without published data, MTA-STS and DANE senders are opportunistic ones (RFC 8461 2, RFC 7672 2.2).
  const bool published = is_published(scenario, mode.policy.id);
  const Policy& meant = published ? mode.policy : policy(PolicyId::opportunistic);
  if (mode.judges == Judges::every_host) {
    if (const auto expected = of_every_host(scenario, meant, now)) return expected;
  }
  const bool default_reference = !mode.reference || *mode.reference == policy(mode.policy.id).references ||
                                 (is_literal(scenario) && *mode.reference == ReferenceSelection::address);
  const auto by_hand = host.empty() ? expectation(scenario, meant.id) : expectation(scenario, meant.id, host);
  if (by_hand && ((as_named_policy(mode, scenario) && default_reference) || !published)) return by_hand;
  const auto computed = oracle::expect(scenario, meant, host, now);
  // What the standard leaves open stays open, unless the refinement is what decides it.
  if (by_hand == Expected::either && default_reference &&
      computed == oracle::expect(scenario, policy(meant.id), host, now)) {
    return by_hand;
  }
  return computed;
}

PlannedCell make_cell(const Scenario& scenario, std::size_t scenario_index, const ClientColumn& column,
                      std::size_t column_index, Expected expected) {
  PlannedCell cell{.scenario = scenario_index,
                   .column = column_index,
                   .expected = expected,
                   .unsupported = "",
                   .host = resolves(column) ? "" : preferred_host(scenario)};
  cell.unsupported = obstacle(scenario, column, cell.host);
  if (cell.unsupported.empty() && expected == Expected::none && is_given_address(*column.mode)) {
    cell.unsupported = "is given the address, and the scenario is about a name server";
  }
  return cell;
}

Plan make_plan(std::span<const Scenario> scenarios, std::span<const std::size_t> selected,
               std::span<const ClientColumn> columns, PolicyCoverage coverage, std::int64_t now) {
  Plan plan;
  for (const std::size_t index : selected) {
    const Scenario& scenario = scenarios[index];
    const std::string preferred = preferred_host(scenario);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const ClientColumn& column = columns[c];
      if (coverage == PolicyCoverage::where_published && !is_published(scenario, column.mode->policy.id))
        continue;
      const auto expected = expected_of(scenario, column, resolves(column) ? "" : preferred, now);
      if (!expected) {
        ++plan.no_expectation;
        continue;
      }
      plan.cells.push_back(make_cell(scenario, index, column, c, *expected));
      plan.cells.back().place = index * columns.size() + c;
    }
  }
  return plan;
}

Plan repeated(const Plan& plan, std::size_t times) {
  Plan out;
  out.no_expectation = plan.no_expectation;
  out.cells.reserve(plan.cells.size() * times);
  for (const auto& cell : plan.cells)
    out.cells.insert(out.cells.end(), cell.unsupported.empty() ? times : 1, cell);
  // No two that are up together may have one place.
  if (times > 1)
    for (auto& cell : out.cells) cell.place.reset();
  return out;
}

}  // namespace mxident::harness
