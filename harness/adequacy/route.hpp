// Where a message goes: what a client of the zoo is told of a scenario in place of asking a name server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/adequacy/announced.hpp"
#include "harness/adequacy/certificate.hpp"
#include "harness/scenario/scenario.hpp"
#include "harness/world/world_builder.hpp"
#include "mocks/world.hpp"

namespace mxident::harness::zoo {

/// One MX host, or the host of an address literal, and the loopback ports that stand for its addresses.
struct Hop {
  Situation situation;  ///< what is known before the first octet
  std::vector<std::uint16_t> ports;
  TlsaAnswer tlsa;
};

struct Route {
  std::vector<Hop> hops;           ///< in the order in which they are to be tried
  std::optional<Hop> domain_host;  ///< the domain's own address, which is no hop where there are MX records
  Announced announced;
};

/// Hosts without a server are left out.
Route route_of(const Scenario& scenario, const BuiltWorld& built, const mocks::World& world);

/// Octets of an IPv4 or IPv6 address; empty for other text.
std::string address_octets(const std::string& text);
/// The other way round; empty for no octets.
std::string address_text(const std::string& octets);

}  // namespace mxident::harness::zoo
