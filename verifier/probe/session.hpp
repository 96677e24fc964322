// One SMTP session up to a decision: connect, greeting, EHLO, STARTTLS, TLS, chain, names, EHLO, then MAIL or QUIT.
// Asio stays behind this header's .cpp files but for io_context and awaitable.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../chain.hpp"
#include "../match.hpp"
#include "../policy.hpp"

namespace mxident::probe {

enum class LayerState { ok, failed, not_checked, not_reached, unknown };

/// What was reached and checked, layer by layer (design: connect, smtp, starttls, handshake, chain, name, policy, delivery).
struct Layers {
  LayerState connect = LayerState::not_reached, smtp = LayerState::not_reached, starttls = LayerState::not_reached,
             handshake = LayerState::not_reached, chain = LayerState::not_reached, name = LayerState::not_reached,
             policy = LayerState::not_reached, delivery = LayerState::not_reached;
};

enum class TlsMode { starttls, implicit };
enum class Deliver { no, yes };   ///< yes: send `message` where the policy accepts; no: QUIT after the second EHLO

/// TLSA records that commit this host to DANE; prepared by the resolver part.
struct TlsaRecord {
  std::uint8_t usage = 0, selector = 0, matching = 0;
  std::string data;
};

struct SessionOptions {
  std::string address;                      ///< IPv4 or IPv6 text
  std::uint16_t port = 25;
  TlsMode tls = TlsMode::starttls;
  std::string sni;                          ///< empty: none
  std::string helo = "client.test";
  Policy policy;
  std::vector<ReferenceIdentifier> references;
  std::vector<TlsaRecord> tlsa;             ///< usable ones, for PolicyId::dane
  const TrustStore* trust = nullptr;        ///< must outlive the session
  std::int64_t time = 0;                    ///< for validity; seconds since 1970
  std::chrono::milliseconds timeout{20000}; ///< for the whole session
  Deliver deliver = Deliver::no;
  std::string sender, recipient, message;
  PublicSuffixTest is_public_suffix;
};

enum class SessionDecision { accept, reject, plaintext, none };

struct SessionReport {
  SessionDecision decision = SessionDecision::none;
  Reason reason = Reason::reference_ok;
  Layers layers;
  std::string banner_name, ehlo_name, ehlo_name_after_tls;   ///< claimed names, printable, bounded
  std::vector<std::string> capabilities, capabilities_after_tls;
  std::string tls_version, cipher;
  std::vector<std::string> certificates;    ///< DER as sent, bounded
  PresentedNames presented;
  ChainResult chain;
  MatchResult names;
  std::vector<std::string> transcript;      ///< "S: 220 ...", "C: EHLO ...", "* TLS 1.3 ..."
  std::string error;                        ///< sentence when a layer failed below TLS
};

boost::asio::awaitable<SessionReport> run_session(SessionOptions options);

}  // namespace mxident::probe
