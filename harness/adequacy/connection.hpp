// One blocking connection to a server on the loopback, in clear and then under TLS.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mxident::harness::zoo {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using CertificatePtr = std::unique_ptr<X509, FreeCertificate>;

struct Reply {
  int code = 0;                    ///< 0: none came, or what came is no reply
  std::vector<std::string> lines;  ///< without code and line end
  std::size_t octets = 0;
  bool is_bare = false;  ///< a line is a code and nothing else, not even a blank
  bool good() const { return code / 100 == 2; }
};

class Connection {
 public:
  /// Connects to 127.0.0.1; `open()` tells whether it did. Waits for no answer longer than 30 seconds.
  explicit Connection(std::uint16_t port);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool open() const { return fd_ >= 0; }
  void send(const std::string& octets);
  Reply read_reply();
  Reply read_line();  ///< one line of a reply, whether or not another follows
  Reply ask(const std::string& line);

  /// Whether octets have come in clear that nobody has read yet.
  bool has_unread() const { return !buffer_.empty(); }

  enum class Unread { dropped, kept };
  /// Empty `sni`: none is sent. The certificates are not looked at here. Octets in clear that nobody has read
  /// are dropped (RFC 3207 4.2), or kept by a client with that bug.
  bool start_tls(SSL_CTX* context, const std::string& sni, Unread unread = Unread::dropped);
  /// As the server sent them, leaf first.
  std::vector<CertificatePtr> certificates() const;
  /// The peer ended the connection, while something was still to come.
  bool ended() const { return ended_; }

 private:
  enum class Lines { one, all };
  bool fill();
  Reply read(Lines lines);

  int fd_ = -1;
  bool ended_ = false;
  std::string buffer_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
};

}  // namespace mxident::harness::zoo
