// DNS replies from hostile servers: bounded, and never an answer to another question.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dns_message.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mxident::probe;
  if (size < 1) return 0;
  constexpr DnsType kTypes[] = {DnsType::a,   DnsType::cname, DnsType::mx,
                                DnsType::txt, DnsType::aaaa,  DnsType::tlsa};
  const DnsQuestion question{"d.test", kTypes[data[0] % 6]};
  const std::string_view message(reinterpret_cast<const char*>(data) + 1, size - 1);
  const DnsReading reading = read_dns_reply(message, 0x1234, question);
  if (reading.answer.rdata.size() > kMaxRecords) std::abort();
  if (reading.kind != DnsReading::Kind::answer && !reading.answer.rdata.empty()) std::abort();
  if (message.size() >= 2 && (message[0] != 0x12 || message[1] != 0x34) &&
      reading.kind != DnsReading::Kind::unrelated) {
    std::abort();
  }
  if (const auto text = dns_name_to_text(message); text && text->size() > 4 * 255) std::abort();
  dns_name_to_wire(message);
  return 0;
}
