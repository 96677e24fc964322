// Which names a mode checks, read from a catalogue's results: scenarios whose certificate is valid for one
// name only. "mxident fingerprint" asks the same of worlds that it makes for that.
#pragma once

#include <span>
#include <string_view>

namespace mxident::harness {

struct CheckedName {
  std::string_view title, scenario;
};

/// A mode that accepts in the last one checks no name at all.
std::span<const CheckedName> checked_names();

}  // namespace mxident::harness
