// DNS messages as octets: the query that comes, the reply that goes (RFC 1035 4, RFC 6891).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mocks/dns/lookup.hpp"

namespace mxident::mocks::dns {

inline constexpr std::uint16_t kClassIn = 1;

struct Query {
  std::uint16_t id = 0;
  WireName name;  ///< in the case of the query, which the reply repeats
  std::uint16_t type = 0, klass = 0;
  bool recursion_desired = false, authentic_data = false, checking_disabled = false;
  bool edns = false, dnssec_ok = false;
  std::uint8_t edns_version = 0;
  std::uint16_t udp_size = 512;  ///< what the asker can take over UDP
};

/// What came, as far as it can be read. `refusal` says why it cannot be answered; the ID is read even then.
struct ReadQuery {
  Query query;
  Rcode refusal = Rcode::noerror;
  bool ignore = false;  ///< too short for an ID, or a reply itself: any reply could start a loop
};

/// Takes one question and at most one additional record, which must be OPT.
ReadQuery read_query(std::span<const std::uint8_t> octets);

/// Twelve bits of RCODE; the upper eight travel in the OPT record (RFC 6891 6.1.3).
inline constexpr std::uint16_t kRcodeBadVersion = 16;

struct Reply {
  std::uint16_t rcode = 0;
  bool authoritative = false, recursion_available = false, authentic_data = false, truncated = false;
};

/// One RRset or its signatures, ready to write.
struct WireSet {
  const WireName* owner = nullptr;
  std::uint16_t type = 0;
  std::uint32_t ttl = 0;
  std::span<const std::string> rdata;
};

/// Writes a reply. Names are not compressed, so that each keeps its case: the targets of MX records are what
/// scenarios are about, and a pointer would give them the letters of the question.
std::vector<std::uint8_t> write_reply(const Query& query, const Reply& reply,
                                      std::span<const WireSet> answers, std::span<const WireSet> authority);

}  // namespace mxident::mocks::dns
