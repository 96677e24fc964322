// MTA-STS (RFC 8461): the TXT record, the policy and its mx patterns. Pure text in, facts out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reasons.hpp"

namespace mxident {

/// RFC 8461 3.3 suggests it as the longest policy body that a sender reads.
inline constexpr std::size_t kMaxStsPolicy = std::size_t{64} * 1024;
/// A year; a longer max_age counts as this one (RFC 8461 3.2).
inline constexpr std::uint32_t kMaxStsAge = 31557600;
inline constexpr std::size_t kMaxStsPatterns = 1000;

/// Result of reading the TXT records at _mta-sts.DOMAIN.
struct StsRecordResult {
  std::optional<std::string> id;     ///< policy id, 1-32 letters and digits; a new one means: fetch again
  Reason reason = Reason::sts_none;  ///< sts_ok, sts_none, sts_record_several or sts_record_malformed
  std::string fault;                 ///< place, found and wanted, or what stands there instead; printable
};
/// `records`: one entry for each TXT record, its character strings joined. Records of other kinds are
/// skipped; what was meant as an MTA-STS record and is none is malformed, not absent.
StsRecordResult parse_sts_record(std::span<const std::string> records);

enum class StsMode { enforce, testing, none };
std::string_view to_string(StsMode mode);

struct StsPolicy {
  StsMode mode = StsMode::none;
  std::uint32_t max_age = 0;          ///< seconds, at most kMaxStsAge
  std::vector<std::string> patterns;  ///< values of the mx lines, lower case, "*." kept
};

struct StsPolicyResult {
  std::optional<StsPolicy> policy;
  Reason reason = Reason::sts_policy_malformed;  ///< sts_ok or what is wrong
  std::size_t line = 0;                          ///< first line is 1; 0 when no single line is at fault
  std::string fault;                             ///< found and wanted in that line; printable
};
/// `body` is the whole file. A bad line that may not be skipped refuses the whole policy (fail towards a
/// visible error).
StsPolicyResult parse_sts_policy(std::string_view body);

/// Index of the first pattern that matches the MX host (RFC 8461 4.1): equal, or "*." and exactly one label.
/// `mx_host` is normalised: lower-case A-labels without final dot (ReferenceIdentifier::domain).
std::optional<std::size_t> sts_pattern_for(const StsPolicy& policy, std::string_view mx_host);

}  // namespace mxident
