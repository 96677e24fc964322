#include "harness/text/printable.hpp"

#include <gtest/gtest.h>

namespace mxident::harness {
namespace {

struct Row {
  const char* name;
  std::string octets, printable, ascii, visible;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}
class Printable : public testing::TestWithParam<Row> {};

TEST_P(Printable, IsHarmless) {
  EXPECT_EQ(printable(GetParam().octets), GetParam().printable);
  EXPECT_EQ(printable_ascii(GetParam().octets), GetParam().ascii);
  EXPECT_EQ(visible(GetParam().octets), GetParam().visible);
}

using namespace std::string_literals;
const Row kRows[] = {
    {"plain", "mx.test", "mx.test", "mx.test", "mx.test"},
    {"backslash", "a\\b", "a\\\\b", "a\\\\b", "a\\b"},
    {"line_end", "a\nb\tc", "a\\x0ab\\x09c", "a\\x0ab\\x09c", "a\nb\tc"},
    {"nul", "a\0b"s, "a\\x00b", "a\\x00b", "a\\x00b"},
    {"terminal_escape", "\x1b[31m", "\\x1b[31m", "\\x1b[31m", "\\x1b[31m"},
    {"umlaut", "\xc3\xa4", "\xc3\xa4", "\\xc3\\xa4", "\xc3\xa4"},
    {"latin_1", "\xe4z", "\\xe4z", "\\xe4z", "\\xe4z"},
    {"cut_sequence", "\xe2\x82", "\\xe2\\x82", "\\xe2\\x82", "\\xe2\\x82"},
    {"overlong_slash", "\xc0\xaf", "\\xc0\\xaf", "\\xc0\\xaf", "\\xc0\\xaf"},
    {"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80"},
    {"right_to_left_override", "a\xe2\x80\xae"s + "b", "a\\xe2\\x80\\xaeb", "a\\xe2\\x80\\xaeb",
     "a\\xe2\\x80\\xaeb"},
    {"c1_control", "\xc2\x9b", "\\xc2\\x9b", "\\xc2\\x9b", "\\xc2\\x9b"},
    {"byte_order_mark", "\xef\xbb\xbf", "\\xef\\xbb\\xbf", "\\xef\\xbb\\xbf", "\\xef\\xbb\\xbf"},
};
INSTANTIATE_TEST_SUITE_P(Table, Printable, testing::ValuesIn(kRows),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(MarkupText, HoldsNoTagAndEndsNoAttribute) {
  EXPECT_EQ(markup_text("<a b=\"c\">&\n]]>"), "&lt;a b=&quot;c&quot;&gt;&amp; ]]&gt;");
}

}  // namespace
}  // namespace mxident::harness
