// Versions of programs.
#pragma once

#include <string>

namespace mxident::harness {

/// True if dotted version `a` is older than `b`; runs of digits compare as numbers.
bool older(const std::string& a, const std::string& b);

}  // namespace mxident::harness
