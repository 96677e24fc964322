// Whole domains in a world with signed zones, on true ports, in a network namespace of the test's own
// (skipped where there may be none): libunbound validating from the world's root, and the stub that takes the
// resolver's word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <openssl/sha.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstring>
#include <memory>

#include "deliver.hpp"
#include "examine.hpp"
#include "mocks/test_client.hpp"

namespace mxident::probe {
namespace {

using mocks::SmtpServerSpec;
using mocks::ZoneState;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kClock = 1767225600;  // 2026-01-01

bool own_network() {
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  const bool up = ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  ::close(fd);
  return up;
}

std::string hex_sha256(const std::string& octets) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(octets.data()), octets.size(), digest);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char octet : digest) {
    out += kHex[octet >> 4];
    out += kHex[octet & 15];
  }
  return out;
}

// All domains of the tests in one world; servers by name, each with a certificate for that name unless said
// otherwise.
class LiveWorld {
 public:
  LiveWorld() : internet_(mocks::Placement::namespaced, 2) {
    trust_.add_der(mocks::test::authority().root.der);
    spec_.clock = kClock;
    for (const char* zone : {"ee", "wrong", "ta", "none", "unusable", "badtlsa", "nowhere", "example-com",
                             "example-net", "example-org"}) {
      zone_state(zone, ZoneState::secure);
    }
    zone_state("_tcp.mx.badtlsa", ZoneState::bogus);
    zone_state("insecure", ZoneState::insecure);
    zone_state("bogus", ZoneState::bogus);
    zone_state("expired", ZoneState::expired);

    domain("ee", "other.example");
    line("_25._tcp.mx.ee.test. TLSA 3 1 1 " + spki("mx.ee.test"));
    domain("wrong", "mx.wrong.test");
    line("_25._tcp.mx.wrong.test. TLSA 3 1 1 " + std::string(64, '0'));
    domain("ta", "ta.test");
    line("_25._tcp.mx.ta.test. TLSA 2 0 1 " + hex_sha256(mocks::test::authority().intermediate.der));
    domain("none", "other.example");
    domain("unusable", "other.example");
    line("_25._tcp.mx.unusable.test. TLSA 1 1 1 " + spki("mx.unusable.test"));
    domain("insecure", "other.example");
    line("_25._tcp.mx.insecure.test. TLSA 3 1 1 " + std::string(64, '0'));
    domain("bogus", "mx.bogus.test");
    domain("expired", "mx.expired.test");
    // The records of a signed host alone cannot be validated.
    domain("badtlsa", "mx.badtlsa.test");
    line("_25._tcp.mx.badtlsa.test. TLSA 3 1 1 " + spki("mx.badtlsa.test"));
    line("nowhere.test. MX 10 mx.nowhere.test.");
    line("_25._tcp.mx.nowhere.test. TLSA 3 1 1 " + std::string(64, '0'));
    // An unsigned domain behind a signed mail host.
    line("half.test. MX 10 mx.ta.test.");
    line("null.test. MX 0 .");
    worked_example();
    sts_domain("enforce", "enforce", "mx.enforce.test");
    sts_domain("unlisted", "enforce", "*.elsewhere.test");
    sts_domain("testing", "testing", "*.elsewhere.test");
    world_ = internet_.open(spec_, 258);
  }

  const mocks::World& world() const { return *world_; }
  const TrustStore& trust() const { return trust_; }

 private:
  void zone_state(const std::string& zone, ZoneState state) { spec_.dns.zones[zone + ".test."] = state; }
  void line(const std::string& text) { spec_.dns.lines.push_back(text); }
  std::string spki(const std::string& id) { return hex_sha256(spec_.certificates.at(id).leaf.key.spki()); }

