// A scripted mail server and its certificate, for the tests of the probe.
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "../chain.hpp"

namespace mxident::probe::test {

/// A root and a leaf below it, valid 2020 to 2050; made once for each `san` ("DNS:mx.test,IP:192.0.2.1").
struct Identity {
  std::shared_ptr<X509> root, leaf;
  std::shared_ptr<EVP_PKEY> key;
  std::string root_pem() const;
  std::string root_der() const;
  std::string leaf_der() const;
};
enum class Key { ec, rsa };
Identity make_identity(const std::string& san, const std::string& common_name = "Test Leaf",
                       Key key = Key::ec);
inline constexpr std::int64_t kNow = 1767225600;  // 2026-01-01

/// The server's side of one connection. Blocking; after the client is gone every call is void and lines are
/// empty.
class Peer {
 public:
  Peer(int fd, const Identity& identity);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void say(std::string_view octets);
  std::string line();                                      ///< without CRLF
  void wait();                                             ///< for some octets, which are dropped
  void send_also(const std::vector<X509*>& certificates);  ///< behind the leaf, before start_tls()
  void add_identity(const Identity& identity);  ///< with a key of the other kind, before start_tls()
  /// Handshakes with names (empty: none) for which it says no end with unrecognized_name; before start_tls().
  std::function<bool(std::string_view)> takes_sni;
  bool start_tls();
  bool alive() const { return alive_; }
  /// Octets that may still be sent; then the connection ends. For "close at every octet".
  void allow(std::size_t octets) { allowance_ = octets; }
  const std::string& sni() const { return sni_; }
  std::size_t written() const { return written_; }

  /// Greeting to QUIT of a well-behaved server. `log` gets the client's lines.
  void serve(const std::vector<std::string>& capabilities = {"STARTTLS"});
  std::vector<std::string> log;
  std::string banner_name = "banner.test", ehlo_name = "ehlo.test", auth_reply = "235 welcome";

 private:
  static int on_server_name(SSL* ssl, int* alert, void* peer);
  static int on_bio_write(BIO* bio, const char* data, int size);
  void raw(const char* data, std::size_t size);
  int fd_;
  bool alive_ = true;
  std::size_t allowance_ = SIZE_MAX, written_ = 0;
  std::string buffer_, sni_;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
};

/// Listens on a free port of a loopback address (or on the given one) and runs `script` for each connection,
/// one after the other.
class Server {
 public:
  explicit Server(std::function<void(Peer&)> script, const Identity& identity = default_identity(),
                  const char* address = "127.0.0.1", std::uint16_t port = 0);
  ~Server();
  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }
  static const Identity& default_identity();  ///< DNS:mx.test

 private:
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_{false};
  std::atomic<int> connections_{0};
  std::thread thread_;
};

const TrustStore& trust();  ///< holds the root of the default identity

}  // namespace mxident::probe::test
