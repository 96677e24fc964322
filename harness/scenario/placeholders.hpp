// Placeholders in the texts of a scenario: what stands between braces and depends on addresses or keys.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mxident::harness {

/// "{kind:argument}": kind is address (argument a host), or one of kDigestKinds (argument a certificate id).
struct Placeholder {
  std::string kind, argument;
};

/// Hexadecimal SHA-256, SHA-512 or whole DER of a certificate's SubjectPublicKeyInfo or of the certificate
/// (RFC 6698 2.1).
inline constexpr std::string_view kDigestKinds[] = {"spki-sha256", "spki-sha512", "spki",
                                                    "cert-sha256", "cert-sha512", "cert"};

/// All placeholders of a text; an opening brace that begins none gives one with an empty kind and the rest as
/// argument.
std::vector<Placeholder> find_placeholders(std::string_view text);

/// Replaces each one by what `value` says of it; nullopt leaves it as it stands.
std::string replace_placeholders(std::string_view text,
                                 const std::function<std::optional<std::string>(const Placeholder&)>& value);

}  // namespace mxident::harness
