#include "verdict.hpp"

#include <array>

namespace mxident::probe {
namespace {

bool tls_was_reached(const SessionReport& session) {
  return session.layers.handshake == LayerState::ok;
}

// TLS did not come about, though SMTP did.
bool only_tls_failed(const SessionReport& session) {
  return session.layers.smtp == LayerState::ok &&
         (session.layers.starttls == LayerState::failed || session.layers.handshake == LayerState::failed);
}

void decide_by_session(const Applied& applied, const HostFacts& facts, const SessionReport& session,
                       const PublicSuffixTest& is_public_suffix, PolicyVerdict& out) {
  out.reason = session.reason;
  if (session.layers.connect != LayerState::ok) {
    out.answer = Answer::none;
    return;
  }
  if (applied.policy.tls == TlsDemand::never) {
    // The probe asked for TLS; what it saw until then is what such a client would see.
    const bool spoke = session.layers.smtp == LayerState::ok;
    out.answer = spoke ? Answer::plaintext : Answer::reject;
    if (spoke) out.reason = Reason::tls_not_wanted;
    return;
  }
  if (!tls_was_reached(session)) {
    const bool in_clear = applied.policy.tls == TlsDemand::if_offered && only_tls_failed(session);
    out.answer = in_clear ? Answer::plaintext : Answer::reject;
    if (in_clear) out.reason = Reason::plaintext_allowed;
    return;
  }
  Demand demand;
  demand.policy = applied.policy;
  demand.references = applied.references;
  demand.tlsa = applied.tlsa;
  demand.trust = facts.trust;
  demand.chain.time = facts.time;
  demand.explain = Explain::yes;
  out.judgement = verify({session.certificates, nullptr, session.presented ? &*session.presented : nullptr},
                         demand, is_public_suffix);
  if (!out.judgement.accepted()) {
    out.answer = Answer::reject;
    out.reason = out.judgement.reason;
  } else if (session.decision != SessionDecision::accept) {
    // The certificate would do, but the session broke after it.
    out.answer = Answer::reject;
  } else {
    out.answer = Answer::accept;
    out.reason = out.judgement.reason;
  }
}

}  // namespace

std::string_view to_string(Answer answer) {
  constexpr std::array<std::string_view, 5> kWords{"accept", "reject", "plaintext", "none", "not-asked"};
  return kWords[static_cast<std::size_t>(answer)];
}

PolicyVerdict verdict(const Policy& wanted, const HostFacts& facts, const SessionReport& session,
                      const PublicSuffixTest& is_public_suffix) {
  PolicyVerdict out;
  out.policy = wanted.id;
  Applied applied = apply(wanted, published(facts));
  out.remark = applied.remark;
  if (applied.refused) {
    out.answer = *applied.refused == Reason::no_reference ? Answer::not_asked : Answer::none;
    out.reason = *applied.refused;
    return out;
  }
  decide_by_session(applied, facts, session, is_public_suffix, out);
  out.references = std::move(applied.references);
  if (applied.veto && out.answer != Answer::none) {
    out.answer = Answer::reject;
    out.reason = *applied.veto;
  }
  const bool reports = applied.effect == Applied::Effect::report;
  if (reports && out.answer == Answer::reject && session.layers.smtp == LayerState::ok) {
    const bool under_tls = tls_was_reached(session) && session.decision == SessionDecision::accept;
    out.answer = under_tls ? Answer::accept : Answer::plaintext;
  }
  return out;
}

}  // namespace mxident::probe
