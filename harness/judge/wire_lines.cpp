#include <fmt/format.h>

#include "harness/judge/judge.hpp"

namespace mxident::harness {
namespace {

using mocks::Event;
using mocks::EventKind;

constexpr std::size_t kMaxShown = 200;  // octets of one line

/// Printable: control octets and `\` as escapes, long lines cut.
std::string shown(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  std::string out;
  for (const char c : text.substr(0, kMaxShown)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet >= 0x7f || c == '\\') {
      out += c == '\r' ? "\\r" : c == '\n' ? "\\n" : c == '\\' ? "\\\\" : fmt::format("\\x{:02x}", octet);
    } else {
      out += c;
    }
  }
  if (text.size() > kMaxShown) out += fmt::format("... ({} octets)", text.size());
  return out;
}

std::string line_of(const Event& event) {
  const std::string text = shown(event.text);
  switch (event.kind) {
    case EventKind::connected:
      return fmt::format("* connected to {} {}", event.host, event.address);
    case EventKind::sent:
      return "S: " + text;
    case EventKind::received:
      return "C: " + text;
    case EventKind::client_hello:
      return text.empty() ? "* ClientHello without SNI" : "* ClientHello, SNI " + text;
    case EventKind::handshake:
      return "* handshake done, " + text;
    case EventKind::handshake_failed:
      return text.empty() ? "* handshake failed" : "* handshake failed: " + text;
    case EventKind::alert_received:
      return "* alert from the client: " + text;
    case EventKind::alert_sent:
      return "* alert from the server: " + text;
    case EventKind::message:
      return event.encrypted ? "* message accepted under TLS" : "* message accepted in clear";
    case EventKind::closed:
      return text.empty() ? "* closed" : "* closed " + text;
    case EventKind::dns_query:
      return "* DNS " + text;
    case EventKind::https_request:
      return "* HTTPS " + text;
  }
  return "* " + text;
}

}  // namespace

std::vector<std::string> wire_lines(const std::vector<Event>& events) {
  std::vector<std::string> out;
  out.reserve(events.size());
  for (const auto& event : events) {
    out.push_back(event.connection == 0 ? line_of(event)
                                        : fmt::format("{} {}", event.connection, line_of(event)));
  }
  return out;
}

}  // namespace mxident::harness
