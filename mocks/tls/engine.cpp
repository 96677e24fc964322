#include "mocks/tls/engine.hpp"

#include <openssl/err.h>
#include <openssl/tls1.h>

#include <algorithm>
#include <array>
#include <new>
#include <optional>

namespace mxident::mocks {
namespace {

int version_number(TlsVersion version) {
  switch (version) {
    case TlsVersion::tls1_0:
      return TLS1_VERSION;
    case TlsVersion::tls1_1:
      return TLS1_1_VERSION;
    case TlsVersion::tls1_2:
      return TLS1_2_VERSION;
    case TlsVersion::tls1_3:
      return TLS1_3_VERSION;
  }
  return TLS1_3_VERSION;
}

/// Takes the error queue's first reason and clears the queue.
std::string take_reason() {
  const unsigned long error = ERR_get_error();
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  ERR_clear_error();
  return reason == nullptr ? "unknown reason" : reason;
}

/// The first host_name of a server_name extension (RFC 6066 3), octets as they came; nothing if there is
/// none.
std::optional<std::string> host_name(std::string_view extension) {
  const auto length_at = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(extension[at])) << 8U |
           static_cast<unsigned char>(extension[at + 1]);
  };
  constexpr char kHostName = 0;
  std::size_t at = 2;  // length of the list; the entries have their own
  while (at + 3 <= extension.size()) {
    const char type = extension[at];
    const std::size_t length = length_at(at + 1);
    at += 3;
    if (length > extension.size() - at) return std::nullopt;
    if (type == kHostName) return std::string(extension.substr(at, length));
    at += length;
  }
  return std::nullopt;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

bool set_identity(SSL* ssl, const Identity& identity) {
  constexpr int kOverride = 1;
  return SSL_use_cert_and_key(ssl, identity.first(), identity.key(), identity.rest(), kOverride) == 1;
}

}  // namespace

