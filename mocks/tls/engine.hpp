// The server's end of a TLS connection: octets in, octets out, and every sign that it gives. No sockets.
#pragma once

#include <openssl/ssl.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "certs/openssl_ptr.hpp"
#include "mocks/smtp_spec.hpp"
#include "mocks/tls/identity.hpp"
#include "mocks/transcript.hpp"

namespace mxident::mocks {

class TlsEngine;

/// What the server does when a ClientHello has come.
enum class OnHello {
  serve,   ///< go on
  stop,    ///< say nothing more
  refuse,  ///< fatal alert handshake_failure
};

struct TlsSettings {
  TlsVersion min = TlsVersion::tls1_2;
  TlsVersion max = TlsVersion::tls1_3;
  int security_level = 1;
  OnHello on_hello = OnHello::serve;
  Sni sni = Sni::looked_at;
  Resumption resumption = Resumption::none;
  std::shared_ptr<const Identity> identity;                       ///< null: none
  std::map<std::string, std::shared_ptr<const Identity>> by_sni;  ///< lower-case names
};

/// One SSL_CTX for all servers of a process: X25519 first, no tickets, no session cache, no renegotiation.
/// What differs is set on each connection; where that is tickets, their key is that of all. Thread-safe.
class TlsContext {
 public:
  TlsContext();
  SSL_CTX* get() const { return context_.get(); }
  /// Whether OpenSSL lets a server with this security level present `identity`; else the reason.
  std::string refusal(const Identity& identity, int security_level) const;

 private:
  certs::OpensslPtr<SSL_CTX, SSL_CTX_free> context_;
};

/// Told about client_hello, handshake, handshake_failed, alert_received and alert_sent as they happen. The
/// alert close_notify is told by TlsEngine::close_notify_received only.
class TlsObserver {
 public:
  virtual void on_tls(EventKind kind, std::string_view text) = 0;

 protected:
  ~TlsObserver() = default;
};

class TlsEngine {
 public:
  enum class Progress {
    need_input,  ///< nothing more to be had from what came
    done,        ///< handshake: complete
    stopped,     ///< OnHello::stop
    ended,       ///< the peer has closed TLS in order
    failed,  ///< a fatal alert or a protocol error: TLS is over, take the outgoing octets (there may be an
             ///< alert)
  };

  /// `settings` and `observer` must outlive the engine.
  TlsEngine(const TlsContext& context, const TlsSettings& settings, TlsObserver& observer);
  TlsEngine(const TlsEngine&) = delete;
  TlsEngine& operator=(const TlsEngine&) = delete;

  /// Octets from the network.
  void feed(std::string_view octets);
  Progress handshake();
  /// Appends all clear text that is there.
  Progress read(std::string& clear);
  /// Encrypts; ignored once TLS is over.
  void write(std::string_view clear);
  void send_close_notify();
  /// Octets for the network since the last call.
  std::string take_outgoing();

  bool over() const { return over_; }
  bool close_notify_received() const;
  bool fatal_alert_received() const { return fatal_alert_received_; }

 private:
  friend class TlsContext;
  static int client_hello(SSL* ssl, int* alert, void* argument);
  static int server_name(SSL* ssl, int* alert, void* argument);
  static void info(const SSL* ssl, int where, int value);
  int on_client_hello(int* alert);
  Progress progress_after(int result, Progress success);

  certs::OpensslPtr<SSL, SSL_free> ssl_;
  BIO* in_;  // both owned by ssl_
  BIO* out_;
  const TlsSettings& settings_;
  TlsObserver& observer_;
  bool hello_seen_ = false;
  bool name_known_ = true;  ///< by the server: there is a certificate for the SNI
  bool over_ = false;
  bool fatal_alert_received_ = false;
};

}  // namespace mxident::mocks
