#include "harness/explore/repro/situation.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/catalogue/load.hpp"
#include "harness/explore/repro/answer.hpp"
#include "harness/input/json_input.hpp"

namespace mxident::harness::repro {
namespace {

Scenario scenario_of(const nlohmann::ordered_json& document) {
  LoadResult loaded = parse_scenario(document.dump(), "(complaint)");
  if (!loaded.scenario) throw std::runtime_error(loaded.errors.front().text());
  return std::move(*loaded.scenario);
}

Options checktls() {
  Options out;
  out.mx = "mx5.xxxmx.test";
  out.common_names = {"*.xxxcn.test"};
  out.san = {"DNS:*.xxxcn.test"};
  out.ehlo = "mx1.xxxcn.test";
  return out;
}

TEST(Situation, TakesOptionsAndFillsTheRest) {
  const Situation situation = situation_of(checktls(), {});
  EXPECT_EQ(situation.mx.value, "mx5.xxxmx.test");
  EXPECT_EQ(situation.mx.origin, "--mx");
  EXPECT_EQ(situation.san.front().value, "dns:*.xxxcn.test");
  EXPECT_EQ(situation.domain.origin, "filled in");
  EXPECT_EQ(situation.remarks.size(), 2u) << "the domain and the chain are said to be filled in";
  const Scenario scenario = scenario_of(document_of(situation, "complaint"));
  EXPECT_EQ(preferred_host(scenario), "mx5.xxxmx.test");
  EXPECT_EQ(scenario.servers.front().spec.ehlo, "mx1.xxxcn.test");
  scenario_of(twin_of(situation, "complaint-right"));
}

TEST(Situation, OptionsWinOverTheText) {
  Options options;
  options.mx = "stated.test";
  const Situation situation =
      situation_of(options, read_paste("x509: certificate is valid for a.test, not b.test"));
  EXPECT_EQ(situation.mx.value, "stated.test");
  EXPECT_EQ(situation.san.front().value, "dns:a.test");
  EXPECT_EQ(situation.programs, std::vector<std::string>{"Go"});
}

TEST(Situation, NamesOfTheCertificateAreNeverMixed) {
  Options options;
  options.san = {"dns:c.test"};
  const Situation situation =
      situation_of(options, read_paste("x509: certificate is valid for a.test, not b.test"));
  ASSERT_EQ(situation.san.size(), 1u);
  EXPECT_EQ(situation.san.front().value, "dns:c.test");
}

TEST(Situation, TheHostOfTheComparisonWins) {
  const Situation situation =
      situation_of({}, read_paste("openssl s_client -connect other.test:25\n"
                                  "x509: certificate is valid for a.test, not b.test\n"));
  EXPECT_EQ(situation.mx.value, "b.test");
  bool said = false;
  for (const auto& remark : situation.remarks) said |= remark.find("other.test") != std::string::npos;
  EXPECT_TRUE(said) << "the other host is named";
}

/// Nor does it get what failed at the other: each line says of which host it speaks.
TEST(Situation, ChainAndStarttlsOfTwoComplaintsAreNotMixed) {
  const std::string expired =
      "postfix/smtp[1]: server certificate verification failed for mx.a.test[192.0.2.1]:25: certificate has "
      "expired\n";
  const std::string go =
      "tls: failed to verify certificate: x509: certificate is valid for www.b.test, not mx.b.test\n";
  const std::string hidden =
      "postfix/smtp[1]: 4F: to=<u@c.test>, relay=mx.c.test[192.0.2.3]:25, status=deferred (TLS is required, "
      "but "
      "was not offered by host mx.c.test[192.0.2.3])\n";
  const struct {
    const char* name;
    std::string text;
    const char* mx;
    const char *host, *chain, *starttls;
  } kRows[] = {
      {"a comparison comes first", expired + go, "", "mx.b.test", "trusted", "offered"},
      {"the other way round", go + expired, "", "mx.b.test", "trusted", "offered"},
      {"no TLS at another", hidden + go, "", "mx.b.test", "trusted", "offered"},
      {"the one without TLS is stated", go + hidden, "mx.c.test", "mx.c.test", "trusted", "missing"},
      {"the expired one is stated", go + expired, "mx.a.test", "mx.a.test", "expired", "offered"},
      {"one host fails, another is only met", "Trying mx.d.test:25\n" + expired, "", "mx.a.test", "expired",
       "offered"},
  };
  for (const auto& row : kRows) {
    Options options;
    options.mx = row.mx;
    const Situation situation = situation_of(options, read_paste(row.text));
    EXPECT_EQ(situation.mx.value, row.host) << row.name;
    EXPECT_EQ(situation.chain.value, row.chain) << row.name;
    EXPECT_EQ(situation.starttls.value, row.starttls) << row.name;
  }
}

/// Two complaints in one text: the certificate of the one never gets names of the other.
TEST(Situation, TwoComplaintsAreNotMixed) {
  const struct {
    const char* name;
    const char* mx;
    const char* text;
    std::vector<std::string> san;
  } kRows[] = {
      {"Go twice",
       "",
       "x509: certificate is valid for www.a.test, a.test, not mx.a.test\n"
       "x509: certificate is valid for www.b.test, not mx.b.test\n",
       {"dns:www.a.test", "dns:a.test"}},
      {"the second is stated",
       "mx.b.test",
       "x509: certificate is valid for www.a.test, not mx.a.test\n"
       "x509: certificate is valid for www.b.test, not mx.b.test\n",
       {"dns:www.b.test"}},
      {"one certificate for two hosts",
       "",
       "x509: certificate is valid for www.a.test, not mx1.a.test\n"
       "x509: certificate is valid for www.a.test, not mx2.a.test\n",
       {"dns:www.a.test"}},
      {"by the common name",
       "",
       "[subject] => Array ( [CN] => a.test )\n[CN] => a.test\n[subjectAltName] => DNS:a.test, "
       "DNS:www.a.test\n"
       "[CN] => b.test\n[subjectAltName] => DNS:b.test\n",
       {"dns:a.test", "dns:www.a.test"}},
  };
  for (const auto& row : kRows) {
    Options options;
    options.mx = row.mx;
    std::vector<std::string> san;
    for (const auto& name : situation_of(options, read_paste(row.text)).san) san.push_back(name.value);
    EXPECT_EQ(san, row.san) << row.name;
  }
}

TEST(Situation, AnAddressIsNoMxHost) {
  const Situation situation =
      situation_of({}, read_paste("x509: certificate is valid for a.test, not 192.0.2.1\n"));
  EXPECT_EQ(situation.mx.value, "mx1.recipient.test");
  bool said = false;
  for (const auto& remark : situation.remarks) said |= remark.find("192.0.2.1 (Go, line 1)") == 0;
  EXPECT_TRUE(said);
  for (const char* address : {"192.0.2.1", "2001:db8::1"}) {
    Options options = checktls();
    options.mx = address;
    EXPECT_THROW(situation_of(options, {}), InputError) << address;
  }
}

TEST(Situation, AShortNameIsMadeFull) {
  Options options = checktls();
  options.mx = "xxxMX";
  EXPECT_EQ(situation_of(options, {}).mx.value, "xxxmx.test");
}

struct ChainRow {
  const char* name;
  const char* text;
  const char* chain;
  const char* starttls;
};
void PrintTo(const ChainRow& row, std::ostream* out) {
  *out << row.name;
}
class State : public testing::TestWithParam<ChainRow> {};
TEST_P(State, FollowsTheText) {
  Options options;
  options.mx = "a.test";
  options.san = {"dns:a.test"};
  const Situation situation = situation_of(options, read_paste(GetParam().text));
  EXPECT_EQ(situation.chain.value, GetParam().chain);
  EXPECT_EQ(situation.starttls.value, GetParam().starttls);
  scenario_of(document_of(situation, "complaint"));
}
INSTANTIATE_TEST_SUITE_P(
    Texts, State,
    testing::Values(
        ChainRow{"nothing", "", "trusted", "offered"},
        ChainRow{"expired", "Verify return code: 10 (certificate has expired)", "expired", "offered"},
        ChainRow{"self_signed", "code: 'DEPTH_ZERO_SELF_SIGNED_CERT'", "self-signed", "offered"},
        ChainRow{"authority", "x509: certificate signed by unknown authority", "unknown-ca", "offered"},
        ChainRow{"not_offered", "*** Host did not advertise STARTTLS", "trusted", "missing"},
        ChainRow{"refused", "454 4.7.0 TLS not available", "trusted", "refused"}),
    [](const auto& row) { return row.param.name; });

TEST(Situation, SaysWhatIsMissing) {
  EXPECT_THROW(situation_of({}, {}), InputError);
  EXPECT_THROW(situation_of({}, read_paste("No name matching mx.a.test found")), InputError)
      << "which names has the certificate?";
  EXPECT_THROW(situation_of({}, read_paste("Remote-MTA: dns; mx.a.test\n403 4.7.0 TLS handshake failed.")),
               InputError)
      << "a certificate that is filled in would acquit the server";
  Options options;
  options.san = {"mx.a.test"};
  EXPECT_THROW(situation_of(options, {}), InputError) << "no type";
}

TEST(Document, HoldsNoPerson) {
  const std::string text =
      "to=<jane.doe@k.test>, relay=in1.j.test[198.51.100.74]:25, status=deferred (Server certificate not "
      "verified)\n"
      "X509v3 Subject Alternative Name:\n DNS:a.test, email:jane.doe@k.test, IP Address:198.51.100.74\n"
      "subject=CN = Jane Doe\n";
  const std::string document = document_of(situation_of({}, read_paste(text)), "complaint").dump();
  for (const char* word : {"jane", "Jane", "Doe", "198.51.100.74"})
    EXPECT_EQ(document.find(word), std::string::npos) << word << document;
  EXPECT_NE(document.find("someone@k.test"), std::string::npos) << document;
}

TEST(Document, HoldsNoPersonOfBouncesAndReports) {
  const std::string_view texts[] = {
      "Final-Recipient: rfc822; jane.doe@k.test\nOriginal-Recipient: rfc822;jane@q.test\nX-Postfix-Sender: "
      "rfc822; "
      "john.roe@s.test\nX-Postfix-Queue-ID: 4F2A1ABCDE\nMessage-ID: <5065427c@m.test>\nRemote-MTA: dns; "
      "mx.k.test\n"
      "Diagnostic-Code: smtp; 450 4.7.5 jane.doe@k.test\n",
      R"({"organization-name":"Roe and Daughters","contact-info":"mailto:john.roe@s.test","report-id":"5065427c@m.test",)"
      R"("policies":[{"policy":{"policy-domain":"k.test"},"failure-details":[{"sending-mta-ip":"198.51.100.74",)"
      R"("receiving-ip":"198.51.100.75","receiving-mx-hostname":"mx.k.test","result-type":"certificate-expired"}]}]})",
      "2025-02-11 04:05:06 1thQab-000000003xY-2Kcd == jane.doe@k.test R=dnslookup T=smtp H=mx.k.test "
      "[198.51.100.74]\n",
      "sm-mta[1]: 59C92xYZ002299: to=<jane.doe@k.test>, ctladdr=<john.roe@s.test> (1000/1000), "
      "relay=mx.k.test. "
      "[198.51.100.74], dsn=4.7.0, stat=Deferred: 403\n",
      "courieresmtp: id=0033AA.65.01,from=<john.roe@s.test>,addr=<jane.doe@k.test>,success: delivered: "
      "mx.k.test [1.2.3.4]\n",
      "[NOTICE] [5104E58F-3202.1.1] [outbound] deferred to=jane.doe@k.test Tried all MXs\n",
      "mta delivery evpid=aabbccdd from=<john.roe@s.test> to=<jane.doe@k.test> rcpt=<-> source=\"-\"\n",
      "There was a problem delivering your message to jane.doe@k.test because of this\n"};
  Options options;
  options.mx = "mx.k.test";
  options.san = {"dns:mx.k.test"};
  for (const auto text : texts) {
    const Situation situation = situation_of(options, read_paste(text));
    const std::string document = document_of(situation, "complaint").dump();
    EXPECT_EQ(situation.domain.value, "k.test") << "the text was read: " << text;
    for (const char* word : {"jane", "john", "roe", "Roe", "4F2A1", "5065427c", "198.51", "s.test", "1thQab",
                             "59C92", "0033AA", "5104E58F", "aabbccdd"})
      EXPECT_EQ(document.find(word), std::string::npos) << word << " " << document;
  }
}

CellResult cell(const char* client, const char* mode, Decision decision, Outcome outcome,
                const char* reason = "") {
  CellResult out;
  out.client = client;
  out.mode = mode;
  out.policy = mode;
  out.decision = decision;
  out.outcome = outcome;
  out.reason = reason;
  return out;
}

TEST(Answer, SaysWhoIsRightAndWhatToChange) {
  Answer answer;
  answer.situation = situation_of(checktls(), {});
  answer.cells = {
      cell("mxident", "chain-only", Decision::accept, Outcome::pass, "names-not-checked"),
      cell("mxident", "rfc9525", Decision::reject, Outcome::pass, "no-presented-identifier-matches"),
      cell("curl", "ssl-reqd", Decision::reject, Outcome::pass),
      cell("acme", "verify", Decision::accept, Outcome::lax)};
  answer.twin_cells = {cell("curl", "ssl-reqd", Decision::reject, Outcome::strict)};
  const auto json = json_of(answer);
  EXPECT_EQ(json["schema"], "mxident-repro/1");
  const std::string text = text_of(json, 80);
  for (const char* part : {"The three names", "mx5.xxxmx.test (--mx)", "rfc9525 refuses", "RFC 9525 6.2",
                           "refuses: curl (ssl-reqd)", "delivers: acme (verify)", "wrong: acme:verify",
                           "so its refusal says", "add dNSName mx5.xxxmx.test", "EHLO proves nothing"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

}  // namespace
}  // namespace mxident::harness::repro
