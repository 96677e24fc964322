// Text from strangers, made safe to show.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mxident::probe {

/// `text` with every octet outside of printable ASCII, and the backslash, written as \xNN; cut at `limit`
/// octets of input, which "..." then shows.
std::string printable(std::string_view text, std::size_t limit = 512);

}  // namespace mxident::probe
