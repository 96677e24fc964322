// Private keys of the mint, and signatures by them.
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <atomic>
#include <mutex>
#include <optional>

#include "certs/der.hpp"
#include "certs/mint.hpp"
#include "certs/openssl_ptr.hpp"

namespace mxident::certs {
namespace {

using Pkey = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using PkeyContext = OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free>;
using Bio = OpensslPtr<BIO, BIO_free_all>;

void free_octets(unsigned char* octets) {
  OPENSSL_free(octets);
}

constexpr std::size_t kKeyTypes = 5;
std::size_t index_of(KeyType type) {
  return static_cast<std::size_t>(type);
}

void require(bool done, const char* what) {
  if (!done) throw MintError(std::string("libcrypto cannot ") + what);
}

const unsigned char* bytes(const Octets& octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}
unsigned char* bytes(Octets& octets) {
  return reinterpret_cast<unsigned char*>(octets.data());
}

bool is_ec(KeyType type) {
  return type == KeyType::p256 || type == KeyType::p384;
}

PkeyContext generator(KeyType type) {
  const bool ec = is_ec(type);
  const char* algorithm = ec ? "EC" : type == KeyType::ed25519 ? "ED25519" : "RSA";
  PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  require(context && EVP_PKEY_keygen_init(context.get()) == 1, "make keys of this type");
  if (ec) {
    const char* group = type == KeyType::p256 ? "P-256" : "P-384";
    require(EVP_PKEY_CTX_set_group_name(context.get(), group) == 1, "use this curve");
  } else if (type != KeyType::ed25519) {
    const int bits = type == KeyType::rsa2048 ? 2048 : 1024;
    require(EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), bits) == 1, "use this RSA key size");
  }
  return context;
}

Pkey generate_pkey(KeyType type) {
  // Setting a generator up costs more than an EC key itself.
  thread_local std::array<PkeyContext, kKeyTypes> generators;
  auto& context = generators[index_of(type)];
  if (!context) context = generator(type);
  EVP_PKEY* key = nullptr;
  require(EVP_PKEY_keygen(context.get(), &key) == 1, "make a key");
  return Pkey(key);
}

/// Content of the BIT STRING subjectPublicKey.
Octets public_key_octets(EVP_PKEY* key, KeyType type) {
  Octets out;
  if (type == KeyType::ed25519) {
    std::size_t size = 32;
    out.resize(size);
    require(EVP_PKEY_get_raw_public_key(key, bytes(out), &size) == 1, "read a public key");
    return out;
  }
  unsigned char* octets = nullptr;
  std::size_t size = 0;
  if (is_ec(type)) {
    size = EVP_PKEY_get1_encoded_public_key(key, &octets);  // uncompressed point (RFC 5480 2.2)
  } else {
    const int length = i2d_PublicKey(key, &octets);  // RSAPublicKey (RFC 3279 2.3.1)
    size = length > 0 ? static_cast<std::size_t>(length) : 0;
  }
  const OpensslPtr<unsigned char, free_octets> owner(octets);
  require(size != 0, "read a public key");
  out.assign(reinterpret_cast<const char*>(octets), size);
  return out;
}

/// What is the same for all keys of a type.
struct Algorithms {
  Octets key;        ///< AlgorithmIdentifier in SubjectPublicKeyInfo
  Octets signature;  ///< AlgorithmIdentifier of signatures
  const char* digest;
};

const Algorithms& algorithms(KeyType type) {
  static const auto table = [] {
    const auto plain = [](std::string_view id) { return der::sequence({der::oid(id)}); };
    const auto ec = [](std::string_view curve) {
      return der::sequence({der::oid("1.2.840.10045.2.1"), der::oid(curve)});
    };
    const auto rsa = [](std::string_view id) {
      return der::sequence({der::oid(id), der::tlv(der::kNull, {})});
    };
    const Algorithms rsa_sha256{rsa("1.2.840.113549.1.1.1"), rsa("1.2.840.113549.1.1.11"), "SHA256"};
    return std::array<Algorithms, kKeyTypes>{{
        {ec("1.2.840.10045.3.1.7"), plain("1.2.840.10045.4.3.2"), "SHA256"},
        {ec("1.3.132.0.34"), plain("1.2.840.10045.4.3.3"), "SHA384"},
        {plain("1.3.101.112"), plain("1.3.101.112"), nullptr},
        rsa_sha256,
        rsa_sha256,
    }};
  }();
  return table[index_of(type)];
}

