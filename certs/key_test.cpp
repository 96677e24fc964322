#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ostream>
#include <set>
#include <thread>

#include "certs/mint.hpp"
#include "certs/test_support.hpp"

namespace mxident::certs {
namespace {

using test::to_hex;

struct KeyRow {
  const char* name;
  KeyType type;
  int bits;
  int signature_nid;
};
void PrintTo(const KeyRow& row, std::ostream* out) {
  *out << row.name;
}

class KeyTest : public testing::TestWithParam<KeyRow> {};

std::string public_key_hex(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) return "none";
  std::string out = to_hex(Octets(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)));
  OPENSSL_free(der);
  return out;
}

TEST_P(KeyTest, HasThePublicKeyThatLibcryptoWrites) {
  const Key key = test::keys().take(GetParam().type);
  EXPECT_EQ(EVP_PKEY_get_bits(key.get()), GetParam().bits);
  EXPECT_EQ(key.type(), GetParam().type);
  EXPECT_EQ(to_hex(key.spki()), public_key_hex(key.get()));
}

TEST_P(KeyTest, KeyIdentifierIsTheOneOfLibcrypto) {
  const Key key = test::keys().take(GetParam().type);
  const test::X509Ptr certificate(X509_new());
  ASSERT_EQ(X509_set_pubkey(certificate.get(), key.get()), 1);
  Octets digest(20, '\0');
  ASSERT_EQ(X509_pubkey_digest(certificate.get(), EVP_sha1(), reinterpret_cast<unsigned char*>(digest.data()),
                               nullptr),
            1);
  EXPECT_EQ(to_hex(key.key_identifier()), to_hex(digest));
}

TEST_P(KeyTest, SignsAsItsAlgorithmIdentifierSays) {
  CertificateSpec spec;
  spec.key = GetParam().type;
  spec.subject = {{test::cn("self")}};
  CertificateRequest request;
  request.spec = spec;
  request.issuer = "self";
  const auto chain = test::mint_one(request);
  const auto certificate = test::parse(chain.leaf.der);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(X509_get_signature_nid(certificate.get()), GetParam().signature_nid);
  EXPECT_EQ(X509_verify(certificate.get(), chain.leaf.key.get()), 1);
}

TEST_P(KeyTest, PemIsPkcs8) {
  const Key key = test::keys().take(GetParam().type);
  const std::string pem = key.pem();
  EXPECT_EQ(pem.rfind("-----BEGIN PRIVATE KEY-----\n", 0), 0U);
  const OpensslPtr<BIO, BIO_free_all> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // As another program would: the lean provider reads no private keys.
  const OpensslPtr<OSSL_LIB_CTX, OSSL_LIB_CTX_free> another(OSSL_LIB_CTX_new());
  const OpensslPtr<EVP_PKEY, EVP_PKEY_free> read(
      PEM_read_bio_PrivateKey_ex(bio.get(), nullptr, nullptr, nullptr, another.get(), nullptr));
  ASSERT_TRUE(read);
  EXPECT_EQ(public_key_hex(read.get()), to_hex(key.spki()));
}

constexpr KeyRow kKeys[] = {
    {"p256", KeyType::p256, 256, NID_ecdsa_with_SHA256},
    {"p384", KeyType::p384, 384, NID_ecdsa_with_SHA384},
    {"ed25519", KeyType::ed25519, 256, NID_ED25519},
    {"rsa2048", KeyType::rsa2048, 2048, NID_sha256WithRSAEncryption},
    {"rsa1024", KeyType::rsa1024, 1024, NID_sha256WithRSAEncryption},
};
INSTANTIATE_TEST_SUITE_P(Key, KeyTest, testing::ValuesIn(kKeys),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(KeyPool, HandsOutInTurn) {
  KeyPool pool(3);
  const Key first = pool.take(KeyType::p256);
  const Key second = pool.take(KeyType::p256);
  const Key third = pool.take(KeyType::p256);
  EXPECT_EQ((std::set<EVP_PKEY*>{first.get(), second.get(), third.get()}).size(), 3U);
  EXPECT_EQ(pool.take(KeyType::p256).get(), first.get());
  EXPECT_NE(pool.take(KeyType::ed25519).get(), second.get());
}

TEST(KeyPool, OfNoKeysMakesNewOnes) {
  KeyPool pool(0);
  EXPECT_NE(pool.take(KeyType::p256).spki(), pool.take(KeyType::p256).spki());
}

TEST(KeyPool, ServesThreadsAtOnce) {
  constexpr int kThreads = 4;
  constexpr int kTakes = 50;
  KeyPool pool(5);
  std::vector<std::set<EVP_PKEY*>> seen(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&pool, &mine = seen[static_cast<std::size_t>(i)]] {
      for (int take = 0; take < kTakes; ++take) {
        const Key key = pool.take(KeyType::p256);
        mine.insert(key.get());
        EXPECT_FALSE(key.sign("message").empty());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<EVP_PKEY*> all;
  for (const auto& mine : seen) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 5U);
}

TEST(KeyPool, CertificatesOfACallShareNoKey) {
  KeyPool small(2);
  const Authority authority = Authority::make(small);
  CertificateRequests requests;
  for (int i = 0; i < 6; ++i) requests["c" + std::to_string(i)] = test::ordinary();
  std::set<Octets> spkis = {authority.root.key.spki(), authority.intermediate.key.spki(),
                            authority.unknown_root.key.spki()};
  for (const auto& [id, chain] : mint(requests, authority, small)) spkis.insert(chain.leaf.key.spki());
  EXPECT_EQ(spkis.size(), 9U);
}

}  // namespace
}  // namespace mxident::certs
