#include <openssl/ssl.h>
#include <mxident/chain.hpp>
#include <mxident/match.hpp>

#include <ctime>

// Whether the server of a finished handshake is `mx_host`; `why` is the reason, e.g.
// "no-presented-identifier-matches".
bool is_mx_host(const SSL* ssl, std::string_view mx_host, const mxident::TrustStore& trust,
                std::string_view& why) {
  using namespace mxident;
  const STACK_OF(X509)* sent = SSL_get_peer_cert_chain(ssl);
  const ChainResult chain = verify_chain(sent, trust, {.time = std::time(nullptr)});
  why = to_string(chain.reason);
  if (chain.verdict != ChainVerdict::ok) return false;
  const auto names = read_presented_names(chain.path.front());
  const NameRules& rules = policy(PolicyId::rfc9525).rules;
  const ReferenceResult wanted = make_reference(mx_host, ReferenceOrigin::mx_host, rules);
  why = to_string(names ? wanted.reason : Reason::certificate_unreadable);
  if (!names || !wanted.reference) return false;
  const MatchResult result = match(*names, {&*wanted.reference, 1}, rules);
  why = to_string(result.reason);
  return result.verdict == MatchVerdict::match;
}
