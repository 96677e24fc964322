// From what the servers of a cell saw to its result: the one way, whoever drove the client.
#pragma once

#include <vector>

#include "harness/driver/manifest.hpp"
#include "harness/judge/judge.hpp"
#include "harness/oracle/truth.hpp"
#include "harness/results/result.hpp"
#include "harness/scenario/scenario.hpp"
#include "mocks/transcript.hpp"

namespace mxident::harness {

/// What a mode claims in this scenario: where nothing is published, MTA-STS and DANE mean opportunistic.
ModeFacts facts_of(const ClientMode& mode, const Scenario& scenario);

/// Fills what is seen: decision, outcome, layers, and what belongs to them.
void judge_cell(CellResult& result, const Scenario& scenario, const std::vector<mocks::Event>& events,
                ClientReport client, const ModeFacts& facts, const oracle::Truth& truth);

}  // namespace mxident::harness
