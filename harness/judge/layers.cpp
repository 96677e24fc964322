#include <algorithm>

#include "harness/judge/judge.hpp"
#include "harness/judge/session.hpp"

namespace mxident::harness {
namespace {

/// How far a session came; the one that came farthest is shown.
int reach(const Session& s) {
  if (s.went_on_in_clear()) return 7;  // what was sent in clear is what must be seen
  if (s.went_on_under_tls()) return 6;
  if (s.handshake) return 5;
  if (s.sni) return 4;
  if (s.starttls_sent) return 3;
  if (s.said_hello) return 2;
  return 1;
}

LayerState smtp_layer(const Session& s) {
  if (s.implicit && !s.said_hello) return LayerState::not_reached;
  return s.hello_accepted ? LayerState::ok : LayerState::failed;
}

LayerState starttls_layer(const Session& s, const ModeFacts& mode) {
  if (s.implicit) return s.sni || s.handshake ? LayerState::ok : LayerState::not_reached;
  if (!s.hello_accepted) return LayerState::not_reached;
  if (s.starttls_sent) return s.starttls_accepted ? LayerState::ok : LayerState::failed;
  if (s.starttls_offered || mode.policy.tls == TlsDemand::never) return LayerState::not_checked;
  return LayerState::failed;
}

bool is_said(LayerState state) {
  return state == LayerState::ok || state == LayerState::failed || state == LayerState::not_checked;
}

LayerState handshake_layer(const Session& s, const ClientReport& client, LayerState starttls) {
  if (starttls != LayerState::ok) return LayerState::not_reached;
  if (s.handshake || s.certificate_alert()) return LayerState::ok;
  // Who says what is wrong with the certificate has got as far, with whatever alert or none it left.
  const Layers& said = client.said_layers;
  const bool judged =
      said.chain == LayerState::failed || said.name == LayerState::failed || said.handshake == LayerState::ok;
  if (judged && s.sni && !s.spoiled) return LayerState::ok;
  if (s.sni || s.handshake_failed || s.spoiled) return LayerState::failed;
  return LayerState::not_reached;
}

LayerState chain_layer(const Session& s, const ClientReport& client, const ModeFacts& mode) {
  if (is_said(client.said_layers.chain)) return client.said_layers.chain;
  if (s.chain_alert()) return LayerState::failed;
  if (client.said == "verified" && mode.policy.chain == ChainDemand::required) return LayerState::ok;
  return mode.silent_chain;
}

LayerState name_layer(const Session& s, const ClientReport& client, const ModeFacts& mode) {
  if (is_said(client.said_layers.name)) return client.said_layers.name;
  if (client.said == "verified" && mode.policy.names == NameDemand::required && s.alert.empty())
    return LayerState::ok;
  return mode.silent_name;
}

LayerState policy_layer(const ClientReport& client, const ModeFacts& mode, Decision decision) {
  if (is_said(client.said_layers.policy)) return client.said_layers.policy;
  switch (decision) {
    case Decision::accept:
      return LayerState::ok;
    case Decision::reject:
      return LayerState::failed;
    case Decision::plaintext:
      return mode.policy.tls == TlsDemand::required ? LayerState::failed : LayerState::ok;
    case Decision::none:
      break;
  }
  return LayerState::not_reached;
}

LayerState delivery_layer(const Session& s) {
  if (s.message_in_clear || s.message_under_tls) return LayerState::ok;
  return s.mail_in_clear || s.mail_under_tls ? LayerState::failed : LayerState::not_reached;
}

}  // namespace

Layers find_layers(const Observation& observation, const ModeFacts& mode, Decision decision) {
  Layers out;
  const auto& sessions = observation.sessions;
  const auto shown = std::max_element(sessions.begin(), sessions.end(),
                                      [](const Session& a, const Session& b) { return reach(a) < reach(b); });
  if (shown == sessions.end()) {
    // Without a connection only the client itself can say more (a policy that forbids to connect, say).
    if (is_said(observation.client.said_layers.policy)) out.policy = observation.client.said_layers.policy;
    return out;
  }
  out.connect = LayerState::ok;
  out.smtp = smtp_layer(*shown);
  out.starttls = starttls_layer(*shown, mode);
  out.handshake = handshake_layer(*shown, observation.client, out.starttls);
  if (out.handshake == LayerState::ok) {
    out.chain = chain_layer(*shown, observation.client, mode);
    out.name = name_layer(*shown, observation.client, mode);
  }
  out.policy = policy_layer(observation.client, mode, decision);
  out.delivery = delivery_layer(*shown);
  return out;
}

}  // namespace mxident::harness