/// By an algorithm that was looked up once: looking it up costs more than the digest of a certificate.
Octets digest_of(const Octets& octets, const EVP_MD* algorithm) {
  Octets out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  require(algorithm != nullptr &&
              EVP_Digest(octets.data(), octets.size(), bytes(out), &size, algorithm, nullptr) == 1,
          "compute a digest");
  out.resize(size);
  return out;
}

using Digest = OpensslPtr<EVP_MD, EVP_MD_free>;

Octets sha1(const Octets& octets) {
  static const Digest algorithm(EVP_MD_fetch(nullptr, "SHA1", nullptr));
  return digest_of(octets, algorithm.get());
}

/// What an EC key of this type signs (RFC 5758 3.2).
Octets signed_digest(const Octets& message, KeyType type) {
  static const Digest sha256(EVP_MD_fetch(nullptr, "SHA256", nullptr)),
      sha384(EVP_MD_fetch(nullptr, "SHA384", nullptr));
  return digest_of(message, type == KeyType::p256 ? sha256.get() : sha384.get());
}

}  // namespace

struct Key::Impl {
  Pkey key;
  Octets spki;
  Octets key_identifier;
  KeyType type = KeyType::p256;
  std::once_flag signer_once;
  // Ready to sign, which costs a quarter of a signature to set up.
  DigestContext signer;   ///< copied for each signature
  PkeyContext ec_signer;  ///< of EC keys, in place of it: one signature at a time, and nothing to copy
  std::mutex ec_signing;
};

Key Key::generate(KeyType type) {
  auto impl = std::make_shared<Impl>();
  impl->type = type;
  impl->key = generate_pkey(type);
  const Octets octets = public_key_octets(impl->key.get(), type);
  impl->spki = der::sequence({algorithms(type).key, der::bit_string(octets)});
  impl->key_identifier = sha1(octets);
  return Key(std::move(impl));
}

EVP_PKEY* Key::get() const {
  return impl_->key.get();
}
const Octets& Key::spki() const {
  return impl_->spki;
}
const Octets& Key::key_identifier() const {
  return impl_->key_identifier;
}
KeyType Key::type() const {
  return impl_->type;
}
const Octets& Key::signature_algorithm() const {
  return algorithms(impl_->type).signature;
}

std::string Key::pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  require(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "write a private key");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

Octets Key::sign(const Octets& message) const {
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(get()));
  Octets signature(size, '\0');
  if (is_ec(type())) {
    const Octets digest = signed_digest(message, type());
    const std::lock_guard lock(impl_->ec_signing);
    PkeyContext& signer = impl_->ec_signer;
    if (!signer) {
      PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, get(), nullptr));
      require(context && EVP_PKEY_sign_init(context.get()) == 1, "set up a signature");
      signer = std::move(context);
    }
    require(EVP_PKEY_sign(signer.get(), bytes(signature), &size, bytes(digest), digest.size()) == 1, "sign");
    signature.resize(size);
    return signature;
  }
  std::call_once(impl_->signer_once, [this] {
    DigestContext context(EVP_MD_CTX_new());
    require(context && EVP_DigestSignInit_ex(context.get(), nullptr, algorithms(type()).digest, nullptr,
                                             nullptr, get(), nullptr) == 1,
            "set up a signature");
    impl_->signer = std::move(context);
  });
  const DigestContext context(EVP_MD_CTX_new());
  require(context && EVP_MD_CTX_copy_ex(context.get(), impl_->signer.get()) == 1, "set up a signature");
  require(EVP_DigestSign(context.get(), bytes(signature), &size, bytes(message), message.size()) == 1,
          "sign");
  signature.resize(size);
  return signature;
}

struct KeyPool::Impl {
  struct Slot {
    std::once_flag once;
    std::optional<Key> key;
  };
  struct Type {
    std::unique_ptr<Slot[]> slots;
    std::atomic<std::size_t> next{0};
  };
  std::size_t per_type = 0;
  std::array<Type, kKeyTypes> types;
};

KeyPool::KeyPool(std::size_t per_type) : impl_(std::make_unique<Impl>()) {
  impl_->per_type = per_type;
  for (auto& type : impl_->types) type.slots = std::make_unique<Impl::Slot[]>(per_type);
}

KeyPool::~KeyPool() = default;

Key KeyPool::take(KeyType type) {
  if (impl_->per_type == 0) return Key::generate(type);
  auto& keys = impl_->types[index_of(type)];
  auto& slot = keys.slots[keys.next++ % impl_->per_type];
  std::call_once(slot.once, [&] { slot.key.emplace(Key::generate(type)); });
  return *slot.key;
}

}  // namespace mxident::certs
