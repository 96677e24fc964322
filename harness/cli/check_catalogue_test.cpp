// The catalogue as `check` sees it: chains and names of the scenarios' certificates, without any server.
// Where no behaviour of a server decides, that has to be what is expected of a client.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "harness/catalogue/load.hpp"
#include "harness/offline/offline_check.hpp"
#include "harness/world/world_builder.hpp"

namespace mxident::harness::cli {
namespace {

constexpr std::int64_t kNow = 1795305600;  // 2026-11-22: inside every default validity
constexpr std::array kPolicies{PolicyId::chain_only, PolicyId::rfc2818, PolicyId::rfc6125,
                               PolicyId::rfc7817,    PolicyId::rfc9525, PolicyId::nexthop};

bool is_literal(const Scenario& scenario) {
  return scenario.domain.starts_with('[');
}

bool has_dns_trouble(const Scenario& scenario) {
  const auto bad = [](const auto& zone) {
    return zone.second == mocks::ZoneState::bogus || zone.second == mocks::ZoneState::expired;
  };
  if (std::any_of(scenario.dns.zones.begin(), scenario.dns.zones.end(), bad)) return true;
  return std::any_of(scenario.dns.lines.begin(), scenario.dns.lines.end(), [](const std::string& line) {
    return line.find("SERVFAIL") != line.npos || line.find("TIMEOUT") != line.npos ||
           line.find("NXDOMAIN") != line.npos || line.find("TRUNCATE") != line.npos;
  });
}

// The one server, if all that it does is to present one certificate.
const ScenarioServer* only_presents(const Scenario& scenario) {
  const auto hosts = mail_hosts(scenario);
  if (hosts.size() != 1 || has_dns_trouble(scenario)) return nullptr;
  const ScenarioServer* const server = server_of(scenario, hosts.front());
  if (server == nullptr) return nullptr;
  const mocks::SmtpServerSpec& spec = server->spec;
  const bool plain =
      spec.starttls == mocks::Starttls::offered && spec.replies.empty() && spec.certificates_by_sni.empty() &&
      spec.addresses.size() < 2 && (spec.addresses.empty() || !spec.addresses.front().certificate) &&
      !spec.certificate.empty() && spec.tls_max >= mocks::TlsVersion::tls1_2 && spec.security_level > 0;
  return plain ? server : nullptr;
}

struct Authority {
  certs::KeyPool keys{2};
  certs::Authority made = certs::Authority::make(keys);
};

TEST(CheckCatalogue, AgreesWhereNoServerBehaviourDecides) {
  Authority authority;
  TrustStore trust;
  trust.add_der(authority.made.root.der);
  const std::filesystem::path folder = std::filesystem::path(MXIDENT_SOURCE_DIR) / "scenarios";
  const Catalogue catalogue = load_catalogue(std::span(&folder, 1));
  std::size_t agreed = 0, scenarios = 0;
  for (const auto& scenario : catalogue.scenarios) {
    const ScenarioServer* const server = only_presents(scenario);
    if (server == nullptr) continue;
    ++scenarios;
    CertificateStock stock(authority.made, authority.keys);
    const BuiltWorld world = build_world(scenario, 1, mocks::Placement::namespaced, stock);
    const auto same = [&](const auto& one) { return one.host == server->spec.host; };
    const auto built = std::find_if(world.spec.servers.begin(), world.spec.servers.end(), same);
    ASSERT_NE(built, world.spec.servers.end()) << scenario.id;
    CheckInput input;
    input.chain = world.spec.certificates.at(built->certificate).sends;
    input.trust = &trust;
    input.time = scenario.clock.value_or(kNow);
    input.domain = world.domain;
    input.mx_host = is_literal(scenario) ? world.domain : mail_hosts(scenario).front();
    const auto presented = read_presented_names(input.chain.empty() ? "" : input.chain.front());
    for (const PolicyId id : kPolicies) {
      const auto expected = expectation(scenario, id);
      if (expected != Expected::accept && expected != Expected::reject) continue;
      const auto answer = check_policy(input, presented, policy(id));
      EXPECT_EQ(to_string(answer.decision), to_string(*expected))
          << scenario.id << " under " << to_string(id) << ": " << to_string(answer.reason);
      ++agreed;
    }
  }
  std::printf("%zu answers about %zu scenarios\n", agreed, scenarios);
  EXPECT_GT(agreed, 1000u);
}

}  // namespace
}  // namespace mxident::harness::cli
