// An SMTP client for tests: says what it is told, in clear or under TLS.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "certs/mint.hpp"
#include "certs/openssl_ptr.hpp"
#include "mocks/world.hpp"

namespace mxident::mocks::test {

struct TlsWish {
  std::string sni{};
  int min = TLS1_2_VERSION;
  int max = TLS1_3_VERSION;
  std::string ca_der{};  ///< verify the chain against it; empty: do not verify
  int security_level = 1;
};

/// Blocking, with a limit of some seconds on each wait; a wait that fails gives an empty text.
class Client {
 public:
  explicit Client(std::uint16_t port, const std::string& address = "127.0.0.1");
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view octets);
  /// A whole reply with all its lines ("250-a\r\n250 b\r\n").
  std::string reply();
  /// Sends a line and waits for the reply.
  std::string ask(const std::string& line);
  /// Everything until the server closes; under TLS until close_notify or the end of TCP.
  std::string rest();
  bool close_notify_received() const;
  /// Octets that came and were not taken, and those that are there within a moment.
  std::string raw();

  bool start_tls(const TlsWish& wish = {});
  /// EHLO, STARTTLS, TLS.
  bool secure(const TlsWish& wish = {});
  /// MAIL to QUIT; true if the message was taken.
  bool deliver();
  /// A fatal alert, as a client that refuses after the handshake sends it: by a record that cannot be
  /// decrypted.
  void send_late_alert();
  void close_in_order();  ///< close_notify and FIN
  void reset();           ///< TCP RST

  std::vector<std::string> peer_chain() const;  ///< DER as it came
  SSL* ssl() const { return ssl_.get(); }

 private:
  bool receive();
  void push();

  int fd_ = -1;
  std::string input_;
  certs::OpensslPtr<SSL_CTX, SSL_CTX_free> context_;
  certs::OpensslPtr<SSL, SSL_free> ssl_;
};

/// A world with certificates of one authority, in loopback placement.
class Bench {
 public:
  explicit Bench(unsigned threads = 1) : internet(Placement::loopback, threads) {}

  /// A server with a certificate for its name under the id of its name.
  SmtpServerSpec server(const std::string& host);
  void add_certificate(const std::string& id, const certs::CertificateRequest& request);
  World& open(std::vector<SmtpServerSpec> servers);

  WorldSpec spec;
  Internet internet;
  std::unique_ptr<World> world;
  std::uint32_t block = 258;
};

const certs::Authority& authority();
certs::KeyPool& keys();
certs::CertificateRequest request_for(const std::string& name);

/// Waits until no connection is open; false after some seconds.
bool wait_idle(World& world);
/// Events of one kind, their texts.
std::vector<std::string> texts(const World& world, EventKind kind);
std::vector<Event> events(const World& world, EventKind kind);

}  // namespace mxident::mocks::test
