#include "deliver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <thread>

#include "../apply_rows.hpp"
#include "../dns/test_dns.hpp"
#include "test_support.hpp"

namespace mxident::probe {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;
using test::DnsServer;
using test::Peer;
using test::Server;
using Say = DnsServer::Say;

// Mail for d.test, whose hosts all listen on the port of the first server, each on an address of its own.
class DeliverTest : public testing::Test {
 protected:
  DnsServer dns;

  DeliveryReport deliver_to(std::string domain, PolicyId id, std::uint16_t port) {
    DeliveryOptions options;
    options.domain = std::move(domain);
    options.policy = policy(id);
    options.resolver_address = "127.0.0.1";
    options.resolver_port = dns.port();
    options.trust = &test::trust();
    options.time = test::kNow;
    options.port = port;
    options.https_port = https_port;
    options.sender = "a@client.test";
    options.recipient = "b@d.test";
    options.message = "Subject: x\r\n\r\nbody\r\n";
    options.timeout = 10s;
    return run(std::move(options));
  }
  static DeliveryReport run(DeliveryOptions options) {
    boost::asio::io_context context;
    DeliveryReport report;
    int calls = 0;
    start_delivery(context.get_executor(), std::move(options), [&](DeliveryReport result) {
      report = std::move(result);
      ++calls;
    });
    context.run();
    EXPECT_EQ(calls, 1);
    return report;
  }
  void one_host(bool secure = false) {
    dns.mx("d.test", {{10, "mx.test"}}, secure);
    dns.a("mx.test", "127.0.0.1", secure);
  }
  // MTA-STS of d.test: the record, and a policy host that answers with `response`.
  std::unique_ptr<Server> sts(std::string response, const std::string& san = "DNS:mta-sts.d.test") {
    dns.set("_mta-sts.d.test", DnsType::txt, {{test::txt_rdata("v=STSv1; id=1;")}, {}, Say::answer, false});
    dns.a("mta-sts.d.test", "127.0.0.1");
    auto server = std::make_unique<Server>(
        [response = std::move(response)](Peer& peer) {
          if (!peer.start_tls()) return;
          while (!peer.line().empty()) {
          }
          peer.say(response);
        },
        test::make_identity(san));
    https_port = server->port();
    return server;
  }
  std::uint16_t https_port = 1;
};

const std::string kOther = "DNS:other.test";
std::string policy_text(const std::string& mode, const std::string& mx) {
  return "version: STSv1\r\nmode: " + mode + "\r\nmx: " + mx + "\r\nmax_age: 86400\r\n";
}
std::string http(const std::string& body, const std::string& type = "text/plain",
                 const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST_F(DeliverTest, ToTheOneHost) {
  one_host();
  Server server([](Peer& peer) { peer.serve(); });
  const DeliveryReport report = deliver_to("d.test", PolicyId::rfc9525, server.port());
  EXPECT_EQ(report.decision, SessionDecision::accept);
  EXPECT_EQ(report.layers.delivery, LayerState::ok);
  ASSERT_EQ(report.hosts.size(), 1u);
  EXPECT_EQ(report.hosts[0].host, "mx.test");
  EXPECT_EQ(dns.asked(), (std::vector<std::string>{"d.test 15", "mx.test 1", "mx.test 28"}));
}

TEST_F(DeliverTest, NexthopAsksForTheDomain) {
  one_host();
  Server server([](Peer& peer) { peer.serve(); });
  EXPECT_EQ(deliver_to("d.test", PolicyId::nexthop, server.port()).decision, SessionDecision::reject);
  Server right([](Peer& peer) { peer.serve(); }, test::make_identity("DNS:d.test"));
  EXPECT_EQ(deliver_to("d.test", PolicyId::nexthop, right.port()).decision, SessionDecision::accept);
}

TEST_F(DeliverTest, NextHostAfterARefusedCertificate) {
  dns.mx("d.test", {{10, "mx1.test"}, {20, "mx.test"}});
  dns.a("mx1.test", "127.0.0.2");
  dns.a("mx.test", "127.0.0.1");
  Server second([](Peer& peer) { peer.serve(); });
  Server first([](Peer& peer) { peer.serve(); }, test::make_identity(kOther), "127.0.0.2", second.port());
  const DeliveryReport report = deliver_to("d.test", PolicyId::rfc9525, second.port());
  EXPECT_EQ(report.decision, SessionDecision::accept);
  ASSERT_EQ(report.hosts.size(), 2u);
  EXPECT_EQ(report.hosts[0].session.decision, SessionDecision::reject);
  EXPECT_EQ(report.hosts[1].host, "mx.test");
}

TEST_F(DeliverTest, PermanentRefusalEndsIt) {
  dns.mx("d.test", {{10, "mx1.test"}, {20, "mx.test"}});
  dns.a("mx1.test", "127.0.0.2");
  dns.a("mx.test", "127.0.0.1");
  Server second([](Peer& peer) { peer.serve(); });
  Server first(
      [](Peer& peer) {
        peer.say("220 x\r\n");
        peer.line();
        peer.say("250 x\r\n");
        peer.line();
        peer.say("550 no\r\n");
        peer.line();
      },
      Server::default_identity(), "127.0.0.2", second.port());
  const DeliveryReport report = deliver_to("d.test", PolicyId::no_tls, second.port());
  EXPECT_EQ(report.decision, SessionDecision::reject);
  EXPECT_EQ(to_string(report.reason), "mail-refused");
  EXPECT_EQ(second.connections(), 0);
}

TEST_F(DeliverTest, NullMxConnectsToNobody) {
  dns.set("d.test", DnsType::mx, {{"\0\0\0"s}, {}, Say::answer, false});
  dns.a("d.test", "127.0.0.1");
  Server server([](Peer& peer) { peer.serve(); });
  const DeliveryReport report = deliver_to("d.test", PolicyId::opportunistic, server.port());
  EXPECT_EQ(report.decision, SessionDecision::none);
  EXPECT_EQ(to_string(report.reason), "dns-null-mx");
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(DeliverTest, MxLookupFailureIsNoImplicitMx) {
  dns.set("d.test", DnsType::mx, {{}, {}, Say::servfail, false});
  dns.a("d.test", "127.0.0.1");
  Server server([](Peer& peer) { peer.serve(); });
  EXPECT_EQ(deliver_to("d.test", PolicyId::opportunistic, server.port()).decision, SessionDecision::none);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(DeliverTest, OpportunisticGoesOnInClearAfterABrokenHandshake) {
  one_host();
  int connection = 0;
  Server server([&](Peer& peer) {
    if (connection++ > 0) return peer.serve();
    peer.say("220 x\r\n");
    peer.line();
    peer.say("250-x\r\n250 STARTTLS\r\n");
    peer.line();
    peer.say("220 go\r\n");
  });
  const DeliveryReport report = deliver_to("d.test", PolicyId::opportunistic, server.port());
  EXPECT_EQ(report.decision, SessionDecision::plaintext);
  EXPECT_EQ(to_string(report.reason), "plaintext-allowed");
  ASSERT_EQ(report.hosts.size(), 2u);
  EXPECT_EQ(report.hosts[0].session.decision, SessionDecision::reject);
}

TEST_F(DeliverTest, EncryptDoesNot) {
  one_host();
  Server server([](Peer& peer) {
    peer.say("220 x\r\n");
    peer.line();
    peer.say("250-x\r\n250 STARTTLS\r\n");
    peer.line();
    peer.say("220 go\r\n");
  });
  const DeliveryReport report = deliver_to("d.test", PolicyId::encrypt, server.port());
  EXPECT_EQ(report.decision, SessionDecision::reject);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(DeliverTest, AddressLiteral) {
  Server server([](Peer& peer) { peer.serve(); }, test::make_identity("IP:127.0.0.1"));
  const DeliveryReport report = deliver_to("[127.0.0.1]", PolicyId::nexthop, server.port());
  EXPECT_EQ(report.decision, SessionDecision::accept);
  EXPECT_EQ(to_string(report.reason), "match-exact");
  EXPECT_TRUE(dns.asked().empty());
  EXPECT_THAT(report.hosts.front().session.transcript, testing::Contains("* TLS without SNI"));
}

TEST_F(DeliverTest, ReferenceThatCannotBeOneConnectsToNobody) {
  dns.mx("d.test", {{10, "mailhost"}});
  dns.a("mailhost", "127.0.0.1");
  Server server([](Peer& peer) { peer.serve(); });
  const DeliveryReport report = deliver_to("d.test", PolicyId::rfc9525, server.port());
  EXPECT_EQ(report.decision, SessionDecision::none);
  EXPECT_EQ(to_string(report.reason), "reference-single-label");
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(DeliverTest, DaneWithoutRecordsIsOpportunistic) {
  one_host(true);
  dns.set("_25._tcp.mx.test", DnsType::tlsa, {{}, {}, Say::answer, true});
  Server server([](Peer& peer) { peer.serve(); }, test::make_identity(kOther));
  const DeliveryReport report = deliver_to("d.test", PolicyId::dane, server.port());
  EXPECT_EQ(report.decision, SessionDecision::accept);
  EXPECT_EQ(report.hosts.at(0).applied, PolicyId::opportunistic);
}

class DaneTest : public DeliverTest {
 protected:
  // TLSA records stand under the port that is connected to (RFC 7672 2.2.3).
  void publish(const Server& server, std::string rdata, Say say = Say::answer) {
    dns.set("_" + std::to_string(server.port()) + "._tcp.mx.test", DnsType::tlsa,
            {{std::move(rdata)}, {}, say, true});
  }
};

TEST_F(DaneTest, EeRecordDecidesWhateverTheName) {
  one_host(true);
  const test::Identity identity = test::make_identity(kOther);
  Server server([](Peer& peer) { peer.serve(); }, identity);
  publish(server, "\x03\x00\x00"s + identity.leaf_der());
  const DeliveryReport report = deliver_to("d.test", PolicyId::dane, server.port());
  EXPECT_EQ(report.decision, SessionDecision::accept);
  EXPECT_EQ(to_string(report.reason), "dane-ee-match");
  publish(server, "\x03\x01\x01"s + std::string(32, 'x'));
  const DeliveryReport refused = deliver_to("d.test", PolicyId::dane, server.port());
  EXPECT_EQ(refused.decision, SessionDecision::reject);
  EXPECT_EQ(to_string(refused.reason), "dane-no-match");
}

TEST_F(DaneTest, TaRecordNeedsTheNameAndTheNextHopIsOne) {
  one_host(true);
  const test::Identity identity = test::make_identity("DNS:d.test");
  Server server([](Peer& peer) { peer.serve(); }, identity);
  publish(server, "\x02\x00\x00"s + identity.root_der());
  EXPECT_EQ(to_string(deliver_to("d.test", PolicyId::dane, server.port()).reason), "dane-ta-match");
  dns.mx("d.test", {{10, "mx.test"}},
         false);  // an insecure MX leaves only the host's own name (RFC 7672 3.2.2)
  EXPECT_EQ(deliver_to("d.test", PolicyId::dane, server.port()).decision, SessionDecision::reject);
}

TEST_F(DaneTest, UnusableRecordsAskForTlsAlone) {
  one_host(true);
  Server server([](Peer& peer) { peer.serve({"SIZE"}); });
  publish(server, "\x01\x01\x01"s + std::string(32, 'x'));
  const DeliveryReport report = deliver_to("d.test", PolicyId::dane, server.port());
  EXPECT_EQ(report.decision, SessionDecision::reject);
  EXPECT_EQ(report.hosts.at(0).applied, PolicyId::encrypt);
}

TEST_F(DaneTest, LookupErrorMakesTheHostUnreachable) {
  one_host(true);
  Server server([](Peer& peer) { peer.serve(); });
  publish(server, {}, Say::servfail);
  const DeliveryReport report = deliver_to("d.test", PolicyId::dane, server.port());
  EXPECT_EQ(report.decision, SessionDecision::none);
  EXPECT_EQ(server.connections(), 0);
}

// Many deliveries share one context, one trust store and a few threads.
TEST_F(DeliverTest, ManyAtOnceOnSeveralThreads) {
  one_host();
  Server server([](Peer& peer) { peer.serve(); });
  boost::asio::io_context context;
  std::atomic<int> accepted{0};
  constexpr int kDeliveries = 40;
  for (int i = 0; i < kDeliveries; ++i) {
    DeliveryOptions options;
    options.domain = "d.test";
    options.policy = policy(PolicyId::rfc9525);
    options.resolver_address = "127.0.0.1";
    options.resolver_port = dns.port();
    options.trust = &test::trust();
    options.time = test::kNow;
    options.port = server.port();
    options.recipient = "b@d.test";
    start_delivery(context.get_executor(), std::move(options), [&](DeliveryReport report) {
      if (report.decision == SessionDecision::accept && report.layers.delivery == LayerState::ok) ++accepted;
    });
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&] { context.run(); });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(accepted, kDeliveries);
}

// Whoever stops the context stops the deliveries in it, wherever they are; `done` is then never called.
TEST_F(DeliverTest, ContextMayEndInTheMiddle) {
  one_host();
  Server server([](Peer& peer) {
    peer.say("220 x\r\n");
    peer.line();
    peer.line();
  });
  bool called = false;
  {
    boost::asio::io_context context;
    for (const char* domain : {"d.test", "silent.test"}) {
      dns.set("silent.test", DnsType::mx, {{}, {}, Say::nothing, false});
      DeliveryOptions options;
      options.domain = domain;
      options.policy = policy(PolicyId::rfc9525);
      options.resolver_address = "127.0.0.1";
      options.resolver_port = dns.port();
      options.port = server.port();
      options.recipient = "b@d.test";
      start_delivery(context.get_executor(), std::move(options),
                     [&](const DeliveryReport&) { called = true; });
    }
    while (server.connections() == 0) context.run_one_for(std::chrono::milliseconds(100));
    context.run_for(std::chrono::milliseconds(50));
  }
  EXPECT_FALSE(called);
}

struct StsRow {
  const char* name;
  std::string response, san, certificate;
  SessionDecision decision;
  PolicyId applied;
  std::string_view sts_reason;
};
void PrintTo(const StsRow& row, std::ostream* out) {
  *out << row.name;
}

class StsTest : public DeliverTest, public testing::WithParamInterface<StsRow> {};

TEST_P(StsTest, Delivery) {
  const StsRow& row = GetParam();
  one_host();
  const auto host = sts(row.response, row.san);
  Server server([](Peer& peer) { peer.serve(); }, test::make_identity(row.certificate));
  const DeliveryReport report = deliver_to("d.test", PolicyId::mta_sts, server.port());
  EXPECT_EQ(to_string(report.sts.reason), row.sts_reason) << report.sts.error;
  EXPECT_EQ(report.decision, row.decision) << report.error;
  ASSERT_EQ(report.hosts.size(), 1u);
  EXPECT_EQ(report.hosts[0].applied, row.applied);
}

constexpr auto kAccept = SessionDecision::accept;
constexpr auto kReject = SessionDecision::reject;
const std::string kHost = "DNS:mta-sts.d.test", kMx = "DNS:mx.test";
const std::string kEnforce = policy_text("enforce", "mx.test");
INSTANTIATE_TEST_SUITE_P(
    Rfc8461, StsTest,
    testing::Values(
        StsRow{"enforce_right", http(kEnforce), kHost, kMx, kAccept, PolicyId::mta_sts, "sts-ok"},
        StsRow{"enforce_wrong_name", http(kEnforce), kHost, kOther, kReject, PolicyId::mta_sts, "sts-ok"},
        StsRow{"testing_wrong_name", http(policy_text("testing", "mx.test")), kHost, kOther, kAccept,
               PolicyId::opportunistic, "sts-ok"},
        StsRow{"none_wrong_name", http(policy_text("none", "mx.test")), kHost, kOther, kAccept,
               PolicyId::opportunistic, "sts-ok"},
        StsRow{"not_listed", http(policy_text("enforce", "*.other.test")), kHost, kMx, kReject,
               PolicyId::mta_sts, "sts-ok"},
        StsRow{"host_certificate_of_another", http(kEnforce), "DNS:d.test", kOther, kAccept,
               PolicyId::opportunistic, "sts-fetch-certificate"},
        StsRow{"redirect",
               "HTTP/1.1 301 Moved\r\nLocation: https://mta-sts.d.test/x\r\nContent-Length: 0\r\n\r\n", kHost,
               kOther, kAccept, PolicyId::opportunistic, "sts-fetch-status"},
        StsRow{"status_404", http("no", "text/plain", "404 Not Found"), kHost, kOther, kAccept,
               PolicyId::opportunistic, "sts-fetch-status"},
        StsRow{"html", http(kEnforce, "text/html"), kHost, kOther, kAccept, PolicyId::opportunistic,
               "sts-fetch-media-type"},
        StsRow{"charset_is_fine", http(kEnforce, "Text/Plain ; charset=utf-8"), kHost, kMx, kAccept,
               PolicyId::mta_sts, "sts-ok"},
        StsRow{"declared_too_large",
               "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000000000\r\n\r\nx", kHost,
               kOther, kAccept, PolicyId::opportunistic, "sts-policy-too-large"},
        StsRow{"chunks_without_end",
               "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n" +
                   [] {
                     std::string out;
                     for (int i = 0; i < 100; ++i) out += "400\r\n" + std::string(1024, 'x') + "\r\n";
                     return out;
                   }(),
               kHost, kOther, kAccept, PolicyId::opportunistic, "sts-policy-too-large"},
        StsRow{"cut_short",
               "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 500\r\n\r\n" + kEnforce, kHost,
               kOther, kAccept, PolicyId::opportunistic, "sts-fetch-failed"},
        StsRow{"ends_with_close_notify", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + kEnforce,
               kHost, kMx, kAccept, PolicyId::mta_sts, "sts-ok"},
        StsRow{"no_http", "220 mx.test\r\n\r\n", kHost, kOther, kAccept, PolicyId::opportunistic,
               "sts-fetch-failed"},
        StsRow{"compressed",
               "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: "
               "1\r\n\r\nx",
               kHost, kOther, kAccept, PolicyId::opportunistic, "sts-fetch-failed"}),
    [](const auto& row) { return std::string(row.param.name); });

// The rows of policies that are applied, as deliveries.
class AppliedRow : public DeliverTest, public testing::WithParamInterface<mxident::test::ApplyRow> {
 protected:
  void publish(const std::string& port, const test::Identity& identity) {
    using mxident::test::RowTlsa;
    const std::string name = "_" + port + "._tcp.mx.test", digest(32, 'x');
    switch (GetParam().tlsa) {
      case RowTlsa::none:
        return dns.set(name, DnsType::tlsa, {{}, {}, Say::answer, true});
      case RowTlsa::failed:
        return dns.set(name, DnsType::tlsa, {{}, {}, Say::servfail, true});
      case RowTlsa::unusable:
        return dns.set(name, DnsType::tlsa, {{"\x01\x01\x01"s + digest}, {}, Say::answer, true});
      case RowTlsa::other:
        return dns.set(name, DnsType::tlsa, {{"\x03\x01\x01"s + digest}, {}, Say::answer, true});
      case RowTlsa::leaf:
        return dns.set(name, DnsType::tlsa, {{"\x03\x00\x00"s + identity.leaf_der()}, {}, Say::answer, true});
      case RowTlsa::root:
        return dns.set(name, DnsType::tlsa, {{"\x02\x00\x00"s + identity.root_der()}, {}, Say::answer, true});
    }
  }
};

TEST_P(AppliedRow, ByDelivery) {
  using namespace mxident::test;
  const ApplyRow& row = GetParam();
  dns.mx("d.test", {{10, "mx.test"}}, row.mx == RowMx::secure);
  dns.a("mx.test", "127.0.0.1", true);
  const test::Identity identity = test::make_identity("DNS:" + std::string(row.san));
  std::string sni;
  DeliveryReport report;
  std::unique_ptr<Server> policy_host;
  if (row.sts != RowSts::none) {
    const std::string mode = row.sts == RowSts::enforce   ? "enforce"
                             : row.sts == RowSts::testing ? "testing"
                                                          : "none";
    policy_host = sts(http(policy_text(mode, std::string(row.lists))));
  }
  {
    Server server(
        [&](Peer& peer) {
          peer.serve(row.tls == RowTls::offered ? std::vector<std::string>{"STARTTLS"}
                                                : std::vector<std::string>{"SIZE"});
          if (!peer.sni().empty()) sni = peer.sni();
        },
        identity);
    publish(std::to_string(server.port()), identity);
    report = deliver_to("d.test", row.asked, server.port());
  }
  constexpr std::array<std::string_view, 4> kWords{"accept", "reject", "plaintext", "none"};
  EXPECT_EQ(kWords[static_cast<std::size_t>(report.decision)], row.decision) << report.error;
  ASSERT_EQ(report.hosts.size(), 1u);
  const bool reports_only = row.sts == RowSts::testing;
  EXPECT_EQ(to_string(report.hosts[0].applied),
            to_string(reports_only ? PolicyId::opportunistic : row.holds));
  if (!reports_only) {
    EXPECT_EQ(to_string(report.reason), row.reason) << "a sender in testing mode checks nothing";
  }
  if (row.decision != "none" && row.tls == RowTls::offered) {
    EXPECT_EQ(sni, row.sni);
  }
}
INSTANTIATE_TEST_SUITE_P(Rows, AppliedRow, testing::ValuesIn(mxident::test::apply_rows()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(DeliverTest, NoStsRecordNoFetch) {
  one_host();
  Server server([](Peer& peer) { peer.serve(); }, test::make_identity(kOther));
  const DeliveryReport report = deliver_to("d.test", PolicyId::mta_sts, server.port());
  EXPECT_EQ(to_string(report.sts.reason), "sts-none");
  EXPECT_EQ(report.decision, SessionDecision::accept);
}

}  // namespace
}  // namespace mxident::probe
