// From a scenario that shows a fault to the smallest one that still does. Works on scenario documents and
// knows nothing of clients: whoever asks says of each candidate whether the fault is still there.
#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

namespace mxident::harness {

using ScenarioDocument = nlohmann::ordered_json;

/// For each candidate: whether it shows the same fault. Candidates may be no scenarios at all; then it does
/// not.
using StillShows = std::function<std::vector<bool>(const std::vector<ScenarioDocument>&)>;

struct Shrunk {
  ScenarioDocument document;
  std::size_t steps = 0;   ///< reductions that were kept
  std::size_t trials = 0;  ///< candidates that were tried
};

/// Bounds of one call, whatever the fault.
inline constexpr std::size_t kMaxShrinkTrials = 1200;
inline constexpr std::size_t kShrinkBatch = 24;  ///< candidates asked about at a time, smallest first

/// Takes away what can go: what is odd about servers and chains, names and entries, labels of hosts, octets
/// of identifiers. The same document and answers give the same result.
Shrunk shrink(ScenarioDocument document, const StillShows& still_shows);

/// Every document that is one reduction away and smaller, smallest first.
std::vector<ScenarioDocument> reductions_of(const ScenarioDocument& document);

}  // namespace mxident::harness
