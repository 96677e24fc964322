// From a question to the sets that answer it (RFC 1034 4.3.2, RFC 4592, RFC 4035 3.1).
#pragma once

#include <cstdint>
#include <vector>

#include "mocks/dns/zone_tree.hpp"

namespace mxident::mocks::dns {

enum class Rcode : std::uint8_t {
  noerror = 0,
  formerr = 1,
  servfail = 2,
  nxdomain = 3,
  notimp = 4,
  refused = 5
};

/// A set as it stands in a reply.
struct Answer {
  WireName owner;  ///< as it is written into the reply
  const RrSet* set = nullptr;
  const Zone* zone = nullptr;  ///< that the set lies in and is signed by
  WireName signed_owner;       ///< the wildcard that the set came from, else the owner as the zone has it
};

struct Found {
  Rcode rcode = Rcode::noerror;
  std::vector<Answer> answers;
  std::vector<Answer> soa;      ///< of a negative answer
  std::vector<Answer> denials;  ///< NSEC sets that prove what is not there; empty outside of signed zones
  /// State of the answer as a whole: bogus or expired where any part is, else insecure where any part is.
  ZoneState state = ZoneState::secure;
  bool timeout = false;
  bool truncate_udp = false;
};

/// The resolver follows CNAME records anywhere in the world, the authority inside of one zone.
Found look_up(const ZoneTree& tree, const WireName& name, std::uint16_t type, DnsRole role);

}  // namespace mxident::mocks::dns
