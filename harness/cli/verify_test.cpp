#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "harness/cli/verify_options.hpp"
#include "harness/cli/verify_test_support.hpp"
#include "harness/input/json_input.hpp"
#include "harness/report/verify_report.hpp"
#include "verifier/probe/examine.hpp"

namespace mxident::harness::cli {
namespace {

using namespace std::string_literals;
using nlohmann::json;
using probe::DnsType;
using probe::test::DnsServer;
using probe::test::Peer;
using probe::test::Server;
using Say = DnsServer::Say;
using testing::HasSubstr;

// The second report: everything agrees but the MX host (seed 004).
class ReportedCase : public VerifyTest {
 protected:
  ReportedCase()
      : server(
            [](Peer& peer) {
              peer.banner_name = peer.ehlo_name = "mx1.xxxcn.test";
              peer.serve();
            },
            probe::test::make_identity("DNS:*.xxxcn.test,DNS:xxxcn.test", "*.xxxcn.test")) {
    one_host("xxxour.test", "mx5.xxxmx.test");
  }
  Ran ask(std::vector<std::string> words) {
    words.insert(words.begin(), {"xxxour.test", "--port", std::to_string(server.port())});
    return verify(std::move(words));
  }
  Server server;
};

TEST_F(ReportedCase, TextShowsTheThreeNamesAndTheKnownSentence) {
  const Ran ran = ask({});
  SCOPED_TRACE(ran.out);
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("MX host      mx5.xxxmx.test"));
  EXPECT_THAT(ran.out, HasSubstr("CN=*.xxxcn.test, dns:*.xxxcn.test, dns:xxxcn.test"));
  EXPECT_THAT(ran.out, HasSubstr("mx1.xxxcn.test (banner), mx1.xxxcn.test (EHLO)"));
  EXPECT_THAT(ran.out,
              HasSubstr("Cert Hostname DOES NOT VERIFY (mx5.xxxmx.test != *.xxxcn.test | DNS:*.xxxcn.test | "
                        "DNS:xxxcn.test)"));
  EXPECT_THAT(ran.out, HasSubstr("ok, which says nothing about the name"));
  EXPECT_THAT(ran.out, HasSubstr("a sender would report certificate-host-mismatch"));
}

TEST_F(ReportedCase, JsonHasEveryPolicyAndFollowsTheSchema) {
  const Ran ran = ask({"--json", "--transcript"});
  EXPECT_EQ(ran.exit_code, 1);
  const json document = json::parse(ran.out);
  EXPECT_EQ(document["schema"], "mxident-verify/1");
  EXPECT_EQ(document["asked"], "rfc9525");
  EXPECT_EQ(document["exit"], 1);
  EXPECT_EQ(policy_of(document, "opportunistic")["answer"], "accept");
  EXPECT_EQ(policy_of(document, "chain-only")["answer"], "accept");
  EXPECT_EQ(policy_of(document, "chain-only")["name"], "not-checked");
  for (const char* id : {"rfc2818", "rfc6125", "rfc7817", "rfc9525", "nexthop"}) {
    EXPECT_EQ(policy_of(document, id)["answer"], "reject") << id;
    EXPECT_EQ(policy_of(document, id)["tls_rpt"], "certificate-host-mismatch") << id;
  }
  EXPECT_EQ(policy_of(document, "no-tls")["answer"], "plaintext");
  EXPECT_EQ(policy_of(document, "dane")["because"], "dane-none");
  EXPECT_EQ(policy_of(document, "mta-sts")["because"], "sts-none");

  EXPECT_TRUE(follows_schema(ran.out));
}

TEST_F(ReportedCase, ThePolicyThatIsAskedDecidesTheExit) {
  EXPECT_EQ(ask({"--policy", "chain-only"}).exit_code, 0);
  EXPECT_EQ(ask({"--policy", "rfc2818"}).exit_code, 1);
}

TEST_F(VerifyTest, RightNameIsTakenAndNoMailIsSent) {
  one_host("d.test", "mx.test");
  std::vector<std::string> commands;
  Ran ran;
  {
    Server server([&](Peer& peer) {
      peer.serve();
      for (const auto& line : peer.log) commands.push_back(line.substr(0, 4));
    });
    ran = verify_domain(server, {"--policy", "rfc9525"});
  }
  EXPECT_EQ(ran.exit_code, 0) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("Cert Hostname VERIFIED (mx.test = mx.test)"));
  EXPECT_THAT(commands, testing::Each(testing::AnyOf("EHLO", "STAR", "QUIT")));
}

TEST_F(VerifyTest, NexthopIsJudgedByTheCertificateForItsOwnSni) {
  one_host("d.test", "mx.test");
  Server server([](Peer& peer) { peer.serve(); });
  const json document = json::parse(verify_domain(server, {"--json"}).out);
  ASSERT_EQ(document["hosts"][0]["addresses"][0]["other_sni"].size(), 1u);
  EXPECT_EQ(document["hosts"][0]["addresses"][0]["other_sni"][0]["sni"], "d.test");
  EXPECT_EQ(policy_of(document, "nexthop")["references"][0]["name"], "d.test");
}

