#include "facts.hpp"

namespace mxident::probe {
namespace {

// The facts that decide on the reference identifiers under DANE (RFC 7672 3.2.2).
DanePath dane_path(const HostFacts& facts) {
  DanePath path;
  path.next_hop = facts.domain.empty() ? facts.host : facts.domain;
  if (facts.tlsa != nullptr) path.base_domain = facts.tlsa->base_domain;
  if (facts.mx == nullptr) return path;
  const bool secure = facts.mx->state == DnsState::secure;
  if (secure) path.next_hop_expanded = facts.mx->canonical;
  if (facts.mx->kind == MxResult::Kind::hosts) {
    path.mx = secure ? DanePath::Mx::secure : DanePath::Mx::insecure;
    path.mx_host = facts.host;
  }
  return path;
}

Published::Tlsa tlsa_state(const TlsaResult& tlsa) {
  switch (tlsa.kind) {
    case TlsaResult::Kind::none:
      return Published::Tlsa::none;
    case TlsaResult::Kind::failed:
      return Published::Tlsa::failed;
    case TlsaResult::Kind::unusable:
    case TlsaResult::Kind::usable:
      break;
  }
  return Published::Tlsa::found;
}

}  // namespace

Published published(const HostFacts& facts) {
  Published out;
  out.domain = facts.domain;
  out.host = facts.host;
  out.address = facts.address;
  out.host_source = facts.host_source;
  out.configured = facts.configured;
  if (facts.sts != nullptr) {
    out.sts = facts.sts->policy ? &*facts.sts->policy : nullptr;
    out.sts_reason = facts.sts->reason;
  }
  if (facts.tlsa != nullptr) {
    out.tlsa = tlsa_state(*facts.tlsa);
    out.tlsa_reason = facts.tlsa->reason;
    out.tlsa_records = facts.tlsa->records;
  }
  out.dane_path = dane_path(facts);
  return out;
}

}  // namespace mxident::probe
