#include "harness/input/json_input.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mxident::harness {
namespace {

struct Row {
  const char* name;
  std::string text;
  std::string message;  ///< what() of the error, or "" for none
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.text.substr(0, 60);
}

class JsonInput : public testing::TestWithParam<Row> {};

TEST_P(JsonInput, ErrorsNameThePlace) {
  const Row& row = GetParam();
  std::string message;
  try {
    const auto json = parse_json(row.text, "f.json", {.octets = 200, .depth = 4});
    const JsonNode root(json, "f.json");
    root.object({"policy", "count", "names"});
    if (const auto node = root.find("policy")) node->non_empty_string();
    if (const auto node = root.find("count")) node->integer(1, 9);
    if (const auto node = root.find("names")) node->strings();
  } catch (const InputError& error) {
    message = error.what();
  }
  EXPECT_EQ(message, row.message);
}

const Row kRows[] = {
    {"good", R"({"policy":"x","count":9,"names":["a"]})", ""},
    {"unknown_key", R"({"polcy":"x"})", "f.json: /: unknown key \"polcy\", did you mean \"policy\"?"},
    {"far_key", R"({"zzzzzzzzz":1})", "f.json: /: unknown key \"zzzzzzzzz\""},
    {"wrong_type", R"({"policy":1})", "f.json: /policy: found number 1, wanted a string"},
    {"empty_string", R"({"policy":""})", "f.json: /policy: found an empty string, wanted some text"},
    {"out_of_range", R"({"count":10})", "f.json: /count: found number 10, wanted a whole number from 1 to 9"},
    {"huge_number", R"({"count":18446744073709551615})",
     "f.json: /count: found number 18446744073709551615, wanted a whole number from 1 to 9"},
    {"element", R"({"names":["a",2]})", "f.json: /names/1: found number 2, wanted a string"},
    {"not_an_object", "[]", "f.json: /: found array [], wanted an object"},
    {"repeated_key", R"({"count":1,"count":2})",
     "f.json: line 1, column 18: the key \"count\" stands twice in one object"},
    {"repeated_key_further_down", "{\n \"names\": [{\"a\": 1,\n\"a\": 2}]}",
     "f.json: line 3, column 3: the key \"a\" stands twice in one object"},
    {"too_deep", "[[[[[1]]]]]", "f.json: line 1, column 5: nested deeper than 4 levels"},
    {"null", R"({"policy":null})", "f.json: /policy: found null, wanted a string"},
    {"number_beyond_all", R"({"count":1e999})", "f.json: line 1, column 14: the number 1e999 is too large"},
    {"number_of_many_digits", R"({"count":1)" + std::string(180, '0') + "e999}",
     "f.json: line 1, column 194: the number 1" + std::string(56, '0') + "... is too large"},
    {"key_for_a_terminal", R"({"a\u001b[31m\nb":1})", "f.json: /: unknown key \"a\\x1b[31m b\""},
    {"nul_and_more", std::string("{\"count\":1}\n\0{", 14),
     "f.json: line 2, column 1: found a NUL octet, wanted text"},
    {"nothing_but_nul", std::string(1, '\0'), "f.json: line 1, column 1: found a NUL octet, wanted text"},
    {"empty", "",
     "f.json: line 1, column 1: syntax error while parsing value - unexpected end of input; expected '[', "
     "'{', "
     "or a literal"},
    {"too_large", std::string(201, ' '), "f.json: 201 octets found, at most 200 wanted"},
};
INSTANTIATE_TEST_SUITE_P(Table, JsonInput, testing::ValuesIn(kRows),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(JsonInputSyntax, NamesLineAndColumn) {
  try {
    parse_json("{\n  \"a\": tru\n}", "f.json");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()).rfind("f.json: line 2, column ", 0), 0u) << error.what();
  }
}

TEST(JsonInputSyntax, QuotesNoMoreThanIsRead) {
  try {
    parse_json("\"" + std::string(1000, 'a'), "f.json");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_LT(std::string(error.what()).size(), 400u);
  }
}

TEST(JsonInputFile, MissingFileIsOneSentence) {
  EXPECT_THROW(read_json_file("/nonexistent/x.json"), InputError);
}

}  // namespace
}  // namespace mxident::harness
