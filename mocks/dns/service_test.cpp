// Query octets in, reply octets out, without DNSSEC.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "mocks/dns/test_messages.hpp"
#include "mocks/world_parts.hpp"

namespace mxident::mocks::dns {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<DnsService> make_world() {
  DnsSpec spec;
  spec.lines = {
      "x.test. MX 10 MX1.x.test.",
      "x.test. 60 IN MX 20 mx2.X.TEST.",
      "x.test. TXT \"v=spf1 -all\" second",
      "x.test. TXT \"other\"",
      "Mixed.test. A 192.0.2.5",
      "given.x.test. A 192.0.2.7",
      "alias.x.test. CNAME middle.x.test.",
      "middle.x.test. CNAME mx1.x.test.",
      "away.x.test. CNAME nowhere.example.",
      "badalias.x.test. CNAME bad.x.test.",
      "loop1.x.test. CNAME loop2.x.test.",
      "loop2.x.test. CNAME loop1.x.test.",
      "selfmx.test. MX 0 .",
      "_submission._tcp.x.test. SRV 0 1 587 mail.x.test.",
      "_25._tcp.mx1.x.test. TLSA 3 1 1 00ff",
      "unknown.x.test. TYPE65280 \\# 3 abcdef",
      "*.wild.x.test. MX 5 mx1.x.test.",
      "host.sub.wild.x.test. A 192.0.2.9",
      "*.alias.test. CNAME mx1.x.test.",
      "bad.x.test. SERVFAIL",
      "halfbad.x.test. MX 1 mx1.x.test.",
      "halfbad.x.test. A SERVFAIL",
      "gone.x.test. NXDOMAIN",
      "under.gone.x.test. A 192.0.2.8",
      "mute.x.test. TIMEOUT",
      "nomx.x.test. 30 IN MX TIMEOUT",
      "cut.x.test. TRUNCATE",
      "cut.x.test. MX 1 mx1.x.test.",
      "*.oops.test. SERVFAIL",
      "7.2.0.192.in-addr.arpa. PTR other.x.test.",
  };
  DnsContext context;
  context.addresses = {{"mx1.x.test", {"127.1.2.1", "fd6d:7864:1:2::1"}},
                       {"mx2.x.test", {"127.1.2.2"}},
                       {"given.x.test", {"127.1.2.3", "192.0.2.7"}},
                       {"gone.x.test", {"127.1.2.4"}},
                       {"mta-sts.x.test", {"127.1.2.5"}}};
  context.texts = {{"_mta-sts.x.test", "v=STSv1; id=1;"}, {"_mta-sts.long.test", std::string(300, 'a')}};
  context.authority_address = "127.1.2.54";
  context.clock = 1700000000;
  return DnsService::make(spec, context);
}

const DnsService& world() {
  static const std::unique_ptr<DnsService> kWorld = make_world();
  return *kWorld;
}

struct Row {
  std::string name, owner, type, reply, rcode;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

const std::vector<Row> kRows = {
    {"MxKeepsTheCaseOfItsTargets", "x.test.", "MX",
     "NOERROR ra; x.test. MX 10 MX1.x.test.; x.test. MX 20 mx2.X.TEST.", "NOERROR"},
    {"OwnerHasTheCaseOfTheQuestion", "X.tEsT.", "MX",
     "NOERROR ra; X.tEsT. MX 10 MX1.x.test.; X.tEsT. MX 20 mx2.X.TEST.", "NOERROR"},
    {"OwnerOfALineInAnyCase", "mixed.test.", "A", "NOERROR ra; mixed.test. A 192.0.2.5", "NOERROR"},
    {"NullMx", "selfmx.test.", "MX", "NOERROR ra; selfmx.test. MX 0 .", "NOERROR"},
    {"ServerAddress", "mx1.x.test.", "A", "NOERROR ra; mx1.x.test. A 127.1.2.1", "NOERROR"},
    {"ServerAddressIpv6", "mx1.x.test.", "AAAA", "NOERROR ra; mx1.x.test. AAAA fd6d:7864:1:2::1", "NOERROR"},
    {"NoIpv6IsNoData", "mx2.x.test.", "AAAA", "NOERROR ra; . SOA", "NOERROR"},
    {"AddressOfALineStands", "given.x.test.", "A", "NOERROR ra; given.x.test. A 192.0.2.7", "NOERROR"},
    {"PolicyHost", "mta-sts.x.test.", "A", "NOERROR ra; mta-sts.x.test. A 127.1.2.5", "NOERROR"},
    {"StsRecord", "_mta-sts.x.test.", "TXT", "NOERROR ra; _mta-sts.x.test. TXT \"v=STSv1; id=1;\"",
     "NOERROR"},
    {"LongTextIsCutIntoStrings", "_mta-sts.long.test.", "TXT",
     "NOERROR ra; _mta-sts.long.test. TXT \"" + std::string(255, 'a') + "\" \"" + std::string(45, 'a') + "\"",
     "NOERROR"},
    {"SeveralStrings", "x.test.", "TXT",
     "NOERROR ra; x.test. TXT \"other\"; x.test. TXT \"v=spf1 -all\" \"second\"", "NOERROR"},
    {"Srv", "_submission._tcp.x.test.", "SRV",
     "NOERROR ra; _submission._tcp.x.test. SRV 0 1 587 mail.x.test.", "NOERROR"},
    {"Tlsa", "_25._tcp.mx1.x.test.", "TLSA", "NOERROR ra; _25._tcp.mx1.x.test. TLSA 3 1 1 00ff", "NOERROR"},
    {"UnknownType", "unknown.x.test.", "TYPE65280", "NOERROR ra; unknown.x.test. TYPE65280 \\# 3 abcdef",
     "NOERROR"},
    {"Pointer", "1.2.1.127.in-addr.arpa.", "PTR", "NOERROR ra; 1.2.1.127.in-addr.arpa. PTR mx1.x.test.",
     "NOERROR"},
    {"PointerIpv6", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.0.0.0.1.0.0.0.4.6.8.7.d.6.d.f.ip6.arpa.", "PTR",
     "NOERROR ra; 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.0.0.0.1.0.0.0.4.6.8.7.d.6.d.f.ip6.arpa. PTR mx1.x.test.",
     "NOERROR"},
    {"PointerOfALineStands", "7.2.0.192.in-addr.arpa.", "PTR",
     "NOERROR ra; 7.2.0.192.in-addr.arpa. PTR other.x.test.", "NOERROR"},
    // CNAME (RFC 1034 3.6.2)
    {"AliasIsFollowed", "alias.x.test.", "A",
     "NOERROR ra; alias.x.test. CNAME middle.x.test.; middle.x.test. CNAME mx1.x.test.; mx1.x.test. A "
     "127.1.2.1",
     "NOERROR"},
    {"AliasAskedForItself", "alias.x.test.", "CNAME", "NOERROR ra; alias.x.test. CNAME middle.x.test.",
     "NOERROR"},
    {"AliasWithoutTheType", "middle.x.test.", "MX", "NOERROR ra; middle.x.test. CNAME mx1.x.test.; . SOA",
     "NOERROR"},
    {"AliasOutOfTheWorld", "away.x.test.", "A", "NXDOMAIN ra; away.x.test. CNAME nowhere.example.; . SOA",
     "NXDOMAIN"},
    {"AliasToAFailure", "badalias.x.test.", "A", "SERVFAIL ra", "SERVFAIL"},
    {"AliasLoop", "loop1.x.test.", "A", "SERVFAIL ra", "SERVFAIL"},
    // Wildcards (RFC 4592)
    {"Wildcard", "a.wild.x.test.", "MX", "NOERROR ra; a.wild.x.test. MX 5 mx1.x.test.", "NOERROR"},
    {"WildcardSeveralLabels", "a.b.wild.x.test.", "MX", "NOERROR ra; a.b.wild.x.test. MX 5 mx1.x.test.",
     "NOERROR"},
    {"WildcardItself", "*.wild.x.test.", "MX", "NOERROR ra; *.wild.x.test. MX 5 mx1.x.test.", "NOERROR"},
    {"WildcardWithoutTheType", "a.wild.x.test.", "A", "NOERROR ra; . SOA", "NOERROR"},
    {"WildcardNotForAnEmptyNonTerminal", "sub.wild.x.test.", "MX", "NOERROR ra; . SOA", "NOERROR"},
    {"WildcardNotBelowAnotherName", "a.sub.wild.x.test.", "MX", "NXDOMAIN ra; . SOA", "NXDOMAIN"},
    {"WildcardNotForItsParent", "wild.x.test.", "MX", "NOERROR ra; . SOA", "NOERROR"},
    {"WildcardAlias", "a.alias.test.", "A",
     "NOERROR ra; a.alias.test. CNAME mx1.x.test.; mx1.x.test. A 127.1.2.1", "NOERROR"},
    // Names that are not there
    {"NoSuchName", "no.x.test.", "A", "NXDOMAIN ra; . SOA", "NXDOMAIN"},
    {"OutsideOfTheWorld", "www.example.com.", "A", "NXDOMAIN ra; . SOA", "NXDOMAIN"},
    {"EmptyNonTerminal", "test.", "MX", "NOERROR ra; . SOA", "NOERROR"},
    {"RootServers", ".", "NS", "NOERROR ra; . NS authority.", "NOERROR"},
    {"RootServerAddress", "authority.", "A", "NOERROR ra; authority. A 127.1.2.54", "NOERROR"},
    // Misbehaviour
    {"Servfail", "bad.x.test.", "MX", "SERVFAIL ra", "SERVFAIL"},
    {"ServfailOfOneType", "halfbad.x.test.", "A", "SERVFAIL ra", "SERVFAIL"},
    {"ServfailNotOfTheOtherType", "halfbad.x.test.", "MX", "NOERROR ra; halfbad.x.test. MX 1 mx1.x.test.",
     "NOERROR"},
    {"ServfailBelowAWildcard", "a.b.oops.test.", "A", "SERVFAIL ra", "SERVFAIL"},
    {"NxdomainOfAServer", "gone.x.test.", "A", "NXDOMAIN ra; . SOA", "NXDOMAIN"},
    {"NxdomainSparesNamesBelow", "under.gone.x.test.", "A", "NOERROR ra; under.gone.x.test. A 192.0.2.8",
     "NOERROR"},
    {"Timeout", "mute.x.test.", "A", "", "TIMEOUT"},
    {"TimeoutOfOneType", "nomx.x.test.", "MX", "", "TIMEOUT"},
    {"TimeoutNotOfTheOtherType", "nomx.x.test.", "A", "NXDOMAIN ra; . SOA", "NXDOMAIN"},
    {"Truncated", "cut.x.test.", "MX", "NOERROR tc ra", "NOERROR"},
    // What name servers do not do
    {"ZoneTransfer", "x.test.", "AXFR", "REFUSED", "REFUSED"},
};

class Answers : public ::testing::TestWithParam<Row> {};

TEST_P(Answers, OverUdp) {
  const Row& row = GetParam();
  const auto reply = world().answer(make_query(row.owner, row.type), Transport::udp, DnsRole::resolver);
  EXPECT_EQ(reply.octets ? describe_reply(*reply.octets) : "", row.reply);
  EXPECT_EQ(reply.said, row.owner + ' ' + row.type + ' ' + row.rcode);
}

INSTANTIATE_TEST_SUITE_P(Rows, Answers, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

std::string ask(const std::string& owner, const std::string& type, const Asking& asking, Transport transport,
                DnsRole role = DnsRole::resolver) {
  const auto reply = world().answer(make_query(owner, type, asking), transport, role);
  return reply.octets ? describe_reply(*reply.octets) : "";
}

TEST(Service, TruncatedAnswersAreWholeOverTcp) {
  EXPECT_EQ(ask("cut.x.test.", "MX", {}, Transport::tcp), "NOERROR ra; cut.x.test. MX 1 mx1.x.test.");
}

TEST(Service, AuthorityIsAuthoritativeAndNoResolver) {
  EXPECT_EQ(ask("mx1.x.test.", "A", {}, Transport::udp, DnsRole::authority),
            "NOERROR aa; mx1.x.test. A 127.1.2.1");
  EXPECT_EQ(ask("www.example.com.", "A", {}, Transport::udp, DnsRole::authority), "NXDOMAIN aa; . SOA");
}

TEST(Service, NoAdWithoutDnssec) {
  Asking asking;
  asking.authentic_data = asking.dnssec_ok = true;
  EXPECT_EQ(ask("mx1.x.test.", "A", asking, Transport::udp), "NOERROR ra; mx1.x.test. A 127.1.2.1");
  EXPECT_TRUE(world().trust_anchors().empty());
}

TEST(Service, AnswersThatDoNotFitAreTruncated) {
  DnsSpec spec;
  for (int i = 0; i < 60; ++i) spec.lines.push_back("x.test. MX 10 host" + std::to_string(i) + ".x.test.");
  DnsContext context;
  context.clock = 1700000000;
  const auto large = DnsService::make(spec, context);
  const auto size_of = [&](const Asking& asking, Transport transport) {
    return large->answer(make_query("x.test.", "MX", asking), transport, DnsRole::resolver).octets->size();
  };
  Asking edns;
  edns.edns = true;
  edns.udp_size = 1232;
  EXPECT_LE(size_of({}, Transport::udp), 512u);
  EXPECT_LE(size_of(edns, Transport::udp), 1232u);
  EXPECT_GT(size_of({}, Transport::tcp), 1232u);
  edns.udp_size = 4096;
  EXPECT_GT(size_of(edns, Transport::udp), 1232u);
  EXPECT_EQ(
      describe_reply(*large->answer(make_query("x.test.", "MX"), Transport::udp, DnsRole::resolver).octets),
      "NOERROR tc ra");
}

TEST(Service, AnswersThatFitNoMessageFail) {
  DnsSpec spec;
  const std::string text(200, 'a');
  for (int i = 0; i < 400; ++i) spec.lines.push_back("x.test. TXT \"" + std::to_string(i) + text + "\"");
  DnsContext context;
  context.clock = 1700000000;
  const auto reply = DnsService::make(spec, context)
                         ->answer(make_query("x.test.", "TXT"), Transport::tcp, DnsRole::resolver);
  EXPECT_EQ(describe_reply(*reply.octets), "SERVFAIL");
  EXPECT_EQ(reply.said, "x.test. TXT SERVFAIL");
}

struct OddQuery {
  std::string name;
  std::vector<std::uint8_t> octets;
  std::string reply;  ///< empty: none
};
void PrintTo(const OddQuery& row, std::ostream* out) {
  *out << row.name;
}

std::vector<std::uint8_t> changed(std::size_t at, std::uint8_t octet, Asking asking = {}) {
  auto query = make_query("x.test.", "MX", asking);
  query.at(at) = octet;
  return query;
}

std::vector<std::uint8_t> cut(std::size_t size) {
  auto query = make_query("x.test.", "MX");
  query.resize(size);
  return query;
}

/// With two OPT records (RFC 6891 6.1.1).
std::vector<std::uint8_t> twice_opt() {
  Asking edns;
  edns.edns = true;
  auto query = make_query("x.test.", "MX", edns);
  const std::vector<std::uint8_t> opt(query.end() - 11, query.end());
  query.insert(query.end(), opt.begin(), opt.end());
  query.at(11) = 2;
  return query;
}

std::vector<OddQuery> odd_queries() {
  Asking edns;
  edns.edns = true;
  const std::size_t version_at = make_query("x.test.", "MX", edns).size() - 5;
  return {
      {"Empty", {}, ""},
      {"NoWholeHeader", cut(11), ""},
      {"AReply", changed(2, 0x81), ""},
      {"NoWholeQuestion", cut(20), "FORMERR"},
      {"NoQuestion", changed(5, 0), "FORMERR"},
      {"TwoQuestions", changed(5, 2), "FORMERR"},
      {"ManyQuestions", changed(4, 255), "FORMERR"},
      {"WithAnAnswer", changed(7, 1), "FORMERR"},
      {"AdditionalThatIsMissing", changed(11, 1), "FORMERR"},
      {"Notify", changed(2, 0x20), "NOTIMPL"},
      {"OtherClass", changed(23, 3), "REFUSED"},
      {"PointerToItself", changed(12, 0xc0), "FORMERR"},
      {"LabelOfSixtyFour", changed(12, 64), "FORMERR"},
      {"TwoOptRecords", twice_opt(), "FORMERR"},
      {"EdnsVersionOne", changed(version_at, 1, edns), "NOERROR"},  // BADVERS: 16 has its bits in OPT
      {"Huge", std::vector<std::uint8_t>(65535, 0), "FORMERR"},
  };
}

class OddQueries : public ::testing::TestWithParam<OddQuery> {};

TEST_P(OddQueries, Answered) {
  for (const auto transport : {Transport::udp, Transport::tcp}) {
    const auto reply = world().answer(GetParam().octets, transport, DnsRole::resolver);
    EXPECT_EQ(reply.octets ? describe_reply(*reply.octets) : "", GetParam().reply);
    EXPECT_EQ(reply.said.empty(), !reply.octets);
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, OddQueries, ::testing::ValuesIn(odd_queries()),
                         [](const auto& row) { return row.param.name; });

TEST(Service, EdnsVersionOneIsBadVersion) {
  Asking edns;
  edns.edns = true;
  const auto query = changed(make_query("x.test.", "MX", edns).size() - 5, 1, edns);
  const auto reply = world().answer(query, Transport::udp, DnsRole::resolver);
  EXPECT_EQ(reply.said, "x.test. MX BADVERS");
  ASSERT_GE(reply.octets->size(), 11u);
  EXPECT_EQ(reply.octets->at(reply.octets->size() - 6), 1);  // upper bits of 16 (RFC 6891 6.1.3)
}

TEST(Service, RepliesRepeatIdAndQuestion) {
  const auto query = make_query("X.tEsT.", "MX");
  const auto reply = world().answer(query, Transport::udp, DnsRole::resolver);
  ASSERT_GT(reply.octets->size(), query.size());
  EXPECT_TRUE(std::equal(query.begin(), query.begin() + 2, reply.octets->begin()));
  EXPECT_TRUE(std::equal(query.begin() + 12, query.end(), reply.octets->begin() + 12));
}

struct BadWorld {
  std::string name, line, why;
};
void PrintTo(const BadWorld& row, std::ostream* out) {
  *out << row.name;
}

const std::vector<BadWorld> kBadWorlds = {
    {"Empty", "", "wanted an owner name"},
    {"NoType", "x.test.", "wanted an owner name"},
    {"RelativeOwner", "x.test MX 10 mx.x.test.", "wanted an owner name"},
    {"NoOwner", " MX 10 mx.x.test.", "wanted an owner name"},
    {"NoData", "x.test. MX", "\"x.test. MX\""},
    {"BadNumber", "x.test. MX ten mx.x.test.", "ten"},
    {"BadAddress", "x.test. A 1.2.3", "1.2.3"},
    {"BadType", "x.test. FOO bar", "FOO"},
    {"LongLabel", std::string(64, 'a') + ".test. A 192.0.2.1", "aaaa"},
    {"OtherClass", "x.test. CH A 192.0.2.1", "x.test."},
    {"Nul", std::string("x.test. TXT a\0b", 15), "control octet"},
    {"LineEndsInParentheses", "x.test. (" + std::string(100, '\n') + ") TXT a", "control octet"},
    {"OwnSignature", "x.test. DS 1 13 2 00", "made by the world"},
    {"Huge", "x.test. TXT " + std::string(200000, 'a'), "longer than any record"},
};

class BadWorlds : public ::testing::TestWithParam<BadWorld> {};

TEST_P(BadWorlds, Named) {
  DnsSpec spec;
  spec.lines = {"good.test. A 192.0.2.1", GetParam().line};
  try {
    DnsService::make(spec, {});
    ADD_FAILURE() << "accepted";
  } catch (const WorldError& error) {
    EXPECT_THAT(error.what(), HasSubstr(GetParam().why));
    EXPECT_THAT(error.what(), HasSubstr("zone line"));
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, BadWorlds, ::testing::ValuesIn(kBadWorlds),
                         [](const auto& row) { return row.param.name; });

TEST(Service, RefusesHostsThatAreNone) {
  DnsContext context;
  context.addresses = {{"x.test", {"localhost"}}};
  EXPECT_THROW(DnsService::make({}, context), WorldError);
  context.addresses = {{std::string(70, 'a'), {"127.0.0.1"}}};
  EXPECT_THROW(DnsService::make({}, context), WorldError);
}

}  // namespace
}  // namespace mxident::mocks::dns
