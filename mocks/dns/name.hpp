// Domain names as the mock name servers hold them: wire form for messages, a sort key for look-ups.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mxident::mocks::dns {

/// A name in uncompressed wire form (RFC 1035 3.1), final zero octet included, letters in the case they were
/// written.
using WireName = std::string;

/// A name for look-ups: labels from the root downwards in lower case, each escaped and ended by a zero octet.
/// Octet order of keys is the canonical order of names (RFC 4034 6.1), and the key of a name is a prefix of
/// the keys of all names below it. The root is the empty key.
using NameKey = std::string;

/// From zone file form; a missing final dot makes no difference. Missing: no domain name.
std::optional<WireName> name_from_text(const std::string& text);

/// Zone file form with final dot.
std::string name_to_text(const WireName& name);

WireName to_lower(WireName name);

NameKey key_of(const WireName& name);

/// Key of the name one label up; the root's parent is the root.
NameKey parent_key(std::string_view key);

/// Key of "*" right below a name (RFC 4592 2.1.1).
NameKey wildcard_key(const NameKey& parent);

inline bool is_at_or_below(std::string_view key, std::string_view ancestor) {
  return key.starts_with(ancestor);
}

/// Labels without the root's.
std::size_t label_count(std::string_view key);

/// The last `labels` labels of a name; all of it if it has fewer.
WireName suffix(const WireName& name, std::size_t labels);

}  // namespace mxident::mocks::dns