TEST_F(VerifyTest, DaneIsTheStrongest) {
  dns.mx("d.test", {{10, "mx.test"}}, true);
  dns.a("mx.test", "127.0.0.1", true);
  const auto identity = probe::test::make_identity("DNS:other.test");
  Server server([](Peer& peer) { peer.serve(); }, identity);
  dns.set("_" + std::to_string(server.port()) + "._tcp.mx.test", DnsType::tlsa,
          {{"\x03\x00\x00"s + identity.leaf_der()}, {}, Say::answer, true});
  const Ran ran = verify_domain(server, {"--json"});
  EXPECT_EQ(ran.exit_code, 0);
  const json document = json::parse(ran.out);
  EXPECT_EQ(document["asked"], "dane");
  EXPECT_EQ(policy_of(document, "dane")["reason"], "dane-ee-match");
  EXPECT_EQ(policy_of(document, "rfc9525")["answer"], "reject");
}

TEST_F(VerifyTest, NoStarttls) {
  one_host("d.test", "mx.test");
  Server server([](Peer& peer) { peer.serve({"SIZE"}); });
  const json document = json::parse(verify_domain(server, {"--json"}).out);
  EXPECT_EQ(document["exit"], 1);
  EXPECT_EQ(policy_of(document, "opportunistic")["answer"], "plaintext");
  EXPECT_EQ(policy_of(document, "encrypt")["reason"], "starttls-not-offered");
  EXPECT_EQ(policy_of(document, "encrypt")["tls_rpt"], "starttls-not-supported");
}

TEST_F(VerifyTest, HostileServerIsExitOne) {
  one_host("d.test", "mx.test");
  Server server([](Peer& peer) {
    peer.say("220 x\n");
    peer.line();
  });
  const Ran ran = verify_domain(server);
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("smtp-reply-bare-lf"));
}

