#include "harness/offline/pem_scenario.hpp"

#include <gtest/gtest.h>

#include "certs/mint.hpp"
#include "harness/input/json_input.hpp"
#include "harness/offline/pem_input.hpp"

namespace mxident::harness::cli {
namespace {

constexpr std::int64_t kReadAt = 1767225600;  // 2026-01-01

std::vector<std::string> chain_of(certs::CertificateRequests requests) {
  static certs::KeyPool keys;
  static const certs::Authority authority = certs::Authority::make(keys);
  return certs::mint(requests, authority, keys).at("leaf-under-test").sends;
}

certs::CertificateRequest server() {
  certs::CertificateRequest out;
  out.spec.subject = {{{"2.5.4.3", {"mx.a.test", certs::StringType::utf8}}}};
  out.spec.san = {{certs::NameType::dns, "mx.a.test", {}}, {certs::NameType::dns, "*.b.test", {}}};
  return out;
}

std::string remarks_of(const PemScenario& made) {
  std::string out;
  for (const auto& remark : made.remarks) out += remark + "\n";
  return out;
}

TEST(PemScenario, KeepsNamesDatesUsagesConstraintsAndShape) {
  auto leaf = server();
  leaf.issuer = "ca";
  leaf.spec.key = certs::KeyType::p384;
  leaf.spec.validity = {1735689600, 1798761599};
  leaf.spec.extended_key_usage = {{"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"}};
  certs::CertificateRequest ca;
  ca.spec.subject = {{{"2.5.4.3", {"Some CA", certs::StringType::utf8}}}};
  ca.spec.ca = true;
  ca.spec.path_length = 0;
  ca.spec.name_constraints = certs::NameConstraints{{{certs::NameType::dns, "a.test", {}}}, {}, true};
  ca.issuer = "root";
  const auto made = pem_scenario(chain_of({{"leaf-under-test", leaf}, {"ca", ca}}), "f.pem", kReadAt);
  EXPECT_EQ(made.common_names, std::vector<std::string>{"mx.a.test"});
  EXPECT_EQ(made.san, (std::vector<std::string>{"dns:mx.a.test", "dns:*.b.test"}));
  EXPECT_EQ(made.chain, "");
  const auto& own = made.certificates["mx"];
  EXPECT_EQ(own["key"], "p384");
  EXPECT_EQ(own["validity"]["from"], "2025-01-01T00:00:00Z");
  EXPECT_EQ(own["eku"], (nlohmann::ordered_json{"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"}));
  EXPECT_EQ(own["key_usage"], nlohmann::ordered_json{"digitalSignature"});
  EXPECT_EQ(own["issuer"], "ca1");
  EXPECT_EQ(own["sends"], (nlohmann::ordered_json{"mx", "ca1"}));
  const auto& above = made.certificates["ca1"];
  EXPECT_EQ(above["ca"], true);
  EXPECT_EQ(above["path_length"], 0);
  EXPECT_EQ(above["issuer"], "root");
  EXPECT_EQ(above["name_constraints"]["permitted"][0]["dns"], "a.test");
}

/// A server's certificate and the one above it.
std::vector<std::string> two_of(const std::string& host) {
  auto leaf = server();
  leaf.spec.san = {{certs::NameType::dns, host, {}}};
  leaf.issuer = "ca";
  certs::CertificateRequest ca;
  ca.spec.subject = {{{"2.5.4.3", {"Authority of " + host, certs::StringType::utf8}}}};
  ca.spec.ca = true;
  ca.issuer = "root";
  return chain_of({{"leaf-under-test", leaf}, {"ca", ca}});
}

TEST(ChainsIn, ToldApartByWhoIssuedWhom) {
  const auto a = two_of("a.test"), b = two_of("b.test");
  auto made_by_openssl = server();
  made_by_openssl.spec.ca = true;
  made_by_openssl.issuer = "self";
  const auto own = chain_of({{"leaf-under-test", made_by_openssl}});
  using Chains = std::vector<std::vector<std::string>>;
  const struct {
    const char* name;
    std::vector<std::string> text;
    Chains chains;
  } kRows[] = {
      {"one", a, {a}},
      {"the authority first", {a[1], a[0]}, {a}},
      {"shown twice", {a[0], a[0], a[1]}, {a}},
      {"another's authority is sent, too", {a[0], a[1], b[1]}, {{a[0], a[1], b[1]}}},
      {"two servers", {a[0], a[1], b[0], b[1]}, {a, b}},
      {"mixed", {a[0], b[0], b[1], a[1]}, {a, b}},
      {"their own alone", {b[0], a[0]}, {{b[0]}, {a[0]}}},
      {"an authority as a server", {a[1]}, {{a[1]}}},
      {"self-signed and marked as an authority", {a[0], a[1], own[0]}, {a, own}},
  };
  for (const auto& row : kRows) EXPECT_EQ(chains_in(row.text, "f.pem"), row.chains) << row.name;
}

TEST(PemScenario, SaysWhatItFillsInAndLoses) {
  auto leaf = server();
  leaf.spec.extensions = {{"1.2.3.4", false, std::string("\x05\x00", 2)}};
  auto chain = chain_of({{"leaf-under-test", leaf}});
  chain.resize(1);
  const auto made = pem_scenario(chain, "f.pem", kReadAt);
  EXPECT_EQ(made.certificates["mx"]["issuer"], "intermediate");
  EXPECT_FALSE(made.certificates["mx"].contains("sends"));
  const std::string remarks = remarks_of(made);
  EXPECT_NE(remarks.find("the server's certificate only"), std::string::npos) << remarks;
  EXPECT_NE(remarks.find("extension 1.2.3.4"), std::string::npos) << remarks;
}

TEST(PemScenario, KnowsASelfSignedOneAndAnExpiredOne) {
  auto leaf = server();
  leaf.issuer = "self";
  EXPECT_EQ(pem_scenario(chain_of({{"leaf-under-test", leaf}}), "f.pem", kReadAt).chain, "self-signed");
  leaf.issuer = "intermediate";
  leaf.spec.validity = {1577836800, 1600000000};
  EXPECT_EQ(pem_scenario(chain_of({{"leaf-under-test", leaf}}), "f.pem", kReadAt).chain, "expired");
}

TEST(PemScenario, RefusesWhatIsNoChain) {
  const auto chain = chain_of({{"leaf-under-test", server()}});
  EXPECT_THROW(pem_scenario(std::vector<std::string>(1000, chain[0]), "f.pem", kReadAt), InputError);
  EXPECT_THROW(pem_scenario(std::vector<std::string>{"\x30\x03\x02\x01\x01"}, "f.pem", kReadAt), InputError);
  EXPECT_THROW(certificates_from("no PEM at all", "f.pem"), InputError);
}

}  // namespace
}  // namespace mxident::harness::cli
