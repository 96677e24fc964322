#include "harness/text/wrap.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ostream>

namespace mxident::harness {
namespace {

struct WrapRow {
  const char* name;
  const char* text;
  std::size_t width, indent, column;
  const char* wanted;
};
void PrintTo(const WrapRow& row, std::ostream* out) {
  *out << row.name;
}

class Wrapped : public testing::TestWithParam<WrapRow> {};
TEST_P(Wrapped, BreaksBetweenWords) {
  const WrapRow& row = GetParam();
  EXPECT_EQ(wrapped(row.text, row.width, row.indent, row.column), row.wanted);
}
INSTANTIATE_TEST_SUITE_P(
    Rows, Wrapped,
    testing::Values(WrapRow{"fits", "one two", 7, 2, 0, "one two"},
                    WrapRow{"breaks", "one two three", 7, 2, 0, "one two\n  three"},
                    WrapRow{"begins_late", "one two", 9, 4, 5, "one\n    two"},
                    WrapRow{"long_word_stands_alone", "a abcdefghijkl b", 6, 1, 0, "a\n abcdefghijkl\n b"},
                    WrapRow{"blanks_are_one", "a   b ", 10, 0, 0, "a b"}, WrapRow{"empty", "", 10, 0, 0, ""},
                    WrapRow{"letters_not_octets", "bücher bücher", 13, 0, 0, "bücher bücher"}),
    [](const auto& row) { return row.param.name; });

TEST(TextWidth, TakesWhatTheEnvironmentStates) {
  setenv("COLUMNS", "100", 1);
  EXPECT_EQ(text_width(80), 100u);
  setenv("COLUMNS", "3", 1);
  EXPECT_EQ(text_width(80), 40u) << "too narrow to print in";
  unsetenv("COLUMNS");
}

}  // namespace
}  // namespace mxident::harness
