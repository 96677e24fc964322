#include <algorithm>

#include "harness/judge/judge.hpp"
#include "harness/judge/session.hpp"

namespace mxident::harness {
namespace {

/// A server was left without mail: what is said of a refusal may be about that one, where the next had the
/// mail.
bool left_a_server(const std::vector<Session>& sessions) {
  return std::any_of(sessions.begin(), sessions.end(), [](const Session& s) {
    return s.said_hello && !s.went_on_in_clear() && !s.went_on_under_tls();
  });
}

}  // namespace

std::string contradiction_of(const Observation& observation, const ModeFacts& mode, Decision decision,
                             const Layers& layers) {
  const std::string& said = observation.client.said;
  if (said == "rejected") {
    // A checker has no other way to reject than its words.
    const bool delivered = mode.delivers == Delivers::yes && layers.delivery == LayerState::ok;
    if (decision == Decision::accept && left_a_server(observation.sessions)) return "";
    return delivered ? "says \"rejected\", and the message was delivered" : "";
  }
  if (said != "verified") return "";
  if (decision == Decision::plaintext) return "says \"verified\", and the message went in clear";
  const auto& sessions = observation.sessions;
  if (std::none_of(sessions.begin(), sessions.end(), [](const Session& s) { return s.handshake; })) {
    return "says \"verified\", and no TLS handshake was completed";
  }
  // DANE has trust anchors of its own (RFC 7672 3.1).
  if (observation.true_chain == LayerState::failed && mode.policy.id != PolicyId::dane)
    return "says \"verified\", and the chain is not valid";
  // Without a claim to check names, "verified" is about the chain alone (s_client's return code 0).
  if (mode.policy.names == NameDemand::required && mode.policy.references == ReferenceSelection::mx_host &&
      observation.true_name == LayerState::failed) {
    return "says \"verified\", and no presented identifier matches the host";
  }
  return "";
}

}  // namespace mxident::harness
