#include "mocks/smtp/dialogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mocks/transcript.hpp"

namespace mxident::mocks {
namespace {

using Then = Dialogue::Then;

SmtpServerSpec plain_spec() {
  SmtpServerSpec spec;
  spec.host = spec.banner = spec.ehlo = "mx.x.test";
  spec.capabilities = {"8BITMIME"};
  return spec;
}

/// All answers to `input`, one after another.
std::string talk(Dialogue& dialogue, std::string_view input) {
  std::string out;
  while (auto step = dialogue.next(input)) {
    if (step->reply) out += step->reply->wire;
    if (step->message) out += "[" + std::to_string(*step->message) + "]";
    if (step->then == Then::start_tls) out += "[tls]";
    if (step->then == Then::close) out += "[close]";
    if (step->then == Then::close_abrupt) out += "[abrupt]";
    if (step->then == Then::close) break;
  }
  return out;
}

struct TalkRow {
  const char* name;
  std::string input;
  std::string output;
};
void PrintTo(const TalkRow& row, std::ostream* out) {
  *out << row.name;
}

class TalkTest : public testing::TestWithParam<TalkRow> {};

TEST_P(TalkTest, Answers) {
  const auto spec = plain_spec();
  Dialogue dialogue(spec, Dialogue::Offer::starttls);
  EXPECT_EQ(talk(dialogue, GetParam().input), GetParam().output);
}

const std::string kMail = "MAIL FROM:<>\r\nRCPT TO:<b@x.test>\r\nDATA\r\n";
const std::string kMailOk = "250 ok\r\n250 ok\r\n354 end with a dot on a line of its own\r\n";

INSTANTIATE_TEST_SUITE_P(
    Rfc5321, TalkTest,
    testing::Values(
        TalkRow{"ehlo", "EHLO a\r\n", "250-mx.x.test\r\n250-8BITMIME\r\n250 STARTTLS\r\n"},
        TalkRow{"lower_case", "helo a\r\n", "250 mx.x.test\r\n"},
        TalkRow{"starttls", "STARTTLS\r\n", "220 begin TLS\r\n[tls]"},
        TalkRow{"bare_line_feeds", "NOOP\nNOOP\n", "250 ok\r\n250 ok\r\n"},
        TalkRow{"two_carriage_returns", "QUIT\r\r\n", "221 mx.x.test bye\r\n[close]"},
        TalkRow{"incomplete", "NOOP", ""}, TalkRow{"empty_line", "\r\n", "502 command not implemented\r\n"},
        TalkRow{"unknown", "XYZZY\r\n", "502 command not implemented\r\n"},
        TalkRow{"rcpt_before_mail", "RCPT TO:<a>\r\n", "503 MAIL first\r\n"},
        TalkRow{"data_before_rcpt", "MAIL FROM:<>\r\nDATA\r\n", "250 ok\r\n503 RCPT first\r\n"},
        TalkRow{"message", kMail + "hi\r\n.\r\n", kMailOk + "250 message taken\r\n[4]"},
        TalkRow{"empty_message", kMail + ".\r\n", kMailOk + "250 message taken\r\n[0]"},
        TalkRow{"dots_in_message", kMail + "..\r\n.a\r\na.\r\n.\r\n", kMailOk + "250 message taken\r\n[12]"},
        TalkRow{"commands_in_message", kMail + "QUIT\r\n.\r\n", kMailOk + "250 message taken\r\n[6]"},
        TalkRow{"second_message_needs_mail", kMail + ".\r\nDATA\r\n",
                kMailOk + "250 message taken\r\n[0]503 RCPT first\r\n"},
        TalkRow{"rset", "MAIL FROM:<>\r\nRSET\r\nRCPT TO:<a>\r\n", "250 ok\r\n250 ok\r\n503 MAIL first\r\n"},
        TalkRow{"long_line", "NOOP " + std::string(5000, 'x') + "\r\n", "500 line too long\r\n"},
        TalkRow{"line_without_end", "NOOP " + std::string(Dialogue::kMaxEndless, 'x'),
                "421 a line without end\r\n[close]"},
        TalkRow{"long_line_in_message", kMail + std::string(5000, '.') + "\r\n.\r\n",
                kMailOk + "250 message taken\r\n[5002]"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Dialogue, TakesMailForItsOwnDomainsOnly) {
  SmtpServerSpec spec;
  spec.recipients = {"x.test", "[10.9.0.1]"};
  Dialogue dialogue(spec, Dialogue::Offer::nothing);
  const auto reply = [&](const std::string& mailbox) {
    const std::string text = "RCPT TO:" + mailbox + "\r\n";
    std::string_view input = text;
    return dialogue.next(input)->reply->wire.substr(0, 3);
  };
  std::string_view mail = "MAIL FROM:<>\r\n";
  dialogue.next(mail);
  for (const char* taken :
       {"<a@x.test>", "<a@X.Test.>", "<postmaster>", "<a@[10.9.0.1]>", "<\"b@c\"@x.test>"})
    EXPECT_EQ(reply(taken), "250") << taken;
  for (const char* other :
       {"<a@y.test>", "<a@x.test.y.test>", "<a@sub.x.test>", "<a>", "a@x.test", "<a@x.test@y>", ""})
    EXPECT_EQ(reply(other), "550") << other;
}

TEST(Dialogue, StepsDoNotDependOnHowOctetsArrive) {
  const std::string input =
      "EHLO a\r\n" + kMail + "x\r\n..\r\n.\r\nNOOP " + std::string(5000, 'x') + "\r\nQUIT\r\n";
  const auto spec = plain_spec();
  Dialogue whole(spec, Dialogue::Offer::nothing);
  const std::string expected = talk(whole, input);
  for (std::size_t size = 1; size < 20; ++size) {
    Dialogue parts(spec, Dialogue::Offer::nothing);
    std::string got;
    for (std::size_t at = 0; at < input.size(); at += size)
      got += talk(parts, std::string_view(input).substr(at, size));
    EXPECT_EQ(got, expected) << size;
  }
}

TEST(Dialogue, LeavesTheOctetsBehindAStep) {
  const auto spec = plain_spec();
  Dialogue dialogue(spec, Dialogue::Offer::starttls);
  std::string_view input = "STARTTLS\r\n\x16\x03";
  EXPECT_EQ(dialogue.next(input)->heard, "STARTTLS");
  EXPECT_EQ(input, "\x16\x03");
}

TEST(Dialogue, UnderTlsStarttlsIsGone) {
  const auto spec = plain_spec();
  Dialogue dialogue(spec, Dialogue::Offer::starttls);
  talk(dialogue, "MAIL FROM:<>\r\n");
  dialogue.tls_established();
  EXPECT_EQ(talk(dialogue, "RCPT TO:<a>\r\n"), "503 MAIL first\r\n");
  EXPECT_EQ(talk(dialogue, "EHLO a\r\n"), "250-mx.x.test\r\n250 8BITMIME\r\n");
  EXPECT_EQ(talk(dialogue, "STARTTLS\r\n"), "503 TLS is there already\r\n");
}

TEST(Dialogue, OverridesTakeTheUsualReplysPlace) {
  auto spec = plain_spec();
  spec.replies = {{"EHLO", {.text = "250-a\n250 b"}},
                  {"MAIL", {.text = "550 no"}},
                  {"STARTTLS", {.text = "220 yes\n250 more"}},
                  {"NOOP", {.text = "250 raw", .raw = true}},
                  {"RSET", {.text = "", .close_after = true}},
                  {".", {.text = "451 later"}},
                  {"QUIT", {.text = "221 gone", .close_after = true}}};
  Dialogue dialogue(spec, Dialogue::Offer::starttls);
  EXPECT_EQ(talk(dialogue, "EHLO a\r\n"), "250-a\r\n250 b\r\n");
  EXPECT_EQ(talk(dialogue, "MAIL FROM:<>\r\nRCPT TO:<a>\r\n"), "550 no\r\n503 MAIL first\r\n");
  EXPECT_EQ(talk(dialogue, "STARTTLS\r\n"), "220 yes\r\n250 more\r\n[tls]");
  EXPECT_EQ(talk(dialogue, "NOOP\r\n"), "250 raw");
  EXPECT_EQ(talk(dialogue, "RSET\r\n"), "[abrupt]");
  EXPECT_EQ(talk(dialogue, "QUIT\r\n"), "221 gone\r\n[abrupt]");
  dialogue.tls_established();
  EXPECT_EQ(talk(dialogue, "EHLO a\r\n"), "250-mx.x.test\r\n250 8BITMIME\r\n");
  spec.replies.erase("MAIL");
  EXPECT_EQ(talk(dialogue, kMail + ".\r\n"), kMailOk + "451 later\r\n");
}

TEST(Dialogue, OverrideCannotMakeTlsWhereThereIsNone) {
  auto spec = plain_spec();
  spec.replies = {{"STARTTLS", {.text = "220 yes"}}};
  Dialogue dialogue(spec, Dialogue::Offer::nothing);
  EXPECT_EQ(talk(dialogue, "STARTTLS\r\n"), "220 yes\r\n");
}

// RFC 3207 4: no other code says that TLS begins.
TEST(Dialogue, BeginsTlsBehindA220Only) {
  for (const auto& [reply, wanted] : {std::pair{"220 yes", Dialogue::Then::start_tls},
                                      {"250 ok", Dialogue::Then::go_on},
                                      {"334 more", Dialogue::Then::go_on}}) {
    auto spec = plain_spec();
    spec.replies = {{"STARTTLS", {.text = reply}}};
    Dialogue dialogue(spec, Dialogue::Offer::starttls);
    std::string_view input = "STARTTLS\r\n";
    EXPECT_EQ(dialogue.next(input)->then, wanted) << reply;
  }
}

TEST(Dialogue, RepetitionsAreBounded) {
  auto spec = plain_spec();
  spec.replies = {{"CONNECT", {.text = "220-x", .repeat = 1U << 30U}}};
  const Dialogue dialogue(spec, Dialogue::Offer::nothing);
  const auto reply = dialogue.greeting();
  EXPECT_LE(reply.wire.size() * reply.repeat, Dialogue::kMaxReply);
}

TEST(Dialogue, MessagesAreBounded) {
  const auto spec = plain_spec();
  Dialogue dialogue(spec, Dialogue::Offer::nothing);
  talk(dialogue, kMail);
  const std::string part(1U << 20U, 'x');
  std::string out;
  for (int i = 0; i < 100 && out.empty(); ++i) out = talk(dialogue, part + "\r\n");
  EXPECT_EQ(out, "421 too much mail\r\n[close]");
}

TEST(Transcript, CutsTextsAndCountsWhatItDrops) {
  Transcript transcript;
  for (std::size_t i = 0; i < Transcript::kMaxEvents + 7; ++i) {
    Event event;
    event.text = std::string(2000, 'x');
    transcript.add(event);
  }
  EXPECT_EQ(transcript.events().size(), Transcript::kMaxEvents);
  EXPECT_EQ(transcript.events().front().text.size(), Transcript::kMaxText);
  EXPECT_EQ(transcript.dropped(), 7U);
}

}  // namespace
}  // namespace mxident::mocks
