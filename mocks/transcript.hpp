// What happened in a world, as its servers saw it. Facts only; nothing here judges.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace mxident::mocks {

enum class EventKind {
  connected,     ///< TCP connection accepted
  sent,          ///< a line (or raw octets) from the server
  received,      ///< a line from the client
  client_hello,  ///< `text` is the SNI, empty if there was none
  handshake,     ///< TLS handshake done on the server's side; `text` is "TLSv1.3 TLS_AES_256_GCM_SHA384"
  handshake_failed,
  alert_received,  ///< `text` is OpenSSL's long name of the alert, e.g. "unknown CA"
  alert_sent,
  message,        ///< a message was accepted after DATA; `encrypted` says how it came
  closed,         ///< `text`: "by client", "by server", "reset", "idle limit"
  dns_query,      ///< `text`: "mx1.example.test. A" and the rcode, e.g. "mx.test. A NOERROR"
  https_request,  ///< to the MTA-STS policy host
};

/// What kind of server an event is about.
enum class Role { mail_server, name_server, policy_host };

struct Event {
  std::int64_t at_us = 0;  ///< microseconds since the world was opened
  EventKind kind{};
  std::uint32_t connection =
      0;  ///< 1 for the first connection of the world, 0 where there is none (DNS over UDP)
  Role role = Role::mail_server;
  std::string host;     ///< the server's name in the scenario ("dns", "authority", "mta-sts" for the others)
  std::string address;  ///< server address
  bool encrypted = false;  ///< under TLS
  std::string text;        ///< at most kMaxText octets; control octets as they came
};

/// Thread-safe and bounded: text of an event is cut at kMaxText, and after kMaxEvents events only counts go
/// on.
class Transcript {
 public:
  static constexpr std::size_t kMaxText = 1000;
  static constexpr std::size_t kMaxEvents = 2000;

  void add(Event event);
  std::vector<Event> events() const;  ///< copy, in order of arrival
  std::size_t dropped() const;        ///< events beyond kMaxEvents

 private:
  mutable std::mutex mutex_;
  std::vector<Event> events_;
  std::size_t dropped_ = 0;
};

}  // namespace mxident::mocks
