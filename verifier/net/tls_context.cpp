#include "tls_context.hpp"

#include <openssl/x509.h>

#include "wire.hpp"

namespace mxident::probe {
namespace {

// Without this OpenSSL would build a path of its own against an empty store, only for us to ignore it.
int accept_any(X509_STORE_CTX*, void*) {
  return 1;
}

SSL_CTX* make_context() {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) return nullptr;
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);  // RFC 8461 7.2, RFC 8996
  SSL_CTX_set_security_level(context, 1);  // weak keys are for the chain's verdict, not for OpenSSL's
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_cert_verify_callback(context, &accept_any, nullptr);
  SSL_CTX_set_max_cert_list(context, static_cast<long>(kMaxCertificateMessage));
  return context;
}

}  // namespace

SSL_CTX* client_context() {
  static SSL_CTX* const context = make_context();
  return context;
}

}  // namespace mxident::probe
