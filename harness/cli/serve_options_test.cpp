#include "harness/cli/serve_options.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "harness/input/json_input.hpp"

namespace mxident::harness::cli {
namespace {

struct OptionsRow {
  const char* name;
  const char* listen;
  int said_public;   ///< how often
  const char* text;  ///< where it is served, or a part of why not
  std::size_t room;
};
void PrintTo(const OptionsRow& row, std::ostream* out) {
  *out << row.name;
}

class Listen : public testing::TestWithParam<OptionsRow> {};
TEST_P(Listen, IsTakenOrRefused) {
  const OptionsRow& row = GetParam();
  ServeOptions options;
  options.listen = row.listen;
  options.is_public = row.said_public > 0;
  options.really_public = row.said_public > 1;
  std::string text;
  std::size_t room = 0;
  try {
    const Outpost outpost = outpost_of(options);
    text = outpost.text();
    room = outpost.room();
  } catch (const InputError& error) {
    text = error.what();
  }
  EXPECT_NE(text.find(row.text), std::string::npos) << text;
  EXPECT_EQ(room, row.room);
}
INSTANTIATE_TEST_SUITE_P(
    Rows, Listen,
    testing::Values(OptionsRow{"one_address", "10.9.0.1", 0, "10.9.0.1", 65536 - 10025},
                    OptionsRow{"loopback", "127.3.0.1", 0, "127.3.0.1", 65536 - 10025},
                    OptionsRow{"link_local", "169.254.7.7", 0, "169.254.7.7", 65536 - 10025},
                    OptionsRow{"network", "10.9.0.0/18", 0, "10.9.0.0/18", 1023},
                    OptionsRow{"smallest_network", "192.168.7.0/27", 0, "192.168.7.0/27", 1},
                    OptionsRow{"whole_private", "172.16.0.0/12", 0, "172.16.0.0/12", 65535},
                    OptionsRow{"public_address", "192.0.2.1", 0, "with --public and --really-public both", 0},
                    OptionsRow{"public_said_once", "192.0.2.1", 1, "with --public and --really-public it", 0},
                    OptionsRow{"public_said_twice", "192.0.2.1", 2, "192.0.2.1", 65536 - 10025},
                    OptionsRow{"reaches_out_of_the_private", "172.0.0.0/11", 0, "which is public", 0},
                    OptionsRow{"beside_the_private", "172.32.0.1", 0, "which is public", 0},
                    OptionsRow{"everybody", "0.0.0.0", 2, "nobody's or everybody's", 0},
                    OptionsRow{"group", "224.0.0.1", 2, "nobody's or everybody's", 0},
                    OptionsRow{"not_the_first", "10.9.0.1/18", 0, "the first address of the network", 0},
                    OptionsRow{"too_narrow", "10.9.0.0/28", 0, "a prefix of 8 to 27", 0},
                    OptionsRow{"too_wide", "0.0.0.0/0", 2, "a prefix of 8 to 27", 0},
                    OptionsRow{"no_prefix", "10.9.0.0/", 0, "a prefix of 8 to 27", 0},
                    OptionsRow{"name", "mx.x.test", 0, "wanted an IPv4 address", 0},
                    OptionsRow{"control_octets", "10.9.0.1\x1b[2J", 0, "\\x1b", 0},
                    OptionsRow{"ipv6", "fd00::1", 0, "wanted an IPv4 address", 0}),
    [](const auto& row) { return row.param.name; });

struct WordRow {
  const char* name;
  const char* word;
  const char* filled;  ///< nullptr: refused
};
void PrintTo(const WordRow& row, std::ostream* out) {
  *out << row.name;
}
class CommandWord : public testing::TestWithParam<WordRow> {};
TEST_P(CommandWord, IsFilled) {
  std::vector<std::string> command{GetParam().word};
  const PlaceholderValues values{{"domain", "d.test"}, {"ca_file", "/ca{domain}.pem"}, {"fingerprint", ""}};
  if (GetParam().filled == nullptr) {
    EXPECT_THROW(fill_command(command, values), InputError);
    return;
  }
  fill_command(command, values);
  EXPECT_EQ(command.front(), GetParam().filled);
}
INSTANTIATE_TEST_SUITE_P(
    Words, CommandWord,
    testing::Values(WordRow{"placeholder", "{domain}", "d.test"},
                    WordRow{"inside", "a{domain}b{domain}", "ad.testbd.test"},
                    WordRow{"values_are_not_filled_again", "{ca_file}", "/ca{domain}.pem"},
                    WordRow{"json", R"({"base":"rfc9525"})", R"({"base":"rfc9525"})"},
                    WordRow{"json_in_json", R"({"a":{"b":"{domain}"}})", R"({"a":{"b":"d.test"}})"},
                    WordRow{"json_of_blanks", R"({ "base": "rfc9525" })", R"({ "base": "rfc9525" })"},
                    WordRow{"awk", "{print $1}", "{print $1}"}, WordRow{"empty", "{}", "{}"},
                    WordRow{"open", "a{", "a{"}, WordRow{"close", "a}", "a}"},
                    WordRow{"open_before_a_placeholder", "{{domain}", "{d.test"},
                    WordRow{"literal", "{{domain}}", "{domain}"},
                    WordRow{"literal_unknown", "${{x}}", "${x}"}, WordRow{"unknown", "{domian}", nullptr},
                    WordRow{"without_a_value", "{fingerprint}", nullptr}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace mxident::harness::cli
