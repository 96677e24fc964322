#include <algorithm>

#include "harness/judge/judge.hpp"
#include "harness/judge/session.hpp"

namespace mxident::harness {
namespace {

/// The client met the server in the sense of the word "reject": it got to what it had to judge, or the server
/// gave it a reason to leave. Who leaves although STARTTLS lay before it has judged nothing (a host name that
/// it dislikes).
bool met_the_server(const Session& session) {
  if (session.sni || session.handshake) return true;
  if (session.implicit) return true;       // waited for a greeting in clear that cannot come
  if (session.mail_in_clear) return true;  // tried to deliver, and the server did not take it
  if (session.starttls_sent) return !session.starttls_accepted || session.spoiled;
  if (session.said_hello) return !session.hello_accepted || !session.starttls_offered;
  return !session.greeted;
}

bool met_any(const std::vector<Session>& sessions, const Observation& observation) {
  return std::any_of(sessions.begin(), sessions.end(), [&](const Session& s) {
    return met_the_server(s) || observation.odd_dialogue.contains(s.host);
  });
}

bool any(const std::vector<Session>& sessions, bool (*test)(const Session&)) {
  return std::any_of(sessions.begin(), sessions.end(), test);
}

/// For a tool that delivers nothing, its words decide, on the evidence that the wire leaves them (design:
/// placeholders).
Decision decide_by_words(const std::vector<Session>& sessions, const Observation& observation,
                         const ModeFacts& mode) {
  const ClientReport& client = observation.client;
  if (!met_any(sessions, observation)) return Decision::none;
  if (client.said == "rejected") return Decision::reject;
  const bool silent = client.said.empty();
  const bool failed = silent && !(client.end == ClientReport::End::exited && client.code == 0);
  if (failed) return Decision::reject;
  if (any(sessions, [](const Session& s) { return s.handshake && s.alert.empty(); })) return Decision::accept;
  if (any(sessions, [](const Session& s) { return s.handshake || s.sni.has_value(); }))
    return Decision::reject;
  // No TLS at all, and content: it went on in clear, unless it says nothing and had to ask for TLS.
  return silent && mode.policy.tls == TlsDemand::required ? Decision::reject : Decision::plaintext;
}

}  // namespace

Decision decide(const Observation& observation, const ModeFacts& mode) {
  const auto& sessions = observation.sessions;
  if (any(sessions, [](const Session& s) { return s.went_on_in_clear(); })) return Decision::plaintext;
  if (mode.delivers == Delivers::no) return decide_by_words(sessions, observation, mode);
  if (any(sessions, [](const Session& s) { return s.went_on_under_tls(); })) return Decision::accept;
  return met_any(sessions, observation) ? Decision::reject : Decision::none;
}

}  // namespace mxident::harness
