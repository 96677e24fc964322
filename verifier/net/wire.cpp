#include "wire.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "dial_guard.hpp"
#include "tls_context.hpp"

namespace mxident::probe {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr int kHandshakeCertificate = 11;  // RFC 8446 4
constexpr int kAlertProtocolVersion = 70;  // RFC 8446 6

std::size_t read_u24(std::string_view text) {
  const auto octet = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(text[i]));
  };
  return octet(0) << 16 | octet(1) << 8 | octet(2);
}

// TLS 1.3 looks at the signature algorithms alone, TLS 1.2 at the cipher suites, too.
bool take_only(SSL* ssl, ServerKeys keys) {
  const char *algorithms = nullptr, *suites = nullptr;
  switch (keys) {
    case ServerKeys::any:
      return true;
    case ServerKeys::rsa:
      algorithms =
          "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512";
      suites = "aRSA";
      break;
    case ServerKeys::not_rsa:
      algorithms = "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448";
      suites = "aECDSA";
      break;
  }
  return SSL_set1_sigalgs_list(ssl, algorithms) == 1 && SSL_set_cipher_list(ssl, suites) == 1;
}

}  // namespace

// The socket and the timer share their fate with a timer handler that may run after the Wire is gone.
struct Wire::Shared {
  explicit Shared(const asio::any_io_executor& executor) : socket(executor), timer(executor) {}
  tcp::socket socket;
  asio::steady_timer timer;
  bool timed_out = false;
};

Wire::Wire(asio::any_io_executor executor, Clock::time_point deadline)
    : shared_(std::make_shared<Shared>(executor)) {
  set_deadline(deadline);
}

Wire::~Wire() {
  shared_->timer.cancel();
  boost::system::error_code ignored;
  shared_->socket.close(ignored);
}

void Wire::set_deadline(Clock::time_point deadline) {
  shared_->timer.expires_at(deadline);
  shared_->timer.async_wait([shared = shared_, deadline](boost::system::error_code error) {
    // A handler of an earlier deadline may already be queued when the deadline moves.
    if (error || shared->timer.expiry() != deadline) return;
    shared->timed_out = true;
    boost::system::error_code ignored;
    shared->socket.close(ignored);
  });
}

asio::awaitable<std::optional<Reason>> Wire::connect(const std::string& address, std::uint16_t port) {
  boost::system::error_code error;
  const asio::ip::address ip = asio::ip::make_address(address, error);
  if (error) co_return Reason::connect_failed;
  const auto target = pass_guard(shared_->socket.get_executor(), {ip, port});
  if (!target) co_return Reason::connect_refused;
  const tcp::endpoint endpoint(target->first, target->second);
  const auto [result] = co_await shared_->socket.async_connect(endpoint, kTuple);
  if (shared_->timed_out || result == asio::error::timed_out) co_return Reason::connect_timeout;
  if (result == asio::error::connection_refused) co_return Reason::connect_refused;
  if (result) co_return Reason::connect_failed;
  shared_->socket.set_option(tcp::no_delay(true), error);
  co_return std::nullopt;
}

asio::awaitable<IoStatus> Wire::receive_raw() {
  const auto [error, size] = co_await shared_->socket.async_read_some(asio::buffer(raw_), kTuple);
  raw_size_ = size;
  if (shared_->timed_out) co_return IoStatus::timed_out;
  if (error) co_return IoStatus::closed;
  received_ += size;
  if (received_ > kMaxSessionOctets) co_return IoStatus::too_much;
  co_return IoStatus::ok;
}

asio::awaitable<IoStatus> Wire::send_raw(const char* data, std::size_t size) {
  const auto [error, sent] = co_await asio::async_write(shared_->socket, asio::buffer(data, size), kTuple);
  if (shared_->timed_out) co_return IoStatus::timed_out;
  co_return error || sent != size ? IoStatus::closed : IoStatus::ok;
}

asio::awaitable<IoStatus> Wire::flush() {
  char* data = nullptr;
  const long size = BIO_ctrl(SSL_get_wbio(ssl_.get()), BIO_CTRL_INFO, 0, &data);
  if (size <= 0) co_return IoStatus::ok;
  const IoStatus status = co_await send_raw(data, static_cast<std::size_t>(size));
  BIO_ctrl(SSL_get_wbio(ssl_.get()), BIO_CTRL_RESET, 0, nullptr);
  co_return status;
}