  // mx.ZONE.test with a certificate for `name`.
  void domain(const std::string& zone, const std::string& name) {
    line(zone + ".test. MX 10 mx." + zone + ".test.");
    server("mx." + zone + ".test", name);
  }
  void server(const std::string& host, const std::string& name) {
    SmtpServerSpec out;
    out.host = out.banner = out.ehlo = out.certificate = host;
    certificate(host, name);
    spec_.servers.push_back(out);
  }
  void certificate(const std::string& id, const std::string& name) {
    spec_.certificates.insert_or_assign(
        id, certs::mint({{id, mocks::test::request_for(name)}}, mocks::test::authority(), mocks::test::keys())
                .at(id));
  }
  void sts_domain(const std::string& zone, const std::string& mode, const std::string& pattern) {
    domain(zone, "mx." + zone + ".test");
    mocks::StsSpec sts;
    sts.domain = zone + ".test";
    sts.record = "v=STSv1; id=1;";
    sts.policy = "version: STSv1\r\nmode: " + mode + "\r\nmx: " + pattern + "\r\nmax_age: 86400\r\n";
    sts.certificate = "mta-sts." + zone + ".test";
    certificate(sts.certificate, sts.certificate);
    spec_.sts.push_back(sts);
  }
  // The topology of RFC 7672 3.2.2, renamed: an aliased domain and three hosts, two of them aliases.
  void worked_example() {
    const std::string anchor = " TLSA 2 0 1 " + hex_sha256(mocks::test::authority().intermediate.der);
    line("ex.example-org.test. CNAME m.example-org.test.");
    line("m.example-org.test. CNAME example-com.test.");
    line("example-com.test. MX 10 mx10.example-com.test.");
    line("example-com.test. MX 15 mx15.example-com.test.");
    line("example-com.test. MX 20 mx20.example-com.test.");
    line("mx15.example-com.test. CNAME bk.example-com.test.");
    line("mx20.example-com.test. CNAME bk.example-net.test.");
    server("mx10.example-com.test", "ex.example-org.test");
    server("bk.example-com.test", "example-com.test");
    server("bk.example-net.test", "m.example-org.test");
    line("_25._tcp.mx10.example-com.test." + anchor);
    line("_25._tcp.mx15.example-com.test." + anchor);
    line("_25._tcp.bk.example-net.test." + anchor);
  }

  mocks::Internet internet_;
  mocks::WorldSpec spec_;
  TrustStore trust_;
  std::unique_ptr<mocks::World> world_;
};

enum class Kind { stub, validating };
void PrintTo(Kind kind, std::ostream* out) {
  *out << (kind == Kind::stub ? "stub" : "validating");
}

class LiveTest : public testing::TestWithParam<Kind> {
 protected:
  static void SetUpTestSuite() {
    static const bool ready = own_network();
    if (ready && !world_) world_ = std::make_unique<LiveWorld>();
  }
  static void TearDownTestSuite() { world_.reset(); }
  void SetUp() override {
    if (!world_) GTEST_SKIP() << "no network namespace of our own";
  }

  std::unique_ptr<Resolver> resolver(boost::asio::io_context& context) {
    const auto& world = world_->world();
    if (GetParam() == Kind::stub) {
      StubOptions options;
      options.address = world.resolver_address();
      return make_stub_resolver(context.get_executor(), options);
    }
    UnboundOptions options;
    options.address = world.resolver_address();
    options.trust_anchors = world.trust_anchors();
    options.time = kClock;
    std::string error;
    auto out = make_unbound_resolver(context.get_executor(), options, error);
    EXPECT_NE(out, nullptr) << error;
    return out;
  }
  DomainExamination look_at(const std::string& domain) {
    boost::asio::io_context context(1);
    const auto dns = resolver(context);
    ExamineOptions options;
    options.domain = domain;
    options.trust = &world_->trust();
    options.time = kClock;
    options.policies.assign(all_policies().begin(), all_policies().end());
    DomainExamination out;
    boost::asio::co_spawn(context, examine(*dns, options),
                          [&](std::exception_ptr failed, DomainExamination result) {
                            EXPECT_FALSE(failed);
                            out = std::move(result);
                          });
    context.run();
    return out;
  }
  DeliveryReport send(const std::string& domain, PolicyId id) {
    boost::asio::io_context context(1);
    const auto dns = resolver(context);
    DeliveryOptions options;
    options.domain = domain;
    options.policy = policy(id);
    options.trust = &world_->trust();
    options.time = kClock;
    options.sender = "a@client.test";
    options.recipient = "b@" + domain;
    options.message = "Subject: x\r\n\r\n";
    DeliveryReport out;
    boost::asio::co_spawn(context, deliver(*dns, options),
                          [&](std::exception_ptr failed, DeliveryReport result) {
                            EXPECT_FALSE(failed);
                            out = std::move(result);
                          });
    context.run();
    return out;
  }
  static const PolicyVerdict& of(const DomainExamination& examination, PolicyId id, std::size_t host = 0) {
    return examination.hosts.at(host).by_address.at(0).policies.at(static_cast<std::size_t>(id));
  }
  static std::vector<std::string> references(const PolicyVerdict& verdict) {
    std::vector<std::string> out;
    for (const auto& reference : verdict.references) out.push_back(reference.domain);
    return out;
  }

  inline static std::unique_ptr<LiveWorld> world_;
};

TEST_P(LiveTest, DaneEeIgnoresTheName) {
  const DomainExamination seen = look_at("ee.test");
  ASSERT_EQ(seen.hosts.size(), 1u) << seen.error;
  EXPECT_EQ(seen.mx->state, DnsState::secure);
  EXPECT_EQ(to_string(of(seen, PolicyId::dane).reason), "dane-ee-match");
  EXPECT_EQ(of(seen, PolicyId::rfc9525).answer, Answer::reject);
  EXPECT_EQ(seen.strongest, PolicyId::dane);
  EXPECT_EQ(send("ee.test", PolicyId::dane).decision, SessionDecision::accept);
}

