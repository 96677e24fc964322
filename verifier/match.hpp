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

/// One name as the certificate carries it. `octets` are over the full DER length; for `ip` address octets.
struct PresentedIdentifier {
  PresentedType type = PresentedType::dns;
  std::string octets;
};

/// A commonName with its place in the subject.
struct PresentedCommonName {
  std::string octets;               ///< decoded to UTF-8 by its string type
  bool decodable = true;            ///< its octets fit its string type
  bool only_one_in_rdn = true;      ///< its RDN holds exactly one commonName (RFC 6125 1.8)
};

/// All names of one certificate, in the order of the DER.
struct PresentedNames {
  enum class San { absent, empty, present, malformed, repeated };
  San san = San::absent;
  std::vector<PresentedIdentifier> identifiers;
  std::vector<PresentedCommonName> common_names;
};

/// Reads the names of a DER certificate with our own bounded reader. nullopt: not a certificate.
/// At most kMaxPresented identifiers are kept; more make `san` malformed.
inline constexpr std::size_t kMaxPresented = 10000;
std::optional<PresentedNames> read_presented_names(std::string_view der);

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
/// `text` is UTF-8: a host name, an address (IPv6 with or without brackets), "_service.domain" or "scheme:host".
ReferenceResult make_reference(std::string_view text, ReferenceOrigin origin, const NameRules& rules);

/// One comparison, as an explanation.
struct Attempt {
  std::size_t reference = 0;                 ///< index into the references
  PresentedType presented_type = PresentedType::dns;
  std::string presented;                     ///< printable form of the identifier
  Reason reason = Reason::match_exact;
};

enum class MatchVerdict { match, mismatch };
enum class Explain { no, yes };   ///< attempts cost memory; ask for them only to show them

struct MatchResult {
  MatchVerdict verdict = MatchVerdict::mismatch;
  Reason reason = Reason::no_identifier_of_type;
  std::optional<std::size_t> reference;      ///< the one that matched
  std::string presented;                     ///< the identifier that decided, printable
  std::vector<Attempt> attempts;             ///< with Explain::yes, one for each pair that was compared or left out
};

/// True if a wildcard directly under `suffix` would span a public suffix (libpsl in the harness).
using PublicSuffixTest = std::function<bool(std::string_view suffix)>;

/// Pure, no exceptions; linear in the number of names and their lengths for each reference.
MatchResult match(const PresentedNames& presented, std::span<const ReferenceIdentifier> references,
                  const NameRules& rules, Explain explain = Explain::no, const PublicSuffixTest& is_public_suffix = {});

}  // namespace mxident
