#include "harness/offline/offline_check.hpp"

#include <array>

#include "harness/input/public_suffix.hpp"
#include "verifier/apply.hpp"

namespace mxident::harness::cli {
namespace {

// What was given counts as if it had been looked up, and found secure.
Published published(const CheckInput& input) {
  Published out;
  out.domain = input.domain;
  out.host = input.mx_host;
  out.host_source = Published::HostSource::configured;
  const auto host = make_reference(input.mx_host, ReferenceOrigin::address, NameRules{}).reference;
  if (host && host->type == ReferenceType::ip) out.address = input.mx_host;
  out.configured = input.names;
  out.sts = input.sts ? &*input.sts : nullptr;
  out.tlsa = input.tlsa.empty() ? Published::Tlsa::none : Published::Tlsa::found;
  out.tlsa_records = input.tlsa;
  out.dane_path.next_hop = input.domain;
  out.dane_path.mx_host = input.mx_host;
  out.dane_path.mx = input.mx_host.empty() ? DanePath::Mx::none : DanePath::Mx::secure;
  out.dane_path.base_domain = input.mx_host.empty() ? input.domain : input.mx_host;
  return out;
}

void decide(const CheckInput& input, const std::optional<PresentedNames>& presented, const Applied& applied,
            PolicyAnswer& answer) {
  Demand demand;
  demand.policy = applied.policy;
  demand.references = applied.references;
  demand.tlsa = applied.tlsa;
  demand.trust = input.trust;
  demand.chain.time = input.time;
  demand.chain.partial = input.partial;
  demand.explain = Explain::yes;
  answer.judgement =
      verify({input.chain, nullptr, presented ? &*presented : nullptr}, demand, public_suffix_test());
  answer.reason = applied.veto.value_or(answer.judgement.reason);
  const bool accepted =
      (answer.judgement.accepted() && !applied.veto) || applied.effect == Applied::Effect::report;
  answer.decision = accepted ? CheckDecision::accept : CheckDecision::reject;
}

}  // namespace

std::string_view to_string(CheckDecision decision) {
  constexpr std::array<std::string_view, 4> kWords{"accept", "reject", "plaintext", "not-asked"};
  return kWords[static_cast<std::size_t>(decision)];
}

PolicyAnswer check_policy(const CheckInput& input, const std::optional<PresentedNames>& presented,
                          const Policy& policy) {
  PolicyAnswer answer;
  answer.policy = policy.id;
  if (policy.tls == TlsDemand::never) {
    answer.decision = CheckDecision::plaintext;
    answer.reason = Reason::tls_not_wanted;
    return answer;
  }
  const Applied applied = apply(policy, published(input));
  answer.remark = applied.remark;
  if (applied.refused) {
    const bool nothing_given = *applied.refused == Reason::no_reference;
    answer.decision = nothing_given ? CheckDecision::not_asked : CheckDecision::reject;
    answer.reason = *applied.refused;
    return answer;
  }
  for (const auto& reference : applied.references) answer.references.push_back(reference.text);
  decide(input, presented, applied, answer);
  return answer;
}

}  // namespace mxident::harness::cli
