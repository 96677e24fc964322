#include "harness/results/json_line.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mxident::harness {
namespace {

using Json = nlohmann::ordered_json;

struct TextCase {
  const char* name;
  std::string text;
};

class JsonLineText : public testing::TestWithParam<TextCase> {};

TEST_P(JsonLineText, IsWhatTheLibraryWrites) {
  JsonLine line(16);
  line.value(GetParam().text);
  EXPECT_EQ(line.take(), Json(GetParam().text).dump(-1, ' ', false, Json::error_handler_t::replace));
}

INSTANTIATE_TEST_SUITE_P(Rows, JsonLineText,
                         testing::Values(TextCase{"Empty", ""}, TextCase{"Plain", "250 ok, ~ and !"},
                                         TextCase{"Quotes", "a \"b\" c"}, TextCase{"Backslash", "a\\b"},
                                         TextCase{"Lines", "250-a\r\n250 \"b\"\r\n"},
                                         TextCase{"Controls", "a\r\n\t\x01z"}, TextCase{"Delete", "a\x7f"},
                                         TextCase{"Nul", std::string("a\0b", 3)},
                                         TextCase{"Utf8", "m\xc3\xbcller"}, TextCase{"NoUtf8", "a\xff\xc3"}),
                         [](const auto& row) { return row.param.name; });

TEST(JsonLine, PartsValuesByCommas) {
  JsonLine line(16);
  line.open('{');
  line.member("a", 1);
  line.name("b");
  line.open('[');
  line.value(true);
  line.value(nullptr);
  line.open('{');
  line.close('}');
  line.value(2.5);
  line.close(']');
  line.member("c", std::vector<std::string>{"x", "y"});
  line.member("d", std::optional<std::string>());
  line.member("e", std::vector<std::string>());
  line.member("f", Json{{"g", 1}});
  line.member("h", std::size_t{7});
  line.close('}');
  EXPECT_EQ(line.take(), R"({"a":1,"b":[true,null,{},2.5],"c":["x","y"],"d":null,"e":[],"f":{"g":1},"h":7})");
}

}  // namespace
}  // namespace mxident::harness
