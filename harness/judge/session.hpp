// What one SMTP connection of a cell came to, folded from the events of the transcript.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mocks/smtp_spec.hpp"
#include "mocks/transcript.hpp"

namespace mxident::harness {

struct Session {
  std::uint32_t connection = 0;
  std::string host;
  bool greeted = false;           ///< the server sent a 220
  bool said_hello = false;        ///< EHLO, HELO or LHLO came
  bool hello_accepted = false;    ///< and was answered 2xx
  bool starttls_offered = false;  ///< in the reply to an EHLO in clear
  bool starttls_sent = false;
  bool starttls_accepted = false;  ///< answered 220
  bool spoiled = false;            ///< the server does not go on as a TLS server would after its 220
  bool implicit = false;           ///< TLS from the first octet
  std::optional<std::string> sni;  ///< of the ClientHello, empty for one without; missing: no ClientHello
  bool handshake = false;          ///< done on the server's side
  bool handshake_failed = false;
  std::string alert;            ///< first that came from the client and means a refusal
  bool mail_in_clear = false;   ///< MAIL came in clear
  bool clear_accepted = false;  ///< and was answered 2xx: envelope and message follow in clear
  bool message_in_clear = false;
  bool password_in_clear = false;  ///< of AUTH by a mechanism that sends it as it is (RFC 4954 14)
  bool mail_under_tls = false;
  bool message_under_tls = false;
  std::vector<std::string> commands_under_tls;  ///< lines of the client, without messages; the first of them

  bool went_on_in_clear() const { return clear_accepted || message_in_clear || password_in_clear; }
  bool went_on_under_tls() const { return mail_under_tls || message_under_tls; }
  /// The alert speaks of the certificate: the handshake came as far as that (RFC 8446 6.2).
  bool certificate_alert() const;
  /// It is about the chain, not about names.
  bool chain_alert() const;
};

/// Sessions with mail servers, in the order of their first event.
std::vector<Session> fold_sessions(const std::vector<mocks::Event>& events,
                                   const std::map<std::string, mocks::Starttls>& starttls);

/// A name server or a policy host, which are not what a decision is about.
bool is_mail_server(const mocks::Event& event);

}  // namespace mxident::harness
