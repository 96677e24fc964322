// The sentence that users of CheckTLS know.
#pragma once

#include <string>

#include "verifier/match.hpp"

namespace mxident::harness {

/// "Cert Hostname DOES NOT VERIFY (mx5.x.test != *.y.test | DNS:*.y.test | DNS:y.test)": the MX host, the
/// first CN, every SAN entry. Octets that do not print are escaped; at most kMaxShown names.
std::string checktls_mismatch(const PresentedNames& presented, const std::string& host);
/// "Cert Hostname VERIFIED (mx5.x.test = *.x.test)".
std::string checktls_match(const std::string& host, const std::string& presented);

}  // namespace mxident::harness
