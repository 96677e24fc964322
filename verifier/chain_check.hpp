// Chain verification by one who knows the name rules that follow. Internal to the verifier.
#pragma once

#include <span>
#include <string>

#include "chain.hpp"
#include "policy.hpp"

namespace mxident {

struct CheckedChain : ChainOptions {
  /// On where the CN identifies the server (uses_common_name): then name constraints hold for it too (D19).
  Switch constrain_common_name = Switch::off;
};

ChainResult check_chain(std::span<const std::string> sent, const TrustStore& trust,
                        const CheckedChain& options);
ChainResult check_chain(const stack_st_X509* sent, const TrustStore& trust, const CheckedChain& options);

}  // namespace mxident
