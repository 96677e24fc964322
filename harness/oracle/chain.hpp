// The oracle's model of path validation: computed from what the mint was told, never from a minted
// certificate.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "certs/spec.hpp"
#include "harness/oracle/names.hpp"

namespace mxident::harness::oracle {

/// `unknown`: the scenario does something to the certificate that this model does not cover (raw extensions,
/// raw names).
enum class ChainVerdict { good, bad, open, unknown };

/// What a sender that trusts the run's root finds for the chain of `id`. `now`: seconds since 1970.
ChainVerdict check_chain(const certs::CertificateRequests& requests, const std::string& id, std::int64_t now);

/// Something about these certificates may break a duty of authorities, which a stricter profile than mail
/// holds them to and this model does not.
bool may_break_duties(const certs::CertificateRequests& requests);

/// Names as the certificate of `id` presents them.
struct PresentedBy {
  Names names;
  bool complete = true;            ///< false: it holds SAN entries that this model cannot read
  bool common_names_known = true;  ///< false: a common name is in a string type that this model does not read
};
PresentedBy names_of(const certs::CertificateSpec& spec);

/// check_names() of what a certificate presents; nullopt where it has entries that the model cannot read.
std::optional<Verdict> check_presented(const PresentedBy& presented, const std::vector<Reference>& references,
                                       const Rules& rules);

}  // namespace mxident::harness::oracle
