#include "reply.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "../net/text.hpp"

namespace mxident::probe {
namespace {

using namespace std::string_literals;
using State = ReplyReader::State;

struct Row {
  const char* name;
  std::string input;
  State state;
  Reason reason;  // for malformed
  int code;       // for complete
  std::size_t lines;
  std::string rest;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

Row good(const char* name, std::string input, int code, std::size_t lines, std::string rest = {}) {
  return {name, std::move(input), State::complete, Reason::reference_ok, code, lines, std::move(rest)};
}
Row bad(const char* name, std::string input, Reason reason) {
  return {name, std::move(input), State::malformed, reason, 0, 0, {}};
}
Row open(const char* name, std::string input) {
  return {name, std::move(input), State::need_more, Reason::reference_ok, 0, 0, {}};
}

class ReplyTest : public testing::TestWithParam<Row> {};

void check(const Row& row, State state, ReplyReader& reader, std::string_view rest) {
  ASSERT_EQ(state, row.state);
  if (state == State::malformed) {
    EXPECT_EQ(to_string(reader.reason()), to_string(row.reason));
    return;
  }
  EXPECT_EQ(rest, row.rest);
  if (state == State::need_more) return;
  const Reply reply = reader.take();
  EXPECT_EQ(reply.code, row.code);
  EXPECT_EQ(reply.lines.size(), row.lines);
}

TEST_P(ReplyTest, WholeInput) {
  ReplyReader reader;
  std::string_view input = GetParam().input;
  const State state = reader.feed(input);
  check(GetParam(), state, reader, input);
}

// How the octets are cut into segments must not matter.
TEST_P(ReplyTest, OctetByOctet) {
  ReplyReader reader;
  const std::string_view input = GetParam().input;
  State state = State::need_more;
  std::size_t used = 0;
  while (used < input.size() && state == State::need_more) {
    std::string_view octet = input.substr(used, 1);
    state = reader.feed(octet);
    ++used;
  }
  check(GetParam(), state, reader, input.substr(used));
}

INSTANTIATE_TEST_SUITE_P(
    Rfc5321, ReplyTest,
    testing::Values(good("one_line", "220 mx.test ESMTP\r\n", 220, 1), good("code_only", "250\r\n", 250, 1),
                    good("code_and_space", "250 \r\n", 250, 1),
                    good("two_lines", "250-mx.test\r\n250 STARTTLS\r\n", 250, 2),
                    good("empty_middle_text", "250-\r\n250 ok\r\n", 250, 2),
                    good("stops_at_the_end", "220 go\r\n250 injected\r\n", 220, 1, "250 injected\r\n"),
                    good("tab_in_text", "220 a\tb\r\n", 220, 1),
                    good("utf8_text", "220 m\xc3\xbc\r\n", 220, 1),
                    good("odd_second_digit", "571 no\r\n", 571, 1), open("nothing", ""),
                    open("half_a_line", "220 mx"), open("cr_only_so_far", "220 mx\r"),
                    open("more_lines_to_come", "250-mx.test\r\n"),
                    bad("nul", "220 mx\0.test\r\n"s, Reason::smtp_reply_nul),
                    bad("bare_lf", "220 mx.test\n", Reason::smtp_reply_bare_lf),
                    bad("bare_cr", "220 mx\r.test\r\n", Reason::smtp_reply_bare_cr),
                    bad("two_crs", "220 mx\r\r\n", Reason::smtp_reply_bare_cr),
                    bad("escape", "220 \x1b[2J\r\n", Reason::smtp_reply_control),
                    bad("delete", "220 \x7f\r\n", Reason::smtp_reply_control),
                    bad("no_code", "hello\r\n", Reason::smtp_reply_malformed),
                    bad("empty_line", "\r\n", Reason::smtp_reply_malformed),
                    bad("two_digits", "22 mx\r\n", Reason::smtp_reply_malformed),
                    bad("four_digits", "2200 mx\r\n", Reason::smtp_reply_malformed),
                    bad("first_digit_1", "120 mx\r\n", Reason::smtp_reply_malformed),
                    bad("first_digit_6", "620 mx\r\n", Reason::smtp_reply_malformed),
                    bad("letters_in_code", "2a0 mx\r\n", Reason::smtp_reply_malformed),
                    bad("leading_space", " 220 mx\r\n", Reason::smtp_reply_malformed),
                    bad("colon_after_code", "220:mx\r\n", Reason::smtp_reply_malformed),
                    bad("codes_differ", "250-mx.test\r\n220 ok\r\n", Reason::smtp_reply_code_changes),
                    bad("line_too_long", "220 " + std::string(3000, 'x'), Reason::smtp_reply_too_long)),
    [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(Reply, LimitsAreExact) {
  const std::string longest = "220 " + std::string(2048 - 6, 'x') + "\r\n";
  std::string_view input = longest;
  ReplyReader reader;
  EXPECT_EQ(reader.feed(input), State::complete);

  std::string lines;
  for (int i = 0; i < 127; ++i) lines += "250-x\r\n";
  const std::string fits = lines + "250 x\r\n";
  input = fits;
  ReplyReader fitting;
  EXPECT_EQ(fitting.feed(input), State::complete);
  EXPECT_EQ(fitting.take().lines.size(), 128u);

  const std::string over = lines + "250-x\r\n250 x\r\n";
  input = over;
  ReplyReader refusing;
  EXPECT_EQ(refusing.feed(input), State::malformed);
  EXPECT_EQ(refusing.reason(), Reason::smtp_reply_too_long);
}

TEST(Reply, MalformedIsFinal) {
  ReplyReader reader;
  std::string_view input = "x\r\n220 ok\r\n";
  EXPECT_EQ(reader.feed(input), State::malformed);
  EXPECT_EQ(reader.feed(input), State::malformed);
}

TEST(Reply, ReaderStartsAfresh) {
  ReplyReader reader;
  std::string_view input = "220 a\r\n250 b\r\n";
  ASSERT_EQ(reader.feed(input), State::complete);
  EXPECT_EQ(reader.take().code, 220);
  ASSERT_EQ(reader.feed(input), State::complete);
  const Reply second = reader.take();
  EXPECT_EQ(second.code, 250);
  EXPECT_EQ(second.lines, std::vector<std::string>{"b"});
}

TEST(Reply, ClaimedNameIsTheFirstWordAndPrintable) {
  EXPECT_EQ(claimed_name({220, {"mx.test ESMTP ready"}}), "mx.test");
  EXPECT_EQ(claimed_name({220, {"m\xc3\xbc.test"}}), "m\\xc3\\xbc.test");
  EXPECT_EQ(claimed_name({220, {""}}), "");
  EXPECT_EQ(claimed_name({}), "");
  EXPECT_EQ(claimed_name({220, {std::string(2000, 'a')}}).size(), 255u + 3u);
}

TEST(Reply, OffersComparesWholeKeywordsWithoutCase) {
  const Reply reply{250, {"STARTTLS", "SIZE 1000", "StartTls", "XSTARTTLS"}};
  EXPECT_EQ(offers(reply, "STARTTLS"), Offered::yes);
  EXPECT_EQ(offers(reply, "size"), Offered::yes);
  EXPECT_EQ(offers(reply, "SIZ"), Offered::no);
  EXPECT_EQ(offers(Reply{250, {"STARTTLS"}}, "STARTTLS"), Offered::no)
      << "the first line is the name, no keyword";
  EXPECT_EQ(offers(Reply{250, {"mx", "XSTARTTLS", "STARTTLSX"}}, "STARTTLS"), Offered::no);
}

TEST(Printable, EscapesAndCuts) {
  EXPECT_EQ(printable("a\\b\n\x80"), "a\\x5cb\\x0a\\x80");
  EXPECT_EQ(printable("abcdef", 3), "abc...");
}

}  // namespace
}  // namespace mxident::probe
