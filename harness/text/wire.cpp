#include "harness/text/wire.hpp"

#include <fmt/format.h>

#include <utility>

namespace mxident::harness {
namespace {

constexpr std::size_t kMaxLine = 200;  // octets of one line

constexpr std::pair<WireKind, std::string_view> kWords[] = {{WireKind::connected, "connected"},
                                                            {WireKind::sent, "sent"},
                                                            {WireKind::received, "received"},
                                                            {WireKind::client_hello, "client-hello"},
                                                            {WireKind::handshake, "handshake"},
                                                            {WireKind::handshake_failed, "handshake-failed"},
                                                            {WireKind::alert_received, "alert-received"},
                                                            {WireKind::alert_sent, "alert-sent"},
                                                            {WireKind::message, "message"},
                                                            {WireKind::closed, "closed"},
                                                            {WireKind::dns_query, "dns-query"},
                                                            {WireKind::https_request, "https-request"}};

std::string shown(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  std::string out;
  for (const char c : text.substr(0, kMaxLine)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet >= 0x7f || c == '\\') {
      out += c == '\r' ? "\\r" : c == '\n' ? "\\n" : c == '\\' ? "\\\\" : fmt::format("\\x{:02x}", octet);
    } else {
      out += c;
    }
  }
  if (text.size() > kMaxLine) out += fmt::format("... ({} octets)", text.size());
  return out;
}

std::string line_of(const WireEvent& event) {
  const std::string text = shown(event.text);
  switch (event.kind) {
    case WireKind::connected:
      return fmt::format("* connected to {} {}", shown(event.host), shown(event.address));
    case WireKind::sent:
      return "S: " + text;
    case WireKind::received:
      return "C: " + text;
    case WireKind::client_hello:
      return text.empty() ? "* ClientHello without SNI" : "* ClientHello, SNI " + text;
    case WireKind::handshake:
      return "* handshake done, " + text;
    case WireKind::handshake_failed:
      return text.empty() ? "* handshake failed" : "* handshake failed: " + text;
    case WireKind::alert_received:
      return "* alert from the client: " + text;
    case WireKind::alert_sent:
      return "* alert from the server: " + text;
    case WireKind::message:
      return event.encrypted ? "* message accepted under TLS" : "* message accepted in clear";
    case WireKind::closed:
      return text.empty() ? "* closed" : "* closed " + text;
    case WireKind::dns_query:
      return "* DNS " + text;
    case WireKind::https_request:
      return "* HTTPS " + text;
  }
  return "* " + text;
}

}  // namespace

std::string_view to_string(WireKind kind) {
  for (const auto& [known, word] : kWords) {
    if (known == kind) return word;
  }
  return "?";
}

std::optional<WireKind> wire_kind_from_string(std::string_view text) {
  for (const auto& [kind, word] : kWords) {
    if (word == text) return kind;
  }
  return std::nullopt;
}

std::string wire_line(const WireEvent& event) {
  return event.connection == 0 ? line_of(event) : fmt::format("{} {}", event.connection, line_of(event));
}

}  // namespace mxident::harness
