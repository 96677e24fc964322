#include "harness/offline/offline_check.hpp"

#include <array>

#include "harness/input/public_suffix.hpp"

namespace mxident::harness::cli {
namespace {

struct References {
  std::vector<ReferenceIdentifier> usable;
  std::optional<Reason> refused;  // why the first of the others is none
  bool given = false;
};

void add(References& references, const std::string& name, ReferenceOrigin origin, const NameRules& rules) {
  if (name.empty()) return;
  references.given = true;
  auto made = make_reference(name, origin, rules);
  if (made.reference) {
    references.usable.push_back(std::move(*made.reference));
  } else if (!references.refused) {
    references.refused = made.reason;
  }
}

References dane_path(const CheckInput& input, const NameRules& rules) {
  DanePath path;
  path.next_hop = input.domain;
  path.mx_host = input.mx_host;
  path.mx = input.mx_host.empty() ? DanePath::Mx::none : DanePath::Mx::secure;
  path.base_domain = input.mx_host.empty() ? input.domain : input.mx_host;
  References references;
  references.usable = dane_references(path, rules);
  references.given = !path.base_domain.empty();
  return references;
}

References references_for(const CheckInput& input, const Policy& policy) {
  References references;
  switch (policy.references) {
    case ReferenceSelection::none:
      return references;
    case ReferenceSelection::dane:
      references = dane_path(input, policy.rules);
      break;
    case ReferenceSelection::recipient_domain:
      add(references, input.domain, ReferenceOrigin::recipient_domain, policy.rules);
      break;
    case ReferenceSelection::mx_host:
    case ReferenceSelection::mta_sts:
    case ReferenceSelection::configured:
    case ReferenceSelection::address:
      add(references, input.mx_host, ReferenceOrigin::mx_host, policy.rules);
      break;
  }
  for (const auto& name : input.names) add(references, name, ReferenceOrigin::configured, policy.rules);
  return references;
}

PolicyAnswer fall_back(PolicyAnswer answer, Reason remark) {
  answer.decision = CheckDecision::accept;
  answer.reason = Reason::nothing_checked;
  answer.remark = remark;
  return answer;
}

// The MX host has to be one that the policy lists before its certificate counts (RFC 8461 4).
std::optional<Reason> sts_fault(const CheckInput& input, const References& references) {
  if (references.usable.empty()) return std::nullopt;
  if (sts_pattern_for(*input.sts, references.usable.front().domain)) return std::nullopt;
  return Reason::sts_mx_not_listed;
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
  if (policy.id == PolicyId::mta_sts && !input.sts) return fall_back(answer, Reason::sts_none);
  if (policy.id == PolicyId::mta_sts && input.sts->mode == StsMode::none)
    return fall_back(answer, Reason::sts_mode_none);
  const auto usable = usable_tlsa(input.tlsa);
  if (policy.id == PolicyId::dane && input.tlsa.empty()) return fall_back(answer, Reason::dane_none);
  if (policy.id == PolicyId::dane && usable.empty()) return fall_back(answer, Reason::dane_all_unusable);

  const References references = references_for(input, policy);
  for (const auto& reference : references.usable) answer.references.push_back(reference.text);
  if (policy.names == NameDemand::required && references.usable.empty()) {
    answer.decision = references.given ? CheckDecision::reject : CheckDecision::not_asked;
    answer.reason = references.refused.value_or(Reason::no_reference);
    return answer;
  }
  const probe::Demand demand{policy,     references.usable, usable,       input.trust,
                             input.time, Explain::yes,      input.partial};
  answer.judgement = probe::judge({input.chain, presented}, demand, public_suffix_test());
  answer.reason = answer.judgement.reason;
  const bool accepted = answer.judgement.verdict == probe::Judgement::Verdict::accept;
  answer.decision = accepted ? CheckDecision::accept : CheckDecision::reject;
  if (policy.id != PolicyId::mta_sts) return answer;
  if (const auto fault = sts_fault(input, references)) {
    answer.decision = CheckDecision::reject;
    answer.reason = *fault;
  }
  if (answer.decision == CheckDecision::reject && input.sts->mode == StsMode::testing) {
    answer.decision = CheckDecision::accept;
    answer.remark = Reason::sts_mode_testing;
  }
  return answer;
}

}  // namespace mxident::harness::cli
