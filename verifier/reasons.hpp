// The one table of reasons: enumerator, stable id, citation, TLS-RPT result type, sentence.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace mxident {

enum class Reason {
#define MXIDENT_REASON(name, id, citation, tls_rpt, sentence) name,
#include "reasons.def"
#undef MXIDENT_REASON
};

/// What a sender would report (RFC 8460 4.3); `none` where there is nothing to report.
enum class TlsRptType {
  none,
  starttls_not_supported,
  certificate_host_mismatch,
  certificate_expired,
  certificate_not_trusted,
  validation_failure,
  tlsa_invalid,
  dnssec_invalid,
  dane_required,
  sts_policy_fetch_error,
  sts_policy_invalid,
  sts_webpki_invalid,
};
/// The word of RFC 8460, e.g. "certificate-host-mismatch"; empty for `none`.
std::string_view to_string(TlsRptType type);

struct ReasonInfo {
  Reason reason;
  std::string_view id;  ///< kebab-case, stable for ever
  std::string_view
      citation;        ///< RFC and section, the project decision ("D6"), or "limit" for a bound of our own
  TlsRptType tls_rpt;  ///< result type that a sender would report for it
  std::string_view sentence;  ///< for people; may be reworded
};

const ReasonInfo& info(Reason reason);
inline std::string_view to_string(Reason reason) {
  return info(reason).id;
}
/// Result type word of RFC 8460 for `reason`; empty when it is nothing to report.
inline std::string_view tls_rpt_type(Reason reason) {
  return to_string(info(reason).tls_rpt);
}
std::optional<Reason> reason_from_string(std::string_view id);
std::span<const ReasonInfo> all_reasons();

}  // namespace mxident
