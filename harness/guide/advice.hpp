// What is worth knowing beyond a reason's one sentence: tables, no lookups of anything else.
#pragma once

#include <span>
#include <string_view>

#include "verifier/reasons.hpp"

namespace mxident::harness {

struct Advice {
  std::string_view means, causes;
  std::string_view server, sender;  ///< what to change, for whose server it is and for who sends
  std::string_view scenario;        ///< shows it; may be empty
};

/// From advice.def; where that is silent, from the reason's TLS-RPT word. All fields may be empty.
Advice advice_for(Reason reason);

struct TlsRptInfo {
  TlsRptType type;
  std::string_view section;  ///< "RFC 8460 4.3.1"
  Advice advice;
};
std::span<const TlsRptInfo> tls_rpt_infos();
/// nullptr: no result type of RFC 8460.
const TlsRptInfo* find_tls_rpt(std::string_view word);

/// A row of docs/decisions.md, and what else is known of it.
struct DecisionInfo {
  std::string_view id, question, answer;
  std::string_view member;  ///< of a refined policy that changes it, with its values; empty: none does
};
std::span<const DecisionInfo> all_decisions();

/// All ids that advice.def names, as they stand there: for the test that they are right.
std::span<const std::string_view> advice_ids();

}  // namespace mxident::harness
