// The "certificates" part of a scenario file.
#pragma once

#include <string>

#include "certs/spec.hpp"
#include "harness/input/json_input.hpp"

namespace mxident::harness {

/// One certificate. References to other certificates are not looked at. Throws InputError.
certs::CertificateRequest read_certificate(const JsonNode& node);

/// Validity that "expired" and "not-yet" stand for: 2015 to 2016, and the year 2098.
inline constexpr certs::Validity kExpired{1420070400, 1451606399};
inline constexpr certs::Validity kNotYet{4039372800, 4070908799};

/// A placeholder that stands for the octets of a server's address where an IP address is wanted.
inline constexpr std::string_view kAddressPlaceholder = "{address:";
bool is_address_placeholder(std::string_view text);

/// The certificate that a host gets when the scenario says nothing: a dNSName and a common name that are the
/// host.
certs::CertificateRequest right_certificate(const std::string& host);

}  // namespace mxident::harness
