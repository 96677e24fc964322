// What each policy says about a host that was looked at once: the facts of a session held against policies.
// No I/O.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../dns/resolver.hpp"
#include "decide.hpp"
#include "session.hpp"
#include "sts_fetch.hpp"

namespace mxident::probe {

/// What is known about a host apart from its sessions.
struct HostFacts {
  std::string domain;  ///< recipient domain in A-labels, or an address; empty: not known (a relay was named)
  std::string host;    ///< MX host, or the relay; an address literal's text
  const MxResult* mx = nullptr;         ///< nullptr: no MX lookup was made
  const TlsaResult* tlsa = nullptr;     ///< nullptr: DANE does not apply (an address literal)
  const StsFetchResult* sts = nullptr;  ///< nullptr: not looked for
  const TrustStore* trust = nullptr;
  std::int64_t time = 0;
};

/// accept: mail goes under TLS that satisfies the policy. plaintext: it goes in clear, as the policy allows.
/// reject: the host was met and mail is not sent. none: the host is not reached, or may not be asked.
/// not_asked: the policy needs a name that is not known.
enum class Answer { accept, reject, plaintext, none, not_asked };
std::string_view to_string(Answer answer);

struct PolicyVerdict {
  PolicyId policy = PolicyId::rfc9525;
  Answer answer = Answer::none;
  Reason reason = Reason::connect_failed;
  Reason remark =
      Reason::reference_ok;  ///< why less than the policy's name says holds: sts-none, dane-none, mx-insecure
  std::vector<ReferenceIdentifier> references;
  Judgement judgement;  ///< with attempts; checked where TLS was reached
};

/// SNI that a client of this policy sends: the domain under nexthop, the TLSA base domain under DANE, else
/// the host.
std::string sni_under(const Policy& policy, const HostFacts& facts);

/// `session` ran under PolicyId::encrypt with Deliver::no and the SNI of sni_under().
PolicyVerdict verdict(const Policy& policy, const HostFacts& facts, const SessionReport& session,
                      const PublicSuffixTest& is_public_suffix = {});

}  // namespace mxident::probe
