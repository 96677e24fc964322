// From libcrypto's errors to reasons. Internal to the verifier.
#pragma once

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <string_view>

#include "chain.hpp"

namespace mxident {

/// RFC 2253 form, at most a few hundred characters; empty for null.
std::string subject_of(X509* certificate);
/// The extended key usages include TLS servers, or there are none.
bool allows_tls_servers(X509* certificate);
/// Key usage as far as a TLS server (RFC 8446 4.4.2.2) or, at another depth than 0, an issuer needs it;
/// absent means any.
bool key_usage_suffices(X509* certificate, int depth);

/// A failed result about `certificate`, which may be null.
ChainResult fail(Reason reason, int depth, X509* certificate, std::string_view text = {});
/// What the failed verification of `context` means. `sent` and `store` explain an issuer that was passed
/// over.
ChainResult failure_of(X509_STORE_CTX* context, const STACK_OF(X509) * sent, X509_STORE* store);

}  // namespace mxident
