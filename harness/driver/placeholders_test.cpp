#include "harness/driver/placeholders.hpp"

#include <gtest/gtest.h>

namespace mxident::harness {
namespace {

struct PlaceholdersRow {
  const char* name;
  const char* text;
  const char* expanded;  ///< or "!" and the fault's beginning
};
void PrintTo(const PlaceholdersRow& row, std::ostream* out) {
  *out << row.text;
}

class Placeholders : public testing::TestWithParam<PlaceholdersRow> {};

TEST_P(Placeholders, ExpandOrFault) {
  const PlaceholdersRow& row = GetParam();
  const auto fault = placeholder_fault(row.text);
  if (row.expanded[0] == '!') {
    ASSERT_TRUE(fault.has_value());
    EXPECT_EQ(fault->rfind(row.expanded + 1, 0), 0u) << *fault;
    return;
  }
  ASSERT_FALSE(fault.has_value()) << *fault;
  EXPECT_EQ(expand_placeholders(row.text, {{"mx_host", "mx.a.test"}, {"port", "25"}, {"helo", "{port}"}}),
            row.expanded);
}

constexpr PlaceholdersRow kPlaceholdersRows[] = {
    {"plain", "abc", "abc"},
    {"one", "{mx_host}", "mx.a.test"},
    {"two", "smtp://{mx_host}:{port}/", "smtp://mx.a.test:25/"},
    {"literal_braces", "{{{port}}}", "{25}"},
    {"value_is_not_expanded_again", "{helo}", "{port}"},
    {"known_without_value", "[{address}]", "[]"},
    {"unknown", "{mxhost}", "!unknown placeholder {mxhost}"},
    {"unclosed", "{port", "!a \"{\""},
    {"unopened", "port}", "!a \"}\""},
};
INSTANTIATE_TEST_SUITE_P(Table, Placeholders, testing::ValuesIn(kPlaceholdersRows),
                         [](const auto& i) { return std::string(i.param.name); });

}  // namespace
}  // namespace mxident::harness