TEST_F(VerifyTest, UnknownDomainAndNullMx) {
  EXPECT_EQ(verify({"gone.test"}).exit_code, 1);
  dns.set("null.test", DnsType::mx, {{"\0\0\0"s}, {}, Say::answer, false});
  const Ran ran = verify({"null.test"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("dns-null-mx"));
}

TEST_F(VerifyTest, NullMxBesideAHostIsShown) {
  dns.a("mx.test", "127.0.0.1");
  Server server([](Peer& peer) { peer.serve(); });
  for (const bool null_mx : {false, true}) {
    std::vector<std::string> records{probe::test::mx_rdata(20, "mx.test")};
    if (null_mx) records.push_back("\0\0\0"s);
    dns.set("d.test", DnsType::mx, {records, {}, Say::answer, false});
    const Ran ran = verify_domain(server);
    EXPECT_EQ(ran.exit_code, 0) << ran.out;
    EXPECT_EQ(ran.out.find("Warning: a null MX (\".\") stands beside other hosts") != std::string::npos,
              null_mx)
        << ran.out;
    const Ran machine = verify_domain(server, {"--json"});
    EXPECT_EQ(json::parse(machine.out)["mx"]["null_mx"], null_mx);
    EXPECT_TRUE(follows_schema(machine.out));
  }
}

struct NoDomainRow {
  const char* name;
  const char* domain;
  const char* reason;
};
void PrintTo(const NoDomainRow& row, std::ostream* out) {
  *out << row.name;
}
class NoDomain : public VerifyTest, public testing::WithParamInterface<NoDomainRow> {};
TEST_P(NoDomain, IsBadInput) {
  try {
    verify({GetParam().domain});
    FAIL() << "it was taken";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("wanted a domain or an address literal"));
    EXPECT_THAT(error.what(), HasSubstr(GetParam().reason));
  }
  EXPECT_TRUE(dns.asked().empty());
}
INSTANTIATE_TEST_SUITE_P(Words, NoDomain,
                         testing::Values(NoDomainRow{"mailbox", "user@d.test", "(reference-bad-character)"},
                                         NoDomainRow{"port", "d.test:25", "(reference-with-port)"},
                                         NoDomainRow{"blank", " d.test", "(reference-bad-character)"},
                                         NoDomainRow{"uri", "https://d.test", "(reference-is-uri)"},
                                         NoDomainRow{"star", "*.d.test", "(reference-wildcard)"},
                                         NoDomainRow{"open", "[192.0.2.1", "(reference-brackets)"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(VerifyTest, HelloIsADomainOrAnAddressLiteral) {
  for (const char* name :
       {"a b", "a.test\r\nQUIT", "b\xc3\xbc.test", "192.0.2.1", "[192.0.2.256]", "[::1]", "[IPv6:::1",
        "a..test", "-a.test", "a-.test", "a_b.test", "a.test.", ".", "user@a.test"}) {
    EXPECT_THROW(verify({"d.test", "--helo", name}), InputError) << name;
  }
  EXPECT_THROW(verify({"d.test", "--helo", std::string(64, 'a') + ".test"}), InputError);
  for (const char* name : {"a", "A-1.test", "[192.0.2.1]", "[IPv6:2001:db8::1]", "[ipv6:::1]"})
    EXPECT_NO_THROW(verify({"gone.test", "--helo", name})) << name;
}

TEST_F(VerifyTest, TrustAnchorThatIsNoneIsShown) {
  const struct {
    const char* anchor;
    const char* words;
  } kRows[] = {
      {". DS 1 8 2 zz", "--trust-anchor: found \". DS 1 8 2 zz\", wanted a digest in hexadecimal"},
      {". DS 1 8 2", "wanted a digest in hexadecimal"},
      {". DS 1 8 2 abc", "wanted a digest in hexadecimal"},
      {". IN DS x 8 2 00", "wanted three numbers behind DS"},
      {". IN DS 1 8 256 00", "wanted three numbers behind DS"},
      {". IN DNSKEY 257 3 8 !", "wanted a key in base64"},
      {". IN DNSKEY 257 3 8", "wanted a key in base64"},
      {"a..test DS 1 8 2 00", "wanted a zone"},
      {". IN 3600 DS 1 8 2 00", "wanted a record such as"},
  };
  for (const auto& row : kRows) {
    try {
      verify({"d.test", "--trust-anchor", row.anchor});
      ADD_FAILURE() << row.anchor;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(row.words));
    }
  }
  for (const char* anchor :
       {". 3600 IN DS 1 8 2 00 11", "a.test. DNSKEY 257 3 8 AwEA AQ==",
        ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D ; x"})
    EXPECT_NO_THROW(verify({"gone.test", "--trust-anchor", anchor})) << anchor;
}

TEST_F(VerifyTest, OneHostByNameAndByAddress) {
  dns.a("mx.test", "127.0.0.1");
  Server server([](Peer& peer) { peer.serve(); });
  const std::string port = ":" + std::to_string(server.port());
  EXPECT_EQ(verify({"--mx", "mx.test" + port}).exit_code, 0);
  const Ran by_address = verify({"--mx", "127.0.0.1" + port, "--json"});
  EXPECT_EQ(by_address.exit_code, 1);
  const json document = json::parse(by_address.out);
  EXPECT_EQ(policy_of(document, "rfc9525")["references"][0]["origin"], "address");
  EXPECT_EQ(policy_of(document, "nexthop")["answer"], "not-asked");
}

TEST_F(VerifyTest, TheDomainItselfWithoutAnMxRecord) {
  dns.set("mx.test", DnsType::mx, {});
  dns.a("mx.test", "127.0.0.1");
  Server server([](Peer& peer) { peer.serve(); });
  const Ran ran = verify({"mx.test", "--port", std::to_string(server.port())});
  EXPECT_EQ(ran.exit_code, 0) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("No MX record: the domain is its own mail host"));
}

TEST_F(VerifyTest, ImplicitTls) {
  dns.a("mx.test", "127.0.0.1");
  Server server([](Peer& peer) {
    if (peer.start_tls()) peer.serve();
  });
  const Ran ran = verify({"--mx", "mx.test:" + std::to_string(server.port()), "--tls", "implicit", "--json"});
  EXPECT_EQ(ran.exit_code, 0);
  const json address = json::parse(ran.out)["hosts"][0]["addresses"][0];
  EXPECT_EQ(address["layers"]["starttls"], "not-checked");
  EXPECT_EQ(address["names"]["ehlo_after_tls"], "ehlo.test");
  for (const auto& policy : address["policies"]) EXPECT_NE(policy["answer"], "plaintext") << policy;
}

TEST_F(VerifyTest, FamiliesCanBeChosen) {
  one_host("d.test", "mx.test");
  dns.set("mx.test", DnsType::aaaa, {{std::string(15, '\0') + "\x01"}, {}, Say::answer, false});
  Server server([](Peer& peer) { peer.serve(); });
  const auto addresses = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "--json");
    const json document = json::parse(verify_domain(server, std::move(words)).out);
    std::vector<std::string> out;
    for (const auto& one : document["hosts"][0]["addresses"]) out.push_back(one["address"]);
    return out;
  };
  EXPECT_EQ(addresses({}), (std::vector<std::string>{"::1", "127.0.0.1"}));
  EXPECT_EQ(addresses({"-4"}), std::vector<std::string>{"127.0.0.1"});
  EXPECT_EQ(addresses({"-6"}), std::vector<std::string>{"::1"});
}

// Every address of every host is looked at, and one that refuses outweighs those that take the mail.
TEST_F(VerifyTest, SeveralHostsOfWhichSomeAreNotThere) {
  Server good([](Peer& peer) { peer.serve(); });
  Server other([](Peer& peer) { peer.serve(); }, probe::test::make_identity("DNS:other.test"), "127.0.0.2",
               good.port());
  dns.mx("d.test", {{30, "nowhere.test"}, {10, "mx.test"}, {20, "closed.test"}});
  dns.a("mx.test", "127.0.0.1");
  dns.a("closed.test", "127.0.0.3");
  const Ran lenient = verify_domain(good, {"--json"});
  const json document = json::parse(lenient.out);
  EXPECT_EQ(document["hosts"][0]["host"], "mx.test");
  EXPECT_EQ(document["hosts"][1]["addresses"][0]["reason"], "connect-refused");
  EXPECT_EQ(document["hosts"][2]["reason"], "dns-no-address");
  EXPECT_EQ(lenient.exit_code, 0) << "mail finds a host";
  dns.a("closed.test", "127.0.0.2");
  const Ran strict = verify_domain(good);
  EXPECT_EQ(strict.exit_code, 1);
  EXPECT_THAT(strict.out, HasSubstr("of the addresses 1 take the mail, 1 are refused, 1 are not reached"));
}

TEST_F(VerifyTest, APolicyThatIsAnnouncedAndNotThere) {
  one_host("d.test", "mx.test");
  dns.set("_mta-sts.d.test", DnsType::txt,
          {{probe::test::txt_rdata("v=STSv1; id=1;")}, {}, Say::answer, false});
  dns.a("mta-sts.d.test", "127.0.0.1");
  Server server([](Peer& peer) { peer.serve(); });
  const Ran ran = verify_domain(server);
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("NOT OK: the domain announces an MTA-STS policy that cannot be had"));
  EXPECT_EQ(verify_domain(server, {"--policy", "rfc9525"}).exit_code, 0);
}

