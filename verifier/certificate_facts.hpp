// What people compare when they look for the right certificate: names of subject and issuer, dates, digests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mxident {

struct CertificateFacts {
  std::string subject, issuer;                 ///< RFC 2253 form, odd octets escaped; empty for an empty Name
  std::string serial;                          ///< hexadecimal
  std::int64_t not_before = 0, not_after = 0;  ///< seconds since 1970
  std::string key;                             ///< "RSA", "EC", "ED25519"; empty: none that can be read
  std::string sha256;                          ///< of the whole certificate, hexadecimal
};

/// nullopt: not a certificate, or octets follow it.
std::optional<CertificateFacts> certificate_facts(std::string_view der);

}  // namespace mxident
