// What a mock SMTP server says and does: the input of mocks/smtp.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mxident::mocks {

/// How a server behaves around STARTTLS (RFC 3207).
enum class Starttls {
  offered,
  hidden,       ///< keyword not in the EHLO reply; the command itself is answered 502
  refused_454,  ///< offered, answered 454 (TLS temporarily unavailable)
  refused_502,
  refused_554,
  garbage,   ///< 220, then octets that are no TLS record
  silent,    ///< 220, then nothing until the idle limit
  closed,    ///< 220, then the connection ends
  alert,     ///< 220, then a fatal handshake_failure alert
  injected,  ///< 220 and a plaintext reply in the same segment, then TLS as usual (CVE-2011-0411 and family)
  implicit,  ///< TLS from the first octet (RFC 8314)
};

/// What a server makes of the server name indication (RFC 6066 3).
enum class Sni {
  looked_at,  ///< picks a certificate by it, else shows the usual one
  required,   ///< fatal alert unrecognized_name for a name that it has no certificate for, or for none
  warned,     ///< warning alert unrecognized_name for such a name, then goes on (up to TLS 1.2)
};

/// Whether a server gives out session tickets and takes those of every other server of the process.
enum class Resumption { none, offered };

enum class TlsVersion { tls1_0, tls1_1, tls1_2, tls1_3 };

/// TLS that every server of a world must offer so that an old client can speak to it.
struct ServerProfile {
  std::optional<TlsVersion> tls_min{}, tls_max{};
  std::optional<int> security_level{};
  bool is_default() const { return !tls_min && !tls_max && !security_level; }
};

/// An address record of a server. `text` empty: allotted by the world.
struct ServerAddress {
  std::string text{};                        ///< IPv4 or IPv6 in text form
  bool ipv6 = false;                         ///< family of an allotted address
  std::optional<std::string> certificate{};  ///< other certificate at this address
};

/// Answer to one SMTP command, in place of the usual one.
struct ReplyOverride {
  /// Wire text; "\n" between lines becomes CRLF and lines are sent as they stand (so that they can be
  /// malformed).
  std::string text{};
  std::chrono::milliseconds delay{0};  ///< before the first octet
  bool raw = false;                    ///< send the octets of `text` as they are, no CRLF added
  bool close_after = false;            ///< end the connection (TCP, no close_notify) after it
  std::size_t repeat = 1;  ///< how often `text` is sent (over-long replies); bounded by the server's limits
  std::string late{};      ///< octets that follow as they are, in a segment of their own
};

/// How the answer to a recipient begins whom a server with a list of domains does not take.
inline constexpr const char* kNoRecipient = "550 5.7.1 no recipient of this test server";

struct SmtpServerSpec {
  std::string host;                           ///< the name the scenario gives it; used in transcripts
  std::string banner;                         ///< name in the 220 greeting
  std::string ehlo;                           ///< name in the EHLO reply
  std::optional<std::string> ehlo_after_tls;  ///< another name in the second EHLO reply
  std::vector<std::string> capabilities = {"PIPELINING", "SIZE 10240000", "8BITMIME"};
  std::string certificate;  ///< id; empty: the server has none and cannot offer TLS
  std::map<std::string, std::string> certificates_by_sni;  ///< lower-case SNI name to id
  Starttls starttls = Starttls::offered;
  Sni sni = Sni::looked_at;
  Resumption resumption = Resumption::none;
  TlsVersion tls_min = TlsVersion::tls1_2;
  TlsVersion tls_max = TlsVersion::tls1_3;
  int security_level = 1;                ///< OpenSSL security level of the server
  std::vector<ServerAddress> addresses;  ///< empty: one allotted IPv4 address
  std::vector<std::uint16_t> ports = {25};
  /// By command verb in upper case; "CONNECT" is the greeting, "EHLO-TLS" the EHLO after TLS, "." the end of
  /// DATA.
  std::map<std::string, ReplyOverride> replies;
  /// Domains whose mailboxes are taken, in lower case; others are answered 550. Empty: every mailbox is.
  std::vector<std::string> recipients;
  /// What it is from its second connection on, one entry a connection; the last one stays.
  std::vector<SmtpServerSpec> then;
};

}  // namespace mxident::mocks
