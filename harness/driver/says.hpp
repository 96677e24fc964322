// What a client's output and exit code say, by the patterns of its manifest.
#pragma once

#include <string>
#include <string_view>

#include "harness/driver/manifest.hpp"

namespace mxident::harness {

/// A process as the patterns see it. `exit_code` is -1 if it did not exit by itself.
struct ClientWords {
  std::string_view output;
  int exit_code = -1;
};

/// True if the pattern holds. Matching is bounded; an expression that grows too costly counts as no match.
bool holds(const SaysPattern& pattern, const ClientWords& words);

/// "verified", "unverified", "rejected" or "" (nothing recognised). A rejection outranks a claim.
std::string said(const Says& says, const ClientWords& words);

/// State of a layer by the patterns; LayerState::unknown without a sign.
LayerState said_layer(const Says& says, std::string_view layer, const ClientWords& words);

/// The first group of `pattern` in `output`, or "".
std::string first_group(const std::string& pattern, std::string_view output);

}  // namespace mxident::harness