// ---- What the administrator needs beside the verdict.

TEST_F(VerifyTest, AddressLiteralAsTheDomain) {
  Server server([](Peer& peer) { peer.serve(); }, probe::test::make_identity("IP:127.0.0.1"));
  const std::string port = std::to_string(server.port());
  for (const char* literal : {"[127.0.0.1]", "127.0.0.1"}) {
    const Ran ran = verify({literal, "--port", port, "--json"});
    EXPECT_EQ(ran.exit_code, 0) << ran.out;
    const json document = json::parse(ran.out);
    EXPECT_EQ(policy_of(document, "rfc9525")["reason"], "match-exact");
    EXPECT_EQ(policy_of(document, "nexthop")["answer"], "accept");
    EXPECT_EQ(policy_of(document, "dane")["because"], "dane-not-applicable");
    EXPECT_TRUE(document["hosts"][0]["addresses"][0]["without_sni"].is_null())
        << "a literal has no SNI anyway";
  }
  EXPECT_EQ(verify({"--mx", "127.0.0.1:" + port}).exit_code, 0);
  EXPECT_EQ(verify({"--mx", "[127.0.0.1]:" + port}).exit_code, 0);
  EXPECT_TRUE(dns.asked().empty());
}

struct UnfitMxRow {
  const char *name, *target, *reason, *words;
};
void PrintTo(const UnfitMxRow& row, std::ostream* out) {
  *out << row.name;
}
class UnfitMx : public VerifyTest, public testing::WithParamInterface<UnfitMxRow> {};

