// What is true of the certificate that a scenario's host shows, whatever a policy makes of it: what a
// client's claim is held against.
#pragma once

#include <cstdint>
#include <string>

#include "harness/scenario/scenario.hpp"
#include "harness/text/words.hpp"

namespace mxident::harness::oracle {

/// `ok`, `failed` or `unknown`. A name that some name policy may accept is not called wrong, a chain that is
/// open neither.
struct Truth {
  LayerState chain = LayerState::unknown;
  LayerState name = LayerState::unknown;  ///< of the host itself (RFC 9525 1.8: the reference is the name
                                          ///< that is connected to)
};

/// `host`: the host that the client is given; empty: the most preferred one. `now`: seconds since 1970, used
/// where the scenario has no clock. Where several hosts or certificates could be met, nothing is known.
Truth truth_of(const Scenario& scenario, const std::string& host, std::int64_t now);

}  // namespace mxident::harness::oracle