asio::awaitable<IoStatus> Wire::receive() {
  inbox_.clear();
  taken_ = 0;
  if (!ssl_) {
    const IoStatus status = co_await receive_raw();
    if (status == IoStatus::ok) inbox_.assign(raw_.data(), raw_size_);
    co_return status;
  }
  std::array<char, 4096> plain;
  for (;;) {
    ERR_clear_error();
    std::size_t size = 0;
    const int done = SSL_read_ex(ssl_.get(), plain.data(), plain.size(), &size);
    const int why = done == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), done);
    if (done != 1) note_tls_error();
    IoStatus status = co_await flush();
    if (status != IoStatus::ok) co_return status;
    if (done == 1) {
      inbox_.assign(plain.data(), size);
      co_return IoStatus::ok;
    }
    if (why == SSL_ERROR_ZERO_RETURN) co_return IoStatus::closed;
    if (why != SSL_ERROR_WANT_READ) co_return IoStatus::tls_error;
    status = co_await receive_raw();
    if (status != IoStatus::ok) co_return status;
    if (BIO_write(SSL_get_rbio(ssl_.get()), raw_.data(), static_cast<int>(raw_size_)) <= 0) {
      co_return IoStatus::tls_error;
    }
  }
}

asio::awaitable<IoStatus> Wire::send(std::string_view octets) {
  if (!ssl_) {
    const IoStatus status = co_await send_raw(octets.data(), octets.size());
    co_return status;
  }
  while (!octets.empty()) {
    ERR_clear_error();
    std::size_t size = 0;
    // A memory BIO takes everything; only a TLS 1.2 renegotiation could make a write wait, and that is off.
    if (SSL_write_ex(ssl_.get(), octets.data(), octets.size(), &size) != 1) {
      note_tls_error();
      co_return IoStatus::tls_error;
    }
    octets.remove_prefix(size);
  }
  const IoStatus status = co_await flush();
  co_return status;
}

asio::awaitable<std::optional<Reason>> Wire::start_tls(const std::string& sni, ServerKeys keys) {
  SSL_CTX* const context = client_context();
  ssl_.reset(context != nullptr ? SSL_new(context) : nullptr);
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  if (!ssl_ || in == nullptr || out == nullptr || !take_only(ssl_.get(), keys)) {
    BIO_free(in);
    BIO_free(out);
    co_return Reason::tls_handshake_failed;
  }
  SSL_set_bio(ssl_.get(), in, out);
  SSL_set_msg_callback(ssl_.get(), &Wire::on_message);
  SSL_ctrl(ssl_.get(), SSL_CTRL_SET_MSG_CALLBACK_ARG, 0, this);
  if (!sni.empty()) {
    SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(sni.c_str()));
  }
  SSL_set_connect_state(ssl_.get());
  received_before_tls_ = received_;
  IoStatus status = IoStatus::ok;
  for (;;) {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    // Our Finished stays in the BIO and leaves together with the next command.
    if (done == 1) break;
    const int why = SSL_get_error(ssl_.get(), done);
    if (why != SSL_ERROR_WANT_READ) note_tls_error();
    status = co_await flush();
    if (why != SSL_ERROR_WANT_READ) co_return handshake_failure(IoStatus::tls_error);
    if (status == IoStatus::ok) status = co_await receive_raw();
    if (status == IoStatus::ok && received_ - received_before_tls_ > kMaxHandshakeOctets)
      status = IoStatus::too_much;
    if (status != IoStatus::ok) co_return handshake_failure(status);
    if (!first_record_checked_) {
      // ContentType alert or handshake, major version 3 (RFC 8446 5.1).
      first_record_checked_ = true;
      looks_like_tls_ = (raw_[0] == 21 || raw_[0] == 22) && (raw_size_ < 2 || raw_[1] == 3);
      if (!looks_like_tls_) facts_.clear.assign(raw_.data(), std::min<std::size_t>(raw_size_, 200));
    }
    BIO_write(in, raw_.data(), static_cast<int>(raw_size_));
  }
  facts_.version = SSL_get_version(ssl_.get());
  facts_.cipher = SSL_get_cipher_name(ssl_.get());
  if (facts_.certificates.empty()) co_return Reason::tls_no_certificate;
  co_return std::nullopt;
}