TEST_P(UnfitMx, IsNotConnectedTo) {
  const UnfitMxRow& row = GetParam();
  dns.mx("d.test", {{10, row.target}});
  dns.a(row.target, "127.0.0.1");
  Server server([](Peer& peer) { peer.serve(); }, probe::test::make_identity("IP:127.0.0.1"));
  const Ran ran = verify_domain(server);
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr(row.words));
  EXPECT_THAT(ran.out, HasSubstr(row.reason));
  EXPECT_EQ(server.connections(), 0);
}
INSTANTIATE_TEST_SUITE_P(
    Targets, UnfitMx,
    testing::Values(UnfitMxRow{"ipv4", "127.0.0.1", "reference-numeric", "is the text of an address"},
                    UnfitMxRow{"localhost", "localhost", "dns-mx-localhost", "speak to itself"},
                    UnfitMxRow{"below_localhost", "mx.localhost", "dns-mx-localhost", "speak to itself"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(VerifyTest, RelayMayBeNamedLocalhost) {
  dns.a("localhost", "127.0.0.1");
  Server server([](Peer& peer) { peer.serve(); }, probe::test::make_identity("DNS:localhost"));
  EXPECT_EQ(
      verify({"--mx", "localhost:" + std::to_string(server.port()), "--policy", "chain-only"}).exit_code, 0);
}

TEST_F(VerifyTest, RelayAsAULabelIsLookedUpAsAnALabel) {
  dns.a("smtp.xn--bjrkpost-o4a.test", "127.0.0.1");
  std::string sni;
  Server server(
      [&](Peer& peer) {
        peer.serve();
        if (!peer.sni().empty()) sni = peer.sni();
      },
      probe::test::make_identity("DNS:smtp.xn--bjrkpost-o4a.test"));
  const Ran ran = verify({"--mx", "smtp.bj\xc3\xb6rkpost.test:" + std::to_string(server.port())});
  EXPECT_EQ(ran.exit_code, 0) << ran.out;
  EXPECT_EQ(sni, "smtp.xn--bjrkpost-o4a.test");
}

TEST_F(VerifyTest, NameOfAnAddress) {
  std::string sni;
  Server server([&](Peer& peer) {
    peer.serve();
    if (!peer.sni().empty()) sni = peer.sni();
  });
  const std::string host = "127.0.0.1:" + std::to_string(server.port());
  EXPECT_EQ(verify({"--mx", host}).exit_code, 1) << "the certificate holds no address";
  const Ran named = verify({"--mx", host, "--name", "MX.test."});
  EXPECT_EQ(named.exit_code, 0);
  EXPECT_EQ(sni, "mx.test");
  EXPECT_THAT(named.out, HasSubstr("Cert Hostname VERIFIED (mx.test = mx.test)"));
  EXPECT_THAT(named.out, testing::ContainsRegex("--name +mx.test .*counts: it has to be proved"));
  EXPECT_THAT(named.out, testing::ContainsRegex("host +127.0.0.1 .*does not count"));
  EXPECT_EQ(verify({"--mx", host, "--name", "other.test"}).exit_code, 1);
  EXPECT_THROW(verify({"d.test", "--name", "mx.test"}), InputError);
}

TEST_F(VerifyTest, AliasesOfTheHostAreShown) {
  dns.mx("d.test", {{10, "smtp.d.test"}});
  dns.set("smtp.d.test", DnsType::a, {{}, "mx.test", Say::answer, false});
  dns.set("smtp.d.test", DnsType::aaaa, {{}, "mx.test", Say::answer, false});
  dns.a("mx.test", "127.0.0.1");
  Server server([](Peer& peer) { peer.serve(); });
  const Ran ran = verify_domain(server);
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("smtp.d.test is an alias: -> mx.test"));
  EXPECT_THAT(
      ran.out,
      HasSubstr("The certificate is for mx.test; what an alias leads to does not count (RFC 9525 6.1.1)"));
  const json document = json::parse(verify_domain(server, {"--json"}).out);
  EXPECT_EQ(document["hosts"][0]["aliases"], json::array({"mx.test"}));
}

TEST(VerifyText, AliasWhoseTargetIsListedIsNamed) {
  probe::DomainExamination seen;
  seen.domain = "d.test";
  seen.sts.emplace().policy.emplace();
  auto& patterns = seen.sts->policy->patterns;
  seen.hosts.emplace_back().host = "smtp.d.test";
  seen.hosts.back().addresses.aliases = {"far.test", "mx.test"};
  const std::string sentence =
      "mx lines match mx.test, which smtp.d.test is an alias of; the name in the MX record counts";
  patterns = {"mx.test"};
  EXPECT_THAT(verify_text(seen, {}), HasSubstr(sentence));
  patterns = {"mx.test", "*.d.test"};
  EXPECT_THAT(verify_text(seen, {}), testing::Not(HasSubstr("is an alias of")));
  patterns = {"other.test"};
  EXPECT_THAT(verify_text(seen, {}), testing::Not(HasSubstr("is an alias of")));
}

TEST_F(VerifyTest, AliasWhoseCertificateIsForBothNamesIsBlamedForNothing) {
  dns.mx("d.test", {{10, "smtp.d.test"}});
  dns.set("smtp.d.test", DnsType::a, {{}, "mx.test", Say::answer, false});
  dns.set("smtp.d.test", DnsType::aaaa, {{}, "mx.test", Say::answer, false});
  dns.a("mx.test", "127.0.0.1");
  Server server([](Peer& peer) { peer.serve(); }, probe::test::make_identity("DNS:smtp.d.test,DNS:mx.test"));
  const Ran ran = verify_domain(server);
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.out, HasSubstr("smtp.d.test is an alias: -> mx.test"));
  EXPECT_THAT(ran.out, testing::Not(HasSubstr("what an alias leads to")));
}

TEST_F(VerifyTest, AliasOfTheDomainIsShown) {
  dns.set("d.test", DnsType::mx, {{}, "far.test", Say::answer, false});
  dns.mx("far.test", {{10, "mx.test"}});
  dns.a("mx.test", "127.0.0.1");
  Server server([](Peer& peer) { peer.serve(); });
  EXPECT_THAT(verify_domain(server).out, HasSubstr("d.test is an alias: -> far.test"));
  EXPECT_EQ(json::parse(verify_domain(server, {"--json"}).out)["mx"]["aliases"], json::array({"far.test"}));
}

TEST_F(VerifyTest, AliasesThatLeadNowhereAreShown) {
  dns.set("d.test", DnsType::mx, {{}, "gone.test", Say::nxdomain, false});
  EXPECT_THAT(verify({"d.test"}).out, HasSubstr("d.test is an alias: -> gone.test"));
  dns.mx("e.test", {{10, "smtp.e.test"}});
  dns.set("smtp.e.test", DnsType::a, {{}, "gone.test", Say::answer, false});
  dns.set("smtp.e.test", DnsType::aaaa, {{}, "gone.test", Say::answer, false});
  const Ran ran = verify({"e.test"});
  EXPECT_THAT(ran.out, HasSubstr("smtp.e.test is an alias: -> gone.test"));
  EXPECT_THAT(ran.out, HasSubstr("dns-no-address"));
}

TEST_F(VerifyTest, ChainWithDatesIssuerAndDigest) {
  one_host("d.test", "mx.test");
  Server server([](Peer& peer) { peer.serve(); });
  const Ran ran = verify_domain(server);
  EXPECT_THAT(ran.out, testing::ContainsRegex("issuer .*, 2020-01-01T00:00:00Z to 20[0-9-]*T"));
  EXPECT_THAT(ran.out, testing::ContainsRegex("SHA-256 [0-9a-f]{64}"));
  const json leaf =
      json::parse(verify_domain(server, {"--json"}).out)["hosts"][0]["addresses"][0]["chain"][0];
  EXPECT_EQ(leaf["subject"], "CN=Test Leaf");
  EXPECT_EQ(leaf["sha256"].get<std::string>().size(), 64u);
  EXPECT_THAT(leaf["tlsa"].get<std::string>(), testing::StartsWith("3 1 1 "));
}

TEST_F(VerifyTest, TlsaThatWouldMatchIsPrintedWhole) {
  dns.mx("d.test", {{10, "mx.test"}}, true);
  dns.a("mx.test", "127.0.0.1", true);
  Server server([](Peer& peer) { peer.serve(); });
  const std::string owner = "_" + std::to_string(server.port()) + "._tcp.mx.test";
  const std::string nothing =
      "\xe3\xb0\xc4\x42\x98\xfc\x1c\x14\x9a\xfb\xf4\xc8\x99\x6f\xb9\x24"
      "\x27\xae\x41\xe4\x64\x9b\x93\x4c\xa4\x95\x99\x1b\x78\x52\xb8\x55"s;
  dns.set(owner, DnsType::tlsa, {{"\x03\x01\x01"s + nothing}, {}, Say::answer, true});
  const Ran ran = verify_domain(server);
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("3 1 1 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  EXPECT_THAT(ran.out, HasSubstr("its data is the digest of no octets"));
  EXPECT_THAT(ran.out,
              testing::ContainsRegex("_[0-9]+._tcp.mx.test. IN TLSA 3 1 1 [0-9a-f]{64}  ; CN=Test Leaf"));
}

TEST_F(VerifyTest, AnotherCertificateWithoutSni) {
  one_host("d.test", "mx.test");
  Server server([](Peer& peer) { peer.serve(); });
  json document = json::parse(verify_domain(server, {"--json"}).out);
  EXPECT_EQ(document["hosts"][0]["addresses"][0]["without_sni"]["same_certificate"], true);
  EXPECT_THAT(verify_domain(server).out, testing::Not(HasSubstr("Without SNI")));
}

TEST_F(VerifyTest, AServerThatDislikesAName) {
  one_host("d.test", "mx.test");
  Server none([](Peer& peer) {
    peer.takes_sni = [](std::string_view name) { return name.empty(); };
    peer.serve();
  });
  const Ran ran = verify_domain(none);
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out,
              HasSubstr("Without SNI the server presents a certificate: CN=Test Leaf, dns:mx.test;"));
  EXPECT_THAT(ran.out, testing::ContainsRegex("    rfc2818 rfc6125 rfc7817 rfc9525  accept"));
  Server domain([](Peer& peer) {
    peer.takes_sni = [](std::string_view name) { return name != "d.test"; };
    peer.serve();
  });
  const Ran other = verify_domain(domain);
  EXPECT_EQ(other.exit_code, 0);
  EXPECT_THAT(other.out,
              HasSubstr("With SNI d.test there is no TLS: the server sent the alert: unrecognized name"));
}

struct TwoKeysRow {
  const char *name, *ec, *rsa;  ///< what the certificates are for; null: there is none
  const char *first, *other;    ///< what rfc9525 says; null: no second certificate is told of
};
void PrintTo(const TwoKeysRow& row, std::ostream* out) {
  *out << row.name;
}
class TwoKeys : public VerifyTest, public testing::WithParamInterface<TwoKeysRow> {};

TEST_P(TwoKeys, AreBothLookedAt) {
  using probe::test::Key;
  const TwoKeysRow& row = GetParam();
  one_host("d.test", "mx.test");
  std::vector<probe::test::Identity> identities;
  if (row.ec != nullptr) identities.push_back(probe::test::make_identity(row.ec));
  if (row.rsa != nullptr) identities.push_back(probe::test::make_identity(row.rsa, "Test RSA", Key::rsa));
  Server server(
      [&](Peer& peer) {
        peer.add_identity(identities.back());
        peer.serve();
      },
      identities.front());
  const json document = json::parse(verify_domain(server, {"--json"}).out);
  EXPECT_EQ(policy_of(document, "rfc9525")["answer"], row.first);
  const json other = document["hosts"][0]["addresses"][0]["other_key"];
  const std::string text = verify_domain(server).out;
  if (row.other == nullptr) {
    EXPECT_TRUE(other.is_null()) << other;
    EXPECT_THAT(text, testing::Not(HasSubstr("second certificate")));
    return;
  }
  EXPECT_EQ(other["policies"][7]["policy"], "rfc9525");
  EXPECT_EQ(other["policies"][7]["answer"], row.other);
  EXPECT_EQ(other["chain"][0]["key"], "RSA");
  EXPECT_TRUE(follows_schema(document.dump()));
  EXPECT_THAT(text, HasSubstr("The server has a second certificate, whose key is RSA, not EC: CN=Test RSA"));
}
INSTANTIATE_TEST_SUITE_P(
    Servers, TwoKeys,
    testing::Values(TwoKeysRow{"rsa_is_old", "DNS:mx.test", "DNS:old.test", "accept", "reject"},
                    TwoKeysRow{"ec_is_old", "DNS:old.test", "DNS:mx.test", "reject", "accept"},
                    TwoKeysRow{"rsa_alone", nullptr, "DNS:mx.test", "accept", nullptr},
                    TwoKeysRow{"ec_alone", "DNS:mx.test", nullptr, "accept", nullptr}),
    [](const auto& row) { return std::string(row.param.name); });

struct StsRecordRow {
  const char* name;
  std::vector<std::string> records;
  int exit_code;
  const char* words;
};
void PrintTo(const StsRecordRow& row, std::ostream* out) {
  *out << row.name;
}
class StsRecord : public VerifyTest, public testing::WithParamInterface<StsRecordRow> {};

TEST_P(StsRecord, Decides) {
  one_host("d.test", "mx.test");
  DnsServer::Entry entry;
  for (const auto& record : GetParam().records) entry.rdata.push_back(probe::test::txt_rdata(record));
  dns.set("_mta-sts.d.test", DnsType::txt, entry);
  Server server([](Peer& peer) { peer.serve(); });
  const Ran ran = verify_domain(server);
  EXPECT_EQ(ran.exit_code, GetParam().exit_code);
  EXPECT_THAT(ran.out, HasSubstr(GetParam().words));
}
const char* const kBroken = "NOT OK: the domain announces an MTA-STS policy that cannot be had";
INSTANTIATE_TEST_SUITE_P(
    Records, StsRecord,
    testing::Values(
        StsRecordRow{"none", {}, 0, "sts-none"},
        StsRecordRow{"unrelated", {"v=spf1 -all"}, 0, "(found other data: \"v=spf1 -all\") (sts-none)"},
        StsRecordRow{"octets_are_escaped_once",
                     {"v=STSv1; id=\xc3\xa9;"},
                     1,
                     "octet 13: found \"\\xc3\", wanted an id"},
        StsRecordRow{"plus", {"v=STSv1; id=a+b;"}, 1, kBroken},
        StsRecordRow{"plus_place", {"v=STSv1; id=a+b;"}, 1, "octet 14: found \"+\", wanted an id of"},
        StsRecordRow{"twice", {"v=STSv1; id=1;", "v=STSv1; id=2;"}, 1, kBroken},
        StsRecordRow{"case", {"v=stsv1; id=1;"}, 1, "sts-record-malformed"},
        StsRecordRow{"quotes", {"\"v=STSv1; id=1;\""}, 1, kBroken},
        StsRecordRow{"leading_blank", {" v=STSv1; id=1;"}, 1, kBroken},
        StsRecordRow{"well_formed_with_blank", {"v=STSv1 ; id=1;"}, 1, "sts-fetch-failed"}),
    [](const auto& row) { return std::string(row.param.name); });

/// Without a policy senders would deliver, if there were no other fault.
TEST_F(VerifyTest, BrokenMtaStsBesideAnotherFault) {
  DnsServer::Entry entry;
  entry.rdata = {probe::test::txt_rdata("v=STSv1; id=a+b;")};
  dns.set("_mta-sts.d.test", DnsType::txt, entry);
  Server refusing([](Peer& peer) { peer.say("554 5.7.1 go away\r\n"); });
  Server clear([](Peer& peer) { peer.serve({"SIZE"}); });
  one_host("d.test", "mx.test");
  const std::string refused = verify_domain(refusing).out;
  EXPECT_THAT(refused, testing::Not(HasSubstr("deliver")));
  EXPECT_THAT(refused, HasSubstr("senders go on as if there were none, and that fails as well"));
  EXPECT_THAT(refused, HasSubstr("0 take the mail, 1 are refused"));
  EXPECT_THAT(verify_domain(clear).out, HasSubstr("senders deliver as if there were none (plaintext)"));
  dns.set("mx.test", DnsType::a, {{}, {}, Say::answer, false});
  const std::string nowhere = verify_domain(clear).out;
  EXPECT_THAT(nowhere, testing::Not(HasSubstr("deliver")));
  EXPECT_THAT(nowhere, HasSubstr("(dns-no-address)"));
}

TEST_F(VerifyTest, HintsAtTheWrongKindOfTls) {
  dns.a("mx.test", "127.0.0.1");
  Server clear([](Peer& peer) { peer.serve(); });
  const Ran greeted = verify({"--mx", "mx.test:" + std::to_string(clear.port()), "--tls", "implicit"});
  EXPECT_EQ(greeted.exit_code, 1);
  EXPECT_THAT(greeted.out, HasSubstr("Hint: the server greets in clear: try --tls starttls"));
  EXPECT_THAT(greeted.out, HasSubstr("220 "));
  Server silent([](Peer& peer) { peer.wait(); });
  const Ran waited = verify({"--mx", "mx.test:" + std::to_string(silent.port()), "--timeout", "0.5"});
  EXPECT_EQ(waited.exit_code, 1);
  EXPECT_THAT(waited.out,
              HasSubstr("Hint: no greeting came: does this port want TLS at once? try --tls implicit"));
}

TEST_F(VerifyTest, TheServersOwnWordsOfRefusal) {
  one_host("d.test", "mx.test");
  Server server([](Peer& peer) { peer.say("554 5.7.1 go away, 127.0.0.1\r\n"); });
  EXPECT_THAT(verify_domain(server).out, HasSubstr("the server greets with 554 5.7.1 go away, 127.0.0.1"));
}

TEST_F(VerifyTest, DnssecCanBeTurnedOff) {
  VerifyArguments arguments;
  arguments.resolver = "127.0.0.1";
  arguments.dnssec = "off";
  const DnsChoice choice = choose_dns(arguments, "");
  EXPECT_EQ(choice.trust, DnsChoice::Trust::validate);
  EXPECT_TRUE(choice.trust_anchors.empty());
  EXPECT_THAT(choice.sentence, HasSubstr("DNSSEC is off"));
}

struct EndpointRow {
  const char* name;
  std::string_view text;
  std::string_view host;  // empty: refused
  std::uint16_t port;
};
void PrintTo(const EndpointRow& row, std::ostream* out) {
  *out << row.name;
}
class EndpointTest : public testing::TestWithParam<EndpointRow> {};
TEST_P(EndpointTest, Split) {
  const EndpointRow& row = GetParam();
  if (row.host.empty()) {
    EXPECT_THROW(split_host_port(row.text, "--mx"), InputError);
    return;
  }
  const auto [host, port] = split_host_port(row.text, "--mx");
  EXPECT_EQ(host, row.host);
  EXPECT_EQ(port, row.port);
}
INSTANTIATE_TEST_SUITE_P(Text, EndpointTest,
                         testing::Values(EndpointRow{"name", "mx.test", "mx.test", 0},
                                         EndpointRow{"name_port", "mx.test:587", "mx.test", 587},
                                         EndpointRow{"v4", "192.0.2.1", "192.0.2.1", 0},
                                         EndpointRow{"v4_port", "192.0.2.1:25", "192.0.2.1", 25},
                                         EndpointRow{"v6", "2001:db8::1", "2001:db8::1", 0},
                                         EndpointRow{"v6_brackets", "[2001:db8::1]", "2001:db8::1", 0},
                                         EndpointRow{"v6_port", "[2001:db8::1]:25", "2001:db8::1", 25},
                                         EndpointRow{"v6_tag", "[IPv6:2001:db8::1]", "2001:db8::1", 0},
                                         EndpointRow{"empty", "", "", 0},
                                         EndpointRow{"no_host", ":25", "", 0},
                                         EndpointRow{"no_port", "mx.test:", "", 0},
                                         EndpointRow{"port_0", "mx.test:0", "", 0},
                                         EndpointRow{"port_too_large", "mx.test:65536", "", 0},
                                         EndpointRow{"port_word", "mx.test:smtp", "", 0},
                                         EndpointRow{"bracket_open", "[2001:db8::1", "", 0},
                                         EndpointRow{"bracket_name", "[mx.test]", "", 0},
                                         EndpointRow{"bracket_junk", "[2001:db8::1]x", "", 0}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(VerifyTest, BadOptionsAreRefusedWithTheirPlace) {
  EXPECT_THROW(verify({}), InputError);
  EXPECT_THROW(verify({"d.test", "--batch"}), InputError);
  EXPECT_THROW(verify({"d.test", "-4", "-6"}), InputError);
  EXPECT_THROW(verify({"d.test", "--policy", "rfc1"}), InputError);
  for (const char* host : {"*.d.test", "a..test", "mx a.test", "127.1", "fe80::1%lo", "mx.test/25"}) {
    EXPECT_THROW(verify({"--mx", host}), InputError) << host;
    EXPECT_THROW(verify({"--mx", "127.0.0.1", "--name", host}), InputError) << host;
  }
  EXPECT_THROW(verify({"d.test", "--ca", "/nowhere"}), InputError);
  EXPECT_THROW(verify({"d.test", "--trust-anchor", "/nowhere"}), InputError);
  EXPECT_THROW(verify({"d.test", "--trust-anchor", ". IN DS nonsense"}), InputError);
}

TEST(ChooseDns, WhoIsTrusted) {
  VerifyArguments arguments;
  DnsChoice choice = choose_dns(arguments, "# x\nnameserver 192.0.2.53\nnameserver 127.0.0.1\n");
  EXPECT_EQ(choice.address, "192.0.2.53");
  EXPECT_EQ(choice.trust, DnsChoice::Trust::validate);
  EXPECT_EQ(choice.trust_anchors.size(), 2u);
  choice = choose_dns(arguments, "nameserver 127.0.0.53\noptions edns0\n");
  EXPECT_EQ(choice.trust, DnsChoice::Trust::ad_bit);
  EXPECT_EQ(choose_dns(arguments, "").address, "127.0.0.1");
  arguments.trust_anchors = {". IN DS 1 8 2 00"};
  choice = choose_dns(arguments, "nameserver 127.0.0.53\n");
  EXPECT_EQ(choice.trust, DnsChoice::Trust::validate);
  EXPECT_EQ(choice.trust_anchors, arguments.trust_anchors);
  arguments.resolver = "resolver.test";
  EXPECT_THROW(choose_dns(arguments, ""), InputError);
}

}  // namespace
}  // namespace mxident::harness::cli
