// A certificate in words, for people who look at what was minted.
#pragma once

#include <string>

#include "certs/spec.hpp"

namespace mxident::certs {

/// Several lines, each "field: value" and ended by LF; names of the certificate stand below "names:", one a
/// line. Octets other than printable ASCII are written as \xNN, and `\` as `\\`. Reads the certificate by
/// libcrypto and shows hex where that can not read something. For reading only: the form may change.
std::string summary(const Octets& der);

}  // namespace mxident::certs
