#include "harness/driver/clients.hpp"

#include <gtest/gtest.h>

#include "harness/sandbox/scripted_sandbox.hpp"

namespace mxident::harness {
namespace {

using Packages = std::map<std::string, std::string>;

struct FoundRow {
  const char* name;
  int exit_code;
  const char* output;
  Packages installed;
  const char* version;
  const char* unavailable;
};
void PrintTo(const FoundRow& row, std::ostream* out) {
  *out << row.name;
}
class Found : public testing::TestWithParam<FoundRow> {};

TEST_P(Found, ByItsVersion) {
  Manifest manifest;
  manifest.id = "python-acme";
  manifest.packages = {"python3", "python3-acme"};
  manifest.version_command = {"/usr/bin/python3", "-c", "import acme; print(acme.version)"};
  manifest.version_pattern = "([0-9.]+)";
  sandbox::ScriptedSandbox box([](const sandbox::ProcessSpec&) {
    return sandbox::exited_with(GetParam().exit_code, GetParam().output);
  });
  const Client found = find_client(manifest, box, GetParam().installed);
  EXPECT_EQ(found.version, GetParam().version);
  EXPECT_EQ(found.unavailable, GetParam().unavailable);
}

constexpr const char* kTraceback =
    "Traceback (most recent call last):\n  File \"<string>\", line 1, in <module>\n";
const Packages kAll{{"python3", "3.11.2"}, {"python3-acme", "4.2-1"}}, kWithoutLibrary{{"python3", "3.11.2"}};

const FoundRow kFoundRows[] = {
    {"all_there", 0, "4.2\n", kAll, "4.2", ""},
    {"library_from_elsewhere", 0, "4.2\n", kWithoutLibrary, "4.2", ""},
    {"library_missing", 1, kTraceback, kWithoutLibrary, "",
     "not installed (python3-acme); apt-get install python3 python3-acme"},
    {"says_it_with_another_code", 1, "acme 4.2\n", kAll, "4.2", ""},
    {"no_dpkg", 1, "acme 4.2\n", {}, "4.2", ""},
};
INSTANTIATE_TEST_SUITE_P(Table, Found, testing::ValuesIn(kFoundRows),
                         [](const auto& i) { return std::string(i.param.name); });

}  // namespace
}  // namespace mxident::harness
