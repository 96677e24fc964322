// Any text as a zone line, plain and to be signed: read, or refused with a WorldError.
#include <cstdint>
#include <string>

#include "mocks/dns/test_messages.hpp"
#include "mocks/world_parts.hpp"

using namespace mxident::mocks;

/// ldns 1.8.3 loses a few octets where it refuses a field (CERT algorithms, for one). A line is read once.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:ldns_rdf_new_frm_data\n";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  DnsSpec spec;
  spec.lines = {std::string(reinterpret_cast<const char*>(data), size)};
  DnsContext context;
  context.authority_address = "127.1.2.54";
  context.clock = 1700000000;
  for (const auto state : {ZoneState::insecure, ZoneState::secure}) {
    spec.zones = {{"x.test.", state}};
    try {
      const auto world = DnsService::make(spec, context);
      dns::Asking asking;
      asking.dnssec_ok = true;
      static const auto kQuery = dns::make_query("x.test.", "ANY", asking);
      world->answer(kQuery, Transport::tcp, DnsRole::resolver);
    } catch (const WorldError&) {
    }
  }
  return 0;
}
