// From what a run stands on to what its results say of it.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "certs/mint.hpp"
#include "harness/results/result.hpp"
#include "harness/run/lab.hpp"

namespace mxident::harness {

/// What results say of a scenario; `cells`: how many are planned. `minted`: its certificates by id, if they
/// are to be recorded.
ScenarioRecord record_of(const Scenario& scenario, std::size_t cells,
                         const std::map<std::string, certs::Chain>& minted = {});

/// What results say of a run, but for its scenarios, suite, shard and seed.
RunHeader header_of(const Lab& lab);

/// Over what decides the verdicts of these scenarios, whatever their titles and notes say; the same for each
/// shard of a run.
std::string suite_digest(const std::vector<Scenario>& scenarios, const std::vector<std::size_t>& selected);

}  // namespace mxident::harness
