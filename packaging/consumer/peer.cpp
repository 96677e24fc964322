#include <openssl/ssl.h>
#include <mxident/verify.hpp>

#include <ctime>

// Whether the server of a finished handshake is `mx_host`; `why` is the reason, e.g.
// "no-presented-identifier-matches".
bool is_mx_host(const SSL* ssl, std::string_view mx_host, const mxident::TrustStore& trust,
                std::string_view& why, mxident::PolicyId policy) {
  const mxident::Judgement found =
      mxident::verify({.parsed = SSL_get_peer_cert_chain(ssl)}, {.policy = mxident::policy(policy),
                                                                 .host = mx_host,
                                                                 .trust = &trust,
                                                                 .chain = {.time = std::time(nullptr)}});
  why = to_string(found.reason);
  return found.accepted();
}
