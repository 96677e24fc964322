// Every way from a certificate to a trust anchor, where there are several. Internal to the verifier.
#pragma once

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <functional>
#include <span>
#include <vector>

#include "chain.hpp"
#include "openssl_ptr.hpp"

namespace mxident {

/// A way that names and signatures allow: the leaf first, the anchor last. Key identifiers are hints, and
/// exclude nobody (RFC 4158 3.5.12; RFC 5280 6.1 knows none).
using CertificatePath = std::span<X509* const>;

/// The anchors of `store` that a path from `sent` could end in or pass.
std::vector<X509Ptr> anchors_within_reach(std::span<X509* const> sent, X509_STORE* store);

/// The certificate is trusted itself and signed by its own key: a path of one (RFC 5280 6.1), whatever usage
/// the key states. libcrypto wants keyCertSign of it.
bool is_own_anchor(X509* certificate, std::span<const X509Ptr> anchors);

/// Two certificates carry one name, so that a path may have to be chosen: a cross signature, a renewal, an
/// old key and a new one.
bool has_rivals(std::span<X509* const> sent, std::span<const X509Ptr> anchors);

/// An issuer by its name is not the one whose key identifier or serial number a certificate states; libcrypto
/// passes it over.
bool has_misleading_identifier(std::span<X509* const> sent, std::span<const X509Ptr> anchors);

/// Hands paths to `found` until it returns true, trusted issuers before sent ones. Bounded, whatever was
/// sent. `leaf` is the first of `sent`.
bool search_paths(std::span<X509* const> sent, std::span<const X509Ptr> anchors, PartialChain partial,
                  const std::function<bool(CertificatePath)>& found);

}  // namespace mxident
