// Specs: what is read, and the one sentence for what is not.
#include "harness/explore/matrix/spec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "harness/explore/matrix/shape.hpp"
#include "harness/input/json_input.hpp"

namespace mxident::harness::matrix {
namespace {

TEST(MatrixSpec, AMissingDimensionMeansAllOfIt) {
  const Spec spec = parse_spec(R"({"parent": "example", "products": [{"shapes": ["exact"]}]})", "x");
  EXPECT_EQ(spec.parent, "example");
  ASSERT_EQ(spec.products.size(), 1u);
  EXPECT_EQ(spec.products[0].values[0].size(), 1u);
  for (std::size_t i = 1; i < kDimensions; ++i)
    EXPECT_EQ(spec.products[0].values[i].size(), value_count(static_cast<Dimension>(i)));
}

TEST(MatrixSpec, PatternsAndFamilies) {
  const Spec spec = parse_spec(
      R"({"products": [{"shapes": ["fragment", "star-*", "exact"], "slots": ["cn", "cn-*"]}]})", "x");
  EXPECT_GT(spec.products[0].values[0].size(), 20u);
  EXPECT_GT(spec.products[0].values[1].size(), 8u);
}

/// People who write a spec find every word in the documentation.
TEST(MatrixSpec, EveryValueIsDocumented) {
  const std::string text = read_text_file(std::filesystem::path(MXIDENT_SOURCE_DIR) / "docs" / "matrix.md");
  for (std::size_t i = 0; i < kDimensions; ++i) {
    for (std::size_t v = 0; v < value_count(static_cast<Dimension>(i)); ++v) {
      const Value& value = value_of(static_cast<Dimension>(i), v);
      if (i == 0 && shapes()[v].family == "odd-octet") continue;  // documented as octet and place
      EXPECT_THAT(text, testing::HasSubstr("- `" + value.name + "`: " + value.title + "\n"));
    }
  }
}

struct BadRow {
  const char* name;
  std::string text;
  const char* place;
  const char* words;
};
void PrintTo(const BadRow& row, std::ostream* out) {
  *out << row.name;
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

// clang-format off
const BadRow kBad[] = {
    {"NoJson", "{", "line", ""},
    {"UnknownKey", R"({"products": [{"shape": ["exact"]}]})", "/products/0", "\"shapes\""},
    {"UnknownTopKey", R"({"product": []})", "", "\"products\""},
    {"UnknownShape", R"({"products": [{"shapes": ["exakt"]}]})", "/products/0/shapes/0", "did you mean \"exact\"?"},
    {"UnknownSlot", R"({"products": [{"slots": ["dnss"]}]})", "/products/0/slots/0", "did you mean \"dns\"?"},
    {"PatternOfNothing", R"({"products": [{"chains": ["z*"]}]})", "/products/0/chains/0", "fits none of the chains"},
    {"EmptyDimension", R"({"products": [{"servers": []}]})", "/products/0/servers", "empty list"},
    {"NoProducts", R"({"products": []})", "/products", "empty list"},
    {"MissingProducts", R"({})", "", "products"},
    {"Twice", R"({"products": [{"slots": ["dns", "cn", "dns"]}]})", "/products/0/slots/2", "found \"dns\" twice"},
    {"WrongType", R"({"products": [{"slots": [5]}]})", "/products/0/slots/0", "number"},
    {"NoList", R"({"products": [{"slots": "dns"}]})", "/products/0/slots", "string"},
    {"RepeatedKey", R"({"products": [], "products": []})", "", "products"},
    {"ParentTooLong", R"({"parent": ")" + std::string(50, 'a') + "." + std::string(60, 'b') + R"(", "products": [{}]})", "/parent", "255"},
    {"ParentOver255", R"({"parent": ")" + std::string(300, 'a') + R"(", "products": [{}]})", "/parent", "255"},
    {"ParentWithDot", R"({"parent": "test.", "products": [{}]})", "/parent", "final dot"},
    {"ThousandLevels", nested(1000), "", "deep"},
    {"ThousandLevelsInside", R"({"products": )" + nested(1000) + "}", "", "deep"},
};
// clang-format on

class MatrixBadSpec : public testing::TestWithParam<BadRow> {};
TEST_P(MatrixBadSpec, IsOneSentence) {
  try {
    parse_spec(GetParam().text, "bad.json");
    FAIL() << "accepted";
  } catch (const InputError& error) {
    EXPECT_THAT(error.place(), testing::HasSubstr(GetParam().place));
    EXPECT_THAT(error.what(), testing::HasSubstr(GetParam().words));
    EXPECT_THAT(error.what(), testing::HasSubstr("bad.json"));
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("\n")));
  }
}
INSTANTIATE_TEST_SUITE_P(Input, MatrixBadSpec, testing::ValuesIn(kBad),
                         [](const auto& i) { return std::string(i.param.name); });

}  // namespace
}  // namespace mxident::harness::matrix
