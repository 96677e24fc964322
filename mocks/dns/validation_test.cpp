// What a validating library finds in a signed world: libunbound, once behind the resolver and once on its own
// from the root, and the resolver's own word. In a network namespace of its own, because a resolver library
// asks the root servers of the true internet as soon as anything is set wrong.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unbound.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "mocks/dns/test_messages.hpp"
#include "mocks/world_parts.hpp"

namespace mxident::mocks::dns {
namespace {

const std::string kNetwork = "127.0.0.";
constexpr std::int64_t kClock = 1700000000;  // 2023-11-14T22:13:20Z

DnsSpec signed_world() {
  DnsSpec spec;
  spec.zones = {{"secure.test.", ZoneState::secure},         {"sub.secure.test.", ZoneState::secure},
                {"plain.secure.test.", ZoneState::insecure}, {"insecure.test.", ZoneState::insecure},
                {"bogus.test.", ZoneState::bogus},           {"expired.test.", ZoneState::expired}};
  for (const char* zone :
       {"secure", "insecure", "bogus", "expired", "sub.secure", "plain.secure", "unstated"}) {
    const std::string apex = std::string(zone) + ".test.";
    for (const std::string& line : std::vector<std::string>{
             apex + " MX 10 MX." + apex, "mx." + apex + " A 192.0.2.1",
             "_25._tcp.mx." + apex + " TLSA 3 1 1 00ff", "*.wild." + apex + " A 192.0.2.2",
             "a.empty." + apex + " A 192.0.2.3", "alias." + apex + " CNAME mx." + apex}) {
      spec.lines.push_back(line);
    }
  }
  for (const char* line :
       {"toinsecure.secure.test. CNAME mx.insecure.test.", "tobogus.secure.test. CNAME mx.bogus.test.",
        "tonowhere.secure.test. CNAME no.secure.test.", "fromplain.insecure.test. CNAME mx.secure.test.",
        "towild.secure.test. CNAME q.wild.secure.test.", "fails.secure.test. SERVFAIL",
        "gone.secure.test. NXDOMAIN", "cut.secure.test. TRUNCATE", "cut.secure.test. A 192.0.2.4",
        "host.other.example. A 192.0.2.5", "types.secure.test. TYPE65280 \\# 2 abcd",
        "_x._tcp.secure.test. SRV 0 0 25 MX.Secure.Test."}) {
    spec.lines.emplace_back(line);
  }
  for (int i = 0; i < 80; ++i)
    spec.lines.push_back("many.secure.test. MX 1 host" + std::to_string(i) + ".secure.test.");
  return spec;
}

std::unique_ptr<DnsService> make_world() {
  DnsContext context;
  context.authority_address = "127.0.0.54";
  context.clock = kClock;
  return DnsService::make(signed_world(), context);
}

const DnsService& world() {
  static const std::unique_ptr<DnsService> kWorld = make_world();
  return *kWorld;
}

/// Serves a world's two roles on port 53 of two loopback addresses until it ends.
class Servers {
 public:
  Servers(const DnsService& service, const std::string& network) : service_(service) {
    for (const auto& [host, role] : {std::pair{"53", DnsRole::resolver}, {"54", DnsRole::authority}}) {
      const std::string address = network + host;
      for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
        const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_port = htons(53);
        inet_pton(AF_INET, address.c_str(), &name.sin_addr);
        const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0 &&
                           (type == SOCK_DGRAM || listen(fd, 64) == 0);
        good_ = good_ && bound;
        sockets_.push_back({fd, type == SOCK_DGRAM ? Transport::udp : Transport::tcp, role});
      }
    }
    if (good_) thread_ = std::thread([this] { serve(); });
  }
  ~Servers() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    for (const auto& socket : sockets_) close(socket.fd);
  }
  Servers(const Servers&) = delete;
  Servers& operator=(const Servers&) = delete;
  bool good() const { return good_; }

 private:
  struct Socket {
    int fd;
    Transport transport;
    DnsRole role;
  };

  void serve() {
    std::vector<pollfd> waiting;
    for (const auto& socket : sockets_) waiting.push_back({socket.fd, POLLIN, 0});
    while (!stop_) {
      if (poll(waiting.data(), waiting.size(), 20) <= 0) continue;
      for (std::size_t i = 0; i < waiting.size(); ++i) {
        if ((waiting[i].revents & POLLIN) == 0) continue;
        if (sockets_[i].transport == Transport::udp) {
          answer_datagram(sockets_[i]);
        } else {
          answer_connection(sockets_[i]);
        }
      }
    }
  }

