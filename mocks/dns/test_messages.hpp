// Queries and replies for the tests of the mock name servers, by ldns.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mxident::mocks::dns {

/// How a query is sent.
struct Asking {
  bool edns = false, dnssec_ok = false, authentic_data = false, checking_disabled = false;
  std::uint16_t udp_size = 1232;
};

std::vector<std::uint8_t> make_query(const std::string& name, const std::string& type,
                                     const Asking& asking = {});

/// A reply as text: the rcode and the flags aa tc ra ad, then "; answer" and "; authority" records of the
/// sections without TTL and class, sorted, e.g. "NOERROR ra; x.test. MX 10 mx.x.test.". Signatures as "owner
/// RRSIG type signer". SOA records as "owner SOA".
std::string describe_reply(std::span<const std::uint8_t> octets);

}  // namespace mxident::mocks::dns
