#include "harness/cli/catalogue.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "harness/catalogue/load.hpp"
#include "harness/cli/explain_command.hpp"
#include "harness/cli/mint_command.hpp"
#include "harness/input/json_input.hpp"
#include "harness/results/writer.hpp"

namespace mxident::harness::cli {
namespace {

namespace fs = std::filesystem;

TEST(Printable, KeepsTextAndEscapesTheRest) {
  EXPECT_EQ(printable("mx.test"), "mx.test");
  EXPECT_EQ(printable(std::string("a\0b\x1b[2J\\", 8)), "a\\x00b\\x1b[2J\\\\");
  EXPECT_EQ(printable("b\xc3\xbc"), "b\xc3\xbc");
  EXPECT_EQ(printable("b\xfc"), "b\\xfc");
}

Scenario checktls() {
  return find_scenario("reported/checktls-wildcard-of-another-domain", {});
}

TEST(NamesOf, ListsEverySlot) {
  EXPECT_EQ(names_of(checktls().certificates.at("mx").spec),
            (std::vector<std::string>{"dns:*.xxxcn.test", "dns:xxxcn.test", "CN *.xxxcn.test"}));
  certs::CertificateSpec spec;
  EXPECT_EQ(names_of(spec), std::vector<std::string>{"(no SAN)"});
  spec.san.emplace();
  EXPECT_EQ(names_of(spec), std::vector<std::string>{"(empty SAN)"});
  spec.san->push_back({certs::NameType::ip, std::string("\xc0\0\2\x19", 4), {}});
  spec.san->push_back({certs::NameType::ip, "x", {}});
  EXPECT_EQ(names_of(spec), (std::vector<std::string>{"ip:192.0.2.25", "ip:1 octets"}));
}

TEST(FindScenario, SaysWhichIdIsNear) {
  try {
    find_scenario("reported/checktls-wildcard-of-another-domian", {});
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_NE(
        std::string(error.what()).find("did you mean \"reported/checktls-wildcard-of-another-domain\"?"),
        std::string::npos)
        << error.what();
  }
}

TEST(Explain, ShowsTheThreeNamesSideBySide) {
  const std::string text = explain(checktls());
  EXPECT_NE(text.find("recipient domain xxxour.test"), std::string::npos) << text;
  EXPECT_NE(text.find("mx5.xxxmx.test  dns:*.xxxcn.test   mx1.xxxcn.test"), std::string::npos) << text;
  EXPECT_NE(text.find("rfc9525"), std::string::npos) << text;
}

TEST(Explain, KeepsToEightyColumns) {
  std::istringstream lines(explain(checktls()));
  for (std::string line; std::getline(lines, line);)
    EXPECT_TRUE(line.size() <= 80 || line.starts_with("  issuer:") || line.starts_with("  file:")) << line;
}

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Mint : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) /
            ("mxident-mint-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(root_);
  }
  void TearDown() override { fs::remove_all(root_); }
  fs::path root_;
};

TEST_F(Mint, WritesChainKeyAndSummary) {
  std::set<std::string> names;
  for (const auto& file : mint_to(checktls(), root_ / "out")) {
    EXPECT_TRUE(fs::is_regular_file(file)) << file;
    names.insert(file.filename());
  }
  EXPECT_EQ(names, (std::set<std::string>{"mx.crt", "mx.key", "mx.pem", "root.pem", "summary.txt",
                                          "unknown-ca.pem"}));
  EXPECT_TRUE(content(root_ / "out/mx.key").starts_with("-----BEGIN PRIVATE KEY-----"));
  EXPECT_EQ(fs::status(root_ / "out/mx.key").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_TRUE(content(root_ / "out/mx.pem").starts_with(content(root_ / "out/mx.crt")));
  EXPECT_NE(content(root_ / "out/summary.txt").find("*.xxxcn.test"), std::string::npos);
}

TEST_F(Mint, OverwritesOnlyItsOwnFiles) {
  mint_to(checktls(), root_);
  std::ofstream(root_ / "mine.txt") << "mine";
  const std::string before = content(root_ / "mx.key");
  mint_to(checktls(), root_);
  EXPECT_NE(content(root_ / "mx.key"), before);
  EXPECT_EQ(content(root_ / "mine.txt"), "mine");
}

TEST_F(Mint, LeavesFilesOfOthersAlone) {
  fs::create_directories(root_);
  std::ofstream(root_ / "mx.key") << "mine";
  EXPECT_THROW(mint_to(checktls(), root_), InputError);
  EXPECT_EQ(content(root_ / "mx.key"), "mine");
  EXPECT_FALSE(fs::exists(root_ / "summary.txt"));
}

TEST_F(Mint, SaysThatTheFolderCannotBe) {
  std::ofstream(root_) << "a file";
  EXPECT_THROW(mint_to(checktls(), root_ / "out"), OutputError);
}

}  // namespace
}  // namespace mxident::harness::cli
