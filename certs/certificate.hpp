// One certificate from its specification and its issuer: the inner step of the mint.
#pragma once

#include <string_view>

#include "certs/mint.hpp"

namespace mxident::certs {

/// Signs a certificate. `issuer` null: by its own key, under its own name. `id` only tells apart, in the
/// serial number, certificates that say the same. Throws MintError.
Certificate issue(const CertificateSpec& spec, const Certificate* issuer, const Key& key,
                  std::string_view id);

}  // namespace mxident::certs