TEST_P(LiveTest, DaneWithoutAMatchingRecordRefuses) {
  const DomainExamination seen = look_at("wrong.test");
  ASSERT_EQ(seen.hosts.size(), 1u) << seen.error;
  EXPECT_EQ(of(seen, PolicyId::dane).answer, Answer::reject);
  EXPECT_EQ(to_string(of(seen, PolicyId::dane).reason), "dane-no-match");
  EXPECT_EQ(of(seen, PolicyId::rfc9525).answer, Answer::accept);
  EXPECT_EQ(send("wrong.test", PolicyId::dane).decision, SessionDecision::reject);
}

TEST_P(LiveTest, DaneTaTakesTheNextHopAsAName) {
  const DomainExamination seen = look_at("ta.test");
  ASSERT_EQ(seen.hosts.size(), 1u) << seen.error;
  EXPECT_EQ(to_string(of(seen, PolicyId::dane).reason), "dane-ta-match");
  EXPECT_THAT(references(of(seen, PolicyId::dane)), ElementsAre("mx.ta.test", "ta.test"));
  EXPECT_EQ(send("ta.test", PolicyId::dane).decision, SessionDecision::accept);
}

TEST_P(LiveTest, InsecureMxLeavesTheHostAlone) {
  const DomainExamination seen = look_at("half.test");
  ASSERT_EQ(seen.hosts.size(), 1u) << seen.error;
  EXPECT_EQ(seen.mx->state, DnsState::insecure);
  EXPECT_THAT(references(of(seen, PolicyId::dane)), ElementsAre("mx.ta.test"));
  EXPECT_EQ(of(seen, PolicyId::dane).answer, Answer::reject);
  EXPECT_EQ(to_string(of(seen, PolicyId::dane).remark.value()), "mx-insecure");
}

TEST_P(LiveTest, SecureDenialAndInsecureRecordsMeanOpportunistic) {
  for (const char* domain : {"none.test", "insecure.test"}) {
    const DomainExamination seen = look_at(domain);
    ASSERT_EQ(seen.hosts.size(), 1u) << seen.error;
    EXPECT_EQ(of(seen, PolicyId::dane).answer, Answer::accept) << domain;
    EXPECT_EQ(to_string(of(seen, PolicyId::dane).remark.value()), "dane-none") << domain;
    EXPECT_EQ(seen.strongest, PolicyId::rfc9525) << domain;
  }
}

TEST_P(LiveTest, UnusableRecordsAskForTlsAlone) {
  const DomainExamination seen = look_at("unusable.test");
  ASSERT_EQ(seen.hosts.size(), 1u) << seen.error;
  EXPECT_EQ(of(seen, PolicyId::dane).answer, Answer::accept);
  EXPECT_EQ(to_string(of(seen, PolicyId::dane).remark.value()), "dane-all-unusable");
}

TEST_P(LiveTest, BrokenSignaturesConnectToNobody) {
  for (const char* domain : {"bogus.test", "expired.test"}) {
    const DomainExamination seen = look_at(domain);
    EXPECT_THAT(seen.hosts, IsEmpty()) << domain;
    // A stub sees SERVFAIL only; both are errors, and neither is "no such record" (RFC 7672 2.1.1).
    EXPECT_EQ(to_string(seen.reason.value_or(Reason::connect_failed)),
              GetParam() == Kind::stub ? "dns-error" : "dns-bogus")
        << domain;
    EXPECT_EQ(send(domain, PolicyId::opportunistic).decision, SessionDecision::none) << domain;
  }
}

// RFC 7672 2.1.1, 2.2: records that cannot be validated are no proof that there are none. The host waits.
TEST_P(LiveTest, BogusTlsaCountsAsPublishedAndConnectsToNobody) {
  const DomainExamination seen = look_at("badtlsa.test");
  ASSERT_EQ(seen.hosts.size(), 1u) << seen.error;
  EXPECT_EQ(seen.hosts[0].addresses.state, DnsState::secure);
  ASSERT_TRUE(seen.hosts[0].tlsa.has_value());
  EXPECT_EQ(seen.hosts[0].tlsa->kind, TlsaResult::Kind::failed);
  EXPECT_EQ(of(seen, PolicyId::dane).answer, Answer::none);
  EXPECT_EQ(to_string(of(seen, PolicyId::dane).reason), GetParam() == Kind::stub ? "dns-error" : "dns-bogus");
  EXPECT_EQ(of(seen, PolicyId::rfc9525).answer, Answer::accept) << "the host is sound without DANE";
  EXPECT_EQ(seen.strongest, PolicyId::dane);
  const DomainVerdict& dane = seen.verdicts.at(static_cast<std::size_t>(PolicyId::dane));
  EXPECT_EQ(dane.answer, Answer::none);
  EXPECT_EQ(dane.unreached, 1u);
  EXPECT_EQ(send("badtlsa.test", PolicyId::dane).decision, SessionDecision::none);
}

