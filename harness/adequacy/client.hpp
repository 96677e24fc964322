// The client of the zoo: sends one message by SMTP over STARTTLS under the rules of RFC 9525, but for one
// bug.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "certs/mint.hpp"
#include "harness/adequacy/connection.hpp"
#include "harness/adequacy/route.hpp"
#include "harness/judge/judge.hpp"

namespace mxident::harness::zoo {

/// delivers: hands over a message. checks: a tool that connects, checks and tells by its exit code.
enum class Manner { delivers, checks };
/// The manner that a bug needs to show.
Manner manner_of(BugId bug);

/// The policy that the client with the bug keeps to, and whose expectation shows it. SNI is a duty only under
/// some of them (RFC 8461 7.1).
PolicyId policy_of(BugId bug);

/// A certificate that the client was shown, and what it knew of the host then.
struct Sight {
  Situation situation;
  std::vector<CertificatePtr> certificates;
};

struct ClientRun {
  ClientReport report;
  std::vector<Sight> sights;
};

/// What all clients share: trust anchors and a TLS context. Thread-safe once made.
class Equipment {
 public:
  /// Throws std::runtime_error where libssl fails.
  explicit Equipment(const certs::Authority& authority);
  SSL_CTX* context() const { return context_.get(); }
  X509_STORE* trust() const { return SSL_CTX_get_cert_store(context_.get()); }

 private:
  struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  std::unique_ptr<SSL_CTX, FreeContext> context_;
};

/// Runs the client to its end; its crash and its hang are told, not done. `policy`: rfc9525, dane or mta_sts.
/// `time`: seconds since 1970.
ClientRun run_client(BugId bug, Manner manner, PolicyId policy, const Route& route,
                     const Equipment& equipment, std::int64_t time);

}  // namespace mxident::harness::zoo
