// Checks the verifier's name decisions against a file of cases (name_cases.hpp): mxident_name_check FILE.
// Exit code 1 and the first wrong case if there is one. Needs nothing but the verifier, so that mutants of it
// are checked fast.
#include <charconv>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "verifier/match.hpp"

namespace {

std::string octets_of(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned octet = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, octet, 16);
    out += static_cast<char>(octet);
  }
  return out;
}

bool names_match(const std::string& der, const std::string& text, const mxident::NameRules& rules) {
  using namespace mxident;
  const auto presented = read_presented_names(der);
  const auto reference = make_reference(text, ReferenceOrigin::configured, rules).reference;
  return presented && reference && match(*presented, {&*reference, 1}, rules).verdict == MatchVerdict::match;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: mxident_name_check FILE\n", stderr);
    return 2;
  }
  std::ifstream file(argv[1]);
  std::size_t count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    std::istringstream words(line);
    std::string scenario, policy_name, expected, reference, hex;
    words >> scenario >> policy_name >> expected >> reference >> hex;
    const auto id = mxident::policy_from_string(policy_name);
    if (!id || hex.empty()) {
      std::fprintf(stderr, "mxident_name_check: line %zu is no case\n", count + 1);
      return 2;
    }
    if (names_match(octets_of(hex), reference, mxident::policy(*id).rules) != (expected == "accept")) {
      std::printf("%s %s: wanted %s\n", scenario.c_str(), policy_name.c_str(), expected.c_str());
      return 1;
    }
  }
  std::printf("%zu cases\n", count);
  return count == 0 ? 2 : 0;
}
