// Transcripts for tests, written as a few lines.
#pragma once

#include <string>
#include <vector>

#include "mocks/transcript.hpp"

namespace mxident::harness {

/// One event a line: "+HOST" a new connection, "S..." and "C..." lines, "H[SNI]" a ClientHello, "T" handshake
/// done (what follows is under TLS), "F" handshake failed, "A..." alert of the client, "M" a message
/// accepted, "X..." closed, "D..." a DNS query.
inline std::vector<mocks::Event> events_of(const std::vector<std::string>& lines) {
  using mocks::EventKind;
  std::vector<mocks::Event> out;
  std::uint32_t connection = 0;
  std::string host;
  bool encrypted = false;
  for (const auto& line : lines) {
    mocks::Event event;
    event.at_us = static_cast<std::int64_t>(out.size());
    event.text = line.substr(1);
    switch (line[0]) {
      case '+':
        event.kind = EventKind::connected;
        ++connection;
        host = event.text;
        event.text.clear();
        encrypted = false;
        break;
      case 'S':
        event.kind = EventKind::sent;
        break;
      case 'C':
        event.kind = EventKind::received;
        break;
      case 'H':
        event.kind = EventKind::client_hello;
        break;
      case 'T':
        event.kind = EventKind::handshake;
        break;
      case 'F':
        event.kind = EventKind::handshake_failed;
        break;
      case 'A':
        event.kind = EventKind::alert_received;
        break;
      case 'M':
        event.kind = EventKind::message;
        break;
      case 'X':
        event.kind = EventKind::closed;
        break;
      default:
        event.kind = EventKind::dns_query;
        break;
    }
    event.connection = line[0] == 'D' ? 0 : connection;
    event.host = line[0] == 'D' ? "dns" : host;
    if (line[0] == 'D') event.role = mocks::Role::name_server;
    event.encrypted = encrypted;
    if (line[0] == 'T') encrypted = true;
    out.push_back(std::move(event));
  }
  return out;
}

}  // namespace mxident::harness
