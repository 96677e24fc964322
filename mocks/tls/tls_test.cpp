// What servers present: by SNI, by address, odd chains, odd certificates, versions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "mocks/test_client.hpp"
#include "mocks/tls/identity.hpp"

namespace mxident::mocks {
namespace {

using test::Bench;
using test::Client;
using test::request_for;
using test::texts;
using test::wait_idle;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kHost = "mx.x.test";

class TlsTest : public testing::Test {
 protected:
  std::vector<std::string> chain_seen(const test::TlsWish& wish = {}, std::size_t address = 0) {
    Client client(bench_.world->ports(kHost).at(address));
    EXPECT_TRUE(client.secure(wish));
    return client.peer_chain();
  }
  /// The same, whatever the client thinks of it: with TLS 1.2 OpenSSL's own client looks at extensions too.
  std::vector<std::string> chain_received(const test::TlsWish& wish) {
    Client client(bench_.world->port(kHost));
    client.secure(wish);
    return client.peer_chain();
  }
  std::string leaf_of(const std::string& id) { return bench_.spec.certificates.at(id).leaf.der; }
  /// Why a world with this certificate cannot be opened.
  std::string refusal(const std::string& id) {
    auto server = bench_.server(kHost);
    server.certificate = id;
    try {
      bench_.open({server});
    } catch (const WorldError& error) {
      return error.what();
    }
    return "opened";
  }

