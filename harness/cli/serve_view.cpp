#include "harness/cli/serve_view.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <system_error>
#include <tuple>

#include "harness/cli/catalogue.hpp"
#include "harness/judge/judge.hpp"
#include "harness/judge/session.hpp"
#include "harness/text/wire.hpp"
#include "harness/text/words.hpp"

namespace mxident::harness::cli {
namespace {

using mocks::EventKind;

/// The last word that a line of the client is about: "EHLO client.test".
std::string hello_of(const std::vector<mocks::Event>& events) {
  for (const auto& event : events) {
    if (event.kind != EventKind::received) continue;
    const std::string line = printable(event.text);
    const std::string verb = line.substr(0, 4);
    if (verb == "EHLO" || verb == "HELO" || verb == "ehlo" || verb == "helo" || verb == "LHLO")
      return line.size() > 5 ? line.substr(5) : "";
  }
  return {};
}

std::pair<std::string, std::string> outcome_of(const Session& session) {
  if (session.message_under_tls) return {"delivered", "delivered under TLS"};
  if (session.message_in_clear) return {"delivered-in-clear", "delivered in clear"};
  if (session.went_on_in_clear()) return {"in-clear", "went on in clear, without a message"};
  if (session.went_on_under_tls()) return {"no-mail", "began a mail under TLS and gave no message"};
  if (!session.alert.empty()) return {"refused", fmt::format("refused: alert \"{}\"", session.alert)};
  if (session.handshake_failed) return {"handshake-failed", "the handshake failed"};
  if (session.handshake)
    return {"refused", "ended after the handshake, without mail: refused, or only looked"};
  if (session.starttls_sent) return {"no-tls", "asked for TLS, which did not come about"};
  return {"no-tls", "ended before TLS"};
}

/// Only layers that the wire shows: what the client checked, and what for, nobody knows here.
std::string layers_of(const Session& s) {
  using enum LayerState;
  const bool mail = s.mail_in_clear || s.mail_under_tls;
  const LayerState smtp = s.hello_accepted ? ok : s.implicit && !s.handshake ? not_reached : failed;
  const LayerState starttls = s.implicit            ? ok
                              : s.starttls_accepted ? ok
                              : s.starttls_sent     ? failed
                                                    : not_checked;
  const LayerState handshake = s.handshake ? ok : s.sni || s.handshake_failed ? failed : not_reached;
  const LayerState delivery = s.message_in_clear || s.message_under_tls ? ok : mail ? failed : not_reached;
  return fmt::format("connect=ok smtp={} starttls={} handshake={} delivery={}", to_string(smtp),
                     to_string(starttls), to_string(handshake), to_string(delivery));
}

}  // namespace

ConnectionEnd end_of(const std::vector<mocks::Event>& events,
                     const std::map<std::string, mocks::Starttls>& starttls) {
  ConnectionEnd out;
  const auto sessions = fold_sessions(events, starttls);
  if (sessions.empty()) return out;
  const Session& session = sessions.front();
  out.connection = session.connection;
  out.host = session.host;
  out.address = events.front().address;
  out.hello = hello_of(events);
  out.sni = session.sni.value_or("");
  out.tls = session.handshake ? "" : session.sni || session.handshake_failed ? "failed" : "none";
  for (const auto& event : events) {
    if (event.kind == EventKind::handshake) out.tls = event.text;
  }
  out.alert = session.alert;
  out.layers = layers_of(session);
  std::tie(out.outcome, out.sentence) = outcome_of(session);
  return out;
}

nlohmann::ordered_json json_of(const ConnectionEnd& end, const std::string& scenario) {
  return {{"event", "connection"}, {"scenario", scenario},   {"connection", end.connection},
          {"host", end.host},      {"address", end.address}, {"hello", end.hello},
          {"sni", end.sni},        {"tls", end.tls},         {"alert", end.alert},
          {"layers", end.layers},  {"outcome", end.outcome}};
}

void flush_output() {
  if (std::fflush(stdout) != 0) throw std::system_error(errno, std::generic_category(), "standard output");
}

void Watcher::show(const std::string& scenario, const mocks::Event& event) const {
  const WireEvent wire = wire_events({event}).front();
  if (as_ == As::text) {
    fmt::print("{}  {}\n", scenario, wire_line(wire));
    return;
  }
  const nlohmann::ordered_json line{
      {"event", to_string(wire.kind)}, {"scenario", scenario},        {"at_us", wire.at_us},
      {"connection", wire.connection}, {"host", wire.host},           {"address", wire.address},
      {"encrypted", wire.encrypted},   {"text", printable(wire.text)}};
  fmt::print("{}\n", line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void Watcher::look(const std::string& scenario, const mocks::Transcript& transcript,
                   const std::map<std::string, mocks::Starttls>& starttls) {
  const std::vector<mocks::Event> events = transcript.events();
  auto& [seen, open] = seen_[scenario];
  if (seen == events.size()) return;
  for (; seen < events.size(); ++seen) {
    const auto& event = events[seen];
    if (detail_ == Detail::events) show(scenario, event);
    if (event.connection == 0 || event.role != mocks::Role::mail_server) continue;
    auto& connection = open[event.connection];
    connection.push_back(event);
    if (event.kind != EventKind::closed) continue;
    const ConnectionEnd end = end_of(connection, starttls);
    if (as_ == As::json) {
      fmt::print(
          "{}\n",
          json_of(end, scenario).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    } else {
      fmt::print("{}{}\n", detail_ == Detail::events ? "" : scenario + "\n  ", text_of(end));
    }
    open.erase(event.connection);
  }
  flush_output();
}

std::vector<std::string> refused_recipients(const std::vector<mocks::Event>& events) {
  std::vector<std::string> out;
  std::map<std::uint32_t, std::vector<std::string>> asked;  // by connection; commands may come pipelined
  for (const auto& event : events) {
    auto& waiting = asked[event.connection];
    if (event.kind == EventKind::received && event.text.size() > 5 &&
        (event.text[0] == 'R' || event.text[0] == 'r') && (event.text[1] == 'C' || event.text[1] == 'c')) {
      waiting.push_back(printable(event.text.substr(5)));
    }
    if (event.kind == EventKind::sent && event.text.starts_with(mocks::kNoRecipient) && !waiting.empty()) {
      out.push_back(waiting.back());
      waiting.pop_back();
    }
  }
  return out;
}

std::string text_of(const ConnectionEnd& end) {
  const std::string sni = end.tls == "none" ? "no TLS"
                          : end.sni.empty() ? "no SNI"
                                            : "SNI " + printable(end.sni);
  return fmt::format("= {} {} {}: EHLO {}, {}{}\n  {}\n  {}", end.connection, end.host, end.address,
                     end.hello.empty() ? "(none)" : end.hello, sni,
                     end.tls.empty() || end.tls == "none" ? "" : ", " + end.tls, end.layers, end.sentence);
}

}  // namespace mxident::harness::cli
