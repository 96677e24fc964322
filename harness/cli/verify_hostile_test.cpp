// `mxident verify` against servers, name servers and policy hosts that mean harm: exit code 1, the layer and
// the reason, whatever they do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <ostream>
#include <string>
#include <thread>

#include "harness/cli/verify_test_support.hpp"

namespace mxident::harness::cli {
namespace {

using namespace std::string_literals;
using nlohmann::json;
using probe::DnsType;
using probe::test::DnsServer;
using probe::test::Identity;
using probe::test::Peer;
using probe::test::Server;
using Say = DnsServer::Say;
using Script = std::function<void(Peer&)>;

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

// Says `text` again and again, up to 1 GB, until the client has had enough.
void pour(Peer& peer, const std::string& text) {
  for (std::size_t poured = 0; peer.alive() && poured < 1'000'000'000; poured += text.size()) peer.say(text);
}

void drip(Peer& peer, std::string_view text) {
  for (std::size_t i = 0; peer.alive() && i < 100000; ++i) {
    peer.say(text.substr(i % text.size(), 1));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

Script to_ehlo(Script then) {
  return [then = std::move(then)](Peer& peer) {
    peer.say("220 mx.test\r\n");
    peer.line();
    then(peer);
    while (peer.alive()) peer.line();
  };
}

Script to_tls(Script then) {
  return [then = std::move(then)](Peer& peer) {
    peer.say("220 mx.test\r\n");
    peer.line();
    peer.say("250-mx.test\r\n250 STARTTLS\r\n");
    peer.line();
    peer.say("220 go\r\n");
    then(peer);
    while (peer.alive()) peer.line();
  };
}

// After the ClientHello; before it, octets would be an injection.
Script to_hello(std::string octets) {
  return to_tls([octets = std::move(octets)](Peer& peer) {
    peer.wait();
    peer.say(octets);
  });
}

Script under_tls(Script then) {
  return to_tls([then = std::move(then)](Peer& peer) {
    if (!peer.start_tls()) return;
    peer.line();  // the second EHLO
    then(peer);
  });
}

struct ServerRow {
  const char* name;
  Script script;
  const char* layer;
  std::string_view reason;
};
void PrintTo(const ServerRow& row, std::ostream* out) {
  *out << row.name;
}

class HostileServer : public VerifyTest, public testing::WithParamInterface<ServerRow> {
 protected:
  // What the program says of d.test, whose only host is `server`.
  void expect(const Server& server, const std::string& layer, const std::string& reason) {
    one_host("d.test", "mx.test");
    // Only those who drip need a deadline; the others are ended by a limit, however slow this machine is.
    const std::string timeout = reason.ends_with("timeout") ? "1" : "60";
    const Ran ran =
        verify_domain(server, {"--json", "--transcript", "--timeout", timeout, "--policy", "rfc9525"});
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_LT(ran.out.size(), 2u << 20) << "what is shown of a hostile server has a limit";
    const json document = json::parse(ran.out);
    const json& address = document["hosts"][0]["addresses"][0];
    EXPECT_EQ(address["reason"], reason) << address["error"];
    EXPECT_EQ(address["layers"][layer], "failed") << address["layers"];
    EXPECT_FALSE(address["error"].get<std::string>().empty());
    EXPECT_EQ(policy_of(document, "rfc9525")["answer"], "reject");
  }
};

TEST_P(HostileServer, IsExitOne) {
  const Server server(GetParam().script);
  expect(server, GetParam().layer, std::string(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    Servers, HostileServer,
    testing::Values(
        ServerRow{"endless_banner", [](Peer& peer) { pour(peer, repeated("220-x\r\n", 1000)); }, "smtp",
                  "smtp-reply-too-long"},
        ServerRow{"endless_banner_line", [](Peer& peer) { pour(peer, "220 " + std::string(65536, 'x')); },
                  "smtp", "smtp-reply-too-long"},
        ServerRow{"million_ehlo_lines",
                  to_ehlo([](Peer& peer) { peer.say(repeated("250-x\r\n", 1'000'000)); }), "smtp",
                  "smtp-reply-too-long"},
        ServerRow{"million_ehlo_lines_under_tls",
                  under_tls([](Peer& peer) { peer.say(repeated("250-x\r\n", 1'000'000)); }), "smtp",
                  "smtp-reply-too-long"},
        ServerRow{"nul_in_banner", [](Peer& peer) { peer.say("220 m\0x.test\r\n"s); }, "smtp",
                  "smtp-reply-nul"},
        ServerRow{"nul_in_ehlo", to_ehlo([](Peer& peer) { peer.say("250 mx\0.test\r\n"s); }), "smtp",
                  "smtp-reply-nul"},
        ServerRow{"nul_under_tls", under_tls([](Peer& peer) { peer.say("250 \0\r\n"s); }), "smtp",
                  "smtp-reply-nul"},
        ServerRow{"bare_cr", to_ehlo([](Peer& peer) { peer.say("250-mx\r250 STARTTLS\r\n"); }), "smtp",
                  "smtp-reply-bare-cr"},
        ServerRow{"bare_lf", to_ehlo([](Peer& peer) { peer.say("250-mx\n250 STARTTLS\r\n"); }), "smtp",
                  "smtp-reply-bare-lf"},
        ServerRow{"cr_cr_lf", to_ehlo([](Peer& peer) { peer.say("250 mx\r\r\n"); }), "smtp",
                  "smtp-reply-bare-cr"},
        ServerRow{"escape_sequence", to_ehlo([](Peer& peer) { peer.say("250 mx\x1b[2J\r\n"); }), "smtp",
                  "smtp-reply-control"},
        ServerRow{"drip_of_a_banner", [](Peer& peer) { drip(peer, "220-x\r\n"); }, "smtp", "smtp-timeout"},
        ServerRow{"drip_of_a_handshake", to_tls([](Peer& peer) {
                    peer.wait();
                    peer.say("\x16\x03\x03\x40\x00\x02\x00\x3f\xfc"s);
                    drip(peer, "x");
                  }),
                  "handshake", "tls-timeout"},
        ServerRow{"drip_under_tls", under_tls([](Peer& peer) { drip(peer, "250-x\r\n"); }), "smtp",
                  "smtp-timeout"},
        ServerRow{"record_of_65535_octets", to_hello("\x16\x03\x03\xff\xff"s + std::string(65535, 'x')),
                  "handshake", "tls-handshake-failed"},
        ServerRow{"handshake_message_of_16_mb",
                  to_hello("\x16\x03\x03\x40\x00\x02\xff\xff\xff"s + std::string(16380, 'x')), "handshake",
                  "tls-too-much-data"},
        ServerRow{"endless_empty_records", to_tls([](Peer& peer) {
                    peer.wait();
                    pour(peer, repeated("\x16\x03\x03\x00\x00"s, 1000));
                  }),
                  "handshake", "tls-handshake-failed"},
        ServerRow{"endless_warnings", to_tls([](Peer& peer) {
                    peer.wait();
                    pour(peer, repeated("\x15\x03\x03\x00\x02\x01\x5a"s, 1000));
                  }),
                  "handshake", "tls-alert"},
        ServerRow{"hangs_up", [](Peer&) {}, "smtp", "smtp-closed"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(HostileServer, TenThousandCertificates) {
  const Identity& identity = Server::default_identity();
  const Server server([&](Peer& peer) {
    peer.send_also(std::vector<X509*>(10000, identity.root.get()));
    peer.serve();
  });
  expect(server, "handshake", "tls-too-much-data");
}

TEST_F(HostileServer, AHundredThousandNames) {
  std::string san = "DNS:mx.test";
  for (int i = 1; i < 100000; ++i) san += ",DNS:h" + std::to_string(i) + ".test";
  const Server server([](Peer& peer) { peer.serve(); }, probe::test::make_identity(san));
  expect(server, "handshake", "tls-too-much-data");
}

struct DnsRow {
  const char* name;
  DnsServer::Entry mx, a;
  std::string_view reason;
};
void PrintTo(const DnsRow& row, std::ostream* out) {
  *out << row.name;
}

const DnsServer::Entry kMx{{probe::test::mx_rdata(10, "mx.test")}, {}, Say::answer, false};
DnsServer::Entry raw(std::string answer) {
  return {{std::move(answer)}, {}, Say::raw, false};
}
// An answer's owner, type MX, class IN, TTL and `rdata`.
std::string mx_record(const std::string& owner, const std::string& rdata) {
  return owner + "\0\x0f\0\x01\0\0\0\x3c"s + static_cast<char>(rdata.size() >> 8) +
         static_cast<char>(rdata.size() & 0xff) + rdata;
}
const std::string kQuestion = "\xc0\x0c"s;

class HostileDns : public VerifyTest, public testing::WithParamInterface<DnsRow> {};

TEST_P(HostileDns, IsExitOne) {
  const DnsRow& row = GetParam();
  dns.set("d.test", DnsType::mx, row.mx);
  dns.set("mx.test", DnsType::a, row.a);
  dns.set("mx.test", DnsType::aaaa, {});
  dns.set("loop.test", DnsType::mx, {{}, "d.test", Say::answer, false});
  dns.set("loop.test", DnsType::a, {{}, "mx.test", Say::answer, false});
  const Ran ran = verify({"d.test", "--json"});
  EXPECT_EQ(ran.exit_code, 1);
  const json document = json::parse(ran.out);
  const json& place = document["fault"].is_null() ? document["hosts"][0] : document["fault"];
  EXPECT_EQ(place["reason"], row.reason) << document["fault"];
}

INSTANTIATE_TEST_SUITE_P(
    NameServers, HostileDns,
    testing::Values(
        DnsRow{"alias_loop_at_the_domain", {{}, "loop.test", Say::answer, false}, {}, "dns-cname-chain"},
        DnsRow{"alias_loop_at_the_host", kMx, {{}, "loop.test", Say::answer, false}, "dns-cname-chain"},
        DnsRow{"alias_of_itself", {{}, "d.test", Say::answer, false}, {}, "dns-cname-chain"},
        DnsRow{"label_of_4_kib",
               raw(mx_record(kQuestion, "\0\x0a\x7f"s + std::string(4096, 'a') + '\0')),
               {},
               "dns-error"},
        DnsRow{"owner_of_4_kib",
               raw(mx_record(repeated("\x3f"s + std::string(63, 'a'), 64) + '\0', "\0\x0a\0"s)),
               {},
               "dns-error"},
        DnsRow{"pointer_to_itself", raw(mx_record("\xc0\x18"s, "\0\x0a\0"s)), {}, "dns-error"},
        DnsRow{"exchange_points_to_itself", raw(mx_record(kQuestion, "\0\x0a\xc0\x26"s)), {}, "dns-error"},
        DnsRow{"data_longer_than_the_message",
               raw(kQuestion + "\0\x0f\0\x01\0\0\0\x3c\xff\xff\0\x0a"s),
               {},
               "dns-error"},
        DnsRow{"cut_over_udp_and_tcp", {kMx.rdata, {}, Say::cut, false}, {}, "dns-error"},
        DnsRow{"wrong_id", {kMx.rdata, {}, Say::wrong_id, false}, {}, "dns-error"},
        DnsRow{"garbage", {{}, {}, Say::garbage, false}, {}, "dns-error"},
        DnsRow{"silence", {{}, {}, Say::nothing, false}, {}, "dns-error"},
        DnsRow{"wrong_id_at_the_host", kMx, {{"\x7f\0\0\1"s}, {}, Say::wrong_id, false}, "dns-error"}),
    [](const auto& row) { return std::string(row.param.name); });

struct StsRow {
  const char* name;
  std::string head, body;  // the body comes again and again; "x: " goes on with the header
  std::string_view reason;
};
void PrintTo(const StsRow& row, std::ostream* out) {
  *out << row.name;
}

class HostileSts : public VerifyTest, public testing::WithParamInterface<StsRow> {};

// The mail host is a good one; only the policy host is not.
TEST_P(HostileSts, IsExitOne) {
  const StsRow& row = GetParam();
  one_host("d.test", "mx.test");
  dns.set("_mta-sts.d.test", DnsType::txt,
          {{probe::test::txt_rdata("v=STSv1; id=1;")}, {}, Say::answer, false});
  dns.a("mta-sts.d.test", "127.0.0.1");
  std::size_t poured = 0;
  Ran ran;
  {
    const Server mail([](Peer& peer) { peer.serve(); }, probe::test::make_identity("DNS:mx.test"));
    const Server host(
        [&](Peer& peer) {
          if (!peer.start_tls()) return;
          while (!peer.line().empty()) {
          }
          peer.say("HTTP/1.1 " + row.head + (row.body.starts_with("x: ") ? "\r\n" : "\r\n\r\n"));
          if (!row.body.empty()) pour(peer, row.body);
          poured = peer.written();
        },
        probe::test::make_identity("DNS:mta-sts.d.test"));
    ran = verify_domain(mail, {"--json", "--timeout", "60", "--https-port", std::to_string(host.port())});
  }
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_LT(poured, 20u << 20) << "nobody reads on where the limit is passed";
  const json document = json::parse(ran.out);
  EXPECT_EQ(document["mta_sts"]["reason"], row.reason) << document["mta_sts"];
  EXPECT_EQ(policy_of(document, "mta-sts")["because"], row.reason);
  EXPECT_EQ(document["strongest"], "mta-sts") << "what cannot be fetched is announced all the same";
  EXPECT_EQ(policy_of(document, "rfc9525")["answer"], "accept");
}

INSTANTIATE_TEST_SUITE_P(
    PolicyHosts, HostileSts,
    testing::Values(
        StsRow{"gigabyte_stated", "200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000000000",
               std::string(65536, 'x'), "sts-policy-too-large"},
        StsRow{"gigabyte_to_the_end", "200 OK\r\nContent-Type: text/plain", std::string(65536, 'x'),
               "sts-policy-too-large"},
        StsRow{"gigabyte_in_chunks", "200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked",
               "10000\r\n" + std::string(65536, 'x') + "\r\n", "sts-policy-too-large"},
        StsRow{"empty_lines_without_end", "200 OK\r\nContent-Type: text/plain", repeated("\r\n", 10000),
               "sts-policy-too-large"},
        StsRow{"header_without_end", "200 OK\r\nX: y", repeated("x: y\r\n", 10000), "sts-fetch-failed"},
        StsRow{"gzip", "200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: 3",
               "x", "sts-fetch-failed"},
        StsRow{"chunks_in_gzip", "200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: gzip, chunked",
               "1\r\nx\r\n", "sts-policy-too-large"},
        StsRow{"redirect", "302 Found\r\nLocation: https://mta-sts.d.test/again\r\nContent-Length: 0", "",
               "sts-fetch-status"},
        StsRow{"continue_without_end", "100 Continue", "HTTP/1.1 100 Continue\r\n\r\n", "sts-fetch-status"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(HostileSts, EndlessDripEndsWithTheFetch) {
  one_host("d.test", "mx.test");
  dns.set("_mta-sts.d.test", DnsType::txt,
          {{probe::test::txt_rdata("v=STSv1; id=1;")}, {}, Say::answer, false});
  dns.a("mta-sts.d.test", "127.0.0.1");
  const Server mail([](Peer& peer) { peer.serve(); });
  const Server host(
      [](Peer& peer) {
        if (!peer.start_tls()) return;
        drip(peer, "HTTP/1.1 200 OK\r\n");
      },
      probe::test::make_identity("DNS:mta-sts.d.test"));
  const Ran ran =
      verify_domain(mail, {"--json", "--timeout", "1", "--https-port", std::to_string(host.port())});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(json::parse(ran.out)["mta_sts"]["reason"], "sts-fetch-failed");
}

TEST_F(VerifyTest, NamesThatNoDnsCanHold) {
  for (const std::string& name : {std::string(4096, 'a') + ".test", repeated("a.", 3000) + "test", "a..test"s,
                                  "-"s, "\xff\xfe.test"s, "a\0b.test"s, " "s}) {
    try {
      verify({name, "--json"});
      ADD_FAILURE() << name.substr(0, 40);
    } catch (const InputError& error) {
      EXPECT_LT(std::string_view(error.what()).size(), 1200U);
    }
  }
}

}  // namespace
}  // namespace mxident::harness::cli
