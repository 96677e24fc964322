#include "harness/world/world_builder.hpp"

#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <filesystem>

#include "harness/catalogue/load.hpp"
#include "harness/input/values.hpp"

namespace mxident::harness {
namespace {

class WorldBuilder : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    keys_ = new certs::KeyPool(2);
    authority_ = new certs::Authority(certs::Authority::make(*keys_));
  }
  static void TearDownTestSuite() {
    delete authority_;
    delete keys_;
  }

  static BuiltWorld build(const Scenario& scenario, const mocks::ServerProfile& profile = {}) {
    return build_world(scenario, 7, mocks::Placement::namespaced, *authority_, *keys_, profile);
  }

  static Scenario parse(const std::string& text) {
    LoadResult got = parse_scenario(text, "f.json");
    EXPECT_TRUE(got.scenario) << got.errors[0].text();
    return got.scenario.value_or(Scenario{});
  }

  static certs::KeyPool* keys_;
  static certs::Authority* authority_;
};
certs::KeyPool* WorldBuilder::keys_ = nullptr;
certs::Authority* WorldBuilder::authority_ = nullptr;

std::string sha256_hex(const certs::Octets& octets) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(octets.data()), octets.size(), digest);
  std::string out;
  for (const unsigned char octet : digest) {
    constexpr char kDigits[] = "0123456789abcdef";
    out += {kDigits[octet >> 4], kDigits[octet & 15]};
  }
  return out;
}

std::string joined(const std::string& a, const std::string& b) {
  return a + b;
}

const char kScenario[] =
    R"({"id": "a/b", "title": "t", "sources": [{"ref": "x"}], "domain": "[{address:mx.a.test}]",
  "certificates": {"mx": {"subject": [{"cn": "{address:mx.a.test}"}], "san": [{"ip": "{address:mx.a.test}"}, {"dns": "{address:MX.a.test}"}, {"dns": "{x}"}]}},
  "servers": {"mx.a.test": {"certificate": "mx", "banner": "[{address:mx.a.test}]"},
              "six.a.test": {"addresses": ["ipv6"], "tls_max": "1.2"}},
  "dns": ["_25._tcp.mx.a.test. TLSA 3 1 1 {spki-sha256:mx}", "_25._tcp.mx.a.test. TLSA 2 0 1 {cert-sha256:root}", "b.test. A {address:mx.a.test}"]})";

TEST_F(WorldBuilder, FillsAddressesAndDigests) {
  const Scenario scenario = parse(kScenario);
  const BuiltWorld world = build(scenario);
  const auto plan = mocks::Internet::plan_addresses({scenario.servers[0].spec, scenario.servers[1].spec}, 7,
                                                    mocks::Placement::namespaced);
  const std::string address = plan.at("mx.a.test").at(0);
  EXPECT_EQ(world.domain, joined(joined("[", address), "]"));
  EXPECT_EQ(world.spec.servers[0].banner, world.domain);
  const certs::Chain& chain = world.spec.certificates.at("mx");
  EXPECT_EQ(world.spec.dns.lines[0],
            joined("_25._tcp.mx.a.test. TLSA 3 1 1 ", sha256_hex(chain.leaf.key.spki())));
  EXPECT_EQ(world.spec.dns.lines[1],
            joined("_25._tcp.mx.a.test. TLSA 2 0 1 ", sha256_hex(authority_->root.der)));
  EXPECT_EQ(world.spec.dns.lines[2], joined("b.test. A ", address));
  EXPECT_NE(chain.leaf.der.find("\x87\x04" + *parse_address(address)), std::string::npos)
      << "iPAddress of four octets";
  EXPECT_NE(chain.leaf.der.find(address), std::string::npos) << "the address as text";
  EXPECT_NE(chain.leaf.der.find("{x}"), std::string::npos) << "a brace that is no placeholder";
}

TEST_F(WorldBuilder, MarksAnIpv6Literal) {
  Scenario scenario = parse(kScenario);
  scenario.domain = "[{address:six.a.test}]";
  EXPECT_TRUE(build(scenario).domain.starts_with("[IPv6:fd6d:7864:")) << build(scenario).domain;
}

