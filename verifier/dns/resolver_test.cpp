#include "resolver.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "dns_message.hpp"
#include "test_dns.hpp"

namespace mxident::probe {
namespace {

using namespace std::string_literals;
using test::DnsServer;
using Say = DnsServer::Say;

template <typename T>
T run(boost::asio::io_context& context, boost::asio::awaitable<T> work) {
  T out;
  boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr failed, T result) {
    EXPECT_FALSE(failed);
    out = std::move(result);
  });
  context.restart();
  context.run();
  return out;
}

const std::string kDigest = "\x03\x01\x01"s + std::string(32, 'x');

class StubTest : public testing::Test {
 protected:
  DnsServer dns;
  boost::asio::io_context context{1};
  std::unique_ptr<Resolver> resolver = make_stub_resolver(context.get_executor(), dns.stub());
  MxResult mx(std::string domain) { return run(context, lookup_mx(*resolver, std::move(domain))); }
  AddressResult addresses(std::string host, Family family = Family::any) {
    return run(context, lookup_addresses(*resolver, std::move(host), family));
  }
  TlsaResult tlsa(const std::string& host) {
    const AddressResult result = addresses(host);
    return run(context, lookup_tlsa(*resolver, host, 25, result));
  }
};

TEST_F(StubTest, MxByPreferenceAndOtherwiseAsAnswered) {
  dns.mx("d.test", {{20, "c.test"}, {10, "B.test"}, {10, "a.test"}});
  const MxResult result = mx("D.Test.");
  ASSERT_EQ(result.kind, MxResult::Kind::hosts);
  ASSERT_EQ(result.hosts.size(), 3u);
  EXPECT_EQ(result.hosts[0].name, "b.test");
  EXPECT_EQ(result.hosts[1].name, "a.test");
  EXPECT_EQ(result.hosts[2].name, "c.test");
  EXPECT_EQ(result.state, DnsState::insecure);
}

TEST_F(StubTest, ImplicitMx) {
  dns.set("d.test", DnsType::mx, {});
  const MxResult result = mx("d.test");
  ASSERT_EQ(result.kind, MxResult::Kind::implicit);
  EXPECT_EQ(result.hosts.front().name, "d.test");
}

TEST_F(StubTest, NullMx) {
  dns.set("d.test", DnsType::mx, {{"\0\0\0"s}, {}, Say::answer, false});
  const MxResult result = mx("d.test");
  EXPECT_EQ(result.kind, MxResult::Kind::null_mx);
  EXPECT_EQ(to_string(result.reason.value()), "dns-null-mx");
}

TEST_F(StubTest, NullMxBesideOthersIsKept) {
  dns.set("d.test", DnsType::mx, {{"\0\0\0"s, test::mx_rdata(20, "mx.test")}, {}, Say::answer, false});
  const MxResult result = mx("d.test");
  EXPECT_EQ(result.kind, MxResult::Kind::hosts);
  EXPECT_TRUE(result.null_mx);
  EXPECT_EQ(result.reason, std::nullopt);
  ASSERT_EQ(result.hosts.size(), 1u);
  EXPECT_EQ(result.hosts.front().name, "mx.test");
}

TEST_F(StubTest, MxFailuresHaveTheirReasons) {
  EXPECT_EQ(to_string(mx("gone.test").reason.value()), "dns-nxdomain");
  dns.set("broken.test", DnsType::mx, {{}, {}, Say::servfail, false});
  EXPECT_EQ(to_string(mx("broken.test").reason.value()), "dns-error");
  EXPECT_EQ(to_string(mx("a..test").reason.value()), "dns-error");
  EXPECT_EQ(mx(std::string(64, 'a') + ".test").kind, MxResult::Kind::none);
}

TEST_F(StubTest, SilenceEndsAfterAllAttempts) {
  dns.set("d.test", DnsType::mx, {{}, {}, Say::nothing, false});
  EXPECT_EQ(to_string(mx("d.test").reason.value()), "dns-error");
  EXPECT_EQ(dns.asked().size(), 2u);
}

TEST_F(StubTest, RepliesToOthersAreIgnored) {
  dns.set("d.test", DnsType::mx, {{test::mx_rdata(1, "evil.test")}, {}, Say::wrong_id, false});
  EXPECT_EQ(mx("d.test").kind, MxResult::Kind::none);
}

TEST_F(StubTest, GarbageFails) {
  dns.set("d.test", DnsType::mx, {{}, {}, Say::garbage, false});
  EXPECT_EQ(to_string(mx("d.test").reason.value()), "dns-error");
}

TEST_F(StubTest, TruncatedIsAskedAgainOverTcp) {
  dns.set("d.test", DnsType::mx, {{test::mx_rdata(1, "mx.test")}, {}, Say::truncated, false});
  const MxResult result = mx("d.test");
  ASSERT_EQ(result.kind, MxResult::Kind::hosts) << result.error;
  EXPECT_EQ(result.hosts.front().name, "mx.test");
}

