// What each policy says about certificates that lie in files. No I/O, no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/chain.hpp"
#include "verifier/dane.hpp"
#include "verifier/sts.hpp"
#include "verifier/verify.hpp"

namespace mxident::harness::cli {

struct CheckInput {
  std::vector<std::string> chain;  ///< DER as a server sends them, leaf first
  const TrustStore* trust = nullptr;
  PartialChain partial = PartialChain::refuse;
  std::int64_t time = 0;           ///< seconds since 1970
  std::vector<std::string> names;  ///< any of them may be proved, under every policy
  std::string mx_host, domain;     ///< reference of most policies, and of `nexthop`; empty: `names`
  std::vector<TlsaRecord> tlsa;    ///< as if found secure at the MX host
  std::optional<StsPolicy> sts;    ///< as if fetched for the domain
};

/// plaintext: the policy does not ask for TLS. not_asked: it needs a name that was not given.
enum class CheckDecision { accept, reject, plaintext, not_asked };
std::string_view to_string(CheckDecision decision);

struct PolicyAnswer {
  PolicyId policy = PolicyId::rfc9525;
  CheckDecision decision = CheckDecision::reject;
  Reason reason = Reason::chain_unknown_ca;
  std::optional<Reason> remark;         ///< why a policy falls back to less, such as sts-none
  std::vector<std::string> references;  ///< printable, in order
  mxident::Judgement judgement;
};

/// `presented`: names of the leaf; nullopt when it cannot be read.
PolicyAnswer check_policy(const CheckInput& input, const std::optional<PresentedNames>& presented,
                          const Policy& policy);

}  // namespace mxident::harness::cli
