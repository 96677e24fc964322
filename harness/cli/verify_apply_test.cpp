// The rows of policies that are applied, asked of `mxident verify`.
#include <memory>

#include "harness/cli/verify_test_support.hpp"
#include "verifier/apply_rows.hpp"

namespace mxident::harness::cli {
namespace {

using namespace std::string_literals;
using namespace mxident::test;
using nlohmann::json;
using probe::DnsType;
using probe::test::DnsServer;
using probe::test::Identity;
using probe::test::Peer;
using probe::test::Server;
using Say = DnsServer::Say;

class AppliedRow : public VerifyTest, public testing::WithParamInterface<ApplyRow> {
 protected:
  void publish(std::uint16_t port, const Identity& identity) {
    DnsServer::Entry answer{{}, {}, Say::answer, true};
    const std::string digest(32, 'x');
    const RowTlsa row = GetParam().tlsa;
    if (row == RowTlsa::failed) answer.say = Say::servfail;
    if (row == RowTlsa::unusable) answer.rdata = {"\x01\x01\x01"s + digest};
    if (row == RowTlsa::other) answer.rdata = {"\x03\x01\x01"s + digest};
    if (row == RowTlsa::leaf) answer.rdata = {"\x03\x00\x00"s + identity.leaf_der()};
    if (row == RowTlsa::root) answer.rdata = {"\x02\x00\x00"s + identity.root_der()};
    dns.set("_" + std::to_string(port) + "._tcp.mx.test", DnsType::tlsa, answer);
  }
  std::unique_ptr<Server> policy_host() {
    const RowSts row = GetParam().sts;
    if (row == RowSts::none) return nullptr;
    const std::string mode = row == RowSts::enforce ? "enforce" : row == RowSts::testing ? "testing" : "none";
    const std::string body =
        "version: STSv1\nmode: " + mode + "\nmx: " + std::string(GetParam().lists) + "\nmax_age: 86400\n";
    dns.set("_mta-sts.d.test", DnsType::txt,
            {{probe::test::txt_rdata("v=STSv1; id=1;")}, {}, Say::answer, false});
    dns.a("mta-sts.d.test", "127.0.0.1");
    return std::make_unique<Server>(
        [body](Peer& peer) {
          if (!peer.start_tls()) return;
          while (!peer.line().empty()) {
          }
          peer.say("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " +
                   std::to_string(body.size()) + "\r\n\r\n" + body);
        },
        probe::test::make_identity("DNS:mta-sts.d.test"));
  }
};

TEST_P(AppliedRow, ByVerify) {
  const ApplyRow& row = GetParam();
  dns.mx("d.test", {{10, "mx.test"}}, row.mx == RowMx::secure);
  dns.a("mx.test", "127.0.0.1", true);
  const Identity identity = probe::test::make_identity("DNS:" + std::string(row.san));
  Server server(
      [&](Peer& peer) {
        peer.serve(row.tls == RowTls::offered ? std::vector<std::string>{"STARTTLS"}
                                              : std::vector<std::string>{"SIZE"});
      },
      identity);
  publish(server.port(), identity);
  const auto sts = policy_host();
  const std::string https = std::to_string(sts ? sts->port() : 1);
  const Ran ran =
      verify_domain(server, {"--json", "--https-port", https, "--policy", std::string(to_string(row.asked))});
  const json document = json::parse(ran.out);
  const json found = policy_of(document, std::string(to_string(row.asked)));
  EXPECT_EQ(found["answer"], row.decision) << found;
  EXPECT_EQ(found["reason"], row.reason);
  EXPECT_EQ(found.value("because", ""), row.remark);
  std::string references;
  for (const auto& one : found["references"]) {
    references += (references.empty() ? "" : " ") + one["name"].get<std::string>();
  }
  EXPECT_EQ(references, row.references);
  EXPECT_EQ(ran.exit_code, row.decision == "accept" || row.decision == "plaintext" ? 0 : 1);
}
INSTANTIATE_TEST_SUITE_P(Rows, AppliedRow, testing::ValuesIn(apply_rows()),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace mxident::harness::cli
