// Addresses between text and octets. Internal to the verifier.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mxident {

/// Strict dotted quad: four decimal numbers without leading zeros. Gives 4 octets.
std::optional<std::string> ipv4_octets(std::string_view text);
/// RFC 4291 2.2 text without zone. Gives 16 octets.
std::optional<std::string> ipv6_octets(std::string_view text);
/// Text of 4 or 16 octets; empty for another number.
std::string address_text(std::string_view octets);

}  // namespace mxident
