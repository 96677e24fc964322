#include <utility>

#include "harness/judge/judge.hpp"

namespace mxident::harness {
namespace {

constexpr std::pair<mocks::EventKind, WireKind> kKinds[] = {
    {mocks::EventKind::connected, WireKind::connected},
    {mocks::EventKind::sent, WireKind::sent},
    {mocks::EventKind::received, WireKind::received},
    {mocks::EventKind::client_hello, WireKind::client_hello},
    {mocks::EventKind::handshake, WireKind::handshake},
    {mocks::EventKind::handshake_failed, WireKind::handshake_failed},
    {mocks::EventKind::alert_received, WireKind::alert_received},
    {mocks::EventKind::alert_sent, WireKind::alert_sent},
    {mocks::EventKind::message, WireKind::message},
    {mocks::EventKind::closed, WireKind::closed},
    {mocks::EventKind::dns_query, WireKind::dns_query},
    {mocks::EventKind::https_request, WireKind::https_request}};

WireKind kind_of(mocks::EventKind kind) {
  for (const auto& [theirs, ours] : kKinds) {
    if (theirs == kind) return ours;
  }
  return WireKind::closed;  // not reached: the table has every kind
}

}  // namespace

std::vector<WireEvent> wire_events(const std::vector<mocks::Event>& events) {
  std::vector<WireEvent> out;
  out.reserve(events.size());
  for (const auto& event : events) {
    out.push_back({event.at_us, kind_of(event.kind), event.connection, event.host, event.address,
                   event.encrypted, event.text});
  }
  return out;
}

}  // namespace mxident::harness
