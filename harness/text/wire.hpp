// What a server saw, as data that outlives the run, and as lines for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mxident::harness {

enum class WireKind {
  connected,
  sent,      ///< from the server
  received,  ///< from the client
  client_hello,
  handshake,
  handshake_failed,
  alert_received,
  alert_sent,
  message,
  closed,
  dns_query,
  https_request
};
std::string_view to_string(WireKind kind);
std::optional<WireKind> wire_kind_from_string(std::string_view text);

/// One event of a cell, in the order of arrival.
struct WireEvent {
  std::int64_t at_us = 0;  ///< since the world was opened
  WireKind kind{};
  std::uint32_t connection = 0;  ///< from 1; 0 where there is none
  std::string host, address;     ///< the server
  bool encrypted = false;        ///< under TLS
  std::string text;              ///< octets as they came

  bool operator==(const WireEvent&) const = default;
};

/// "1 S: 220 mx.x.test ESMTP", "1 C: EHLO client.test", "1 * ClientHello, SNI mx.x.test": control octets are
/// made visible, long lines cut.
std::string wire_line(const WireEvent& event);

}  // namespace mxident::harness
