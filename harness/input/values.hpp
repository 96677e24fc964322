// Values of the scenario format: texts in their three forms, octets, times, addresses, host names.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "certs/spec.hpp"
#include "harness/input/json_input.hpp"

namespace mxident::harness {

/// "text" (its UTF-8 octets), {"hex": "..."} or {"value": "...", "encoding": "..."}; hex may have an encoding
/// too, which then is only the type of the string. `type` is the type where none is stated. Throws
/// InputError.
certs::DirectoryString read_text(const JsonNode& node, certs::StringType type);

/// "a1b2", "A1:B2" or {"hex": "..."}: octets.
certs::Octets read_octets(const JsonNode& node);

/// RFC 3339 with an offset or Z, whole seconds: seconds since 1970. nullopt: not a time.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);
std::int64_t read_time(const JsonNode& node);
std::string format_rfc3339(std::int64_t seconds);

/// 4 or 16 octets in network order; nullopt: no address.
std::optional<certs::Octets> parse_address(std::string_view text);

/// Address or network "192.0.2.0/24": address octets, then mask octets (RFC 5280 4.2.1.10).
std::optional<certs::Octets> parse_network(std::string_view text);

/// Inside 192.0.2.0/24 (without .1, which the sandbox itself has), 198.51.100.0/24, 203.0.113.0/24 or
/// 2001:db8::/32.
enum class Pinnable { no, yes };
Pinnable is_pinnable(std::string_view address);

/// What is wrong with a host name for the DNS (RFC 1035 2.3.4: labels of 1 to 63 octets, 255 octets in all;
/// no blanks, control octets, quotes or braces); empty if nothing is. A final dot is not part of a host name
/// here.
std::string host_problem(std::string_view host);

/// One of a table of words. Throws InputError with the nearest word.
template <typename T>
T read_word(const JsonNode& node, std::span<const std::pair<std::string_view, T>> table);

/// Fails with all known words and the one that is nearest.
[[noreturn]] void fail_word(const JsonNode& node, const std::vector<std::string>& known);

template <typename T>
T read_word(const JsonNode& node, std::span<const std::pair<std::string_view, T>> table) {
  const std::string word = node.string();
  std::vector<std::string> known;
  for (const auto& [text, value] : table) {
    if (text == word) return value;
    known.emplace_back(text);
  }
  fail_word(node, known);
}

}  // namespace mxident::harness
