#include "harness/results/unfinished.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "harness/input/json_input.hpp"
#include "harness/results/writer.hpp"

namespace mxident::harness {
namespace {

namespace fs = std::filesystem;

/// A folder of its own for each test.
class CutOff : public testing::Test {
 protected:
  CutOff() {
    char name[] = "/tmp/mxident-unfinished-XXXXXX";
    folder = mkdtemp(name);
  }
  ~CutOff() override { fs::remove_all(folder); }
  fs::path file() const { return folder / "results.ndjson"; }
  void add(const std::string& octets) const {
    std::ofstream(file(), std::ios::binary | std::ios::app) << octets;
  }
  fs::path folder;
};

RunHeader begun_header() {
  RunHeader out;
  out.suite_digest = "s";
  out.columns.resize(2);
  out.columns[0].client = out.columns[1].client = "acme";
  out.columns[0].mode = "a";
  out.columns[1].mode = "b";
  return out;
}
ScenarioRecord scenario(const char* id) {
  ScenarioRecord out;
  out.id = id;
  out.cells = 2;
  return out;
}
CellResult cell(const char* id, const char* mode, Expected expected = Expected::reject) {
  CellResult out;
  out.scenario = id;
  out.client = "acme";
  out.mode = mode;
  out.expected = expected;
  return out;
}

TEST_F(CutOff, AreGoneOnWithBehindTheLastWholeLine) {
  std::string whole = to_line(begun_header()) + "\n" + to_line(scenario("x/1")) + "\n" +
                      to_line(scenario("x/2")) + "\n" + to_line(cell("x/1", "b")) + "\n";
  add(whole + to_line(cell("x/2", "a")).substr(0, 40));
  const Unfinished got(file());
  EXPECT_TRUE(got.begun());
  EXPECT_EQ(got.octets(), whole.size());
  EXPECT_EQ(got.cells(), 1u);
  EXPECT_EQ(got.scenarios(), 2u);
  EXPECT_EQ(got.expected("x/1", "acme", "b"), Expected::reject);
  EXPECT_EQ(got.expected("x/1", "acme", "a"), std::nullopt);
  EXPECT_EQ(got.expected("x/2", "acme", "a"), std::nullopt) << "its line is torn";
  ASSERT_TRUE(got.scenario("x/2"));
  EXPECT_EQ(*got.scenario("x/2"), to_line(scenario("x/2")));

  ResultsWriter writer(folder, Start::later);
  writer.go_on_at(got.octets());
  writer.cell(cell("x/2", "a"));
  EXPECT_EQ(Unfinished(file()).cells(), 2u);
}

TEST_F(CutOff, TheFooterOfAnInterruptedRunIsWrittenAnew) {
  add(to_line(begun_header()) + "\n" + to_line(scenario("x/1")) + "\n");
  const auto before = fs::file_size(file());
  add(to_line(RunFooter{}) + "\n");
  EXPECT_EQ(Unfinished(file()).octets(), before);
}

TEST_F(CutOff, HaveBegunNothingWithoutALine) {
  EXPECT_FALSE(Unfinished(file()).begun()) << "no file";
  add(to_line(begun_header()));
  EXPECT_FALSE(Unfinished(file()).begun()) << "its header is torn";
}

TEST_F(CutOff, DamageIsRefused) {
  add(to_line(begun_header()) + "\n" + to_line(scenario("x/1")) + "\n" + to_line(cell("x/1", "b")) + "\n");
  add(to_line(cell("x/1", "b")) + "\n");
  EXPECT_THROW(Unfinished{file()}, InputError) << "a cell twice";
  fs::remove(file());
  add(to_line(begun_header()) + "\n" + to_line(cell("x/1", "b")) + "\n");
  EXPECT_THROW(Unfinished{file()}, InputError) << "no line of its scenario";
  fs::remove(file());
  add(to_line(begun_header()) + "\n" + to_line(scenario("x/1")) + "\n" + to_line(cell("x/1", "c")) + "\n");
  EXPECT_THROW(Unfinished{file()}, InputError) << "no such mode";
  fs::remove(file());
  add(to_line(begun_header()) + "\n{]\n" + to_line(scenario("x/1")) + "\n");
  EXPECT_THROW(Unfinished{file()}, InputError) << "no JSON in the middle";
}

TEST(OtherRun, IsTold) {
  EXPECT_EQ(other_run(begun_header(), begun_header()), "");
  RunHeader there = begun_header();
  there.kernel = "another";
  there.shard = there.shards = 3;
  there.columns[0].manifest_file = "elsewhere.json";
  EXPECT_EQ(other_run(begun_header(), there), "") << "where it ran does not count";
  const std::pair<const char*, void (*)(RunHeader&)> rows[] = {
      {"suite digest", [](RunHeader& h) { h.suite_digest = "t"; }},
      {"another mxident", [](RunHeader& h) { h.mxident_version = "9"; }},
      {"another draw", [](RunHeader& h) { h.seed = 9; }},
      {"other clients", [](RunHeader& h) { h.columns.pop_back(); }},
      {"another column", [](RunHeader& h) { h.columns[1].mode = "c"; }},
      {"another release of acme b", [](RunHeader& h) { h.columns[1].version = "2"; }},
      {"another release of acme a", [](RunHeader& h) { h.columns[0].packages["p"] = "2"; }},
      {"another manifest", [](RunHeader& h) { h.columns[1].manifest = "2"; }},
      {"cannot be tried", [](RunHeader& h) { h.columns[1].unsupported = "gone"; }},
  };
  for (const auto& [words, change] : rows) {
    RunHeader other = begun_header();
    change(other);
    EXPECT_NE(other_run(begun_header(), other).find(words), std::string::npos) << words;
  }
}

}  // namespace
}  // namespace mxident::harness
