// What each policy says about a host that was looked at once: the facts of a session held against policies.
// No I/O.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "../verify.hpp"
#include "facts.hpp"
#include "session.hpp"

namespace mxident::probe {

/// accept: mail goes under TLS that satisfies the policy. plaintext: it goes in clear, as the policy allows.
/// reject: the host was met and mail is not sent. none: the host is not reached, or may not be asked.
/// not_asked: the policy needs a name that is not known.
enum class Answer { accept, reject, plaintext, none, not_asked };
std::string_view to_string(Answer answer);

struct PolicyVerdict {
  PolicyId policy = PolicyId::rfc9525;
  Answer answer = Answer::none;
  Reason reason = Reason::connect_failed;
  std::optional<Reason>
      remark;  ///< why less than the policy's name says holds: sts-none, dane-none, mx-insecure
  std::vector<ReferenceIdentifier> references;
  Judgement judgement;  ///< with attempts; checked where TLS was reached
};

/// `session` ran under PolicyId::encrypt with Deliver::no and the SNI of apply().
PolicyVerdict verdict(const Policy& policy, const HostFacts& facts, const SessionReport& session,
                      const PublicSuffixTest& is_public_suffix = {});

}  // namespace mxident::probe
