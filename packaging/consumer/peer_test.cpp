// The README's example on handshakes in memory.
#include <openssl/ssl.h>
#include <mxident/verify.hpp>

#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>

#include "test_certificate.hpp"

bool is_mx_host(const SSL* ssl, std::string_view mx_host, const mxident::TrustStore& trust,
                std::string_view& why, mxident::PolicyId policy);

namespace {

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Connection = std::unique_ptr<SSL, decltype(&SSL_free)>;

// What is_mx_host() says of `mx_host` after a handshake with a server that has `certificate`.
std::string asked(const TestCertificate& certificate, std::string_view mx_host,
                  const mxident::TrustStore& trust, mxident::PolicyId policy = mxident::PolicyId::rfc9525) {
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
  const bool is_it = is_mx_host(client.get(), mx_host, trust, why, policy);
  return (is_it ? "yes: " : "no: ") + std::string(why);
}

}  // namespace

int main() {
  const std::time_t now = std::time(nullptr);
  const TestCertificate valid("DNS:mx1.example.test", now), old("DNS:mx1.example.test", now - 7200);
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

  // An authority that may vouch for example.test only does not speak for another host in a common name, by
  // whatever rules a common name counts.
  const TestCertificate authority({"Test Authority", nullptr, "critical,permitted;DNS:example.test"}, now);
  const TestCertificate inside({"mx1.example.test"}, now, &authority),
      outside({"mx1.example.net"}, now, &authority);
  mxident::TrustStore constrained;
  constrained.add_der(authority.der());
  for (const auto policy :
       {mxident::PolicyId::rfc2818, mxident::PolicyId::rfc6125, mxident::PolicyId::rfc7817}) {
    expect(asked(inside, "mx1.example.test", constrained, policy), "yes: match-common-name");
    expect(asked(outside, "mx1.example.net", constrained, policy), "no: chain-name-constraint");
  }
  const std::string sent[] = {outside.der()};
  const mxident::ChainResult alone = mxident::verify_chain(sent, constrained, {.time = now});
  expect(std::string(to_string(alone.reason)), "chain-name-constraint");
  if (faults == 0) std::puts("mxident: the example of the README works");
  return faults == 0 ? 0 : 1;
}