TEST_P(LiveTest, NoAddressNoQuestionForTlsa) {
  const DomainExamination seen = look_at("nowhere.test");
  ASSERT_EQ(seen.hosts.size(), 1u) << seen.error;
  EXPECT_FALSE(seen.hosts[0].tlsa.has_value());
  EXPECT_EQ(to_string(seen.hosts[0].addresses.reason.value()), "dns-no-address");
  EXPECT_EQ(seen.strongest, PolicyId::rfc9525);
  for (const auto& verdict : seen.verdicts) {
    EXPECT_EQ(verdict.answer, Answer::none);
    EXPECT_EQ(to_string(verdict.reason), "dns-no-address");
  }
}

TEST_P(LiveTest, NullMx) {
  EXPECT_EQ(look_at("null.test").reason, Reason::dns_null_mx);
  EXPECT_EQ(send("null.test", PolicyId::opportunistic).decision, SessionDecision::none);
}

TEST_P(LiveTest, WorkedExampleOfAliases) {
  const DomainExamination seen = look_at("ex.example-org.test");
  ASSERT_EQ(seen.hosts.size(), 3u) << seen.error;
  EXPECT_THAT(references(of(seen, PolicyId::dane, 0)),
              ElementsAre("mx10.example-com.test", "ex.example-org.test", "example-com.test"));
  EXPECT_THAT(references(of(seen, PolicyId::dane, 1)),
              ElementsAre("mx15.example-com.test", "ex.example-org.test", "example-com.test"));
  EXPECT_THAT(references(of(seen, PolicyId::dane, 2)),
              ElementsAre("bk.example-net.test", "ex.example-org.test", "example-com.test"));
  EXPECT_EQ(of(seen, PolicyId::dane, 0).answer, Answer::accept);
  EXPECT_EQ(of(seen, PolicyId::dane, 1).answer, Answer::accept);
  EXPECT_EQ(of(seen, PolicyId::dane, 2).answer, Answer::reject) << "an intermediate alias is no name";
}

TEST_P(LiveTest, StsEnforceListedAndNot) {
  const DomainExamination listed = look_at("enforce.test");
  ASSERT_EQ(listed.hosts.size(), 1u) << listed.error;
  EXPECT_EQ(to_string(listed.sts->reason), "sts-ok") << listed.sts->error;
  EXPECT_EQ(of(listed, PolicyId::mta_sts).answer, Answer::accept);
  EXPECT_EQ(to_string(of(listed, PolicyId::mta_sts).reason), "match-exact");
  EXPECT_EQ(listed.strongest, PolicyId::mta_sts);
  EXPECT_EQ(send("enforce.test", PolicyId::mta_sts).decision, SessionDecision::accept);

  const DomainExamination unlisted = look_at("unlisted.test");
  ASSERT_EQ(unlisted.hosts.size(), 1u) << unlisted.error;
  EXPECT_EQ(of(unlisted, PolicyId::mta_sts).answer, Answer::reject);
  EXPECT_EQ(to_string(of(unlisted, PolicyId::mta_sts).reason), "sts-mx-not-listed");
  const DeliveryReport refused = send("unlisted.test", PolicyId::mta_sts);
  EXPECT_EQ(refused.decision, SessionDecision::reject);
  EXPECT_EQ(refused.layers.name, LayerState::ok);
  EXPECT_EQ(refused.layers.policy, LayerState::failed);
}

TEST_P(LiveTest, StsTestingReportsAndDelivers) {
  const DomainExamination seen = look_at("testing.test");
  ASSERT_EQ(seen.hosts.size(), 1u) << seen.error;
  EXPECT_EQ(of(seen, PolicyId::mta_sts).answer, Answer::accept);
  EXPECT_EQ(to_string(of(seen, PolicyId::mta_sts).reason), "sts-mx-not-listed");
  EXPECT_EQ(to_string(of(seen, PolicyId::mta_sts).remark.value()), "sts-mode-testing");
  EXPECT_EQ(send("testing.test", PolicyId::mta_sts).decision, SessionDecision::accept);
}

INSTANTIATE_TEST_SUITE_P(Resolvers, LiveTest, testing::Values(Kind::stub, Kind::validating),
                         [](const auto& row) {
                           return row.param == Kind::stub ? std::string("stub") : std::string("validating");
                         });

}  // namespace
}  // namespace mxident::probe
