// Sanity first: each mode meets a right server and two plainly wrong ones. A mode that comes as far as no
// mail dialogue has a broken set-up, and its cells mean nothing. One that delivers wrongly, refuses the right
// server or hangs is what the harness looks for: its cells are scored. The same cells show which layers a
// mode does not check at all.
#pragma once

#include <string>
#include <vector>

#include "harness/driver/manifest.hpp"
#include "harness/scenario/scenario.hpp"
#include "harness/text/words.hpp"

namespace mxident::harness {

/// Sanity scenarios, sorted by id: right, wrong-name and wrong-chain, for a host name and for an address
/// literal. They are part of the program, not of the catalogue, so that a changed catalogue cannot weaken
/// them.
std::vector<Scenario> sanity_scenarios();

/// What is known of a mode from its sanity cells.
struct Sanity {
  /// Of the sanity cells with a host name, or of those with an address literal.
  struct Kind {
    std::string broken;                      ///< why none of them could be tried, though the mode takes such
    LayerState chain = LayerState::unknown;  ///< not_checked if it went on with an unknown CA
    LayerState name = LayerState::unknown;   ///< not_checked if it went on with a wrong name
  };
  Kind hosts, addresses;
  std::string broken;    ///< why no cell at all could be tried; empty: some could
  std::string headline;  ///< "claims rfc9525 and checks no name"; empty: the mode does as it claims
  double cpu_ms = 0;     ///< mean CPU time of its cells; 0: none was measured
};

/// A sanity cell as it was judged.
struct SanityCell {
  std::string scenario;
  Outcome outcome{};
  std::optional<Decision> decision;
  std::string note, words;
  double cpu_ms = 0;
  LayerState connect = LayerState::unknown;
};
Sanity assess(const std::vector<SanityCell>& cells, const ClientMode& mode);

}  // namespace mxident::harness
