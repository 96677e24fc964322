// The places of a certificate that the verifier looks at itself, found without copying. Internal to the
// verifier.
#pragma once

#include <optional>
#include <string_view>

#include "der.hpp"

namespace mxident {

/// Views into the DER of a certificate (RFC 5280 4.1).
struct CertificateView {
  std::string_view subject;      ///< content of the Name
  std::string_view subject_tlv;  ///< the whole Name
  std::string_view issuer_tlv;
  std::string_view spki_tlv;    ///< SubjectPublicKeyInfo
  std::string_view extensions;  ///< content of the SEQUENCE OF Extension; empty when there is none
  unsigned version = 1;         ///< as people count, from 1; 255 for anything beyond a single octet
  bool has_unique_ids = false;
  bool has_extensions = false;
};

/// nullopt: not a certificate, or octets follow it.
std::optional<CertificateView> view_certificate(std::string_view der);

struct Extension {
  std::string_view oid;    ///< content octets of the OBJECT IDENTIFIER
  std::string_view value;  ///< content of extnValue
  bool critical = false;
};
/// The next extension; false at the end and for a malformed one (then `extensions.failed()`).
bool next_extension(der::Reader& extensions, Extension& extension);

inline constexpr std::string_view kOidKeyUsage{"\x55\x1d\x0f", 3};
inline constexpr std::string_view kOidBasicConstraints{"\x55\x1d\x13", 3};
inline constexpr std::string_view kOidExtendedKeyUsage{"\x55\x1d\x25", 3};
inline constexpr std::string_view kOidSubjectAltName{"\x55\x1d\x11", 3};
inline constexpr std::string_view kOidNameConstraints{"\x55\x1d\x1e", 3};
inline constexpr std::string_view kOidPolicies{"\x55\x1d\x20", 3};
inline constexpr std::string_view kOidPolicyMappings{"\x55\x1d\x21", 3};
inline constexpr std::string_view kOidInhibitAnyPolicy{"\x55\x1d\x36", 3};
inline constexpr std::string_view kOidCommonName{"\x55\x04\x03", 3};
inline constexpr std::string_view kOidSrvName{"\x2b\x06\x01\x05\x05\x07\x08\x07", 8};

}  // namespace mxident
