// One SMTP session up to a decision: connect, greeting, EHLO, STARTTLS, TLS, chain, names, EHLO, then MAIL or
// QUIT.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../chain.hpp"
#include "../dane.hpp"
#include "../match.hpp"
#include "../net/server_keys.hpp"
#include "../policy.hpp"
#include "login.hpp"

namespace mxident::probe {

enum class LayerState { ok, failed, not_checked, not_reached, unknown };

/// What was reached and checked, layer by layer (design: connect, smtp, starttls, handshake, chain, name,
/// policy, delivery).
struct Layers {
  LayerState connect = LayerState::not_reached, smtp = LayerState::not_reached,
             starttls = LayerState::not_reached, handshake = LayerState::not_reached,
             chain = LayerState::not_reached, name = LayerState::not_reached,
             policy = LayerState::not_reached, delivery = LayerState::not_reached;
};

enum class TlsMode { starttls, implicit };
enum class Deliver {
  no,
  yes
};  ///< yes: send `message` where the policy accepts; no: QUIT after the second EHLO

struct SessionOptions {
  std::string address;  ///< IPv4 or IPv6 text
  std::uint16_t port = 25;
  TlsMode tls = TlsMode::starttls;
  std::string sni;  ///< empty: none
  ServerKeys keys = ServerKeys::any;
  std::string helo = "client.test";
  Policy policy;
  std::vector<ReferenceIdentifier> references;
  /// The policy's objection to this host whatever it presents (sts-mx-not-listed). The session still goes as
  /// far as the certificate, so that people see all that is wrong, and then refuses for this reason.
  std::optional<Reason> veto;
  std::vector<TlsaRecord> tlsa;  ///< usable ones, for PolicyId::dane; none there means refusal (dane-none)
  const TrustStore* trust = nullptr;         ///< must outlive the session; nullptr trusts nobody
  std::int64_t time = 0;                     ///< for validity; seconds since 1970
  std::chrono::milliseconds timeout{20000};  ///< for the whole session
  Deliver deliver = Deliver::no;
  std::string sender, recipient;  ///< mailboxes without angle brackets; an empty sender is the null path
  std::string message;            ///< any line ends; sent with CRLF and dot-stuffed
  std::optional<Login> login;     ///< before the message; where the session is in clear, it is not sent
  PublicSuffixTest is_public_suffix;
  Explain explain = Explain::deciding;  ///< yes: names.attempts
};

/// accept: TLS satisfied the policy and the session went on under it. plaintext: the policy allows clear text
/// and the session went on so (delivered, unless Deliver::no). reject: connected, and did neither. none: not
/// connected.
enum class SessionDecision { accept, reject, plaintext, none };

/// What a session that failed looks like the consequence of: the wrong kind of TLS for the port (RFC
/// 8314 3.3), which an SRV record may have named (5.1).
enum class TlsHint { none, wants_tls_at_once, greets_in_clear, srv_wants_tls_at_once, srv_greets_in_clear };

struct SessionReport {
  SessionDecision decision = SessionDecision::none;
  Reason reason = Reason::connect_failed;
  Layers layers;
  std::string banner_name, ehlo_name, ehlo_name_after_tls;  ///< claimed names, printable, bounded
  std::vector<std::string> capabilities, capabilities_after_tls;
  std::string tls_version, cipher, alert;
  std::vector<std::string> certificates;    ///< DER as sent, bounded
  std::optional<PresentedNames> presented;  ///< nullopt: no certificate, or one that cannot be read
  ChainResult chain;                        ///< only where the policy asks for it
  MatchResult names;                        ///< only where the policy asks for it
  std::optional<DaneResult> dane;
  std::vector<std::string> transcript;  ///< "S: 220 ...", "C: EHLO ...", "* TLSv1.3 ..."; printable, bounded
  int refusal_code = 0;                 ///< SMTP code that refused the message, if the reason is mail-refused
  std::string error;  ///< sentence when a layer failed below TLS, or the server refused, with its own words
  TlsHint hint = TlsHint::none;
};

/// Runs on the awaiting coroutine's executor, which must run one handler at a time (a strand, or one thread).
/// Never throws for what a server does; ends within `timeout` and half a second.
boost::asio::awaitable<SessionReport> run_session(SessionOptions options);

}  // namespace mxident::probe
