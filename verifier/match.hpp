// Name matching: presented identifiers against reference identifiers under one set of rules.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy.hpp"
#include "presented.hpp"
#include "reasons.hpp"
#include "reference.hpp"

namespace mxident {

/// One comparison, as an explanation.
struct Attempt {
  std::size_t reference = 0;  ///< index into the references
  PresentedType presented_type = PresentedType::dns;
  std::string presented;  ///< printable form of the identifier
  Reason reason = Reason::match_exact;
};

enum class MatchVerdict { match, mismatch };
/// How much is told beside verdict, reason and reference. Text costs memory, and more time than the
/// comparison.
enum class Explain {
  no,
  deciding,  ///< the identifier that decided
  yes,       ///< and every pair
};

struct MatchResult {
  MatchVerdict verdict = MatchVerdict::mismatch;
  Reason reason = Reason::no_identifier_of_type;
  std::optional<std::size_t> reference;  ///< the one that matched
  std::string presented;                 ///< the identifier that decided, printable; "" with Explain::no
  std::vector<Attempt> attempts;  ///< with Explain::yes, one for each pair that was compared or left out
};

/// True if a wildcard directly under `suffix` would span a public suffix (libpsl in the harness).
using PublicSuffixTest = std::function<bool(std::string_view suffix)>;

/// Whether the subject common name is consulted at all under `rules`: the policy uses it and nothing blocks
/// it (D1, D2). Then name constraints have to hold for it as well (D19).
Switch uses_common_name(const PresentedNames& presented, const NameRules& rules);

/// Pure, no exceptions; linear in the number of names and their lengths for each reference. On a mismatch
/// `reason` and `presented` tell of the identifier that came closest.
MatchResult match(const PresentedNames& presented, std::span<const ReferenceIdentifier> references,
                  const NameRules& rules, Explain explain = Explain::deciding,
                  const PublicSuffixTest& is_public_suffix = {});

}  // namespace mxident