  Bench bench_;
};

TEST_F(TlsTest, CertificateBySni) {
  auto server = bench_.server(kHost);
  bench_.add_certificate("other", request_for("other.x.test"));
  server.certificates_by_sni["other.x.test"] = "other";
  bench_.open({server});
  EXPECT_EQ(chain_seen({.sni = "OTHER.x.test"}).front(), leaf_of("other"));
  EXPECT_EQ(chain_seen({.sni = "third.x.test"}).front(), leaf_of(kHost));
  EXPECT_EQ(chain_seen().front(), leaf_of(kHost));
}

TEST_F(TlsTest, OnlyBySniRefusesOthers) {
  auto server = bench_.server(kHost);
  server.certificates_by_sni[kHost] = kHost;
  server.certificate.clear();
  bench_.open({server});
  EXPECT_EQ(chain_seen({.sni = kHost}).front(), leaf_of(kHost));
  Client client(bench_.world->port(kHost));
  EXPECT_FALSE(client.secure({.sni = "other.x.test"}));
  client.close_in_order();
  EXPECT_TRUE(wait_idle(*bench_.world));
  EXPECT_THAT(texts(*bench_.world, EventKind::alert_sent), ElementsAre("handshake failure"));
}

TEST_F(TlsTest, CertificateByAddress) {
  auto server = bench_.server(kHost);
  bench_.add_certificate("second", request_for("second.x.test"));
  server.addresses = {{}, {.certificate = "second"}};
  bench_.open({server});
  ASSERT_EQ(bench_.world->addresses(kHost).size(), 2U);
  EXPECT_EQ(chain_seen({}, 0).front(), leaf_of(kHost));
  EXPECT_EQ(chain_seen({}, 1).front(), leaf_of("second"));
}

struct ChainRow {
  const char* name;
  std::vector<std::string> sends;
};
void PrintTo(const ChainRow& row, std::ostream* out) {
  *out << row.name;
}

class ChainTest : public TlsTest, public testing::WithParamInterface<ChainRow> {};

TEST_P(ChainTest, GoesOnTheWireAsItStands) {
  auto request = request_for(kHost);
  request.sends = GetParam().sends;
  auto server = bench_.server(kHost);
  bench_.add_certificate(kHost, request);
  bench_.open({server});
  EXPECT_THAT(chain_seen(), ElementsAreArray(bench_.spec.certificates.at(kHost).sends));
}

INSTANTIATE_TEST_SUITE_P(Sends, ChainTest,
                         testing::Values(ChainRow{"leaf_only", {"leaf"}},
                                         ChainRow{"whole", {"leaf", "intermediate", "root"}},
                                         ChainRow{"reordered", {"leaf", "root", "intermediate"}},
                                         ChainRow{"twice", {"leaf", "leaf", "intermediate", "intermediate"}},
                                         ChainRow{"another_root", {"leaf", "intermediate", "unknown-ca"}}),
                         [](const auto& row) { return std::string(row.param.name); });

struct OddFirstRow {
  const char* name;
  std::vector<std::string> sends;
};
void PrintTo(const OddFirstRow& row, std::ostream* out) {
  *out << row.name;
}

class OddFirstTest : public TlsTest, public testing::WithParamInterface<OddFirstRow> {};

/// A client cannot complete such a handshake: the signature is not by the key of the first certificate.
TEST_P(OddFirstTest, IsSentWithTheLeafsSignature) {
  auto request = request_for(kHost);
  request.sends = GetParam().sends;
  auto server = bench_.server(kHost);
  bench_.add_certificate(kHost, request);
  bench_.open({server});
  Client client(bench_.world->port(kHost));
  EXPECT_FALSE(client.secure());
  EXPECT_THAT(client.peer_chain(), ElementsAreArray(bench_.spec.certificates.at(kHost).sends));
  client.close_in_order();
  EXPECT_TRUE(wait_idle(*bench_.world));
  EXPECT_THAT(texts(*bench_.world, EventKind::alert_received), ElementsAre("decrypt error"));
}

INSTANTIATE_TEST_SUITE_P(Sends, OddFirstTest,
                         testing::Values(OddFirstRow{"leaf_last", {"intermediate", "leaf"}},
                                         OddFirstRow{"no_leaf", {"intermediate", "root"}}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(TlsTest, WhatCannotBeSentIsNamed) {
  auto empty = request_for(kHost);
  empty.sends = std::vector<std::string>{};
  bench_.add_certificate("empty", empty);
  EXPECT_THAT(refusal("empty"), HasSubstr("certificate \"empty\" cannot be sent: its chain is empty"));

  auto rsa = request_for(kHost);
  rsa.spec.key = certs::KeyType::rsa2048;
  rsa.sends = {"intermediate", "leaf"};
  bench_.add_certificate("rsa", rsa);
  EXPECT_THAT(refusal("rsa"),
              HasSubstr("certificate \"rsa\" cannot be sent: it does not begin with the leaf"));

  bench_.add_certificate("broken", request_for(kHost));
  auto& broken = bench_.spec.certificates.at("broken");
  broken.leaf.der[4] = '\x02';
  broken.sends.front() = broken.leaf.der;
  EXPECT_THAT(refusal("broken"), HasSubstr("certificate \"broken\" cannot be sent: d2i_X509"));

  EXPECT_THAT(refusal("missing"), HasSubstr("there is no certificate \"missing\""));
}

TEST_F(TlsTest, WeakKeyBelowTheSecurityLevelIsNamedBeforeAClientComes) {
  auto weak = request_for(kHost);
  weak.spec.key = certs::KeyType::rsa1024;
  auto server = bench_.server(kHost);
  bench_.add_certificate(kHost, weak);
  server.security_level = 2;
  EXPECT_THROW(bench_.open({server}), WorldError);
  server.security_level = 1;
  bench_.open({server});
  EXPECT_EQ(chain_seen().front(), leaf_of(kHost));
  server.security_level = 2;
  EXPECT_THROW(bench_.open({server}), WorldError) << "what one level lets pass says nothing of the next";
}

TEST_F(TlsTest, AChainIsReadOnce) {
  bench_.add_certificate(kHost, request_for(kHost));
  const certs::Chain chain = bench_.spec.certificates.at(kHost);
  certs::Chain longer = chain;
  longer.sends.push_back(longer.issuers.back());
  IdentityReader reader;
  const auto identity = reader.read("a", chain);
  EXPECT_EQ(reader.read("b", chain), identity);
  EXPECT_NE(reader.read("a", longer), identity) << "the same leaf, but another chain";
  EXPECT_EQ(sk_X509_num(reader.read("a", longer)->rest()), sk_X509_num(identity->rest()) + 1);
}

/// With TLS 1.2, OpenSSL would not serve an ECDSA certificate whose extensions it cannot read, or whose key
/// usage forbids signatures.
struct OddCertificateRow {
  const char* name;
  certs::CertificateSpec spec;
};
void PrintTo(const OddCertificateRow& row, std::ostream* out) {
  *out << row.name;
}

std::vector<OddCertificateRow> odd_certificates() {
  const auto base = request_for(kHost).spec;
  std::vector<OddCertificateRow> rows = {{"plain", base}};
  auto add = [&](const char* name) -> certs::CertificateSpec& {
    rows.push_back({name, base});
    return rows.back().spec;
  };
  add("san_is_no_der").extensions = {{"2.5.29.17", false, "\x04\x02zz"}};
  add("san_empty").san = std::vector<certs::GeneralName>{};
  add("san_with_nul").san = {{certs::NameType::dns, std::string("mx.x.test\0.evil.test", 20), {}}};
  add("ip_of_five_octets").san = {{certs::NameType::ip, "12345", {}}};
  add("key_usage_key_agreement").key_usage = std::uint16_t{1U << 4U};
  add("eku_client").extended_key_usage = std::vector<std::string>{"1.3.6.1.5.5.7.3.2"};
  add("expired").validity = {0, 1};
  add("unknown_critical").extensions = {{"1.2.3.4", true, "\x05"}};
  add("ed25519").key = certs::KeyType::ed25519;
  add("p384").key = certs::KeyType::p384;
  add("rsa").key = certs::KeyType::rsa2048;
  return rows;
}

class OddCertificateTest : public TlsTest, public testing::WithParamInterface<OddCertificateRow> {};

TEST_P(OddCertificateTest, IsServedInEachVersion) {
  certs::CertificateRequest request;
  request.spec = GetParam().spec;
  auto server = bench_.server(kHost);
  bench_.add_certificate(kHost, request);
  bench_.open({server});
  const auto& sends = bench_.spec.certificates.at(kHost).sends;
  EXPECT_THAT(chain_received({.max = TLS1_2_VERSION}), ElementsAreArray(sends));
  EXPECT_THAT(chain_seen({.min = TLS1_3_VERSION}), ElementsAreArray(sends));
}

INSTANTIATE_TEST_SUITE_P(Certificates, OddCertificateTest, testing::ValuesIn(odd_certificates()),
                         [](const auto& row) { return std::string(row.param.name); });

struct VersionRow {
  const char* name;
  TlsVersion min, max;
  int level;
  int client;
  const char* seen;  // null: no handshake
};
void PrintTo(const VersionRow& row, std::ostream* out) {
  *out << row.name;
}

class VersionTest : public TlsTest, public testing::WithParamInterface<VersionRow> {};

TEST_P(VersionTest, IsOfTheRange) {
  const auto& row = GetParam();
  auto server = bench_.server(kHost);
  server.tls_min = row.min;
  server.tls_max = row.max;
  server.security_level = row.level;
  bench_.open({server});
  Client client(bench_.world->port(kHost));
  EXPECT_EQ(client.secure({.min = row.client, .max = row.client, .security_level = 0}), row.seen != nullptr);
  client.close_in_order();
  EXPECT_TRUE(wait_idle(*bench_.world));
  EXPECT_EQ(texts(*bench_.world, EventKind::client_hello).size(), 1U);
  if (row.seen != nullptr) {
    EXPECT_THAT(texts(*bench_.world, EventKind::handshake), ElementsAre(testing::StartsWith(row.seen)));
  } else {
    EXPECT_THAT(texts(*bench_.world, EventKind::handshake), IsEmpty());
    EXPECT_THAT(texts(*bench_.world, EventKind::alert_sent), ElementsAre("protocol version"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Versions, VersionTest,
    testing::Values(
        VersionRow{"tls10", TlsVersion::tls1_0, TlsVersion::tls1_3, 0, TLS1_VERSION, "TLSv1 "},
        VersionRow{"tls11", TlsVersion::tls1_1, TlsVersion::tls1_1, 0, TLS1_1_VERSION, "TLSv1.1 "},
        VersionRow{"tls12", TlsVersion::tls1_2, TlsVersion::tls1_3, 1, TLS1_2_VERSION, "TLSv1.2 "},
        VersionRow{"tls13", TlsVersion::tls1_2, TlsVersion::tls1_3, 1, TLS1_3_VERSION, "TLSv1.3 "},
        VersionRow{"client_too_old", TlsVersion::tls1_2, TlsVersion::tls1_3, 0, TLS1_VERSION, nullptr},
        VersionRow{"client_too_new", TlsVersion::tls1_0, TlsVersion::tls1_2, 0, TLS1_3_VERSION, nullptr}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace mxident::mocks
