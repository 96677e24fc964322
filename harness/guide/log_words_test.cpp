#include "harness/guide/log_words.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "harness/driver/manifest.hpp"

namespace mxident::harness {
namespace {

std::vector<std::string> ids(const std::vector<Page>& pages) {
  std::vector<std::string> out;
  for (const auto& page : pages) out.push_back(page.id);
  return out;
}

struct LineRow {
  const char* name;
  const char* line;
  std::vector<std::string> phrases;
};
std::ostream& operator<<(std::ostream& out, const LineRow& row) {
  return out << row.name;
}

class LogLine : public testing::TestWithParam<LineRow> {};

TEST_P(LogLine, IsExplainedByItsPhrases) {
  EXPECT_EQ(ids(log_pages(GetParam().line, {})), GetParam().phrases);
}

INSTANTIATE_TEST_SUITE_P(
    Table, LogLine,
    testing::Values(
        LineRow{"trusted_is_not_untrusted",
                "postfix/smtp[9]: Untrusted TLS connection established to mx.test[192.0.2.1]:25: TLSv1.3",
                {"Untrusted TLS connection established"}},
        LineRow{"trusted",
                "Trusted TLS connection established to mx.test",
                {"Trusted TLS connection established"}},
        LineRow{"other_case", "VERIFY=ok", {"verify=OK"}},
        LineRow{"longer_word_behind", "verify=NOTHING", {}},
        LineRow{"no_and_not", "STARTTLS=client, verify=NOT, bits=256", {"verify=NOT"}},
        LineRow{"punctuation_behind", "STARTTLS=client, relay=mx.test., verify=OK, cipher=x", {"verify=OK"}},
        LineRow{"code_and_text",
                "dsn=4.7.5, status=deferred (Server certificate not verified)",
                {"X.7.5", "Server certificate not verified"}},
        LineRow{"permanent_code", "550 5.7.30 REQUIRETLS", {"X.7.30"}},
        LineRow{"code_alone", "4.7.5", {"X.7.5"}},
        LineRow{"code_at_the_end_of_a_sentence", "It said 4.7.5.", {"X.7.5"}},
        LineRow{"code_after_a_reply_code", "smtp; 454 4.7.0 try later", {"X.7.0"}},
        LineRow{"code_of_a_reply_that_goes_on", "550-5.7.30 REQUIRETLS", {"X.7.30"}},
        LineRow{"code_of_a_notice", "Status: 5.7.30", {"X.7.30"}},
        LineRow{"code_that_is_called_one", "gave the status code 4.7.5 twice", {"X.7.5"}},
        LineRow{"code_in_parentheses", "deferred (4.7.5)", {"X.7.5"}},
        LineRow{"code_of_qmail", "554 sorry (#5.7.5)", {"X.7.5"}},
        LineRow{"code_in_brackets", "reason [5.7.30 needs REQUIRETLS]", {"X.7.30"}},
        LineRow{"code_in_quotes", "it was \"4.7.5\", twice", {"X.7.5"}},
        LineRow{"code_that_begins_a_line", "5.7.0 Must issue a STARTTLS command first", {"X.7.0"}},
        LineRow{"code_before_a_known_phrase",
                "relay 4.7.5 Server certificate not verified",
                {"X.7.5", "Server certificate not verified"}},
        LineRow{"version_of_mysql", "MySQL 5.7.30", {}},
        LineRow{"version_of_exim", "220 mx.test ESMTP Exim 4.7.5 ready", {}},
        LineRow{"version_with_a_suffix", "(5.7.30-log)", {}},
        LineRow{"version_behind_a_stroke", "mysql-server/5.7.30", {}},
        LineRow{"version_before_a_code", "MySQL 5.7.30 said 550 5.7.30 REQUIRETLS", {"X.7.30"}},
        LineRow{"version_and_a_phrase_elsewhere", "Exim 4.7.5: verify=OK", {"verify=OK"}},
        LineRow{"a_number_that_is_no_reply", "port 25 4.7.5 up", {}},
        LineRow{"server_side_anonymous",
                "postfix/smtpd[9]: Anonymous TLS connection established from a.test[192.0.2.1]: TLSv1.3",
                {"Anonymous TLS connection established from"}},
        LineRow{"server_side_trusted",
                "postfix/smtpd[9]: Trusted TLS connection established from a.test[192.0.2.1]: TLSv1.3",
                {"Trusted TLS connection established from"}},
        LineRow{"client_side_anonymous",
                "postfix/smtp[9]: Anonymous TLS connection established to mx.test[192.0.2.1]:25",
                {"Anonymous TLS connection established"}},
        LineRow{"go_without_names_is_not_python",
                "x509: certificate is not valid for any names, but wanted to match mx.test",
                {"certificate is not valid for any names"}},
        LineRow{"python",
                "Hostname mismatch, certificate is not valid for 'mx.test'.",
                {"hostname mismatch", "certificate is not valid for"}},
        LineRow{"self_signed_before_openssl_3",
                "Verify return code: 19 (self signed certificate in certificate chain)",
                {"self signed certificate"}},
        LineRow{"sendmail_dane", "STARTTLS=client, relay=mx.test., verify=DANE_FAIL", {"verify=DANE_FAIL"}},
        LineRow{"exchange_online",
                "450 4.7.325 certificate-host-mismatch: Remote certificate MUST have a common name",
                {"certificate-host-mismatch: Remote certificate MUST have"}},
        LineRow{"part_of_an_address", "192.4.7.5", {}}, LineRow{"address_behind", "4.7.5.1", {}},
        LineRow{"longer_code", "4.7.50", {}}, LineRow{"success_code", "250 2.7.5 ok", {}},
        LineRow{"first_report",
                "Peer certificate CN='mx.google.com' did not match expected CN='gmail-smtp-in.l.google.com'",
                {"did not match expected CN"}},
        LineRow{
            "second_report",
            "Cert Hostname DOES NOT VERIFY (mx5.xxxMX.com != *.xxxCN.com | DNS:*.xxxCN.com | DNS:xxxCN.com)",
            {"Cert Hostname DOES NOT VERIFY"}},
        LineRow{"of_s_client", "    Verify return code: 0 (ok)", {"Verify return code: 0 (ok)"}},
        LineRow{"nothing", "hello world", {}}, LineRow{"empty", "", {}}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(LogLine, EveryPhraseIsFoundAsItStandsAndOnce) {
  std::set<std::string_view> seen;
  for (const std::string_view phrase : log_phrases()) {
    EXPECT_TRUE(seen.insert(phrase).second) << phrase;
    std::string stated(phrase);
    if (stated.starts_with("X.")) stated[0] = '5';
    const auto found = ids(log_pages(stated, {}));
    EXPECT_NE(std::find(found.begin(), found.end(), phrase), found.end()) << phrase;
  }
}

// What each client wrote where only the name was wrong: if the page says how that went, then so.
TEST(LogLine, WordsOfClientsAboutAWrongNameAreReadAsThat) {
  const auto clients = load_manifests({MXIDENT_SOURCE_DIR "/harness/clients"});
  std::ifstream file(MXIDENT_SOURCE_DIR "/fixtures/client-words.json");
  const auto recorded = nlohmann::json::parse(file);
  std::size_t known = 0, told = 0;
  for (const auto& [mode, words] : recorded.items()) {
    if (!words.contains("wrong-name")) continue;
    ++told;
    const auto pages = log_pages(words["wrong-name"].get<std::string>(), clients);
    known += pages.empty() ? 0 : 1;
    for (const auto& page : pages) {
      const std::string text = text_of(page, 1000);
      EXPECT_EQ(text.find("name ok"), std::string::npos) << mode << ": " << text;
    }
  }
  EXPECT_GT(told, 50U);
  EXPECT_GT(known * 10, told * 8) << known << " of " << told;
}

TEST(LogLine, OtherOrUndefinedStatusIsCalledSo) {
  const std::string text = text_of(log_pages("530 5.7.0", {}).at(0), 1000);
  EXPECT_NE(text.find("Other or undefined security status"), std::string::npos) << text;
  EXPECT_NE(text.find("RFC 3463 3.8"), std::string::npos) << text;
}

TEST(LogLine, OfALongOneTheBeginningIsRead) {
  const std::string end = " verify=OK";
  EXPECT_EQ(log_pages(std::string(3990, ' ') + end, {}).size(), 1U);
  EXPECT_EQ(log_pages(std::string(3991, ' ') + end, {}).size(), 0U);
  const auto clients = load_manifests({MXIDENT_SOURCE_DIR "/harness/clients"});
  const auto pages = log_pages("TLS certificate does not match: " + std::string(100'000, 'x'), clients);
  ASSERT_EQ(pages.size(), 1U);
  EXPECT_EQ(pages[0].id.size(), 200U);
}

TEST(LogLine, OctetsThatNobodyReadsAreEscaped) {
  const auto clients = load_manifests({MXIDENT_SOURCE_DIR "/harness/clients"});
  const auto pages = log_pages("TLS certificate does not match\x1b[31m: mx", clients);
  for (const auto& page : pages) EXPECT_EQ(page.id.find('\x1b'), std::string::npos);
  EXPECT_FALSE(pages.empty());
}

}  // namespace
}  // namespace mxident::harness
