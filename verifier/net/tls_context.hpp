// The TLS settings of every connection that the probe makes.
#pragma once

#include <openssl/ssl.h>

namespace mxident::probe {

/// One shared client context: TLS 1.2 and 1.3, no verification inside the handshake (the core judges what was
/// presented), no tickets, no cache, no renegotiation, bounded messages. Thread-safe. Null only if OpenSSL is
/// broken.
SSL_CTX* client_context();

}  // namespace mxident::probe
