// True ports on the wildcard address, in a network namespace of the test's own; skipped where there may be
// none.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>

#include "mocks/net/unique_fd.hpp"
#include "mocks/test_client.hpp"

namespace mxident::mocks {
namespace {

using test::Client;
using test::events;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::uint16_t kSmtp = 25;
constexpr std::uint16_t kSubmission = 587;
constexpr std::uint32_t kBlock = 258;  // 127.1.2.0/24

bool bring_up_loopback() {
  const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  if (::ioctl(fd.get(), SIOCSIFFLAGS, &request) != 0) return false;
  std::strcpy(request.ifr_name, "lo:1");
  sockaddr_in pinned{};
  pinned.sin_family = AF_INET;
  ::inet_pton(AF_INET, "192.0.2.7", &pinned.sin_addr);
  std::memcpy(&request.ifr_addr, &pinned, sizeof(pinned));
  return ::ioctl(fd.get(), SIOCSIFADDR, &request) == 0;
}

bool add_ipv6(const char* text) {
  const UniqueFd fd(::socket(AF_INET6, SOCK_DGRAM, 0));
  in6_ifreq request{};
  ::inet_pton(AF_INET6, text, &request.ifr6_addr);
  request.ifr6_prefixlen = 128;
  request.ifr6_ifindex = 1;
  return fd && ::ioctl(fd.get(), SIOCSIFADDR, &request) == 0;
}

class NamespacedTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ready_ = ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 && bring_up_loopback();
    ipv6_ = ready_ && add_ipv6("fd6d:7864:1:2::1") && add_ipv6("fd6d:7864:1:2::53");
  }
  void SetUp() override {
    if (!ready_) GTEST_SKIP() << "no network namespace of our own";
    internet_ = std::make_unique<Internet>(Placement::namespaced, 2);
  }

  static WorldSpec spec(const std::string& host, std::vector<ServerAddress> addresses = {}) {
    WorldSpec out;
    SmtpServerSpec server;
    server.host = server.banner = server.ehlo = host;
    server.addresses = std::move(addresses);
    out.servers = {server};
    return out;
  }

  inline static bool ready_ = false;
  inline static bool ipv6_ = false;
  std::unique_ptr<Internet> internet_;
};

TEST_F(NamespacedTest, OneListenerFindsTheWorldByItsAddress) {
  const auto first = internet_->open(spec("mx1.x.test"), kBlock);
  const auto second = internet_->open(spec("mx2.x.test"), kBlock + 1);
  EXPECT_THAT(first->addresses("mx1.x.test"), ElementsAre("127.1.2.1"));
  EXPECT_EQ(first->port("mx1.x.test"), kSmtp);
  EXPECT_THAT(Client(kSmtp, "127.1.2.1").reply(), HasSubstr("mx1.x.test"));
  EXPECT_THAT(Client(kSmtp, "127.1.3.1").reply(), HasSubstr("mx2.x.test"));
  EXPECT_TRUE(test::wait_idle(*first));
  EXPECT_EQ(events(*first, EventKind::connected).size(), 1U);
  EXPECT_EQ(events(*first, EventKind::connected).front().address, "127.1.2.1");
}

TEST_F(NamespacedTest, NobodyIsMetAtOtherAddressesAndPorts) {
  auto wide = spec("mx1.x.test");
  wide.servers[0].ports = {kSmtp, kSubmission};
  const auto first = internet_->open(wide, kBlock);
  const auto second = internet_->open(spec("mx2.x.test"), kBlock + 1);
  EXPECT_THAT(Client(kSubmission, "127.1.2.1").reply(), HasSubstr("mx1.x.test"));
  EXPECT_EQ(Client(kSubmission, "127.1.3.1").reply(), "");
  EXPECT_EQ(Client(kSmtp, "127.1.4.1").reply(), "");
  EXPECT_THAT(second->transcript().events(), IsEmpty());
}

TEST_F(NamespacedTest, PinnedAddressesBelongToOneWorld) {
  const auto pinned = spec("mx1.x.test", {{.text = "192.0.2.7"}});
  auto world = internet_->open(pinned, kBlock);
  EXPECT_THAT(Client(kSmtp, "192.0.2.7").reply(), HasSubstr("mx1.x.test"));
  EXPECT_FALSE(internet_->pinned_free(pinned));
  EXPECT_TRUE(internet_->pinned_free(spec("mx1.x.test", {{.text = "192.0.2.8"}})));
  try {
    internet_->open(spec("mx2.x.test", {{.text = "192.0.2.7"}}), kBlock + 1);
    FAIL() << "opened";
  } catch (const WorldError& error) {
    EXPECT_STREQ(error.what(), "address 192.0.2.7 of mx2.x.test is held by mx1.x.test in block 258");
  }
  world.reset();
  EXPECT_TRUE(internet_->pinned_free(pinned));
  EXPECT_NO_THROW(internet_->open(spec("mx2.x.test", {{.text = "192.0.2.7"}}), kBlock + 1));
}

