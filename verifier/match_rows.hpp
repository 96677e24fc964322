// The rows of the name rules, used at two depths: as names (match_test.cpp) and in minted certificates
// (match_certificate_test.cpp).
//
// A certificate is written as entries between "|": "cn:", "dns:", "ip:" (address text, or hexadecimal octets
// after
// "#"), "uri:", "srv:", "email:"; "\\xNN" is an octet; "san" alone is an empty extension. "cn+cn:" stands for
// a CN that shares its RDN with the next "cn:".
#pragma once

#include <ostream>
#include <span>
#include <string_view>

#include "verifier/match.hpp"

namespace mxident::test {

struct MatchRow {
  std::string_view name;  ///< of the test case: letters, digits, underscores
  std::string_view rule;  ///< id in the rule catalogue, or a project decision
  PolicyId policy;
  std::string_view certificate;
  std::string_view reference;
  Reason reason;  ///< match_* means a match
  void (*refine)(NameRules&) = nullptr;
};

inline void PrintTo(const MatchRow& row, std::ostream* out) {
  *out << row.rule << ": [" << row.certificate << "] ~ " << row.reference << " under "
       << to_string(row.policy);
}

std::span<const MatchRow> match_rows();

/// The reason that a client gets for the row: the refusal of the reference, or what match() says.
MatchResult judge(const MatchRow& row, const PresentedNames& names, Explain explain = Explain::deciding);

bool is_match(Reason reason);

/// One entry of MatchRow::certificate, escapes resolved.
struct RowEntry {
  std::string_view type;  ///< "cn", "cn+cn", "dns", "ip", "uri", "srv", "email" or "san"
  std::string value;      ///< octets
};
std::vector<RowEntry> row_entries(std::string_view certificate);
/// The names of the row, without a certificate.
PresentedNames row_names(std::string_view certificate);

}  // namespace mxident::test
