#include "harness/run/verdict.hpp"

#include <map>
#include <string>
#include <utility>

#include "harness/run/plan.hpp"

namespace mxident::harness {

ModeFacts facts_of(const ClientMode& mode, const Scenario& scenario) {
  ModeFacts out;
  out.policy = is_published(scenario, mode.policy.id) ? mode.policy : policy(PolicyId::opportunistic);
  out.delivers = mode.delivers ? Delivers::yes : Delivers::no;
  out.waits_without_starttls =
      mode.hangs_without_starttls ? WaitsWithoutStarttls::yes : WaitsWithoutStarttls::no;
  return out;
}

void judge_cell(CellResult& result, const Scenario& scenario, const std::vector<mocks::Event>& events,
                ClientReport client, const ModeFacts& facts, const oracle::Truth& truth) {
  std::map<std::string, mocks::Starttls> starttls;
  for (const auto& server : scenario.servers) starttls[server.spec.host] = server.spec.starttls;
  Observation observation = observe(events, starttls, std::move(client));
  observation.bait = scenario.bait;
  for (const auto& server : scenario.servers) {
    if (has_odd_dialogue(server)) observation.odd_dialogue.insert(server.spec.host);
  }
  observation.true_chain = truth.chain;
  observation.true_name = truth.name;
  Judgement judgement = judge(result.expected, observation, facts);
  result.decision = judgement.decision;
  result.outcome = judgement.outcome;
  result.layers = judgement.layers;
  result.note = std::move(judgement.note);
  result.contradiction = std::move(judgement.contradiction);
  result.sni = std::move(judgement.sni);
  result.alert = std::move(judgement.alert);
  result.said = observation.client.said;
  result.events = wire_events(events);
}

}  // namespace mxident::harness
