// OpenSSL 3.0 looks through all of its decoders for each public key that it reads: of some eighty, a
// certificate can need a handful. A program that handles many certificates spends a quarter of its time
// there.
#pragma once

namespace mxident::certs {

/// Lets the whole process use OpenSSL's default provider without the decoders that no certificate needs: no
/// private key can be read; all other algorithms stay. To be called once, before anything else uses OpenSSL.
/// Where it cannot be had (or where openssl.cnf activates the default provider by name) everything works as
/// before, only slower.
void use_lean_provider();

}  // namespace mxident::certs
