// Worlds as wholes: many clients, their end, addresses, the name servers and policy hosts behind the sockets.
#include "mocks/world.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "mocks/test_client.hpp"

namespace mxident::mocks {
namespace {

using test::Bench;
using test::Client;
using test::events;
using test::texts;
using test::wait_idle;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kHost = "mx.x.test";

TEST(World, TwoHundredSessionsAtOnce) {
  Bench bench(2);
  bench.open({bench.server(kHost)});
  const auto port = bench.world->port(kHost);
  constexpr int kThreads = 8;
  constexpr int kEach = 25;
  std::atomic<int> delivered{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      std::vector<std::unique_ptr<Client>> clients;
      for (int n = 0; n < kEach; ++n) clients.push_back(std::make_unique<Client>(port));
      for (auto& client : clients) {
        if (client->secure({.sni = kHost}) && client->deliver()) ++delivered;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(delivered, kThreads * kEach);
  EXPECT_TRUE(wait_idle(*bench.world));
  EXPECT_EQ(bench.world->open_connections(), 0U);
  const auto all = bench.world->transcript().events();
  EXPECT_EQ(all.size(), Transcript::kMaxEvents);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](auto& a, auto& b) { return a.at_us < b.at_us; }));
}

TEST(World, EndsWhileSessionsAreOpen) {
  Bench bench(2);
  for (int round = 0; round < 20; ++round) {
    bench.block = static_cast<std::uint32_t>(258 + round);
    auto server = bench.server(kHost);
    server.replies["NOOP"] = {.text = "250 late", .delay = std::chrono::milliseconds(5000)};
    bench.open({server});
    const auto port = bench.world->port(kHost);
    Client fresh(port), clear(port), waiting(port), secured(port), hurried(port);
    EXPECT_THAT(clear.reply(), testing::StartsWith("220"));
    waiting.reply();
    waiting.send("NOOP\r\n");
    EXPECT_TRUE(secured.secure());
    hurried.send("EHLO a\r\nSTARTTLS\r\n");
    bench.world.reset();
    EXPECT_EQ(secured.reply(), "");
    EXPECT_EQ(waiting.reply(), "");
  }
}

TEST(World, NothingIsRecordedAfterItsEnd) {
  Bench bench;
  bench.open({bench.server(kHost)});
  Client client(bench.world->port(kHost));
  client.reply();
  std::atomic<bool> called{false};
  bench.world->when_idle([&] { called = true; });
  bench.world.reset();
  EXPECT_EQ(client.reply(), "");
  bench.open({bench.server(kHost)});
  EXPECT_TRUE(wait_idle(*bench.world));
  EXPECT_THAT(bench.world->transcript().events(), IsEmpty());
  EXPECT_FALSE(called);
}

TEST(World, IdleOnlyWhenThoseWhoWaitToBeAcceptedAreGone) {
  Bench bench;
  bench.open({bench.server(kHost)});
  for (int i = 0; i < 50; ++i) {
    { const Client client(bench.world->port(kHost)); }
    ASSERT_TRUE(wait_idle(*bench.world));
    ASSERT_EQ(events(*bench.world, EventKind::closed).size(), static_cast<std::size_t>(i + 1));
  }
}

TEST(World, OpenConnectionsAreCounted) {
  Bench bench;
  bench.open({bench.server(kHost)});
  {
    Client one(bench.world->port(kHost));
    Client two(bench.world->port(kHost));
    one.reply();
    two.reply();
    EXPECT_EQ(bench.world->open_connections(), 2U);
  }
  EXPECT_TRUE(wait_idle(*bench.world));
  EXPECT_EQ(bench.world->open_connections(), 0U);
}

TEST(World, ServersAndWorldsAreKeptApart) {
  Bench bench(2);
  bench.open({bench.server("mx1.x.test"), bench.server("mx2.x.test")});
  auto first = std::move(bench.world);
  bench.block = 259;
  bench.open({bench.server("mx3.x.test")});
  EXPECT_THAT(Client(first->port("mx1.x.test")).reply(), HasSubstr("mx1.x.test"));
  EXPECT_THAT(Client(first->port("mx2.x.test")).reply(), HasSubstr("mx2.x.test"));
  EXPECT_THAT(Client(bench.world->port("mx3.x.test")).reply(), HasSubstr("mx3.x.test"));
  EXPECT_TRUE(wait_idle(*first));
  EXPECT_EQ(events(*first, EventKind::connected).size(), 2U);
  EXPECT_EQ(events(*first, EventKind::connected)[1].host, "mx2.x.test");
  EXPECT_EQ(first->port("mx3.x.test"), 0);
  EXPECT_THAT(first->addresses("mx3.x.test"), IsEmpty());
}

TEST(World, BlockInUse) {
  Bench bench;
  bench.open({bench.server(kHost)});
  EXPECT_THROW(bench.internet.open(bench.spec, bench.block), WorldError);
  bench.world.reset();
  EXPECT_NO_THROW(bench.open({bench.server(kHost)}));
}

/// A query for mx.x.test. with the type's number.
std::string dns_query(char type) {
  return std::string("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x02mx\x01x\x04test\x00\x00", 24) +
         type + std::string("\x00\x01", 2);
}

int connected_socket(int kind, std::uint16_t port) {
  const int fd = ::socket(AF_INET, kind, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  const timeval patience{10, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  return fd;
}

TEST(World, NameServersAnswerOverUdpAndTcp) {
  Bench bench;
  bench.open({bench.server(kHost)});
  const std::string query = dns_query(1);
  std::array<char, 600> reply{};
  for (const auto port : {bench.world->resolver_port(), bench.world->authority_port()}) {
    const int udp = connected_socket(SOCK_DGRAM, port);
    ::send(udp, query.data(), query.size(), 0);
    EXPECT_GT(::recv(udp, reply.data(), reply.size(), 0), 24);
    EXPECT_EQ(std::string(reply.data(), 2), "\x12\x34");
    ::close(udp);
  }
  // Two queries over one connection, the second in pieces.
  const int tcp = connected_socket(SOCK_STREAM, bench.world->resolver_port());
  const std::string message = std::string{0, static_cast<char>(query.size())} + query;
  const std::string both = message + message;
  ::send(tcp, both.data(), message.size() + 1, 0);
  const auto read_reply = [&] {
    std::array<unsigned char, 2> length{};
    EXPECT_EQ(::recv(tcp, length.data(), 2, MSG_WAITALL), 2);
    const ssize_t size = length[0] * 256 + length[1];
    EXPECT_EQ(::recv(tcp, reply.data(), static_cast<std::size_t>(size), MSG_WAITALL), size);
    return std::string(reply.data(), 2);
  };
  EXPECT_EQ(read_reply(), "\x12\x34");
  ::send(tcp, both.data() + message.size() + 1, message.size() - 1, 0);
  EXPECT_EQ(read_reply(), "\x12\x34");
  ::close(tcp);
  const auto queries = events(*bench.world, EventKind::dns_query);
  ASSERT_EQ(queries.size(), 4U);
  EXPECT_EQ(queries[0].text, "mx.x.test. A NOERROR");
  EXPECT_EQ(queries[0].host, "dns");
  EXPECT_EQ(queries[1].host, "authority");
  EXPECT_EQ(queries[0].connection, 0U);
  EXPECT_NE(queries[3].connection, 0U);
  EXPECT_EQ(bench.world->open_connections(), 0U);
}

TEST(World, PolicyHostSpeaksHttpUnderTls) {
  Bench bench;
  const auto server = bench.server(kHost);
  bench.add_certificate("sts", test::request_for("mta-sts.x.test"));
  StsSpec sts;
  sts.domain = "x.test";
  sts.policy = "version: STSv1\r\nmode: enforce\r\nmx: mx.x.test\r\nmax_age: 86400\r\n";
  sts.certificate = "sts";
  bench.spec.sts = {sts};
  bench.open({server});
  EXPECT_THAT(bench.world->addresses("mta-sts.x.test"), ElementsAre("127.0.0.1"));
  Client client(bench.world->port("mta-sts.x.test"));
  ASSERT_TRUE(client.start_tls({.sni = "mta-sts.x.test"}));
  client.send("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.x.test\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.rest(), HasSubstr("mode: enforce"));
  EXPECT_TRUE(client.close_notify_received());
  const auto requests = events(*bench.world, EventKind::https_request);
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].host, "mta-sts");
  EXPECT_THAT(requests[0].text, HasSubstr("/.well-known/mta-sts.txt"));
  EXPECT_TRUE(requests[0].encrypted);
}

TEST(World, FaultsOfASpecAreNamed) {
  Bench bench;
  auto server = bench.server(kHost);
  server.certificates_by_sni["a.test"] = "absent";
  EXPECT_THROW(bench.open({server}), WorldError);
  EXPECT_THROW(bench.open({bench.server(kHost), bench.server("MX.x.test")}), WorldError);
  bench.block = 0;
  EXPECT_THROW(bench.open({bench.server(kHost)}), WorldError);
}

}  // namespace
}  // namespace mxident::mocks
