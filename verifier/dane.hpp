// DANE for SMTP (RFC 7671, RFC 7672): which TLSA records count, which names, and whether a chain satisfies
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chain.hpp"
#include "match.hpp"
#include "policy.hpp"
#include "reasons.hpp"

namespace mxident {

/// A TLSA record as DNS carries it (RFC 6698 2.1).
struct TlsaRecord {
  std::uint8_t usage = 0;
  std::uint8_t selector = 0;
  std::uint8_t matching = 0;
  std::string data;  ///< octets of the certificate association data
};

/// From the octets of RDATA. nullopt: shorter than its three fixed fields.
std::optional<TlsaRecord> parse_tlsa(std::string_view rdata);
/// "3 1 1 0a1b...", hexadecimal in full.
std::string to_string(const TlsaRecord& record);
/// From presentation form: three numbers and hexadecimal, which may hold blanks, alone or in a line of a zone
/// as dig prints it, with owner and comment. nullopt: something else.
std::optional<TlsaRecord> tlsa_from_text(std::string_view text);

/// The record that a certificate satisfies, as one publishes it: "3 1 1" for the server's own, "2 1 1" for an
/// issuer (RFC 7671 5.1, 5.2). nullopt: the certificate cannot be read.
enum class TlsaFor { server, issuer };
std::optional<TlsaRecord> tlsa_for(TlsaFor whose, std::string_view der);

/// Why a usable record that matches nothing of `sent` looks like a mistake: a digest of no octets, of the
/// other selector or matching type, the right digest with another usage. Empty if it does not.
std::string tlsa_mistake(const TlsaRecord& record, std::span<const std::string> sent);

/// tlsa_usable, or the reason why the record does not count for SMTP (RFC 7671 10.3, RFC 7672 3.1.3).
Reason tlsa_usability(const TlsaRecord& record);

/// More secure records than this are not looked at.
inline constexpr std::size_t kMaxTlsaRecords = 64;

/// What becomes of each record of a secure RRset, in its order: tlsa_usable, tlsa_weaker_digest (digest
/// agility, RFC 7671 9) or why it is unusable.
std::vector<Reason> classify_tlsa(std::span<const TlsaRecord> records);
/// The records that classify_tlsa calls tlsa_usable.
std::vector<TlsaRecord> usable_tlsa(std::span<const TlsaRecord> records);

/// A certificate that is trusted, and that a DANE-TA record points to, although the server did not send it:
/// it has to (RFC 7672 3.1.2).
struct UnsentAnchor {
  std::size_t record = 0;  ///< index
  std::string subject;     ///< RFC 2253 form
};
std::optional<UnsentAnchor> unsent_anchor(std::span<const TlsaRecord> records, const TrustStore& trust);

/// How the TLSA base domain was found; all names as DNS gave them.
struct DanePath {
  std::string next_hop;           ///< recipient domain or configured relay, before any CNAME
  std::string next_hop_expanded;  ///< its full, secure CNAME expansion; empty or equal when there is none
  enum class Mx { secure, insecure, none };
  Mx mx = Mx::none;         ///< security of the MX RRset; none: no MX records, or a fixed relay
  std::string mx_host;      ///< as the MX record names it; empty for Mx::none
  std::string base_domain;  ///< where the TLSA records stand, without "_25._tcp."
};
/// Names that a DANE-TA(2) chain may carry, in order (RFC 7672 3.2.2; none is needed for DANE-EE). Names that
/// cannot be references are left out.
std::vector<ReferenceIdentifier> dane_references(const DanePath& path, const NameRules& rules);

enum class DaneVerdict { authenticated, failed };

struct DaneResult {
  DaneVerdict verdict = DaneVerdict::failed;
  Reason reason = Reason::dane_no_match;
  std::optional<std::size_t> record;  ///< index of the record that decided, into `records`
  int depth = -1;     ///< certificate that it matches, or that its bare key signed: 0 the leaf
  ChainResult chain;  ///< for DANE-TA; untouched when a DANE-EE record decided
  MatchResult names;  ///< for DANE-TA
};

/// `sent`: DER, leaf first. `records`: usable ones only. DANE-EE: any match authenticates, whatever names and
/// dates (RFC 7672 3.1.1). DANE-TA: the matching certificate of `sent` (or one given in full by a 2 0 0
/// record) becomes the trust anchor, then chain and names are checked as usual (RFC 7672 3.1.2). Where none
/// matches, a path may end in a certificate that the key of a 2 1 0 record signed (RFC 7671 5.2.3).
DaneResult verify_dane(std::span<const std::string> sent, std::span<const TlsaRecord> records,
                       std::span<const ReferenceIdentifier> references, const NameRules& rules,
                       const ChainOptions& options, Explain explain = Explain::deciding);

}  // namespace mxident
