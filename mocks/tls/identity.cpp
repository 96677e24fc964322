#include "mocks/tls/identity.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <array>

#include "mocks/tls/engine.hpp"
#include "mocks/world.hpp"

namespace mxident::mocks {
namespace {

using certs::OpensslPtr;
using BigPtr = OpensslPtr<BIGNUM, BN_clear_free>;
using BuilderPtr = OpensslPtr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using ParamsPtr = OpensslPtr<OSSL_PARAM, OSSL_PARAM_free>;
using PkeyContextPtr = OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

// Roots and intermediates of a run are a handful; chains are used again as long as cells of their scenario
// run.
constexpr std::size_t kMaxKnown = 64;

[[noreturn]] void refuse(const std::string& id, const std::string& why) {
  ERR_clear_error();
  throw WorldError("certificate \"" + id + "\" cannot be sent: " + why);
}

bool writes_back(X509* certificate, const certs::Octets& der) {
  unsigned char* octets = nullptr;
  const int size = i2d_X509(certificate, &octets);
  if (size < 0) return false;
  const certs::OpensslPtr<unsigned char, [](unsigned char* p) { OPENSSL_free(p); }> owner(octets);
  return der == std::string_view(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(size));
}

/// Before it uses a certificate, OpenSSL asks its extensions (key usage with TLS 1.2, for one, and one
/// extension that cannot be read forbids everything). The encoding was kept when it was read, so what is
/// taken away here is still sent.
X509Ptr parse(const std::string& id, const certs::Octets& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = at + der.size();
  X509Ptr out(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!out) refuse(id, "d2i_X509 does not read it");
  if (at != end) refuse(id, "octets follow the certificate");
  while (X509_get_ext_count(out.get()) > 0) X509_EXTENSION_free(X509_delete_ext(out.get(), 0));
  if (!writes_back(out.get(), der)) refuse(id, "OpenSSL writes it in another way than it was read");
  return out;
}

std::string group_of(EVP_PKEY* key) {
  std::array<char, 64> name{};
  std::size_t size = 0;
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
      EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size(), &size) != 1) {
    ERR_clear_error();
    return {};
  }
  return {name.data(), size};
}

/// A key that claims the public point of another: OpenSSL compares only public halves before it sends a
/// chain. The signature is the leaf's, as it would be from a server with its files in the wrong order.
std::shared_ptr<EVP_PKEY> disguise(const std::string& id, EVP_PKEY* leaf, EVP_PKEY* shown) {
  const std::string group = group_of(leaf);
  if (group.empty() || group != group_of(shown)) {
    refuse(id, "it does not begin with the leaf, and the keys are not of one EC curve");
  }
  BIGNUM* scalar = nullptr;
  std::size_t size = 0;
  std::array<unsigned char, 256> point{};
  EVP_PKEY_get_bn_param(leaf, OSSL_PKEY_PARAM_PRIV_KEY, &scalar);
  const BigPtr scalar_owner(scalar);
  EVP_PKEY_get_octet_string_param(shown, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size);
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group.c_str(), group.size());
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), size);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar);
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder.get()));
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (scalar == nullptr || !params || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params.get()) != 1) {
    refuse(id, "it does not begin with the leaf");
  }
  return {key, EVP_PKEY_free};
}

}  // namespace

X509Ptr IdentityReader::shared_certificate(const std::string& id, const certs::Octets& der) {
  auto known = certificates_.find(der);
  if (known == certificates_.end()) {
    if (certificates_.size() >= kMaxKnown) certificates_.clear();
    known = certificates_.emplace(der, parse(id, der)).first;
  }
  X509_up_ref(known->second.get());
  return X509Ptr(known->second.get());
}

std::shared_ptr<const Identity> IdentityReader::read(const std::string& id, const certs::Chain& chain) {
  const std::lock_guard lock(mutex_);
  return known_identity(id, chain).identity;
}

std::shared_ptr<const Identity> IdentityReader::read(const std::string& id, const certs::Chain& chain,
                                                     const TlsContext& context, int security_level) {
  const std::lock_guard lock(mutex_);
  Known& known = known_identity(id, chain);
  if (!known.levels.contains(security_level)) {
    const std::string refusal = context.refusal(*known.identity, security_level);
    if (!refusal.empty()) {
      throw WorldError("certificate \"" + id + "\" cannot be used at security level " +
                       std::to_string(security_level) + ": " + refusal);
    }
    known.levels.insert(security_level);
  }
  return known.identity;
}

IdentityReader::Known& IdentityReader::known_identity(const std::string& id, const certs::Chain& chain) {
  std::vector<certs::Octets> key = chain.sends;
  key.push_back(chain.leaf.der);
  const auto known = identities_.find(key);
  if (known != identities_.end()) return known->second;
  if (chain.sends.empty()) refuse(id, "its chain is empty");
  std::shared_ptr<Identity> out(new Identity);
  const bool leaf_first = chain.sends.front() == chain.leaf.der;
  out->first_ = leaf_first ? parse(id, chain.sends.front()) : shared_certificate(id, chain.sends.front());
  if (leaf_first) {
    EVP_PKEY_up_ref(chain.leaf.key.get());
    out->key_ = {chain.leaf.key.get(), EVP_PKEY_free};
  } else {
    EVP_PKEY* shown = X509_get0_pubkey(out->first_.get());
    if (shown == nullptr) refuse(id, "the key of its first element cannot be read");
    out->key_ = disguise(id, chain.leaf.key.get(), shown);
  }
  out->rest_.reset(sk_X509_new_null());
  for (std::size_t i = 1; i < chain.sends.size(); ++i) {
    const bool leaf = chain.sends[i] == chain.leaf.der;
    X509Ptr next = leaf ? parse(id, chain.sends[i]) : shared_certificate(id, chain.sends[i]);
    sk_X509_push(out->rest_.get(), next.release());
  }
  if (identities_.size() >= kMaxKnown) identities_.clear();
  return identities_.emplace(std::move(key), Known{std::move(out), {}}).first->second;
}

}  // namespace mxident::mocks
