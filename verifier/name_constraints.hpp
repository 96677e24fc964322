// dNSName constraints where libcrypto is silent: wildcards against subtrees (D18), leading dots (D17), the CN
// (D19). Internal to the verifier.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "policy.hpp"
#include "reasons.hpp"

namespace mxident {

/// Some name that `pattern` stands for lies in the subtree `base` (RFC 5280 4.2.1.10). A leading dot means
/// sub-domains only, an empty base everything. Every octet "*" of `pattern` stands for any part of its label.
bool overlaps_subtree(std::string_view pattern, std::string_view base);
/// All names that `pattern` stands for lie in the subtree.
bool inside_subtree(std::string_view pattern, std::string_view base);

struct ConstraintViolation {
  Reason reason = Reason::chain_name_constraint;
  std::size_t depth = 0;  ///< certificate whose name is at fault
};

/// `path`: DER, leaf first, trust anchor last. `common_name`: whether the leaf's CN has to comply as well.
std::optional<ConstraintViolation> check_dns_constraints(std::span<const std::string> path,
                                                         Switch common_name);

}  // namespace mxident
