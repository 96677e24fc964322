// The README's example on handshakes in memory.
#include <openssl/ssl.h>
#include <mxident/chain.hpp>

#include <cstdio>
#include <string>
#include <string_view>

#include "self_signed.hpp"

bool is_mx_host(const SSL* ssl, std::string_view mx_host, const mxident::TrustStore& trust,
                std::string_view& why);

namespace {

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Connection = std::unique_ptr<SSL, decltype(&SSL_free)>;

// What is_mx_host() says of `mx_host` after a handshake with a server that has `certificate`.
std::string asked(const SelfSigned& certificate, std::string_view mx_host, const mxident::TrustStore& trust) {
  const Context context(SSL_CTX_new(TLS_method()), SSL_CTX_free);
  SSL_CTX_use_certificate(context.get(), certificate.x509.get());
  SSL_CTX_use_PrivateKey(context.get(), certificate.key.get());
  const Connection server(SSL_new(context.get()), SSL_free), client(SSL_new(context.get()), SSL_free);
  BIO *up = nullptr, *down = nullptr;
  BIO_new_bio_pair(&up, 0, &down, 0);
  SSL_set_bio(client.get(), up, up);
  SSL_set_bio(server.get(), down, down);
  SSL_set_connect_state(client.get());
  SSL_set_accept_state(server.get());
  for (int round = 0; round < 10 && !SSL_is_init_finished(client.get()); ++round) {
    SSL_do_handshake(client.get());
    SSL_do_handshake(server.get());
  }
  std::string_view why;
  const bool is_it = is_mx_host(client.get(), mx_host, trust, why);
  return (is_it ? "yes: " : "no: ") + std::string(why);
}

}  // namespace

int main() {
  const std::time_t now = std::time(nullptr);
  const SelfSigned valid("DNS:mx1.example.test", now), old("DNS:mx1.example.test", now - 7200);
  mxident::TrustStore trust, trust_of_old;
  trust.add_der(valid.der());
  trust_of_old.add_der(old.der());
  int faults = 0;
  const auto expect = [&](const std::string& found, std::string_view wanted) {
    if (found != wanted)
      faults += std::printf("found \"%s\", wanted \"%s\"\n", found.c_str(), wanted.data()) > 0;
  };
  expect(asked(valid, "mx1.example.test", trust), "yes: match-exact");
  expect(asked(valid, "mx2.example.test", trust), "no: no-presented-identifier-matches");
  expect(asked(valid, "mx1..example.test", trust), "no: reference-bad-label");
  expect(asked(old, "mx1.example.test", trust_of_old), "no: chain-expired");
  expect(asked(valid, "mx1.example.test", {}), "no: chain-self-signed");
  if (faults == 0) std::puts("mxident: the example of the README works");
  return faults == 0 ? 0 : 1;
}
