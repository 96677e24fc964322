// DNSSEC records of the mock name servers: keys, DS, NSEC and signatures, made by ldns (RFC 4034, RFC 6605).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mocks/dns/name.hpp"
#include "mocks/dns/zone_lines.hpp"

namespace mxident::mocks::dns {

/// What is wrong with the signatures of a zone.
enum class Damage {
  none,
  expired,   ///< they were right, but a month before the clock of the world
  tampered,  ///< they do not verify
};

/// The one key of every signed zone: a combined signing key, ECDSA P-256, made once a process. A DS record
/// digests the owner name too (RFC 4034 5.1.4), so that zones stay apart though they share it.
RrSet dnskey_set();
RrSet ds_set(const WireName& apex);

/// "NAME IN DS TAG 13 2 DIGEST", as trust anchors are configured.
std::string ds_text(const WireName& apex);

/// NSEC of a name that has records of `types`; `next` is the next name of the zone (RFC 4034 4.1).
RrSet nsec_set(const WireName& next, std::vector<std::uint16_t> types);

/// RDATA of the RRSIG that the zone `apex` puts on `set` at `owner` ("*" labels as they stand). Signatures
/// are kept for the whole process, because worlds share their root and TLDs. `clock`: seconds since 1970.
std::string signature(const WireName& apex, const WireName& owner, const RrSet& set, std::int64_t clock,
                      Damage damage);

}  // namespace mxident::mocks::dns
