// Reference identifiers: the names that a client wants proved.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "policy.hpp"
#include "reasons.hpp"

namespace mxident {

enum class ReferenceType { dns, ip, srv, uri };
enum class ReferenceOrigin { recipient_domain, mx_host, cname_target, tlsa_base_domain, configured, address };
std::string_view to_string(ReferenceOrigin origin);

/// A reference identifier, normalised: lower-case A-labels without final dot, or address octets.
struct ReferenceIdentifier {
  ReferenceType type = ReferenceType::dns;
  ReferenceOrigin origin = ReferenceOrigin::configured;
  std::string text;     ///< printable form
  std::string domain;   ///< for dns, srv, uri: the normalised domain
  std::string service;  ///< srv: lower-case "_submission"; uri: lower-case scheme
  std::string octets;   ///< for ip: 4 or 16 octets
};

/// A reference or the reason why it cannot be one (a CFG verdict of the rules).
struct ReferenceResult {
  std::optional<ReferenceIdentifier> reference;
  Reason reason = Reason::reference_ok;
};
/// `text` is UTF-8: a host name; an address, bare or in brackets ("[192.0.2.25]", "[2001:db8::25]",
/// "[IPv6:2001:db8::25]"); with rules.srv_ids also "_service.domain"; with rules.uri_ids also "scheme:host".
/// What cannot be a reference is refused with a reference-* reason (section 14 of the rules, D7, D9-D14, D16,
/// D23).
ReferenceResult make_reference(std::string_view text, ReferenceOrigin origin, const NameRules& rules);

}  // namespace mxident
