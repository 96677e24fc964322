// One mode is asked about documents: what would it do with each of these?
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <vector>

#include "harness/run/lab.hpp"

namespace mxident::harness {

struct Question {
  std::size_t column = 0;            ///< of the lab
  std::optional<Expected> expected;  ///< only documents of which this is expected are run; missing: all
};

/// By document; nothing for one that is no scenario, of which something else or nothing is expected, that
/// cannot be put to the mode, or that an interrupt kept from ending.
std::vector<std::optional<CellResult>> experiment(Lab& lab, const Question& question,
                                                  std::span<const nlohmann::ordered_json> documents);

}  // namespace mxident::harness
