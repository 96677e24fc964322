// DNSSEC states that a scenario may state, and those that contradict each other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "mocks/dns/test_messages.hpp"
#include "mocks/world_parts.hpp"

namespace mxident::mocks::dns {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using Zones = std::map<std::string, ZoneState>;

std::unique_ptr<DnsService> make(const Zones& zones, const std::vector<std::string>& lines) {
  DnsContext context;
  context.authority_address = "127.1.2.54";
  context.addresses = {{"mx.x.test", {"127.1.2.1"}}};
  context.clock = 1700000000;
  return DnsService::make({lines, zones}, context);
}

std::string ask(const DnsService& service, const std::string& owner, const std::string& type,
                Asking asking = {}) {
  asking.dnssec_ok = true;
  asking.udp_size = 4096;
  const auto reply = service.answer(make_query(owner, type, asking), Transport::udp, DnsRole::resolver);
  return reply.octets ? describe_reply(*reply.octets) : "";
}

struct Contradiction {
  std::string name;
  Zones zones;
  std::string line, why;
};
void PrintTo(const Contradiction& row, std::ostream* out) {
  *out << row.name;
}

constexpr auto kSecure = ZoneState::secure, kInsecure = ZoneState::insecure, kBogus = ZoneState::bogus;

const std::vector<Contradiction> kContradictions = {
    {"RelativeName", {{"x.test", kSecure}}, "", "zone \"x.test\": wanted a domain name with final dot"},
    {"NoName", {{"x..", kSecure}}, "", "zone \"x..\": wanted a domain name"},
    {"SecureBelowInsecure",
     {{"y.test.", kInsecure}, {"a.y.test.", kSecure}},
     "",
     "a.y.test.: it cannot be other than"},
    {"BogusBelowInsecure",
     {{"y.test.", kInsecure}, {"a.y.test.", kBogus}},
     "",
     "a.y.test.: it cannot be other than"},
    {"SecureBelowBogus",
     {{"y.test.", kBogus}, {"a.y.test.", kSecure}},
     "",
     "a.y.test.: it lies below a zone that"},
    {"InsecureBelowBogus",
     {{"y.test.", kBogus}, {"a.y.test.", kInsecure}},
     "",
     "a.y.test.: it lies below a zone that"},
    {"RecordsAboveASecureZone",
     {{"a.y.test.", kSecure}},
     "y.test. MX 1 a.y.test.",
     "y.test.: it has records and lies in"},
    {"RecordsBesideASecureZone",
     {{"a.y.test.", kSecure}},
     "b.y.test. A 192.0.2.1",
     "b.y.test.: it has records"},
    {"RecordsOfATld", {{"y.test.", kSecure}}, "test. A 192.0.2.1", "test.: it has records and lies in"},
    {"RecordsOfTheRoot", {{"y.test.", kSecure}}, ". TXT a", " .: it has records and lies in"},
};

class Contradictions : public ::testing::TestWithParam<Contradiction> {};

TEST_P(Contradictions, AreNamed) {
  std::vector<std::string> lines;
  if (!GetParam().line.empty()) lines.push_back(GetParam().line);
  try {
    make(GetParam().zones, lines);
    ADD_FAILURE() << "accepted";
  } catch (const WorldError& error) {
    EXPECT_THAT(error.what(), HasSubstr(GetParam().why));
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, Contradictions, ::testing::ValuesIn(kContradictions),
                         [](const auto& row) { return row.param.name; });

TEST(ZoneCuts, TrustAnchorIsTheDsOfTheRoot) {
  const auto service = make({{"x.test.", kSecure}}, {});
  EXPECT_THAT(service->trust_anchors(), ElementsAre(MatchesRegex("\\. 300 IN DS [0-9]+ 13 2 [0-9a-f]{64}")));
  EXPECT_TRUE(make({{"x.test.", kInsecure}}, {})->trust_anchors().empty());
}

TEST(ZoneCuts, SignaturesOnlyWhenAskedFor) {
  const auto service = make({{"x.test.", kSecure}}, {});
  EXPECT_EQ(ask(*service, "mx.x.test.", "A"),
            "NOERROR ra ad; mx.x.test. A 127.1.2.1; mx.x.test. RRSIG A x.test.");
  Asking ad;
  ad.authentic_data = true;
  const auto reply = service->answer(make_query("mx.x.test.", "A", ad), Transport::udp, DnsRole::resolver);
  EXPECT_EQ(describe_reply(*reply.octets), "NOERROR ra ad; mx.x.test. A 127.1.2.1");
  const auto plain = service->answer(make_query("mx.x.test.", "A"), Transport::udp, DnsRole::resolver);
  EXPECT_EQ(describe_reply(*plain.octets), "NOERROR ra; mx.x.test. A 127.1.2.1");
}

TEST(ZoneCuts, BogusAnswersOnlyWithCheckingDisabled) {
  const auto service = make({{"x.test.", kBogus}}, {});
  EXPECT_EQ(ask(*service, "mx.x.test.", "A"), "SERVFAIL ra");
  Asking cd;
  cd.checking_disabled = true;
  EXPECT_EQ(ask(*service, "mx.x.test.", "A", cd),
            "NOERROR ra; mx.x.test. A 127.1.2.1; mx.x.test. RRSIG A x.test.");
}

TEST(ZoneCuts, DelegationsAreProven) {
  const auto service = make({{"x.test.", kSecure}, {"y.test.", kInsecure}}, {"z.test. A 192.0.2.1"});
  EXPECT_EQ(ask(*service, "y.test.", "DS"),
            "NOERROR ra ad; test. RRSIG SOA test.; test. SOA; y.test. NSEC z.test. NS RRSIG NSEC; "
            "y.test. RRSIG NSEC test.");
  EXPECT_EQ(ask(*service, "z.test.", "DS"),
            "NOERROR ra ad; test. RRSIG SOA test.; test. SOA; z.test. NSEC test. NS RRSIG NSEC; "
            "z.test. RRSIG NSEC test.");
  EXPECT_THAT(ask(*service, "x.test.", "DS"), HasSubstr("x.test. RRSIG DS test."));
  EXPECT_EQ(ask(*service, "z.test.", "A"), "NOERROR ra; z.test. A 192.0.2.1");
}

TEST(ZoneCuts, AStatedRootHoldsTheRest) {
  const auto service = make({{".", kSecure}}, {"test. A 192.0.2.1"});
  EXPECT_EQ(ask(*service, "mx.x.test.", "A"), "NOERROR ra ad; mx.x.test. A 127.1.2.1; mx.x.test. RRSIG A .");
  EXPECT_EQ(ask(*service, "test.", "A"), "NOERROR ra ad; test. A 192.0.2.1; test. RRSIG A .");
}

TEST(ZoneCuts, AStatedTldHoldsTheRest) {
  const auto service = make({{"test.", kSecure}, {"a.b.test.", kSecure}}, {"b.test. A 192.0.2.1"});
  EXPECT_EQ(ask(*service, "mx.x.test.", "A"),
            "NOERROR ra ad; mx.x.test. A 127.1.2.1; mx.x.test. RRSIG A test.");
  EXPECT_EQ(ask(*service, "b.test.", "A"), "NOERROR ra ad; b.test. A 192.0.2.1; b.test. RRSIG A test.");
}

TEST(ZoneCuts, MalformedTlsaIsServedAndSigned) {
  const auto service = make({{"x.test.", kSecure}}, {"a.x.test. TLSA \\# 3 030101", "b.x.test. TLSA \\# 0"});
  EXPECT_THAT(ask(*service, "a.x.test.", "TLSA"),
              HasSubstr("ad; a.x.test. RRSIG TLSA x.test.; a.x.test. TLSA 3 1 1"));
  EXPECT_THAT(ask(*service, "b.x.test.", "TLSA"),
              HasSubstr("ad; b.x.test. RRSIG TLSA x.test.; b.x.test. TLSA"));
}

TEST(ZoneCuts, ManyThreadsAtOnce) {
  const auto service = make({{"x.test.", kSecure}}, {});
  const std::string expected = ask(*service, "mx.x.test.", "A");
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (int& mine : wrong) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        mine += ask(*service, "mx.x.test.", "A") != expected;
        const std::string owner = "a" + std::to_string(i) + ".x.test.";
        mine += ask(*service, owner, "A").find("NXDOMAIN") != 0;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(wrong, ::testing::Each(0));
}

}  // namespace
}  // namespace mxident::mocks::dns
