// Digests by which files and lists know each other again.
#pragma once

#include <string>
#include <string_view>

namespace mxident::harness {

/// SHA-256 in lower-case hexadecimal digits.
std::string sha256_hex(std::string_view octets);

}  // namespace mxident::harness
