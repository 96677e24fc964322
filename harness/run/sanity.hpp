// Sanity first: a mode must deliver to a right server and, where it claims to verify, refuse a plainly wrong
// one. Else its set-up is broken and its cells mean nothing. The same cells show which layers a mode does not
// check at all.
#pragma once

#include <string>
#include <vector>

#include "harness/scenario/scenario.hpp"
#include "harness/text/words.hpp"

namespace mxident::harness {

/// Sanity scenarios, sorted by id: right, wrong-name and wrong-chain, for a host name and for an address
/// literal. They are part of the program, not of the catalogue, so that a changed catalogue cannot weaken
/// them.
std::vector<Scenario> sanity_scenarios();

/// What is known of a mode from its sanity cells.
struct Sanity {
  std::string broken;                      ///< why its set-up is broken; empty: it is sound
  LayerState chain = LayerState::unknown;  ///< not_checked if it went on with an unknown CA
  LayerState name = LayerState::unknown;   ///< not_checked if it went on with a wrong name
  double cpu_ms = 0;                       ///< mean CPU time of its cells; 0: none was measured
};

/// A sanity cell as it was judged.
struct SanityCell {
  std::string scenario;
  Outcome outcome{};
  std::optional<Decision> decision;
  std::string note, words;
  double cpu_ms = 0;
};
Sanity assess(const std::vector<SanityCell>& cells);

}  // namespace mxident::harness