  void answer_datagram(const Socket& socket) {
    std::array<std::uint8_t, 65536> octets{};
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    const ssize_t size =
        recvfrom(socket.fd, octets.data(), octets.size(), 0, reinterpret_cast<sockaddr*>(&peer), &length);
    if (size < 0) return;
    const auto reply =
        service_.answer({octets.data(), static_cast<std::size_t>(size)}, Transport::udp, socket.role);
    if (!reply.octets) return;
    sendto(socket.fd, reply.octets->data(), reply.octets->size(), 0, reinterpret_cast<sockaddr*>(&peer),
           length);
  }

  void answer_connection(const Socket& socket) {
    const int fd = accept4(socket.fd, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const timeval limit{2, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    std::array<std::uint8_t, 2> prefix{};
    if (recv(fd, prefix.data(), 2, MSG_WAITALL) == 2) {
      std::vector<std::uint8_t> octets(static_cast<std::size_t>(prefix[0] << 8 | prefix[1]));
      if (recv(fd, octets.data(), octets.size(), MSG_WAITALL) == static_cast<ssize_t>(octets.size())) {
        const auto reply = service_.answer(octets, Transport::tcp, socket.role);
        if (reply.octets) {
          std::vector<std::uint8_t> out = {static_cast<std::uint8_t>(reply.octets->size() >> 8),
                                           static_cast<std::uint8_t>(reply.octets->size() & 0xff)};
          out.insert(out.end(), reply.octets->begin(), reply.octets->end());
          send(fd, out.data(), out.size(), MSG_NOSIGNAL);
        }
      }
    }
    close(fd);
  }

  const DnsService& service_;
  std::vector<Socket> sockets_;
  std::atomic<bool> stop_ = false;
  bool good_ = true;
  std::thread thread_;
};

/// Leaves this machine's network for one with a loopback interface only; a reason if that is refused.
std::string enter_own_network() {
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0 && unshare(CLONE_NEWNET) != 0) {
    return std::string("no network namespace: ") + std::strerror(errno);
  }
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
  request.ifr_flags = IFF_UP;
  const bool up = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  close(fd);
  return up ? "" : std::string("no loopback interface: ") + std::strerror(errno);
}

const std::string& own_network() {
  static const std::string kRefused = enter_own_network();
  return kRefused;
}

enum class Route { forward_to_resolver, from_the_root };

struct ContextFree {
  void operator()(ub_ctx* context) const { ub_ctx_delete(context); }
};
using Context = std::unique_ptr<ub_ctx, ContextFree>;

/// A fresh cache, so that rows do not depend on each other. Order matters: removing the built-in zone comes
/// last.
Context make_validator(Route route, const std::string& network, const DnsService& service) {
  Context context(ub_ctx_create());
  const auto set = [&](const char* option, const char* value) {
    EXPECT_EQ(ub_ctx_set_option(context.get(), option, value), 0) << option;
  };
  set("do-not-query-localhost:", "no");
  set("do-ip6:", "no");
  set("val-override-date:", std::to_string(kClock).c_str());
  set("val-log-level:", "2");
  if (route == Route::forward_to_resolver) {
    EXPECT_EQ(ub_ctx_set_fwd(context.get(), (network + "53").c_str()), 0);
  } else {
    EXPECT_EQ(ub_ctx_set_stub(context.get(), ".", (network + "54").c_str(), 0), 0);
  }
  for (const std::string& anchor : service.trust_anchors())
    EXPECT_EQ(ub_ctx_add_ta(context.get(), anchor.c_str()), 0);
  EXPECT_EQ(ub_ctx_zone_remove(context.get(), "test."), 0);
  return context;
}

enum class State { secure, insecure, bogus, failure };

std::string_view to_string(State state) {
  switch (state) {
    case State::secure:
      return "secure";
    case State::insecure:
      return "insecure";
    case State::bogus:
      return "bogus";
    case State::failure:
      return "failure";
  }
  return "?";
}

struct Row {
  std::string name, owner;
  int type;
  State state;
  int rcode = 0;
  int records = 1;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

constexpr int kA = 1, kCname = 5, kSoa = 6, kMx = 15, kTxt = 16, kAaaa = 28, kSrv = 33, kDs = 43,
              kDnskey = 48, kTlsa = 52, kNxdomain = 3, kServfail = 2;

const std::vector<Row> kRows = {
    {"SecureMx", "secure.test.", kMx, State::secure},
    {"SecureA", "mx.secure.test.", kA, State::secure},
    {"SecureTlsa", "_25._tcp.mx.secure.test.", kTlsa, State::secure},
    {"SecureSrv", "_x._tcp.secure.test.", kSrv, State::secure},
    {"SecureUnknownType", "types.secure.test.", 65280, State::secure},
    {"SecureAlias", "alias.secure.test.", kA, State::secure},
    {"SecureAliasItself", "alias.secure.test.", kCname, State::secure},
    {"SecureWildcard", "q.wild.secure.test.", kA, State::secure},
    {"SecureWildcardDeep", "q.r.wild.secure.test.", kA, State::secure},
    {"SecureWildcardNoData", "q.wild.secure.test.", kTxt, State::secure, 0, 0},
    {"SecureAliasToWildcard", "towild.secure.test.", kA, State::secure},
    {"SecureNoData", "mx.secure.test.", kAaaa, State::secure, 0, 0},
    {"SecureNoDataAtTheApex", "secure.test.", kTxt, State::secure, 0, 0},
    {"SecureEmptyNonTerminal", "empty.secure.test.", kA, State::secure, 0, 0},
    {"SecureNoSuchName", "no.secure.test.", kA, State::secure, kNxdomain, 0},
    {"SecureNoSuchNameFirst", "!.secure.test.", kA, State::secure, kNxdomain, 0},
    {"SecureNoSuchNameLast", "zzz.secure.test.", kA, State::secure, kNxdomain, 0},
    {"SecureNoSuchTlsa", "_25._tcp.no.secure.test.", kTlsa, State::secure, kNxdomain, 0},
    {"SecureAliasToNowhere", "tonowhere.secure.test.", kA, State::secure, kNxdomain, 0},
    {"SecureMadeGone", "gone.secure.test.", kA, State::secure, kNxdomain, 0},
    {"SecureTruncated", "cut.secure.test.", kA, State::secure},
    {"SecureTooLargeForUdp", "many.secure.test.", kMx, State::secure, 0, 80},
    {"SecureKeys", "secure.test.", kDnskey, State::secure},
    {"SecureDs", "secure.test.", kDs, State::secure},
    {"SecureSubzone", "_25._tcp.mx.sub.secure.test.", kTlsa, State::secure},
    {"SecureSubzoneNoSuchName", "no.sub.secure.test.", kA, State::secure, kNxdomain, 0},
    {"SecureTld", "test.", kSoa, State::secure},
    {"SecureNoSuchDomain", "no.test.", kMx, State::secure, kNxdomain, 0},
    {"SecureNoSuchTld", "nowhere.", kMx, State::secure, kNxdomain, 0},
    {"SecureNoDs", "insecure.test.", kDs, State::secure, 0, 0},
    {"InsecureMx", "insecure.test.", kMx, State::insecure},
    {"InsecureTlsa", "_25._tcp.mx.insecure.test.", kTlsa, State::insecure},
    {"InsecureNoSuchName", "no.insecure.test.", kA, State::insecure, kNxdomain, 0},
    {"InsecureNoData", "mx.insecure.test.", kAaaa, State::insecure, 0, 0},
    {"InsecureBelowSecure", "_25._tcp.mx.plain.secure.test.", kTlsa, State::insecure},
    {"UnstatedZone", "mx.unstated.test.", kA, State::insecure},
    {"UnstatedZoneNoSuchName", "no.unstated.test.", kA, State::insecure, kNxdomain, 0},
    {"UnstatedTld", "host.other.example.", kA, State::insecure},
    {"AliasFromSecureToInsecure", "toinsecure.secure.test.", kA, State::insecure},
    {"AliasFromInsecureToSecure", "fromplain.insecure.test.", kA, State::insecure},
    {"AliasFromSecureToBogus", "tobogus.secure.test.", kA, State::bogus, kServfail},
    {"BogusMx", "bogus.test.", kMx, State::bogus, kServfail},
    {"BogusTlsa", "_25._tcp.mx.bogus.test.", kTlsa, State::bogus, kServfail},
    {"BogusNoSuchName", "no.bogus.test.", kA, State::bogus, kServfail, 0},
    {"BogusNoData", "mx.bogus.test.", kAaaa, State::bogus, kServfail, 0},
    {"ExpiredMx", "expired.test.", kMx, State::bogus, kServfail},
    {"ExpiredTlsa", "_25._tcp.mx.expired.test.", kTlsa, State::bogus, kServfail},
    {"ExpiredNoSuchName", "no.expired.test.", kA, State::bogus, kServfail, 0},
    {"Failure", "fails.secure.test.", kA, State::failure, kServfail, 0},
};

class Validation : public ::testing::TestWithParam<Row> {
 protected:
  static void SetUpTestSuite() {
    if (!own_network().empty()) return;
    servers_ = std::make_unique<Servers>(world(), kNetwork);
    ASSERT_TRUE(servers_->good());
  }
  static void TearDownTestSuite() { servers_.reset(); }

