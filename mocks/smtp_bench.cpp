// What a whole STARTTLS delivery costs with the mock server, beside a lockstep loop of plain blocking calls
// that does the same with nothing around it. Both serve the same client in turns within one process, as
// machines are noisy; the ratio is of the fastest round of each, in CPU time of both ends.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <thread>

#include "certs/mint.hpp"
#include "certs/openssl_ptr.hpp"
#include "mocks/net/unique_fd.hpp"
#include "mocks/tls/identity.hpp"
#include "mocks/world.hpp"

namespace {

using namespace mxident;
using mocks::UniqueFd;
using Context = certs::OpensslPtr<SSL_CTX, SSL_CTX_free>;
using Ssl = certs::OpensslPtr<SSL, SSL_free>;

constexpr int kRounds = 7;
constexpr int kSessions = 300;
constexpr const char* kHost = "mx.x.test";

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::exit(3);
}

/// A blocking connection, in clear until `ssl` is set.
struct Line {
  UniqueFd fd;
  Ssl ssl{};
  std::array<char, 2048> buffer{};

  void send(std::string_view text) {
    const auto size = static_cast<int>(text.size());
    if (ssl ? SSL_write(ssl.get(), text.data(), size) != size
            : ::send(fd.get(), text.data(), text.size(), 0) != size) {
      fail("cannot send");
    }
  }
  /// One reply or one line: they come whole here.
  std::string_view receive() {
    const ssize_t size = ssl ? SSL_read(ssl.get(), buffer.data(), static_cast<int>(buffer.size()))
                             : ::recv(fd.get(), buffer.data(), buffer.size(), 0);
    quick();
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }
  void quick() {
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
  }
};