std::string ask_udp(const std::string& address) {
  const bool ipv6 = address.find(':') != std::string::npos;
  const UniqueFd fd(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0));
  sockaddr_storage to{};
  sockaddr_in in{};
  sockaddr_in6 in6{};
  constexpr std::uint16_t kDns = 53;
  in.sin_family = AF_INET;
  in6.sin6_family = AF_INET6;
  in.sin_port = in6.sin6_port = htons(kDns);
  ::inet_pton(AF_INET, address.c_str(), &in.sin_addr);
  ::inet_pton(AF_INET6, address.c_str(), &in6.sin6_addr);
  const socklen_t size = ipv6 ? sizeof(in6) : sizeof(in);
  std::memcpy(&to, ipv6 ? static_cast<void*>(&in6) : &in, size);
  // Connected: an answer from another address would not be received.
  ::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), size);
  const timeval patience{60, 0};  // a busy machine
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  const std::string query(
      "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03mx1\x01x\x04test\x00\x00\x01\x00\x01", 28);
  ::send(fd.get(), query.data(), query.size(), 0);
  std::array<char, 600> reply{};
  const ssize_t got = ::recv(fd.get(), reply.data(), reply.size(), 0);
  return {reply.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

TEST_F(NamespacedTest, NameServersAnswerFromTheAddressThatWasAsked) {
  const auto world = internet_->open(spec("mx1.x.test"), kBlock);
  EXPECT_EQ(world->resolver_address(), "127.1.2.53");
  EXPECT_EQ(world->authority_address(), "127.1.2.54");
  EXPECT_THAT(ask_udp("127.1.2.53"), HasSubstr(std::string("\x7f\x01\x02\x01", 4)));
  EXPECT_THAT(ask_udp("127.1.2.54"), HasSubstr(std::string("\x12\x34", 2)));
  if (ipv6_) {
    EXPECT_THAT(ask_udp("fd6d:7864:1:2::53"), HasSubstr(std::string("\x7f\x01\x02\x01", 4)));
  }
  EXPECT_GE(events(*world, EventKind::dns_query).size(), 2U);
}

TEST_F(NamespacedTest, ADirectoryFindsTheWorldByTheNameThatIsAskedFor) {
  const auto first = internet_->open(spec("mx1.x.test"), kBlock);
  const auto second = internet_->open(spec("mx1.y.test"), kBlock + 1);
  const auto directory = internet_->open_directory(1);
  const auto ask = [&] { return ask_udp(directory->address()); };  // for mx1.x.test
  const std::string nxdomain("\x12\x34\x81\x83", 4);
  EXPECT_THAT(ask(), StartsWith(nxdomain));
  // With its question: glibc waits on where a reply has none.
  EXPECT_THAT(ask(), EndsWith(std::string("\0\1\0\0\0\0\0\0\3mx1\1x\4test\0\0\1\0\1", 24)));
  EXPECT_TRUE(directory->add(*second, {"y.test", "test"}));
  EXPECT_THAT(ask(), StartsWith(std::string("\x12\x34\x81", 3)));
  EXPECT_EQ(events(*second, EventKind::dns_query).size(), 1U);
  EXPECT_TRUE(directory->add(*first, {"x.test"}));  // the longest name counts
  EXPECT_THAT(ask(), HasSubstr(std::string("\x7f\x01\x02\x01", 4)));
  EXPECT_EQ(events(*first, EventKind::dns_query).size(), 1U);
  EXPECT_EQ(events(*first, EventKind::dns_query).front().role, Role::name_server);
  EXPECT_EQ(events(*second, EventKind::dns_query).size(), 1U);
  EXPECT_FALSE(directory->add(*second, {"z.test", "X.test"}));
  directory->remove(*first);
  directory->remove(*second);
  EXPECT_THAT(ask(), StartsWith(nxdomain));
  EXPECT_THROW(internet_->open_directory(1), WorldError);
}

TEST_F(NamespacedTest, Ipv6HasAListenerOfItsOwn) {
  if (!ipv6_) GTEST_SKIP() << "no IPv6";
  const auto world = internet_->open(spec("mx1.x.test", {{.ipv6 = true}}), kBlock);
  const UniqueFd fd(::socket(AF_INET6, SOCK_STREAM, 0));
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(kSmtp);
  ::inet_pton(AF_INET6, world->addresses("mx1.x.test").front().c_str(), &to.sin6_addr);
  ASSERT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  std::array<char, 100> reply{};
  EXPECT_GT(::recv(fd.get(), reply.data(), reply.size(), 0), 3);
  EXPECT_THAT(std::string(reply.data()), HasSubstr("mx1.x.test"));
}

}  // namespace
}  // namespace mxident::mocks
