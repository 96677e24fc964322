// Chain verification by one who knows the name rules that follow. Internal to the verifier.
#pragma once

#include <span>
#include <string>

#include "chain.hpp"
#include "name_constraints.hpp"
#include "policy.hpp"
#include "presented.hpp"

namespace mxident {

/// What name constraints have to hold for, so that no name which `rules` let count escapes them (D4, D19,
/// D23).
ConstraintScope constraint_scope(const PresentedNames& presented, const NameRules& rules);

struct CheckedChain : ChainOptions {
  ConstraintScope scope;
};

ChainResult check_chain(std::span<const std::string> sent, const TrustStore& trust,
                        const CheckedChain& options);
ChainResult check_chain(const stack_st_X509* sent, const TrustStore& trust, const CheckedChain& options);

}  // namespace mxident
