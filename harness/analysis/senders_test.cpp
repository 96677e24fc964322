#include "harness/analysis/senders.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace mxident::harness {
namespace {

struct SendersRow {
  const char* name;
  Decision decision;
  const char* said;
  const char* words;
  bool hello;  ///< a ClientHello came
  Conduct conduct;
  const char* word;
};
void PrintTo(const SendersRow& row, std::ostream* out) {
  *out << row.name;
}

class Senders : public testing::TestWithParam<SendersRow> {};
TEST_P(Senders, AreToldApart) {
  const SendersRow& row = GetParam();
  CellResult result;
  result.decision = row.decision;
  result.outcome = Outcome::pass;
  result.said = row.said;
  result.words = row.words;
  if (row.hello) result.events.emplace_back().kind = WireKind::client_hello;
  EXPECT_EQ(conduct_of(result), row.conduct);
  EXPECT_EQ(log_word(result), row.word);
}
INSTANTIATE_TEST_SUITE_P(
    Rows, Senders,
    testing::Values(
        SendersRow{"sendmail_verified", Decision::accept, "verified",
                   "STARTTLS=client, relay=mx.a.test., version=TLSv1.3, verify=OK, cipher=X\nto=<a@a.test>, "
                   "dsn=2.0.0, "
                   "stat=Sent (250 ok)\n",
                   true, Conduct::delivers_as_verified, "verify=OK stat=Sent (250 ok)"},
        SendersRow{
            "postfix_deferred", Decision::reject, "rejected",
            "to=<a@a.test>, relay=mx.a.test, dsn=4.7.5, status=deferred (Server certificate not verified)",
            true, Conduct::defers, "status=deferred (Server certificate not verified)"},
        SendersRow{
            "postfix_untrusted", Decision::accept, "unverified",
            "Untrusted TLS connection established to mx.a.test[127.0.0.1]:25: TLSv1.3\nstatus=sent (250 ok)",
            true, Conduct::delivers_with_warning, "Untrusted TLS connection status=sent (250 ok)"},
        SendersRow{"exim_in_clear", Decision::plaintext, "",
                   "=> a@a.test R=r T=t H=mx.a.test [127.0.0.1] C=\"250 ok\"", true, Conduct::falls_back,
                   "=> a@a.test R=r T=t H=mx.a.test [127.0.0.1] C=\"250 ok\""},
        SendersRow{"never_tried", Decision::plaintext, "", "sent", false, Conduct::in_clear, "sent"},
        SendersRow{"exim_says_no", Decision::accept, "unverified", "X=TLS1.3:X:256 CV=no DN=\"CN=x\"", true,
                   Conduct::delivers_with_warning, "CV=no"},
        SendersRow{"sendmail_bounced", Decision::reject, "", "dsn=5.0.0, stat=User unknown", true,
                   Conduct::bounces, "stat=User unknown"},
        SendersRow{"says_nothing", Decision::reject, "", "", true, Conduct::refuses, ""},
        SendersRow{"a_library", Decision::reject, "rejected", "first\nSSLError: hostname mismatch\n", true,
                   Conduct::refuses, "SSLError: hostname mismatch"},
        SendersRow{"silent", Decision::accept, "", "", true, Conduct::delivers_silently, ""}),
    [](const auto& row) { return row.param.name; });

TEST(Senders, WhatDidNotRunIsNotJudged) {
  CellResult result;
  result.outcome = Outcome::unsupported;
  EXPECT_EQ(conduct_of(result), Conduct::not_judged);
  result.outcome = Outcome::hang;
  result.decision = Decision::reject;
  EXPECT_EQ(conduct_of(result), Conduct::not_judged);
  result.decision = Decision::plaintext;  // the message has gone, whatever became of the client
  EXPECT_EQ(conduct_of(result), Conduct::in_clear);
}

TEST(Senders, LongWordsAreCutBetweenCharacters) {
  CellResult result;
  for (int i = 0; i < 100; ++i) result.words += "ä…";
  const std::string word = log_word(result);
  EXPECT_LE(word.size(), 163U);
  EXPECT_TRUE(word.ends_with("..."));
  EXPECT_NE(static_cast<unsigned char>(word[word.size() - 4]) & 0xC0U, 0xC0U);
}

}  // namespace
}  // namespace mxident::harness
