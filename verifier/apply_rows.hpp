// Policies applied, row by row, run at four depths: apply() alone (apply_test.cpp), certificates in files
// (offline_check_test.cpp), `mxident verify` (verify_apply_test.cpp) and a delivery (deliver_test.cpp).
//
// All rows are about mail for d.test, whose MX host is mx.test.
#pragma once

#include <ostream>
#include <span>
#include <string_view>

#include "verifier/policy.hpp"

namespace mxident::test {

enum class RowSts { none, enforce, testing, mode_none };
/// What stands at _25._tcp.mx.test: other is a digest of something else, leaf and root are the server's.
enum class RowTlsa { none, failed, unusable, other, leaf, root };
enum class RowMx { secure, insecure };
enum class RowTls { offered, missing };

struct ApplyRow {
  std::string_view name;  ///< of the test case: letters, digits, underscores
  std::string_view text;  ///< what it rests on
  PolicyId asked;
  RowSts sts = RowSts::none;
  std::string_view lists{};  ///< pattern of the MTA-STS policy
  RowTlsa tlsa = RowTlsa::none;
  RowMx mx = RowMx::secure;
  RowTls tls = RowTls::offered;
  std::string_view san = "mx.test";  ///< dNSName of the server's certificate
  // wanted
  PolicyId holds;
  std::string_view references{};  ///< blanks between
  std::string_view sni = "mx.test";
  std::string_view remark{}, veto{};
  std::string_view decision;  ///< accept, reject, plaintext or none
  std::string_view reason;    ///< of a report in mode testing: what would have been the reason to refuse
};

inline void PrintTo(const ApplyRow& row, std::ostream* out) {
  *out << row.name << " (" << row.text << ")";
}

std::span<const ApplyRow> apply_rows();

}  // namespace mxident::test