TEST_F(StubTest, MxOfAnAliasAndItsCanonicalName) {
  dns.set("alias.test", DnsType::mx, {{}, "d.test", Say::answer, true});
  dns.mx("d.test", {{1, "mx.test"}}, true);
  const MxResult result = mx("alias.test");
  EXPECT_EQ(result.kind, MxResult::Kind::hosts);
  EXPECT_EQ(result.canonical, "d.test");
  EXPECT_EQ(result.state, DnsState::secure);
}

TEST_F(StubTest, AliasLoop) {
  dns.set("a.test", DnsType::a, {{}, "b.test", Say::answer, false});
  dns.set("b.test", DnsType::a, {{}, "a.test", Say::answer, false});
  EXPECT_EQ(to_string(addresses("a.test", Family::v4).reason.value()), "dns-cname-chain");
}

TEST_F(StubTest, AddressesOfBothFamilies) {
  dns.a("mx.test", "127.0.0.9");
  dns.set("mx.test", DnsType::aaaa,
          {{"\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01"}, {}, Say::answer, false});
  EXPECT_EQ(addresses("mx.test").addresses, (std::vector<std::string>{"2001:db8::1", "127.0.0.9"}));
  EXPECT_EQ(addresses("mx.test", Family::v4).addresses, std::vector<std::string>{"127.0.0.9"});
  EXPECT_EQ(to_string(addresses("none.test").reason.value()), "dns-no-address");
}

TEST_F(StubTest, OneFamilyFailingLeavesTheOther) {
  dns.a("mx.test", "127.0.0.9");
  dns.set("mx.test", DnsType::aaaa, {{}, {}, Say::servfail, false});
  const AddressResult result = addresses("mx.test");
  EXPECT_EQ(result.addresses, std::vector<std::string>{"127.0.0.9"});
  EXPECT_EQ(result.state, DnsState::insecure);
}

// Who can suppress the replies of one family must not be able to switch DANE off with that.
TEST_F(StubTest, OneFamilyFailingLeavesTheTlsaRecordsOfTheOther) {
  dns.a("mx.test", "127.0.0.9", true);
  dns.set("mx.test", DnsType::aaaa, {{}, {}, Say::servfail, false});
  dns.set("_25._tcp.mx.test", DnsType::tlsa, {{kDigest}, {}, Say::answer, true});
  EXPECT_EQ(tlsa("mx.test").kind, TlsaResult::Kind::usable);
}

TEST_F(StubTest, TlsaIsNotAskedForWithoutAnAddress) {
  dns.set("mx.test", DnsType::a, {{}, {}, Say::answer, true});
  dns.set("mx.test", DnsType::aaaa, {{}, {}, Say::answer, true});
  dns.set("_25._tcp.mx.test", DnsType::tlsa, {{kDigest}, {}, Say::answer, true});
  EXPECT_EQ(tlsa("mx.test").kind, TlsaResult::Kind::none);
  EXPECT_EQ(dns.asked(), (std::vector<std::string>{"mx.test 1", "mx.test 28"}));
}

TEST_F(StubTest, TlsaNeedsASecureAddressFirst) {
  dns.set("_25._tcp.mx.test", DnsType::tlsa, {{kDigest}, {}, Say::answer, true});
  dns.a("mx.test", "127.0.0.9", false);
  EXPECT_EQ(tlsa("mx.test").kind, TlsaResult::Kind::none);
  dns.a("mx.test", "127.0.0.9", true);
  const TlsaResult result = tlsa("mx.test");
  EXPECT_EQ(result.kind, TlsaResult::Kind::usable);
  EXPECT_EQ(result.base_domain, "mx.test");
}

TEST_F(StubTest, InsecureTlsaDoesNotCount) {
  dns.a("mx.test", "127.0.0.9", true);
  dns.set("_25._tcp.mx.test", DnsType::tlsa, {{kDigest}, {}, Say::answer, false});
  EXPECT_EQ(tlsa("mx.test").kind, TlsaResult::Kind::none);
}

TEST_F(StubTest, TlsaErrorIsNoProofOfAbsence) {
  dns.a("mx.test", "127.0.0.9", true);
  dns.set("_25._tcp.mx.test", DnsType::tlsa, {{}, {}, Say::servfail, false});
  EXPECT_EQ(tlsa("mx.test").kind, TlsaResult::Kind::failed);
}

TEST_F(StubTest, TlsaOfTheExpandedNameFirstThenOfTheAlias) {
  dns.set("mx.test", DnsType::a, {{}, "real.test", Say::answer, true});
  dns.set("mx.test", DnsType::aaaa, {{}, "real.test", Say::answer, true});
  dns.a("real.test", "127.0.0.9", true);
  dns.set("_25._tcp.mx.test", DnsType::tlsa, {{kDigest}, {}, Say::answer, true});
  EXPECT_EQ(tlsa("mx.test").base_domain, "mx.test");
  dns.set("_25._tcp.real.test", DnsType::tlsa, {{kDigest}, {}, Say::answer, true});
  EXPECT_EQ(tlsa("mx.test").base_domain, "real.test");
}

