#include "harness/text/wire.hpp"

#include <gtest/gtest.h>

namespace mxident::harness {
namespace {

struct WireRow {
  const char* name;
  WireEvent event;
  const char* line;
};
void PrintTo(const WireRow& row, std::ostream* out) {
  *out << row.name;
}
class WireLine : public testing::TestWithParam<WireRow> {};

TEST_P(WireLine, IsForPeople) {
  EXPECT_EQ(wire_line(GetParam().event), GetParam().line);
}

WireEvent event(WireKind kind, std::string text, std::uint32_t connection = 1) {
  return {0, kind, connection, "mx.test", "127.0.1.1", false, std::move(text)};
}
WireEvent message_under_tls() {
  WireEvent out = event(WireKind::message, "");
  out.encrypted = true;
  return out;
}
const WireRow kWireRows[] = {
    {"dns", event(WireKind::dns_query, "x.test. MX NOERROR", 0), "* DNS x.test. MX NOERROR"},
    {"connected", event(WireKind::connected, ""), "1 * connected to mx.test 127.0.1.1"},
    {"reply", event(WireKind::sent, "220 x\r\n"), "1 S: 220 x"},
    {"octets", event(WireKind::received, "EHLO \x01\xff\\"), "1 C: EHLO \\x01\\xff\\\\"},
    {"no_sni", event(WireKind::client_hello, "", 2), "2 * ClientHello without SNI"},
    {"handshake", event(WireKind::handshake, "TLSv1.3"), "1 * handshake done, TLSv1.3"},
    {"message", message_under_tls(), "1 * message accepted under TLS"},
};
INSTANTIATE_TEST_SUITE_P(Table, WireLine, testing::ValuesIn(kWireRows),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(WireLine, LongOnesAreCut) {
  const std::string line = wire_line(event(WireKind::sent, std::string(5000, 'x')));
  EXPECT_LT(line.size(), 250u);
  EXPECT_NE(line.find("(5000 octets)"), std::string::npos);
}

TEST(WireWords, LeadBack) {
  for (int i = 0; i <= static_cast<int>(WireKind::https_request); ++i) {
    const auto kind = static_cast<WireKind>(i);
    EXPECT_EQ(wire_kind_from_string(to_string(kind)), kind);
  }
}

}  // namespace
}  // namespace mxident::harness
