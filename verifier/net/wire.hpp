// One TCP connection to a server, and TLS on it: every wait ends at one deadline, every direction has a
// limit.
//
// All calls run on the connection's executor, which must run one handler at a time: a strand, or an
// io_context with one thread. A Wire may not be destroyed while a call is under way.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../reasons.hpp"
#include "server_keys.hpp"

namespace mxident::probe {

inline constexpr std::size_t kMaxCertificatesKept =
    101;  ///< one more than a chain may have, so that it shows
inline constexpr std::size_t kMaxCertificateMessage = 1 << 20;  ///< octets of a TLS Certificate message
inline constexpr std::size_t kMaxHandshakeOctets = 3 << 19;     ///< received until the handshake is done
inline constexpr std::size_t kMaxSessionOctets = 4 << 20;       ///< received on one connection

enum class IoStatus {
  ok,
  closed,     ///< the other side ended the connection, in whatever way
  timed_out,  ///< the deadline of the connection passed
  too_much,   ///< more octets than the limit
  tls_error,  ///< TLS is broken: tls().error says how
};

/// What TLS brought to light.
struct TlsFacts {
  std::vector<std::string> certificates;  ///< DER exactly as sent; at most kMaxCertificatesKept
  std::string version, cipher;            ///< "TLSv1.3", "TLS_AES_256_GCM_SHA384"
  std::string alert;          ///< alert that the server sent, OpenSSL's long name; close_notify excepted
  std::string error;          ///< OpenSSL's words for the first failure
  std::string clear;          ///< the first octets that came where TLS was wanted, if they are none of TLS
  bool close_notify = false;  ///< the server ended TLS properly: nothing was cut off
};

class Wire {
 public:
  using Clock = std::chrono::steady_clock;

  Wire(boost::asio::any_io_executor executor, Clock::time_point deadline);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// `address` is IPv4 or IPv6 text. Returns why there is no connection, nothing if there is one:
  /// connect_refused (also where the context's DialGuard does not let it pass), connect_failed or
  /// connect_timeout.
  boost::asio::awaitable<std::optional<Reason>> connect(const std::string& address, std::uint16_t port);

  /// Handshake as a client, TLS 1.2 or later; the certificate is recorded and not judged. An empty `sni`
  /// sends none. What is still in `pending()` is the caller's to refuse beforehand. Returns why
  /// TLS does not run, nothing if it does.
  boost::asio::awaitable<std::optional<Reason>> start_tls(const std::string& sni,
                                                          ServerKeys keys = ServerKeys::any);

  /// Octets that were received and not consumed, decrypted if TLS runs.
  std::string_view pending() const { return std::string_view(inbox_).substr(taken_); }
  void consume(std::size_t octets) { taken_ += octets; }

  /// Waits for more octets; only when nothing is pending.
  boost::asio::awaitable<IoStatus> receive();
  boost::asio::awaitable<IoStatus> send(std::string_view octets);

  /// Ends TLS properly (RFC 8446 6.1), then waits for the server's end of the connection, at most `patience`,
  /// so that no TIME_WAIT piles up on this side.
  boost::asio::awaitable<void> finish(std::chrono::milliseconds patience);

  const TlsFacts& tls() const { return facts_; }
  TlsFacts& tls() { return facts_; }
  /// The server's certificates as OpenSSL parsed them; lives as long as the Wire. Null without a handshake.
  const stack_st_X509* parsed_certificates() const {
    return ssl_ ? SSL_get_peer_cert_chain(ssl_.get()) : nullptr;
  }

 private:
  struct Shared;
  struct SslFree {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  boost::asio::awaitable<IoStatus> receive_raw();
  boost::asio::awaitable<IoStatus> flush();
  boost::asio::awaitable<IoStatus> send_raw(const char* data, std::size_t size);
  Reason handshake_failure(IoStatus status);
  void note_tls_error();
  void set_deadline(Clock::time_point deadline);
  static void on_message(int write, int version, int type, const void* data, std::size_t size, SSL* ssl,
                         void* wire);
  void keep_certificates(std::string_view body, int version);

  std::shared_ptr<Shared> shared_;  // outlives the Wire inside a timer handler that is on its way
  std::unique_ptr<SSL, SslFree> ssl_;
  TlsFacts facts_;
  std::string inbox_;
  std::size_t taken_ = 0;
  std::size_t received_ = 0, received_before_tls_ = 0;
  int alert_ = -1;
  bool first_record_checked_ = false, looks_like_tls_ = true;
  Reason tls_fault_ = Reason::tls_handshake_failed;
  std::array<char, 8192> raw_;
  std::size_t raw_size_ = 0;
};

}  // namespace mxident::probe
