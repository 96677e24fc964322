// Files that mail brings compressed, such as the reports of RFC 8460.
#pragma once

#include <cstddef>
#include <string>

namespace mxident::harness {

/// A gzip file (RFC 1952) unpacked; any other text as it is. Throws InputError, naming `file`, where it is
/// damaged or holds more than `most` octets.
std::string unpacked(std::string text, const std::string& file, std::size_t most);

}  // namespace mxident::harness