TlsContext::TlsContext() : context_(SSL_CTX_new(TLS_server_method())) {
  if (!context_) throw std::bad_alloc();
  SSL_CTX* const c = context_.get();
  SSL_CTX_set_options(c, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_clear_options(c, SSL_OP_IGNORE_UNEXPECTED_EOF);
  // No auto chain: the wire carries what the scenario says, and nothing that OpenSSL would add.
  SSL_CTX_set_mode(c, SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_num_tickets(c, 0);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set1_groups_list(c, "X25519:P-256:P-384:P-521:X448");
  // Level 0 here: the level of each connection decides. The machine's openssl.cnf must not.
  SSL_CTX_set_cipher_list(c, "DEFAULT:@SECLEVEL=0");
  SSL_CTX_set_client_hello_cb(c, &TlsEngine::client_hello, nullptr);
  // The macro SSL_CTX_set_tlsext_servername_callback holds an old-style cast.
  SSL_CTX_callback_ctrl(c, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                        reinterpret_cast<void (*)()>(&TlsEngine::server_name));
  SSL_CTX_set_info_callback(c, &TlsEngine::info);
}

std::string TlsContext::refusal(const Identity& identity, int security_level) const {
  const certs::OpensslPtr<SSL, SSL_free> ssl(SSL_new(context_.get()));
  if (!ssl) throw std::bad_alloc();
  SSL_set_security_level(ssl.get(), security_level);
  ERR_clear_error();
  return set_identity(ssl.get(), identity) ? "" : take_reason();
}

TlsEngine::TlsEngine(const TlsContext& context, const TlsSettings& settings, TlsObserver& observer)
    : ssl_(SSL_new(context.get())),
      in_(BIO_new(BIO_s_mem())),
      out_(BIO_new(BIO_s_mem())),
      settings_(settings),
      observer_(observer) {
  if (!ssl_ || in_ == nullptr || out_ == nullptr) throw std::bad_alloc();
  SSL* const ssl = ssl_.get();
  BIO_set_mem_eof_return(in_, -1);  // empty means "later", never the end
  SSL_set_bio(ssl, in_, out_);
  SSL_set_app_data(ssl, this);
  SSL_set_security_level(ssl, settings.security_level);
  SSL_set_min_proto_version(ssl, version_number(settings.min));
  SSL_set_max_proto_version(ssl, version_number(settings.max));
  if (settings.resumption == Resumption::offered) {
    SSL_clear_options(ssl, SSL_OP_NO_TICKET);
    SSL_set_num_tickets(ssl, 1);
  }
  SSL_set_accept_state(ssl);
}

void TlsEngine::feed(std::string_view octets) {
  std::size_t written = 0;
  if (!octets.empty() && BIO_write_ex(in_, octets.data(), octets.size(), &written) != 1)
    throw std::bad_alloc();
}

int TlsEngine::client_hello(SSL* ssl, int* alert, void*) {
  return static_cast<TlsEngine*>(SSL_get_app_data(ssl))->on_client_hello(alert);
}

int TlsEngine::on_client_hello(int* alert) {
  if (hello_seen_) return SSL_CLIENT_HELLO_SUCCESS;  // the second one, after HelloRetryRequest
  hello_seen_ = true;
  const unsigned char* octets = nullptr;
  std::size_t size = 0;
  std::string sni;
  if (SSL_client_hello_get0_ext(ssl_.get(), TLSEXT_TYPE_server_name, &octets, &size) == 1) {
    sni = host_name({reinterpret_cast<const char*>(octets), size}).value_or("");
  }
  observer_.on_tls(EventKind::client_hello, sni);
  switch (settings_.on_hello) {
    case OnHello::stop:
      return SSL_CLIENT_HELLO_RETRY;
    case OnHello::refuse:
      *alert = SSL_AD_HANDSHAKE_FAILURE;
      return SSL_CLIENT_HELLO_ERROR;
    case OnHello::serve:
      break;
  }
  const auto named = settings_.by_sni.find(lower(sni));
  name_known_ = named != settings_.by_sni.end();
  if (settings_.sni == Sni::required && !name_known_) {
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_CLIENT_HELLO_ERROR;
  }
  const auto& identity = named == settings_.by_sni.end() ? settings_.identity : named->second;
  if (identity && !set_identity(ssl_.get(), *identity)) {
    *alert = SSL_AD_INTERNAL_ERROR;
    return SSL_CLIENT_HELLO_ERROR;
  }
  return SSL_CLIENT_HELLO_SUCCESS;
}

/// RFC 6066 3: the alert may be a warning, though that is not recommended.
int TlsEngine::server_name(SSL* ssl, int* alert, void*) {
  const auto* const self = static_cast<const TlsEngine*>(SSL_get_app_data(ssl));
  if (self->settings_.sni != Sni::warned || self->name_known_) return SSL_TLSEXT_ERR_OK;
  if (SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) == nullptr) return SSL_TLSEXT_ERR_NOACK;
  *alert = SSL_AD_UNRECOGNIZED_NAME;
  return SSL_TLSEXT_ERR_ALERT_WARNING;
}

void TlsEngine::info(const SSL* ssl, int where, int value) {
  if ((where & SSL_CB_ALERT) == 0) return;
  auto* const self = static_cast<TlsEngine*>(SSL_get_app_data(ssl));
  constexpr unsigned kDescription = 0xff;
  const unsigned description = static_cast<unsigned>(value) & kDescription;
  if (description == SSL_AD_CLOSE_NOTIFY) return;
  const bool received = (where & SSL_CB_READ) != 0;
  // In TLS 1.3 every alert but these two is fatal, whatever its level octet says (RFC 8446 6).
  if (received && description != SSL_AD_USER_CANCELLED && description != SSL_AD_NO_RENEGOTIATION) {
    self->fatal_alert_received_ = true;
  }
  self->observer_.on_tls(received ? EventKind::alert_received : EventKind::alert_sent,
                         SSL_alert_desc_string_long(value));
}

TlsEngine::Progress TlsEngine::progress_after(int result, Progress success) {
  if (result == 1) return success;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Progress::need_input;
    case SSL_ERROR_WANT_CLIENT_HELLO_CB:
      over_ = true;
      return Progress::stopped;
    case SSL_ERROR_ZERO_RETURN:
      return Progress::ended;
    default:
      over_ = true;
      return Progress::failed;
  }
}

TlsEngine::Progress TlsEngine::handshake() {
  ERR_clear_error();
  const Progress progress = progress_after(SSL_do_handshake(ssl_.get()), Progress::done);
  if (progress == Progress::done) {
    observer_.on_tls(EventKind::handshake,
                     std::string(SSL_get_version(ssl_.get())) + " " + SSL_get_cipher_name(ssl_.get()) +
                         (SSL_session_reused(ssl_.get()) == 1 ? ", session resumed" : ""));
  } else if (progress == Progress::failed || progress == Progress::ended) {
    over_ = true;
    observer_.on_tls(EventKind::handshake_failed, take_reason());
  }
  return progress;
}

TlsEngine::Progress TlsEngine::read(std::string& clear) {
  if (over_) return Progress::failed;
  std::array<char, 4096> part;
  for (;;) {
    ERR_clear_error();
    std::size_t size = 0;
    const int result = SSL_read_ex(ssl_.get(), part.data(), part.size(), &size);
    if (result != 1) return progress_after(0, Progress::done);
    clear.append(part.data(), size);
  }
}

void TlsEngine::write(std::string_view clear) {
  if (over_ || clear.empty()) return;
  ERR_clear_error();
  std::size_t written = 0;
  if (SSL_write_ex(ssl_.get(), clear.data(), clear.size(), &written) != 1) over_ = true;
}

void TlsEngine::send_close_notify() {
  if (over_) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

std::string TlsEngine::take_outgoing() {
  char* octets = nullptr;
  const long size = BIO_get_mem_data(out_, &octets);
  std::string out(octets, size > 0 ? static_cast<std::size_t>(size) : 0);
  BIO_reset(out_);
  return out;
}

bool TlsEngine::close_notify_received() const {
  return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0 && !fatal_alert_received_;
}

}  // namespace mxident::mocks
