// The names of a certificate that a scenario asks for, as people read them.
#pragma once

#include <string>
#include <vector>

#include "certs/spec.hpp"

namespace mxident::harness {

/// "dns:*.x.test", "ip:192.0.2.25", "CN x.test": the names that a certificate is to carry, in order.
std::vector<std::string> names_of(const certs::CertificateSpec& spec);

}  // namespace mxident::harness
