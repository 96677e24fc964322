#include "harness/explore/fingerprint/take.hpp"

#include <algorithm>

#include "harness/explore/fingerprint/probes.hpp"

namespace mxident::harness {
namespace {

ProbeResult result_of(const CellResult& r, std::string key, std::string title) {
  ProbeResult out{std::move(key), std::move(title),          r.decision, r.note, r.sni,
                  false,          r.outcome == Outcome::hang};
  out.mail_seen = std::any_of(r.events.begin(), r.events.end(), [](const WireEvent& event) {
    return event.kind == WireKind::received && event.text.starts_with("MAIL ");
  });
  if (r.outcome == Outcome::harness_error) out.decision.reset();
  return out;
}

}  // namespace

std::vector<Fingerprint> take_fingerprints(Lab& lab) {
  const auto names = name_probes();
  const auto behaviours = behaviour_probes();
  std::vector<Scenario> scenarios;
  for (const auto& probe : names) scenarios.push_back(probe.scenario);
  for (const auto& probe : behaviours) scenarios.push_back(probe.scenario);
  Plan plan;
  for (std::size_t c = 0; c < lab.columns.size(); ++c) {
    for (std::size_t s = 0; s < scenarios.size(); ++s)
      plan.cells.push_back(make_cell(scenarios[s], s, lab.columns[c], c, Expected::either));
  }
  const auto results = lab.ask(scenarios, plan);
  if (lab.interrupts.seen()) return {};
  std::vector<Fingerprint> out;
  for (std::size_t c = 0; c < lab.columns.size(); ++c) {
    const ClientColumn& column = lab.columns[c];
    Fingerprint print{column.client->manifest.id,
                      column.client->version,
                      column.mode->id,
                      std::string(to_string(column.mode->policy.id)),
                      column.mode->title,
                      {},
                      {}};
    const auto result = [&](std::size_t s) {
      return results[c * scenarios.size() + s].value_or(CellResult{});
    };
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string id = names[i].scenario.id;
      print.names.push_back(result_of(result(i), id.substr(id.find('/') + 1), names[i].title));
    }
    for (std::size_t i = 0; i < behaviours.size(); ++i) {
      print.behaviours.push_back(result_of(result(names.size() + i), behaviours[i].key, behaviours[i].title));
    }
    out.push_back(std::move(print));
  }
  return out;
}

}  // namespace mxident::harness
