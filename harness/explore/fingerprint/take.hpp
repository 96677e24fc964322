// The experiments of a fingerprint, made.
#pragma once

#include <vector>

#include "harness/explore/fingerprint/fingerprint.hpp"
#include "harness/run/lab.hpp"

namespace mxident::harness {

/// One for each column of the lab; empty if an interrupt came.
std::vector<Fingerprint> take_fingerprints(Lab& lab);

}  // namespace mxident::harness
