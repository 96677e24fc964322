// The public suffix list for the verifier's guard (D5), from libpsl.
#pragma once

#include "verifier/match.hpp"

namespace mxident::harness {

/// Knows the list that libpsl was built with; nothing is read or fetched.
PublicSuffixTest public_suffix_test();

}  // namespace mxident::harness
