#include "harness/cli/serve_view.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <ostream>

namespace mxident::harness::cli {
namespace {

using mocks::Event;
using mocks::EventKind;

/// "+" connected, "S..." and "C..." lines, "h" ClientHello with SNI, "T" handshake, "A" alert, "M" message,
/// "-" closed; a "!" before it says under TLS.
std::vector<Event> script(const std::vector<std::string>& lines) {
  std::vector<Event> out;
  for (std::string line : lines) {
    Event event;
    event.connection = 1;
    event.host = "mx.a.test";
    event.address = "127.0.1.1";
    event.encrypted = line.starts_with("!");
    if (event.encrypted) line.erase(0, 1);
    static const std::map<char, EventKind> kKinds{
        {'+', EventKind::connected},    {'S', EventKind::sent},      {'C', EventKind::received},
        {'h', EventKind::client_hello}, {'T', EventKind::handshake}, {'A', EventKind::alert_received},
        {'M', EventKind::message},      {'-', EventKind::closed},    {'F', EventKind::handshake_failed}};
    event.kind = kKinds.at(line[0]);
    event.text = line.substr(1);
    out.push_back(event);
  }
  return out;
}

struct Row {
  const char* name;
  std::vector<std::string> lines;
  const char* outcome;
  const char* layers;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}
class Connection : public testing::TestWithParam<Row> {};
TEST_P(Connection, EndsAs) {
  const ConnectionEnd end = end_of(script(GetParam().lines), {});
  EXPECT_EQ(end.outcome, GetParam().outcome) << text_of(end);
  EXPECT_EQ(end.layers, GetParam().layers);
}
const std::vector<std::string> kStart{"+", "S220 mx.a.test", "CEHLO client.test", "S250-mx.a.test",
                                      "S250 STARTTLS"};
std::vector<std::string> after(std::vector<std::string> more) {
  std::vector<std::string> out = kStart;
  out.insert(out.end(), more.begin(), more.end());
  return out;
}
INSTANTIATE_TEST_SUITE_P(
    Rows, Connection,
    testing::Values(Row{"looked", after({"CQUIT", "-"}), "no-tls",
                        "connect=ok smtp=ok starttls=not-checked handshake=not-reached delivery=not-reached"},
                    Row{"alert", after({"CSTARTTLS", "S220 go", "hmx.a.test", "Aunknown CA", "F", "-"}),
                        "refused", "connect=ok smtp=ok starttls=ok handshake=failed delivery=not-reached"},
                    Row{"handshake", after({"CSTARTTLS", "S220 go", "hmx.a.test", "TTLSv1.3 X", "-"}),
                        "refused", "connect=ok smtp=ok starttls=ok handshake=ok delivery=not-reached"},
                    Row{"delivered",
                        after({"CSTARTTLS", "S220 go", "h", "TTLSv1.3 X", "!CMAIL FROM:<a@b.test>",
                               "!S250 ok", "!M", "-"}),
                        "delivered", "connect=ok smtp=ok starttls=ok handshake=ok delivery=ok"},
                    Row{"in_clear", after({"CMAIL FROM:<a@b.test>", "S250 ok", "M", "-"}),
                        "delivered-in-clear",
                        "connect=ok smtp=ok starttls=not-checked handshake=not-reached delivery=ok"}),
    [](const auto& row) { return row.param.name; });

TEST(Connection, NamesWhoIsWho) {
  const auto end = end_of(script(after({"CSTARTTLS", "S220 go", "hmx.a.test", "TTLSv1.3 X", "-"})), {});
  const auto json = json_of(end, "x/y");
  EXPECT_EQ(json["hello"], "client.test");
  EXPECT_EQ(json["sni"], "mx.a.test");
  EXPECT_EQ(json["host"], "mx.a.test");
  EXPECT_EQ(json["tls"], "TLSv1.3 X");
  EXPECT_NE(text_of(end).find("SNI mx.a.test"), std::string::npos);
}

}  // namespace
}  // namespace mxident::harness::cli