TEST_F(WorldBuilder, AppliesTheProfileWhereVersionsAreNotStated) {
  const Scenario scenario = parse(kScenario);
  mocks::ServerProfile profile;
  profile.tls_max = mocks::TlsVersion::tls1_0;
  profile.security_level = 0;
  const BuiltWorld world = build(scenario, profile);
  EXPECT_EQ(world.spec.servers[0].tls_min, mocks::TlsVersion::tls1_0);
  EXPECT_EQ(world.spec.servers[0].tls_max, mocks::TlsVersion::tls1_0);
  EXPECT_EQ(world.spec.servers[0].security_level, 0);
  EXPECT_EQ(world.spec.servers[1].tls_max, mocks::TlsVersion::tls1_2);
  EXPECT_EQ(world.spec.servers[1].security_level, 1);
}

TEST_F(WorldBuilder, CertificatesWithoutAddressesAreMintedOnce) {
  const Scenario named = parse(kScenario);
  Scenario plain = named;
  plain.certificates.at("mx").spec.subject.clear();
  plain.certificates.at("mx").spec.san = {{certs::NameType::dns, "mx.a.test", {}}};
  CertificateStock stock(*authority_, *keys_);
  const auto built = [&](const Scenario& scenario, std::uint32_t block) {
    return build_world(scenario, block, mocks::Placement::namespaced, stock).spec;
  };
  const auto leaf = [](const mocks::WorldSpec& spec) { return spec.certificates.at("mx").leaf.der; };
  const auto first = built(plain, 7), second = built(plain, 8);
  EXPECT_EQ(leaf(first), leaf(second));
  EXPECT_EQ(first.dns.lines[0], second.dns.lines[0]) << "the digest of the same key";
  EXPECT_NE(first.dns.lines[2], second.dns.lines[2]) << "the address of another block";
  EXPECT_NE(leaf(built(named, 7)), leaf(built(named, 8)));
}

/// What a block is given must not be found in what other blocks share.
TEST_F(WorldBuilder, NoShippedScenarioSharesACertificateThatNamesAnAddress) {
  const std::filesystem::path root = std::filesystem::path(MXIDENT_SOURCE_DIR) / "scenarios";
  CertificateStock stock(*authority_, *keys_);
  std::size_t shared = 0, own = 0;
  for (const auto& scenario : load_catalogue({&root, 1}).scenarios) {
    std::vector<mocks::SmtpServerSpec> servers;
    for (const auto& server : scenario.servers) servers.push_back(server.spec);
    const auto plan = mocks::Internet::plan_addresses(servers, 7, mocks::Placement::namespaced);
    const auto others = mocks::Internet::plan_addresses(servers, 8, mocks::Placement::namespaced);
    const auto first = stock.of(scenario, 7, mocks::Placement::namespaced);
    const auto second = stock.of(scenario, 8, mocks::Placement::namespaced);
    for (const auto& [id, chain] : first) {
      if (chain.leaf.der != second.at(id).leaf.der) {
        ++own;
        continue;
      }
      ++shared;
      for (const auto& [host, addresses] : plan) {
        for (std::size_t i = 0; i < addresses.size(); ++i) {
          if (addresses[i] == others.at(host)[i]) continue;  // pinned
          EXPECT_EQ(chain.leaf.der.find(addresses[i]), std::string::npos) << scenario.id << ' ' << id;
          const std::string octets = *parse_address(addresses[i]);
          const std::string name = std::string("\x87") + static_cast<char>(octets.size()) + octets;
          EXPECT_EQ(chain.leaf.der.find(name), std::string::npos) << scenario.id << ' ' << id;
        }
      }
    }
  }
  EXPECT_GT(shared, own);
  EXPECT_GT(own, 0U);
}

TEST_F(WorldBuilder, BuildsEveryShippedScenario) {
  const std::filesystem::path root = std::filesystem::path(MXIDENT_SOURCE_DIR) / "scenarios";
  for (const auto& scenario : load_catalogue({&root, 1}).scenarios) {
    try {
      const BuiltWorld world = build(scenario);
      EXPECT_EQ(world.spec.servers.size(), scenario.servers.size()) << scenario.id;
      for (const auto& line : world.spec.dns.lines) {
        EXPECT_EQ(line.find('{'), std::string::npos) << scenario.id << ": " << line;
      }
    } catch (const std::exception& error) {
      ADD_FAILURE() << scenario.id << ": " << error.what();
    }
  }
}

}  // namespace
}  // namespace mxident::harness
