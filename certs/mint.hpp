// The mint: from specifications to signed certificates, written as DER.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "certs/spec.hpp"

typedef struct evp_pkey_st EVP_PKEY;

namespace mxident::certs {

/// Requests that cannot be minted: an unknown issuer, a cycle, an OID that is no OID. The text names the
/// request.
class MintError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A private key with its SubjectPublicKeyInfo read once. Copies share the key; all members may be called
/// from several threads at once. Test keys: never use them elsewhere.
class Key {
 public:
  /// Throws MintError where libcrypto fails.
  static Key generate(KeyType type);
  EVP_PKEY* get() const;
  const Octets& spki() const;            ///< DER of SubjectPublicKeyInfo
  const Octets& key_identifier() const;  ///< SHA-1 of the subjectPublicKey BIT STRING content
  KeyType type() const;
  std::string pem() const;  ///< PKCS #8, unencrypted
  /// DER of the AlgorithmIdentifier that `sign` follows: ECDSA or PKCS #1 v1.5 with SHA-256 (P-384: SHA-384),
  /// Ed25519.
  const Octets& signature_algorithm() const;
  Octets sign(const Octets& message) const;

 private:
  struct Impl;
  explicit Key(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

/// Keys made when first wanted, kept, and handed out in turn, because an RSA key costs 5,000 signatures.
/// Thread-safe.
class KeyPool {
 public:
  /// 0 keys of a type: each `take` makes a new one.
  explicit KeyPool(std::size_t per_type = 8);
  ~KeyPool();
  KeyPool(const KeyPool&) = delete;
  KeyPool& operator=(const KeyPool&) = delete;
  Key take(KeyType type);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A signed certificate.
struct Certificate {
  Octets der;
  Octets subject_der;  ///< Name, as an issued certificate repeats it
  Key key;
  Octets key_identifier;  ///< value of its subjectKeyIdentifier extension; empty: it has none
  std::string pem() const;
};

/// One CA hierarchy: all scenarios of a run hang below `root`; `unknown_root` is trusted by nobody. None of
/// them limits path length or names, so that CAs of a scenario can stand below `intermediate`.
struct Authority {
  Certificate root;
  Certificate intermediate;
  Certificate unknown_root;
  static Authority make(KeyPool& keys);
};

/// A minted certificate and the chain that a server sends for it.
struct Chain {
  Certificate leaf;
  std::vector<Octets> sends;    ///< DER, in the order of the wire; the leaf only if it is among them
  std::vector<Octets> issuers;  ///< DER, the true path above the leaf, root included
};

/// Mints every request. No two certificates of a call share a key, nor one with the authority. Throws
/// MintError; its text begins with "certificate 'ID': ".
std::map<std::string, Chain> mint(const CertificateRequests& requests, const Authority& authority,
                                  KeyPool& keys);

/// A Chain's certificates as PEM, in the order that the server sends.
std::string pem_chain(const Chain& chain);
std::string to_pem(const Octets& der);

/// Text in `type`'s encoding: UTF-8 in, content octets out. Throws MintError where a character has no place
/// in it (beyond the BMP for `bmp`); printable, ia5 and t61 take UTF-8 octets as they are, on purpose.
Octets encode_text(const std::string& utf8, StringType type);

}  // namespace mxident::certs
