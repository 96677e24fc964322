// DNS messages (RFC 1035 4): queries written, replies read within limits. No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "resolver.hpp"

namespace mxident::probe {

/// Wire form of a name in text, lower case. Every octet but the dot stands for itself; a final dot is
/// dropped. nullopt: an empty label, a label above 63 octets, a name above 255, a backslash.
std::optional<std::string> dns_name_to_wire(std::string_view text);

/// Text of an uncompressed wire name: lower case, no final dot, "." for the root, octets that no host name
/// has as \ddd. nullopt: no such name. `used`: its length in octets.
std::optional<std::string> dns_name_to_text(std::string_view wire, std::size_t* used = nullptr);

/// A query that asks for recursion and for the AD bit (RFC 6840 5.7), with EDNS. nullopt: a name that cannot
/// be asked for.
std::optional<std::string> dns_query(std::uint16_t id, const DnsQuestion& question);

struct DnsReading {
  enum class Kind {
    unrelated,  ///< no reply to this query: wait on
    truncated,  ///< ask again over TCP
    answer,
  } kind = Kind::unrelated;
  DnsAnswer answer;
};
/// Targets of the aliases that lead from the question's name to its answer, in order; at most kMaxAliases.
/// Empty for a message that cannot be read.
std::vector<std::string> dns_aliases(std::string_view message, const DnsQuestion& question);

DnsReading read_dns_reply(std::string_view message, std::uint16_t id, const DnsQuestion& question);

}  // namespace mxident::probe