  void SetUp() override {
    if (!own_network().empty()) GTEST_SKIP() << own_network();
  }

  static void check(Route route) {
    const Row& row = GetParam();
    const Context context = make_validator(route, kNetwork, world());
    ub_result* raw = nullptr;
    ASSERT_EQ(ub_resolve(context.get(), row.owner.c_str(), row.type, 1, &raw), 0);
    const std::unique_ptr<ub_result, decltype(&ub_resolve_free)> result(raw, ub_resolve_free);
    const State state = result->bogus                ? State::bogus
                        : result->rcode == kServfail ? State::failure
                        : result->secure             ? State::secure
                                                     : State::insecure;
    EXPECT_EQ(to_string(state), to_string(row.state)) << (result->why_bogus ? result->why_bogus : "");
    if (row.state == State::bogus) {
      const bool expired = row.owner.find("expired") != std::string::npos;
      const std::string why = result->why_bogus ? result->why_bogus : "";
      EXPECT_THAT(why, ::testing::HasSubstr(expired ? "signature expired" : "signature verification failed"));
      return;
    }
    EXPECT_EQ(result->rcode, row.rcode);
    int records = 0;
    while (result->data && result->data[records]) ++records;
    EXPECT_EQ(records, row.records);
  }

 private:
  static inline std::unique_ptr<Servers> servers_;
};

TEST_P(Validation, BehindTheResolver) {
  check(Route::forward_to_resolver);
}
TEST_P(Validation, FromTheRoot) {
  check(Route::from_the_root);
}

/// The resolver says of itself what a validator behind it finds (RFC 4035 3.2, RFC 6840 5.8).
TEST_P(Validation, TheResolverSaysSo) {
  const Row& row = GetParam();
  for (const bool by_do : {false, true}) {
    Asking asking;
    (by_do ? asking.dnssec_ok : asking.authentic_data) = true;
    const auto query = make_query(row.owner, "TYPE" + std::to_string(row.type), asking);
    const auto reply = world().answer(query, Transport::tcp, DnsRole::resolver);
    ASSERT_TRUE(reply.octets);
    const bool ad = (reply.octets->at(3) & 0x20) != 0;
    const int rcode = reply.octets->at(3) & 0x0f;
    EXPECT_EQ(ad, row.state == State::secure);
    EXPECT_EQ(rcode, row.rcode);
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, Validation, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

/// A world without DNSSEC does not tell zones apart, and still a library finds its way from the root.
TEST(UnsignedWorld, IsResolvedOnBothRoutes) {
  if (!own_network().empty()) GTEST_SKIP() << own_network();
  const std::string network = "127.0.1.";
  DnsContext context;
  context.authority_address = network + "54";
  context.clock = kClock;
  const auto service = DnsService::make(
      {{"x.test. MX 10 alias.x.test.", "alias.x.test. CNAME a.b.c.x.test.", "a.b.c.x.test. A 192.0.2.1"}, {}},
      context);
  const Servers servers(*service, network);
  ASSERT_TRUE(servers.good());
  for (const Route route : {Route::forward_to_resolver, Route::from_the_root}) {
    const Context validator = make_validator(route, network, *service);
    for (const auto& [name, type, rcode, records] : {std::tuple{"x.test.", kMx, 0, 1},
                                                     {"alias.x.test.", kA, 0, 1},
                                                     {"b.c.x.test.", kA, 0, 0},
                                                     {"no.x.test.", kA, kNxdomain, 0},
                                                     {"www.example.com.", kA, kNxdomain, 0}}) {
      ub_result* raw = nullptr;
      ASSERT_EQ(ub_resolve(validator.get(), name, type, 1, &raw), 0);
      const std::unique_ptr<ub_result, decltype(&ub_resolve_free)> result(raw, ub_resolve_free);
      EXPECT_EQ(result->rcode, rcode) << name;
      EXPECT_EQ(result->havedata, records) << name;
      EXPECT_FALSE(result->secure || result->bogus) << name;
    }
  }
}

}  // namespace
}  // namespace mxident::mocks::dns
