// Name matching: presented identifiers against reference identifiers under one set of rules.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy.hpp"
#include "reasons.hpp"

namespace mxident {

/// Kinds of presented identifier that the rules speak of; `other` ones never identify a server.
enum class PresentedType { dns, ip, uri, srv, email, common_name, other };
/// "dns", "ip", "uri", "srv", "email", "cn", "other".
std::string_view to_string(PresentedType type);

/// One name as the certificate carries it. `octets` are over the full DER length; for `ip` address octets,
/// for `srv` the string inside the otherName.
struct PresentedIdentifier {
  PresentedType type = PresentedType::dns;
  std::string octets;
};

/// A commonName with its place in the subject.
struct PresentedCommonName {
  std::string octets;           ///< decoded to UTF-8 by its string type
  bool decodable = true;        ///< its octets fit its string type
  bool only_one_in_rdn = true;  ///< its RDN holds exactly one commonName (RFC 6125 1.8)
};

/// All names of one certificate, in the order of the DER.
struct PresentedNames {
  enum class San { absent, empty, present, malformed, repeated, too_many };
  San san = San::absent;
  std::vector<PresentedIdentifier> identifiers;
  std::vector<PresentedCommonName> common_names;
};

/// At most so many subject alternative names and common names are read; more make `san` too_many.
inline constexpr std::size_t kMaxPresented = 10000;
/// Reads the names of a DER certificate with our own bounded reader. nullopt: not a certificate.
std::optional<PresentedNames> read_presented_names(std::string_view der);

/// For people, ASCII only, at most a few hundred characters: text with odd octets as \xNN, an address as
/// text.
std::string printable(PresentedType type, std::string_view octets);

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

/// One comparison, as an explanation.
struct Attempt {
  std::size_t reference = 0;  ///< index into the references
  PresentedType presented_type = PresentedType::dns;
  std::string presented;  ///< printable form of the identifier
  Reason reason = Reason::match_exact;
};

enum class MatchVerdict { match, mismatch };
enum class Explain { no, yes };  ///< attempts cost memory; ask for them only to show them

struct MatchResult {
  MatchVerdict verdict = MatchVerdict::mismatch;
  Reason reason = Reason::no_identifier_of_type;
  std::optional<std::size_t> reference;  ///< the one that matched
  std::string presented;                 ///< the identifier that decided, printable
  std::vector<Attempt> attempts;  ///< with Explain::yes, one for each pair that was compared or left out
};

/// True if a wildcard directly under `suffix` would span a public suffix (libpsl in the harness).
using PublicSuffixTest = std::function<bool(std::string_view suffix)>;

/// Whether the subject common name is consulted at all under `rules`: the policy uses it and nothing blocks
/// it (D1, D2). Then name constraints have to hold for it as well (D19).
Switch uses_common_name(const PresentedNames& presented, const NameRules& rules);

/// Pure, no exceptions; linear in the number of names and their lengths for each reference. On a mismatch
/// `reason` and `presented` tell of the identifier that came closest.
MatchResult match(const PresentedNames& presented, std::span<const ReferenceIdentifier> references,
                  const NameRules& rules, Explain explain = Explain::no,
                  const PublicSuffixTest& is_public_suffix = {});

}  // namespace mxident
