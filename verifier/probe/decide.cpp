#include "decide.hpp"

#include <utility>

namespace mxident::probe {
namespace {

const TrustStore& nobody() {
  static const TrustStore empty;
  return empty;
}

Checked checked(ChainVerdict verdict) {
  return verdict == ChainVerdict::ok ? Checked::ok : Checked::failed;
}
Checked checked(MatchVerdict verdict) {
  return verdict == MatchVerdict::match ? Checked::ok : Checked::failed;
}

void judge_by_dane(const Presented& presented, const Demand& demand, Judgement& out) {
  if (demand.tlsa.empty()) {
    out.reason = Reason::dane_none;
    out.chain = Checked::failed;
    return;
  }
  ChainOptions options;
  options.time = demand.time;
  out.dane = verify_dane(presented.certificates, demand.tlsa, demand.references, demand.policy.rules, options,
                         demand.explain);
  DaneResult& dane = *out.dane;
  out.reason = dane.reason;
  const bool authenticated = dane.verdict == DaneVerdict::authenticated;
  if (authenticated) out.verdict = Judgement::Verdict::accept;
  if (authenticated && dane.reason == Reason::dane_ee_match) {
    // The record stands for the whole path, and names are not looked at (RFC 7672 3.1.1).
    out.chain = Checked::ok;
    return;
  }
  out.chain_result = dane.chain;
  out.names = dane.names;
  if (dane.chain.verdict == ChainVerdict::ok) {
    out.chain = Checked::ok;
    out.name = checked(dane.names.verdict);
  } else {
    out.chain = Checked::failed;
  }
}

}  // namespace

Judgement judge(const Presented& presented, const Demand& demand, const PublicSuffixTest& is_public_suffix) {
  Judgement out;
  if (demand.policy.id == PolicyId::dane) {
    judge_by_dane(presented, demand, out);
    return out;
  }
  const bool wants_chain = demand.policy.chain == ChainDemand::required;
  const bool wants_names = demand.policy.names == NameDemand::required;
  if (wants_chain) {
    ChainOptions options;
    options.time = demand.time;
    options.partial = demand.partial;
    if (wants_names && presented.names) {
      options.constrain_common_name = uses_common_name(*presented.names, demand.policy.rules);
    }
    const TrustStore& trust = demand.trust != nullptr ? *demand.trust : nobody();
    out.chain_result = presented.parsed != nullptr ? verify_chain(presented.parsed, trust, options)
                                                   : verify_chain(presented.certificates, trust, options);
    out.chain = checked(out.chain_result.verdict);
  }
  if (wants_names) {
    if (presented.names) {
      out.names =
          match(*presented.names, demand.references, demand.policy.rules, demand.explain, is_public_suffix);
    } else {
      out.names.reason = Reason::certificate_unreadable;
    }
    out.name = checked(out.names.verdict);
  }
  if (out.chain == Checked::failed) {
    out.reason = out.chain_result.reason;
  } else if (out.name == Checked::failed) {
    out.reason = out.names.reason;
  } else {
    out.verdict = Judgement::Verdict::accept;
    if (wants_names) {
      out.reason = out.names.reason;
    } else if (wants_chain) {
      out.reason = Reason::names_not_checked;
    } else {
      out.reason =
          demand.policy.tls == TlsDemand::required ? Reason::chain_not_checked : Reason::nothing_checked;
    }
  }
  return out;
}

}  // namespace mxident::probe
