// The decision after the handshake: does what the server presented satisfy a policy? No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "../chain.hpp"
#include "../dane.hpp"
#include "../match.hpp"
#include "../policy.hpp"

namespace mxident::probe {

/// What a server presented.
struct Presented {
  std::span<const std::string> certificates;   ///< DER as sent, leaf first
  const std::optional<PresentedNames>& names;  ///< of the leaf; nullopt: unreadable
  /// The same certificates as the TLS library has parsed them, if it has: parsing costs more than a
  /// signature.
  const stack_st_X509* parsed = nullptr;
};

/// What it is held against.
struct Demand {
  Policy policy;
  std::span<const ReferenceIdentifier> references;
  std::span<const TlsaRecord> tlsa;   ///< usable ones, for PolicyId::dane
  const TrustStore* trust = nullptr;  ///< nullptr: nobody is trusted
  std::int64_t time = 0;
  Explain explain = Explain::no;
  PartialChain partial = PartialChain::refuse;  ///< whether an anchor that is not self-signed ends a chain
};

enum class Checked { ok, failed, not_checked };

struct Judgement {
  enum class Verdict { accept, reject } verdict = Verdict::reject;
  Reason reason = Reason::chain_unknown_ca;  ///< the chain's before the name's (RFC 5280 6)
  Checked chain = Checked::not_checked, name = Checked::not_checked;
  ChainResult chain_result;
  MatchResult names;
  std::optional<DaneResult> dane;
};

/// PolicyId::dane without a usable record is refused: whoever allows less gives the policy that then holds.
Judgement judge(const Presented& presented, const Demand& demand,
                const PublicSuffixTest& is_public_suffix = {});

}  // namespace mxident::probe