TEST_F(StubTest, SecureAliasToAnInsecureName) {
  dns.set("mx.test", DnsType::a, {{}, "real.test", Say::answer, true});
  dns.set("mx.test", DnsType::aaaa, {{}, "real.test", Say::answer, true});
  dns.a("real.test", "127.0.0.9", false);
  dns.set("_25._tcp.mx.test", DnsType::tlsa, {{kDigest}, {}, Say::answer, true});
  dns.set("_25._tcp.real.test", DnsType::tlsa, {{kDigest}, {}, Say::answer, true});
  EXPECT_EQ(tlsa("mx.test").kind, TlsaResult::Kind::none) << "the alias itself is not known to be secure";
  dns.set("mx.test", DnsType::cname, {{test::name_rdata("real.test")}, {}, Say::answer, true});
  EXPECT_EQ(tlsa("mx.test").base_domain, "mx.test");
}

TEST_F(StubTest, UnusableRecordsStillAskForTls) {
  dns.a("mx.test", "127.0.0.9", true);
  dns.set("_25._tcp.mx.test", DnsType::tlsa,
          {{"\x01\x01\x01"s + std::string(32, 'x')}, {}, Say::answer, true});
  EXPECT_EQ(tlsa("mx.test").kind, TlsaResult::Kind::unusable);
}

TEST_F(StubTest, TxtStringsAreJoined) {
  const std::string longer(300, 'x');
  dns.set("t.test", DnsType::txt, {{test::txt_rdata(longer), test::txt_rdata("b")}, {}, Say::answer, false});
  EXPECT_EQ(run(context, lookup_txt(*resolver, "t.test")).texts, (std::vector<std::string>{longer, "b"}));
}

TEST_F(StubTest, NobodyAnswersAtAll) {
  std::uint16_t port = 0;
  { port = DnsServer().port(); }
  StubOptions options = dns.stub();
  options.port = port;
  const auto nobody = make_stub_resolver(context.get_executor(), options);
  EXPECT_EQ(to_string(run(context, lookup_mx(*nobody, "d.test")).reason.value()), "dns-error");
}

// The forwarder is the only server that libunbound may ask, also for ".test", which it would answer by
// itself.
TEST(Unbound, AsksTheGivenResolverOnly) {
  DnsServer dns;
  dns.mx("d.test", {{10, "mx.test"}});
  dns.a("mx.test", "127.0.0.9");
  boost::asio::io_context context(1);
  UnboundOptions options;
  options.address = "127.0.0.1";
  options.port = dns.port();
  std::string error;
  const auto resolver = make_unbound_resolver(context.get_executor(), options, error);
  ASSERT_NE(resolver, nullptr) << error;
  const MxResult result = run(context, lookup_mx(*resolver, "d.test"));
  ASSERT_EQ(result.kind, MxResult::Kind::hosts) << result.error;
  EXPECT_EQ(result.hosts.front().name, "mx.test");
  EXPECT_EQ(result.state, DnsState::insecure);
  EXPECT_EQ(run(context, lookup_addresses(*resolver, "mx.test", Family::v4)).addresses,
            std::vector<std::string>{"127.0.0.9"});
}

TEST(Unbound, BadTrustAnchorIsRefused) {
  boost::asio::io_context context(1);
  UnboundOptions options;
  options.address = "127.0.0.1";
  options.trust_anchors = {"this is no DS record"};
  std::string error;
  EXPECT_EQ(make_unbound_resolver(context.get_executor(), options, error), nullptr);
  EXPECT_FALSE(error.empty());
}

TEST(DnsName, TextAndWire) {
  EXPECT_EQ(dns_name_to_wire("A.test."), "\1a\4test\0"s);
  EXPECT_EQ(dns_name_to_wire("."), "\0"s);
  EXPECT_EQ(dns_name_to_wire("a..b"), std::nullopt);
  EXPECT_EQ(dns_name_to_wire("a.."), std::nullopt);
  EXPECT_EQ(dns_name_to_wire(".a"), std::nullopt);
  EXPECT_EQ(dns_name_to_wire(std::string(64, 'a')), std::nullopt);
  EXPECT_NE(dns_name_to_wire(std::string(63, 'a')), std::nullopt);
  EXPECT_EQ(dns_name_to_text("\1A\4test\0"s), "a.test");
  EXPECT_EQ(dns_name_to_text("\3a.b\0"s), "a\\046b");
  EXPECT_EQ(dns_name_to_text("\0"s), ".");
  EXPECT_EQ(dns_name_to_text("\5ab"s), std::nullopt);
  EXPECT_EQ(dns_name_to_text("\1a"s), std::nullopt);
  EXPECT_EQ(dns_name_to_text("\xc0\x0c"s), std::nullopt);
}

}  // namespace
}  // namespace mxident::probe
