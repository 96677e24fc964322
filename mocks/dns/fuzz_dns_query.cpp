// Any octets as a query, to both roles over both transports of a signed world.
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "mocks/world_parts.hpp"

using namespace mxident::mocks;

namespace {

std::unique_ptr<DnsService> make_world() {
  DnsSpec spec;
  spec.lines = {"x.test. MX 10 MX.x.test.",  "mx.x.test. A 192.0.2.1",
                "*.w.x.test. TXT a b",       "a.x.test. CNAME b.x.test.",
                "b.x.test. CNAME a.x.test.", "bad.x.test. SERVFAIL",
                "mute.x.test. TIMEOUT",      "cut.x.test. TRUNCATE",
                "b.bogus.test. A 192.0.2.2", "_25._tcp.mx.x.test. TLSA 3 1 1 00",
                "plain.test. A 192.0.2.3"};
  spec.zones = {{"x.test.", ZoneState::secure}, {"bogus.test.", ZoneState::bogus}};
  DnsContext context;
  context.authority_address = "127.1.2.54";
  context.clock = 1700000000;
  return DnsService::make(spec, context);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::unique_ptr<DnsService> world = make_world();
  if (size > 65535) return 0;
  for (const auto role : {DnsRole::resolver, DnsRole::authority}) {
    for (const auto transport : {Transport::udp, Transport::tcp}) {
      const auto reply = world->answer({data, size}, transport, role);
      if (!reply.octets) continue;
      // A reply is one: it has a header, says QR, repeats the ID, and fits its transport.
      const auto& octets = *reply.octets;
      const bool sound =
          octets.size() >= 12 && octets.size() <= (transport == Transport::udp ? 4096u : 65535u) &&
          (octets[2] & 0x80) != 0 && octets[0] == data[0] && octets[1] == data[1] && !reply.said.empty();
      if (!sound) std::abort();
    }
  }
  return 0;
}
