#include "reasons.hpp"

#include <array>
#include <cstddef>

namespace mxident {
namespace {

constexpr auto kReasons = std::to_array<ReasonInfo>({
#define MXIDENT_REASON(name, id, citation, tls_rpt, sentence) \
  {Reason::name, id, citation, TlsRptType::tls_rpt, sentence},
#include "reasons.def"
#undef MXIDENT_REASON
});

constexpr auto kTlsRptWords = std::to_array<std::string_view>(
    {"", "starttls-not-supported", "certificate-host-mismatch", "certificate-expired",
     "certificate-not-trusted", "validation-failure", "tlsa-invalid", "dnssec-invalid", "dane-required",
     "sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid"});
static_assert(kTlsRptWords.size() == static_cast<std::size_t>(TlsRptType::sts_webpki_invalid) + 1);

}  // namespace

std::string_view to_string(TlsRptType type) {
  return kTlsRptWords[static_cast<std::size_t>(type)];
}

const ReasonInfo& info(Reason reason) {
  return kReasons[static_cast<std::size_t>(reason)];
}

std::optional<Reason> reason_from_string(std::string_view id) {
  for (const auto& row : kReasons) {
    if (row.id == id) return row.reason;
  }
  return std::nullopt;
}

std::span<const ReasonInfo> all_reasons() {
  return kReasons;
}

}  // namespace mxident
