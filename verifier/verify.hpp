// The front door: does what a server presented satisfy a policy? One call looks at chain, name constraints,
// references and names. Pure: no I/O, no clock, no exceptions for what a server sent.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "chain.hpp"
#include "dane.hpp"
#include "match.hpp"
#include "policy.hpp"

namespace mxident {

/// What a server presented: its certificates, in one form or both.
struct Presented {
  std::span<const std::string> certificates{};  ///< DER as sent, leaf first
  /// The same as the TLS library has parsed them (SSL_get_peer_cert_chain() of a client), if it has: parsing
  /// costs more than a signature.
  const stack_st_X509* parsed = nullptr;
  /// Of the leaf, if they have been read already; else they are read.
  const PresentedNames* names = nullptr;
};

/// What it is held against. A name has to be proved if the policy asks for names: `host`, or one of
/// `references`.
struct Demand {
  Policy policy = mxident::policy(PolicyId::rfc9525);
  std::string_view host{};  ///< name or address of the server, as the client knows it
  std::span<const ReferenceIdentifier> references{};  ///< further ones, made already
  std::span<const TlsaRecord> tlsa{};                 ///< usable ones, for PolicyId::dane
  const TrustStore* trust = nullptr;                  ///< nullptr: nobody is trusted
  ChainOptions chain{};                               ///< above all the time
  Explain explain = Explain::deciding;
};

enum class Checked { ok, failed, not_checked };
/// "ok", "failed", "not-checked".
std::string_view to_string(Checked checked);

struct Judgement {
  enum class Verdict { accept, reject } verdict = Verdict::reject;
  Reason reason = Reason::chain_unknown_ca;  ///< the chain's before the name's (RFC 5280 6)
  Checked chain = Checked::not_checked, name = Checked::not_checked;
  ChainResult chain_result;
  MatchResult names;
  std::optional<DaneResult> dane;
  bool accepted() const { return verdict == Verdict::accept; }
};

/// PolicyId::dane without a usable record is refused: whoever allows less gives the policy that then holds
/// (apply()).
Judgement verify(const Presented& presented, const Demand& demand,
                 const PublicSuffixTest& is_public_suffix = {});

}  // namespace mxident
