#include "verdict.hpp"

#include <array>
#include <optional>

#include "deliver.hpp"

namespace mxident::probe {
namespace {

// The policy that in truth holds, its references, and why it is not the one that was asked for.
struct Effective {
  Policy policy;
  std::vector<ReferenceIdentifier> references;
  std::span<const TlsaRecord> tlsa;
  Reason remark = Reason::reference_ok;
  std::optional<Answer> answer;  // already decided, for `reason`
  Reason reason = Reason::reference_ok;
  bool testing = false;
};

void less(Effective& out, PolicyId id, Reason remark) {
  out.policy = policy(id);
  out.remark = remark;
}

void decide_now(Effective& out, Answer answer, Reason reason) {
  out.answer = answer;
  out.reason = reason;
}

void add_reference(Effective& out, const std::string& text, ReferenceOrigin origin) {
  if (text.empty()) return decide_now(out, Answer::not_asked, Reason::no_reference);
  ReferenceResult made = make_reference(text, origin, out.policy.rules);
  if (!made.reference) return decide_now(out, Answer::none, made.reason);
  out.references.push_back(std::move(*made.reference));
}

void sts_effect(const HostFacts& facts, Effective& out) {
  if (facts.sts == nullptr || !facts.sts->policy) {
    return less(out, PolicyId::opportunistic, facts.sts != nullptr ? facts.sts->reason : Reason::sts_none);
  }
  const StsPolicy& sts = *facts.sts->policy;
  if (sts.mode == StsMode::none) return less(out, PolicyId::opportunistic, Reason::sts_mode_none);
  add_reference(out, facts.host, ReferenceOrigin::mx_host);
  if (out.answer) return;
  if (!sts_pattern_for(sts, out.references.front().domain)) {
    decide_now(out, Answer::reject, Reason::sts_mx_not_listed);
  }
  if (sts.mode == StsMode::testing) {
    out.remark = Reason::sts_mode_testing;
    out.testing = true;
  }
}

void dane_effect(const HostFacts& facts, Effective& out) {
  if (facts.tlsa == nullptr) return less(out, PolicyId::opportunistic, Reason::dane_not_applicable);
  switch (facts.tlsa->kind) {
    case TlsaResult::Kind::none:
      return less(out, PolicyId::opportunistic, Reason::dane_none);
    case TlsaResult::Kind::unusable:
      return less(out, PolicyId::encrypt, Reason::dane_all_unusable);
    case TlsaResult::Kind::failed:
      return decide_now(out, Answer::none, facts.tlsa->reason);
    case TlsaResult::Kind::usable:
      break;
  }
  out.tlsa = facts.tlsa->usable;
  static const MxResult kNoMx;
  const MxResult& mx = facts.mx != nullptr ? *facts.mx : kNoMx;
  const DanePath path =
      dane_path(facts.domain.empty() ? facts.host : facts.domain, facts.host, mx, facts.tlsa->base_domain);
  if (path.mx == DanePath::Mx::insecure) out.remark = Reason::mx_insecure;
  out.references = dane_references(path, out.policy.rules);
}

Effective effective(const Policy& wanted, const HostFacts& facts) {
  Effective out;
  out.policy = wanted;
  const bool literal = make_reference(facts.host, ReferenceOrigin::address, wanted.rules)
                           .reference.value_or(ReferenceIdentifier{})
                           .type == ReferenceType::ip;
  switch (wanted.references) {
    case ReferenceSelection::none:
      break;
    case ReferenceSelection::mx_host:
    case ReferenceSelection::configured:
    case ReferenceSelection::address:
      add_reference(out, facts.host, literal ? ReferenceOrigin::address : ReferenceOrigin::mx_host);
      break;
    case ReferenceSelection::recipient_domain:
      add_reference(out, facts.domain, ReferenceOrigin::recipient_domain);
      break;
    case ReferenceSelection::mta_sts:
      sts_effect(facts, out);
      break;
    case ReferenceSelection::dane:
      dane_effect(facts, out);
      break;
  }
  return out;
}

bool tls_was_reached(const SessionReport& session) {
  return session.layers.handshake == LayerState::ok;
}

// TLS did not come about, though SMTP did.
bool only_tls_failed(const SessionReport& session) {
  return session.layers.smtp == LayerState::ok &&
         (session.layers.starttls == LayerState::failed || session.layers.handshake == LayerState::failed);
}

void decide_by_session(const Effective& effective, const HostFacts& facts, const SessionReport& session,
                       const PublicSuffixTest& is_public_suffix, PolicyVerdict& out) {
  out.reason = session.reason;
  if (session.layers.connect != LayerState::ok) {
    out.answer = Answer::none;
    return;
  }
  if (effective.policy.tls == TlsDemand::never) {
    // The probe asked for TLS; what it saw until then is what such a client would see.
    const bool spoke = session.layers.smtp == LayerState::ok;
    out.answer = spoke ? Answer::plaintext : Answer::reject;
    if (spoke) out.reason = Reason::tls_not_wanted;
    return;
  }
  if (!tls_was_reached(session)) {
    const bool in_clear = effective.policy.tls == TlsDemand::if_offered && only_tls_failed(session);
    out.answer = in_clear ? Answer::plaintext : Answer::reject;
    if (in_clear) out.reason = Reason::plaintext_allowed;
    return;
  }
  out.judgement =
      judge({session.certificates, session.presented},
            {effective.policy, out.references, effective.tlsa, facts.trust, facts.time, Explain::yes},
            is_public_suffix);
  if (out.judgement.verdict == Judgement::Verdict::reject) {
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

std::string sni_under(const Policy& policy, const HostFacts& facts) {
  std::string name = facts.host;
  if (policy.references == ReferenceSelection::recipient_domain && !facts.domain.empty()) name = facts.domain;
  if (policy.references == ReferenceSelection::dane && facts.tlsa != nullptr &&
      !facts.tlsa->base_domain.empty()) {
    name = facts.tlsa->base_domain;
  }
  const ReferenceResult made = make_reference(name, ReferenceOrigin::configured, policy.rules);
  if (!made.reference) return name;
  return made.reference->type == ReferenceType::dns ? made.reference->domain : std::string();
}

PolicyVerdict verdict(const Policy& wanted, const HostFacts& facts, const SessionReport& session,
                      const PublicSuffixTest& is_public_suffix) {
  PolicyVerdict out;
  out.policy = wanted.id;
  Effective effect = effective(wanted, facts);
  out.references = std::move(effect.references);
  out.remark = effect.remark;
  if (effect.answer) {
    out.answer = *effect.answer;
    out.reason = effect.reason;
  } else {
    decide_by_session(effect, facts, session, is_public_suffix, out);
  }
  if (effect.testing && out.answer == Answer::reject && session.layers.smtp == LayerState::ok) {
    // Reported, but delivered all the same (RFC 8461 5).
    const bool under_tls = tls_was_reached(session) && session.decision == SessionDecision::accept;
    out.answer = under_tls ? Answer::accept : Answer::plaintext;
  }
  return out;
}

}  // namespace mxident::probe
