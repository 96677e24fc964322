#include <gmock/gmock.h>

#include "harness/cli/verify_test_support.hpp"
#include "harness/input/json_input.hpp"
#include "verifier/dns/dns_message.hpp"

namespace mxident::harness::cli {
namespace {

using namespace std::string_literals;
using nlohmann::json;
using probe::DnsType;
using probe::test::Peer;
using probe::test::Server;
using testing::HasSubstr;
using Say = probe::test::DnsServer::Say;

std::string octets(std::uint16_t number) {
  return {static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
}
std::string srv(std::uint16_t priority, std::uint16_t weight, std::uint16_t port, const std::string& target) {
  return octets(priority) + octets(weight) + octets(port) + probe::dns_name_to_wire(target).value();
}

struct NameRow {
  const char* name;
  const char* san;
  bool secure;  ///< the SRV record is signed
  const char* answer;
};
void PrintTo(const NameRow& row, std::ostream* out) {
  *out << row.name;
}

class SrvNames : public VerifyTest, public testing::WithParamInterface<NameRow> {};

/// RFC 7817 3, RFC 6186 6: what the user's domain is called counts; what DNS made of it only if it is signed.
TEST_P(SrvNames, AreThoseOfTheDomain) {
  const NameRow& row = GetParam();
  Server server([](Peer& peer) { peer.serve(); }, probe::test::make_identity(row.san));
  dns.set("_submission._tcp.d.test", DnsType::srv,
          {{srv(0, 1, server.port(), "smtp.far.test")}, {}, Say::answer, row.secure});
  dns.a("smtp.far.test", "127.0.0.1", row.secure);
  const Ran ran = verify({"d.test", "--srv", "submission", "--json"});
  const json document = json::parse(ran.out);
  EXPECT_EQ(policy_of(document, "rfc7817")["answer"], row.answer) << ran.out;
  EXPECT_EQ(ran.exit_code, row.answer == "accept"s ? 0 : 1);
  EXPECT_EQ(document["asked"], "rfc7817");
  EXPECT_EQ(document["srv"]["targets"][0]["port"], server.port());
  EXPECT_EQ(document["hosts"][0]["addresses"][0]["names"]["srv_target"], "smtp.far.test");
  EXPECT_EQ(document["hosts"][0]["addresses"][0]["port"], server.port());
}

constexpr const char* kSrvId = "DNS:other.test,otherName:1.3.6.1.5.5.7.8.7;IA5STRING:_submission.d.test";
constexpr const char* kOtherService = "DNS:other.test,otherName:1.3.6.1.5.5.7.8.7;IA5STRING:_imap.d.test";
INSTANTIATE_TEST_SUITE_P(Table, SrvNames,
                         testing::Values(NameRow{"domain", "DNS:d.test", false, "accept"},
                                         NameRow{"domain_signed", "DNS:d.test", true, "accept"},
                                         NameRow{"target_unsigned", "DNS:smtp.far.test", false, "reject"},
                                         NameRow{"target_signed", "DNS:smtp.far.test", true, "accept"},
                                         NameRow{"srv_id", kSrvId, false, "accept"},
                                         NameRow{"srv_id_of_another_service", kOtherService, false, "reject"},
                                         NameRow{"neither", "DNS:www.d.test", true, "reject"}),
                         [](const auto& row) { return row.param.name; });

TEST_F(VerifyTest, SrvRecordsAreShownInTheirOrder) {
  Server server([](Peer& peer) { peer.serve(); }, probe::test::make_identity("DNS:d.test"));
  dns.set("_submission._tcp.d.test", DnsType::srv,
          {{srv(20, 0, 1, "c.d.test"), srv(10, 1, 2, "b.d.test"), srv(10, 5, server.port(), "a.d.test")},
           {},
           Say::answer,
           false});
  dns.a("a.d.test", "127.0.0.1");
  const Ran ran = verify({"d.test", "--srv", "submission"});
  const std::string owner = "_submission._tcp.d.test SRV ";
  const std::size_t a = ran.out.find(owner + "10 5 "), b = ran.out.find(owner + "10 1 2 b.d.test"),
                    c = ran.out.find(owner + "20 0 1 c.d.test");
  EXPECT_TRUE(a < b && b < c && c != std::string::npos) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("Names that count: d.test as DNS-ID and in an SRV-ID"));
  EXPECT_THAT(ran.out, HasSubstr("SRV target   a.d.test"));
  EXPECT_THAT(ran.out, HasSubstr("does not count: anybody may have named it"));
  EXPECT_THAT(ran.out, testing::Not(HasSubstr("MX host")));
  EXPECT_THAT(ran.out, HasSubstr("OK: accept under rfc7817"));
  for (const auto& question : dns.asked()) {
    EXPECT_THAT(question, testing::Not(HasSubstr("_mta-sts"))) << "MTA-STS is of senders to MX hosts";
    EXPECT_THAT(question, testing::Not(HasSubstr(" 52"))) << "and so is DANE here";
  }
}

TEST_F(VerifyTest, SrvRecordOfTheOtherKindOfTls) {
  Server clear([](Peer& peer) { peer.serve(); });
  dns.set("_submissions._tcp.d.test", DnsType::srv,
          {{srv(0, 1, clear.port(), "a.d.test")}, {}, Say::answer, false});
  dns.a("a.d.test", "127.0.0.1");
  EXPECT_THAT(verify({"d.test", "--srv", "submissions"}).out,
              HasSubstr("Hint: the server greets in clear: its SRV record belongs at _submission._tcp"));
  EXPECT_TRUE(follows_schema(verify({"d.test", "--srv", "submissions", "--json"}).out));
}

TEST_F(VerifyTest, ServiceThatIsNotAnnouncedIsNamed) {
  const struct {
    const char* name;
    std::vector<std::string> records;
    const char* sentence;
  } kRows[] = {
      {"none", {}, "has no SRV record: the service is not announced (dns-no-service"},
      {"turned_down", {srv(0, 0, 0, ".")}, "says the service is not offered (dns-no-service"},
      {"unreadable", {"\0\1"s}, "has no SRV record that can be read (dns-no-service"},
  };
  for (const auto& row : kRows) {
    dns.set("_submissions._tcp.d.test", DnsType::srv, {row.records, {}, Say::answer, false});
    const Ran ran = verify({"d.test", "--srv", "submissions"});
    EXPECT_EQ(ran.exit_code, 1) << row.name;
    EXPECT_THAT(ran.out, HasSubstr(row.sentence)) << row.name;
  }
}

TEST_F(VerifyTest, ServiceThatIsTurnedDownBesideATarget) {
  Server server([](Peer& peer) { peer.serve(); }, probe::test::make_identity("DNS:d.test"));
  for (const bool turned_down : {false, true}) {
    std::vector<std::string> records{srv(10, 0, server.port(), "a.d.test")};
    if (turned_down) records.push_back(srv(0, 0, 0, "."));
    dns.set("_submission._tcp.d.test", DnsType::srv, {records, {}, Say::answer, false});
    dns.a("a.d.test", "127.0.0.1");
    const Ran ran = verify({"d.test", "--srv", "submission"});
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_EQ(ran.out.find("Warning: a target \".\" stands beside others") != std::string::npos, turned_down)
        << ran.out;
    const Ran machine = verify({"d.test", "--srv", "submission", "--json"});
    EXPECT_EQ(json::parse(machine.out)["srv"]["turned_down"], turned_down);
    EXPECT_TRUE(follows_schema(machine.out));
  }
}

TEST_F(VerifyTest, MailProgramsReportNothing) {
  Server server([](Peer& peer) { peer.serve(); }, probe::test::make_identity("DNS:other.test"));
  dns.set("_submission._tcp.d.test", DnsType::srv,
          {{srv(10, 0, server.port(), "a.d.test")}, {}, Say::answer, false});
  dns.a("a.d.test", "127.0.0.1");
  EXPECT_THAT(verify({"d.test", "--srv", "submission"}).out,
              testing::AllOf(HasSubstr("turn away under: rfc7817"), testing::Not(HasSubstr("sender"))));
  EXPECT_THAT(verify({"d.test", "--srv", "submission", "--json"}).out, testing::Not(HasSubstr("tls_rpt")));
}

TEST_F(VerifyTest, SrvExcludesWhatItsRecordsSay) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"--mx", "mx.test"},
                                                                 {"--port", "587"},
                                                                 {"--tls", "starttls"},
                                                                 {"--senders"},
                                                                 {"--policy", "dane"}}) {
    std::vector<std::string> line{"d.test", "--srv", "submission"};
    line.insert(line.end(), words.begin(), words.end());
    EXPECT_THROW(verify(line), InputError) << words.front();
  }
  EXPECT_THROW(verify({"d.test", "--srv", "imap"}), CLI::ParseError);
}

}  // namespace
}  // namespace mxident::harness::cli
