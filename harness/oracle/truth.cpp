#include "harness/oracle/truth.hpp"

#include <array>

#include "harness/oracle/chain.hpp"
#include "harness/oracle/names.hpp"

namespace mxident::harness::oracle {
namespace {

LayerState chain_truth(const Scenario& scenario, const std::string& id, std::int64_t now) {
  switch (check_chain(scenario.certificates, id, scenario.clock.value_or(now))) {
    case ChainVerdict::good:
      return LayerState::ok;
    case ChainVerdict::bad:
      return LayerState::failed;
    case ChainVerdict::open:
    case ChainVerdict::unknown:
      break;
  }
  return LayerState::unknown;
}

LayerState name_truth(const PresentedBy& presented, const std::string& host) {
  constexpr std::array kNamePolicies{PolicyId::rfc2818, PolicyId::rfc6125, PolicyId::rfc7817,
                                     PolicyId::rfc9525};
  bool all_match = true, all_mismatch = true;
  for (const PolicyId id : kNamePolicies) {
    const auto verdict = check_presented(presented, {{RefKind::host, host}}, rules_for(policy(id)));
    all_match = all_match && verdict == Verdict::match;
    all_mismatch = all_mismatch && verdict == Verdict::mismatch;
  }
  return all_match ? LayerState::ok : all_mismatch ? LayerState::failed : LayerState::unknown;
}

}  // namespace

Truth truth_of(const Scenario& scenario, const std::string& host, std::int64_t now) {
  const bool literal = scenario.domain.size() > 2 && scenario.domain.front() == '[';
  const bool one_host = !host.empty() || mail_hosts(scenario).size() == 1;
  const std::string name = host.empty() ? preferred_host(scenario) : host;
  const ScenarioServer* server = server_of(scenario, name);
  if (!server || !one_host || !server->spec.certificates_by_sni.empty() || !server->spec.then.empty() ||
      !scenario.reference.empty())
    return {};
  for (const auto& address : server->spec.addresses) {
    if (address.certificate.value_or(server->spec.certificate) != server->spec.certificate) return {};
  }
  const auto request = scenario.certificates.find(server->spec.certificate);
  if (request == scenario.certificates.end()) return {};
  Truth out;
  out.chain = chain_truth(scenario, request->first, now);
  const PresentedBy presented = names_of(request->second.spec);
  if (!literal) out.name = name_truth(presented, name);
  return out;
}

}  // namespace mxident::harness::oracle