Reason Wire::handshake_failure(IoStatus status) {
  if (!looks_like_tls_) return Reason::starttls_garbage;
  if (alert_ == kAlertProtocolVersion) return Reason::tls_version;
  if (alert_ >= 0) return Reason::tls_alert;
  switch (status) {
    case IoStatus::closed:
      return Reason::tls_closed;
    case IoStatus::timed_out:
      return Reason::tls_timeout;
    case IoStatus::too_much:
      return Reason::tls_too_much_data;
    case IoStatus::ok:
    case IoStatus::tls_error:
      break;
  }
  return tls_fault_;
}

// OpenSSL's error queue belongs to the thread, and a coroutine may wake up in another one: read it at once.
void Wire::note_tls_error() {
  bool asn1 = false;
  for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error()) {
    if (facts_.error.empty()) {
      const char* const text = ERR_reason_error_string(code);
      facts_.error = text != nullptr ? text : "unknown TLS error";
    }
    const int library = ERR_GET_LIB(code), reason = ERR_GET_REASON(code);
    if (library == ERR_LIB_ASN1 || library == ERR_LIB_X509) asn1 = true;
    if (library != ERR_LIB_SSL) continue;
    if (reason == SSL_R_EXCESSIVE_MESSAGE_SIZE) tls_fault_ = Reason::tls_too_much_data;
    if (reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_WRONG_SSL_VERSION)
      tls_fault_ = Reason::tls_version;
  }
  if (asn1 && !facts_.certificates.empty()) tls_fault_ = Reason::certificate_unreadable;
}

void Wire::on_message(int write, int version, int type, const void* data, std::size_t size, SSL*,
                      void* self) {
  if (write != 0 || size < 2) return;
  const std::string_view octets(static_cast<const char*>(data), size);
  auto& wire = *static_cast<Wire*>(self);
  if (type == SSL3_RT_ALERT) {
    const int description = static_cast<unsigned char>(octets[1]);
    if (description == 0) {
      wire.facts_.close_notify = true;
      return;
    }
    wire.alert_ = description;
    wire.facts_.alert = SSL_alert_desc_string_long(description);
  } else if (type == SSL3_RT_HANDSHAKE && size > 4 && octets[0] == kHandshakeCertificate) {
    wire.keep_certificates(octets.substr(4), version);
  }
}

// Certificate of RFC 5246 7.4.2 or RFC 8446 4.4.2. Read here because OpenSSL's own copies are encoded again.
void Wire::keep_certificates(std::string_view body, int version) {
  facts_.certificates.clear();
  const bool tls13 = version == TLS1_3_VERSION;
  if (tls13) {
    if (body.empty()) return;
    const std::size_t context = static_cast<unsigned char>(body[0]);
    if (body.size() < 1 + context) return;
    body.remove_prefix(1 + context);
  }
  if (body.size() < 3) return;
  body.remove_prefix(3);  // length of the list: the rest of the message
  while (body.size() >= 3 && facts_.certificates.size() < kMaxCertificatesKept) {
    const std::size_t size = read_u24(body);
    body.remove_prefix(3);
    if (size > body.size()) return;
    facts_.certificates.emplace_back(body.substr(0, size));
    body.remove_prefix(size);
    if (!tls13) continue;
    if (body.size() < 2) return;
    const std::size_t extensions = static_cast<std::size_t>(static_cast<unsigned char>(body[0])) << 8 |
                                   static_cast<unsigned char>(body[1]);
    if (body.size() < 2 + extensions) return;
    body.remove_prefix(2 + extensions);
  }
}

asio::awaitable<void> Wire::finish(std::chrono::milliseconds patience) {
  if (!shared_->socket.is_open()) co_return;
  const Clock::time_point limit = Clock::now() + patience;
  if (limit < shared_->timer.expiry()) set_deadline(limit);
  if (ssl_ && SSL_is_init_finished(ssl_.get())) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    const IoStatus flushed = co_await flush();
    if (flushed != IoStatus::ok) co_return;
  }
  IoStatus status = IoStatus::ok;
  while (status == IoStatus::ok) status = co_await receive_raw();
}

}  // namespace mxident::probe