void tune(SSL_CTX* context) {
  SSL_CTX_set1_groups_list(context, "X25519:P-256");
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

void deliver(std::uint16_t port, SSL_CTX* context) {
  Line line{UniqueFd(::socket(AF_INET, SOCK_STREAM, 0))};
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(line.fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (::connect(line.fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) fail("cannot connect");
  const auto ask = [&](std::string_view text, char wanted) {
    line.send(text);
    if (!line.receive().starts_with(wanted)) fail("unexpected reply");
  };
  if (!line.receive().starts_with('2')) fail("no greeting");
  ask("EHLO c.test\r\n", '2');
  ask("STARTTLS\r\n", '2');
  line.ssl.reset(SSL_new(context));
  SSL_set_fd(line.ssl.get(), line.fd.get());
  if (SSL_connect(line.ssl.get()) != 1) fail("no TLS");
  ask("EHLO c.test\r\n", '2');
  ask("MAIL FROM:<a@c.test>\r\n", '2');
  ask("RCPT TO:<b@x.test>\r\n", '2');
  ask("DATA\r\n", '3');
  ask("Subject: x\r\n\r\nhi\r\n.\r\n", '2');
  ask("QUIT\r\n", '2');
  while (!line.receive().empty()) continue;
  SSL_shutdown(line.ssl.get());
}

/// The least that a server can do.
class Lockstep {
 public:
  explicit Lockstep(const mocks::Identity& identity) : context_(SSL_CTX_new(TLS_server_method())) {
    tune(context_.get());
    SSL_CTX_use_cert_and_key(context_.get(), identity.first(), identity.key(), identity.rest(), 1);
    const int on = 1;
    ::setsockopt(listener_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(at);
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&at), size) != 0) fail("cannot bind");
    ::listen(listener_.get(), SOMAXCONN);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
  }
  std::uint16_t port() const { return port_; }

  void serve(int sessions) {
    for (int i = 0; i < sessions; ++i) session();
  }

 private:
  void session() {
    Line line{UniqueFd(::accept(listener_.get(), nullptr, nullptr))};
    line.quick();
    line.send("220 mx.x.test ESMTP\r\n");
    line.receive();
    line.send("250-mx.x.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-8BITMIME\r\n250 STARTTLS\r\n");
    line.receive();
    line.send("220 begin TLS\r\n");
    line.ssl.reset(SSL_new(context_.get()));
    SSL_set_fd(line.ssl.get(), line.fd.get());
    if (SSL_accept(line.ssl.get()) != 1) fail("no TLS");
    line.quick();
    for (const std::string_view reply :
         {"250-mx.x.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250 8BITMIME\r\n", "250 ok\r\n",
          "250 ok\r\n", "354 end with a dot on a line of its own\r\n", "250 message taken\r\n",
          "221 mx.x.test bye\r\n"}) {
      line.receive();
      line.send(reply);
    }
    SSL_shutdown(line.ssl.get());
    ::shutdown(line.fd.get(), SHUT_WR);
    line.receive();
    line.receive();
  }

  Context context_;
  UniqueFd listener_{::socket(AF_INET, SOCK_STREAM, 0)};
  std::uint16_t port_ = 0;
};

double seconds(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Cost {
  double cpu_us = 1e9;
  double wall_us = 1e9;
  void take(double cpu, double wall) {
    cpu_us = std::min(cpu_us, cpu * 1e6 / kSessions);
    wall_us = std::min(wall_us, wall * 1e6 / kSessions);
  }
  void print(const char* name) const {
    std::printf("%-10s %7.0f us CPU, %7.0f us wall, %6.0f sessions/s\n", name, cpu_us, wall_us,
                1e6 / wall_us);
  }
};

template <class Work>
void measure(Cost& cost, Work work) {
  const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
  work();
  cost.take(seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, seconds(CLOCK_MONOTONIC) - wall);
}

}  // namespace

/// Without arguments both are compared; "--lockstep N" prints what one of N lockstep sessions costs.
int main(int argc, char** argv) {
  certs::KeyPool keys;
  const auto authority = certs::Authority::make(keys);
  certs::CertificateRequest request;
  request.spec.subject = {{{"2.5.4.3", {kHost, certs::StringType::utf8}}}};
  request.spec.san = {{certs::NameType::dns, kHost, {}}};
  mocks::WorldSpec spec;
  spec.certificates = certs::mint({{"mx", request}}, authority, keys);
  mocks::SmtpServerSpec server;
  server.host = server.banner = server.ehlo = kHost;
  server.certificate = "mx";
  spec.servers = {server};
  mocks::Internet internet(mocks::Placement::loopback, 1);
  mocks::IdentityReader reader;
  Lockstep lockstep(*reader.read("mx", spec.certificates.at("mx")));
  const Context client(SSL_CTX_new(TLS_client_method()));
  tune(client.get());

  const auto in_lockstep = [&](int sessions) {
    std::thread serving([&] { lockstep.serve(sessions); });
    for (int i = 0; i < sessions; ++i) deliver(lockstep.port(), client.get());
    serving.join();
  };
  if (argc == 3 && std::string_view(argv[1]) == "--lockstep") {
    const int sessions = std::atoi(argv[2]);
    const double before = seconds(CLOCK_PROCESS_CPUTIME_ID);
    in_lockstep(sessions);
    std::printf("%.0f us CPU a session\n", (seconds(CLOCK_PROCESS_CPUTIME_ID) - before) * 1e6 / sessions);
    return 0;
  }
  Cost mock_cost, lockstep_cost, world_cost;
  for (int round = 0; round < kRounds; ++round) {
    measure(lockstep_cost, [&] { in_lockstep(kSessions); });
    measure(world_cost, [&] {
      for (int i = 0; i < kSessions; ++i) internet.open(spec, static_cast<std::uint32_t>(i + 1));
    });
    // A world takes some fifty sessions before its transcript is full; a cell has one or a few.
    constexpr int kPerWorld = 50;
    std::unique_ptr<mocks::World> world;
    measure(mock_cost, [&] {
      for (int i = 0; i < kSessions; ++i) {
        if (i % kPerWorld == 0) {
          world.reset();
          world = internet.open(spec, 1);
        }
        deliver(world->port(kHost), client.get());
      }
    });
  }
  lockstep_cost.print("lockstep");
  mock_cost.print("mock");
  std::printf("%-10s %7.0f us CPU to open and close\n", "world", world_cost.cpu_us);
  std::printf("lockstep/mock CPU: %.2f\n", lockstep_cost.cpu_us / mock_cost.cpu_us);
  return 0;
}
