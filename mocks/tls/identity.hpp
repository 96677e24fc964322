// A certificate chain and its key in the form that OpenSSL sends.
#pragma once

#include <openssl/ssl.h>

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "certs/mint.hpp"
#include "certs/openssl_ptr.hpp"

namespace mxident::mocks {

using X509Ptr = certs::OpensslPtr<X509, X509_free>;

/// Immutable after make(); shared by all connections that present it.
class Identity {
 public:
  X509* first() const { return first_.get(); }
  STACK_OF(X509) * rest() const { return rest_.get(); }
  EVP_PKEY* key() const { return key_.get(); }

 private:
  friend class IdentityReader;
  struct FreeChain {
    void operator()(STACK_OF(X509) * chain) const { sk_X509_pop_free(chain, X509_free); }
  };
  Identity() = default;
  X509Ptr first_;
  std::unique_ptr<STACK_OF(X509), FreeChain> rest_;
  std::shared_ptr<EVP_PKEY> key_;
};

class TlsContext;

/// Reads chains; remembers the latest ones, which the worlds of a scenario share, and the certificates above
/// the leaf, which all scenarios of a run share. Thread-safe.
///
/// The wire carries the octets of `Chain::sends` whatever they say: extensions are not looked at, so that a
/// server never refuses to use a certificate that is odd on purpose. What cannot be sent, because OpenSSL
/// cannot: an empty chain, a certificate that d2i_X509 does not read (an X.509 structure that is no
/// structure, a subject whose strings cannot be decoded), and a chain that begins with another certificate
/// than the leaf, unless both keys are of one EC curve.
class IdentityReader {
 public:
  /// Throws WorldError with `id` in its text.
  std::shared_ptr<const Identity> read(const std::string& id, const certs::Chain& chain);
  /// The same, and throws too if a server with this security level may not present it.
  std::shared_ptr<const Identity> read(const std::string& id, const certs::Chain& chain,
                                       const TlsContext& context, int security_level);

 private:
  struct Known {
    std::shared_ptr<const Identity> identity;
    std::set<int> levels;  ///< at which OpenSSL lets a server present it
  };
  /// `mutex_` is held.
  Known& known_identity(const std::string& id, const certs::Chain& chain);
  X509Ptr shared_certificate(const std::string& id, const certs::Octets& der);

  std::mutex mutex_;
  std::unordered_map<certs::Octets, X509Ptr> certificates_;
  std::map<std::vector<certs::Octets>, Known> identities_;  ///< by what is sent, and the leaf
};

}  // namespace mxident::mocks
