// One presented DNS name against one reference. Internal to the verifier.
#pragma once

#include <string_view>

#include "dns_name.hpp"
#include "match.hpp"

namespace mxident {

/// How near a comparison came to a match; the nearest one explains a mismatch.
enum class Closeness {
  unrelated,  ///< another type, or it never counts
  flawed,     ///< of the right type, but no valid identifier
  plain,      ///< a valid identifier of another name
  close,      ///< would match, but for the reason given
  match,
};

struct Comparison {
  Reason reason = Reason::no_presented_identifier_matches;
  Closeness closeness = Closeness::plain;
};

/// `pattern`: octets as presented. `reference`: normalised. Linear in their lengths.
Comparison compare_dns(std::string_view pattern, std::string_view reference, const NameRules& rules,
                       const PublicSuffixTest& is_public_suffix);
/// The same for a pattern that is known to differ from the reference in more than case, and has been scanned.
Comparison compare_unequal_dns(std::string_view pattern, const dns_name::Scan& seen,
                               std::string_view reference, const NameRules& rules,
                               const PublicSuffixTest& is_public_suffix);

namespace dns_name {
/// Holds a wildcard and is else made of the characters of host names.
bool is_pattern(std::string_view name);
}  // namespace dns_name

}  // namespace mxident
