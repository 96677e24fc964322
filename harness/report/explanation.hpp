// All that is known of a fault, as lines for people: the console and every format that has room for it show
// the same.
#pragma once

#include <string>

#include "harness/analysis/findings.hpp"

namespace mxident::harness {

/// Lines "  scenario  ...", expected, observed, layers, tls, wire, output, again; each with its end.
std::string explanation(const Fault& fault);

}  // namespace mxident::harness
