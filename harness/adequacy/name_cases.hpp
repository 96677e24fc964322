// The name decisions of the catalogue as a file that a program without servers can check: one line a case,
// "SCENARIO POLICY accept|reject REFERENCE HEX", where HEX is the certificate.
#pragma once

#include <ostream>
#include <vector>

#include "harness/scenario/scenario.hpp"

namespace mxident::harness::zoo {

/// Writes the cases whose expectation by hand rests on names alone, as far as that shows: one mail host with
/// one certificate, STARTTLS as usual, and no rejection of a certificate whose names match. Returns how many.
std::size_t write_name_cases(const std::vector<Scenario>& scenarios, std::ostream& out);

}  // namespace mxident::harness::zoo
