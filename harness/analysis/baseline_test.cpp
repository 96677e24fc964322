#include "harness/analysis/baseline.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness/input/json_input.hpp"

namespace mxident::harness {
namespace {

namespace fs = std::filesystem;

CellResult cell(const char* scenario, Outcome outcome, Decision decision) {
  CellResult out;
  out.client = "curl";
  out.client_version = "7.88.1";
  out.mode = "ssl-reqd";
  out.scenario = scenario;
  out.outcome = outcome;
  out.decision = decision;
  return out;
}

/// A folder of baselines that goes away with the test.
struct Folder {
  fs::path path = fs::temp_directory_path() / fmt::format("mxident-baselines-{}", getpid());
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  void write(const Baseline& baseline) {
    std::ofstream(path / (baseline.client + "-" + baseline.version + ".json")) << baseline_text(baseline);
  }
};

Baseline example(const char* version) {
  Baseline out;
  out.client = "curl";
  out.version = version;
  out.recorded = "2026-11-22";
  out.notes["cn"] = {"takes the CN", "rfc6125 last resort", ""};
  out.modes["ssl-reqd"] = {
      {"a/known-lax", {Outcome::lax, Decision::accept, "cn", {}}},
      {"a/lots", {Outcome::downgrade, Decision::plaintext, "cn", {{Outcome::pass, Decision::accept}}}},
      {"a/open", {Outcome::either, Decision::accept, "", {}}}};
  return out;
}

struct Row {
  const char* name;
  CellResult result;
  BaselineState state;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.result.scenario;
}
class Compare : public testing::TestWithParam<Row> {};

TEST_P(Compare, WithTheBaseline) {
  Folder folder;
  folder.write(example("7.88.1"));
  CellResult result = GetParam().result;
  Baselines::load(folder.path).compare(result);
  EXPECT_EQ(result.baseline, GetParam().state);
}

CellResult other_mode(CellResult r) {
  r.mode = "new-mode";
  return r;
}
CellResult other_client(CellResult r) {
  r.client = "wget";
  return r;
}
const Row kRows[] = {
    {"pass_stays", cell("a/pass", Outcome::pass, Decision::accept), BaselineState::as_known},
    {"known_deviation", cell("a/known-lax", Outcome::lax, Decision::accept), BaselineState::as_known},
    {"deviation_gone", cell("a/known-lax", Outcome::pass, Decision::reject), BaselineState::fixed},
    {"deviation_differs", cell("a/known-lax", Outcome::crash, Decision::reject), BaselineState::news},
    {"new_deviation", cell("a/pass", Outcome::strict, Decision::reject), BaselineState::news},
    {"lots_as_written", cell("a/lots", Outcome::downgrade, Decision::plaintext), BaselineState::as_known},
    {"lots_at_other_times", cell("a/lots", Outcome::pass, Decision::accept), BaselineState::as_known},
    {"lots_of_a_third_kind", cell("a/lots", Outcome::lax, Decision::accept), BaselineState::news},
    {"open_as_before", cell("a/open", Outcome::either, Decision::accept), BaselineState::as_known},
    {"open_changed", cell("a/open", Outcome::either, Decision::reject), BaselineState::news},
    {"open_unknown", cell("a/other", Outcome::either, Decision::reject), BaselineState::as_known},
    {"unsupported", cell("a/known-lax", Outcome::unsupported, Decision::none), BaselineState::none},
    {"new_mode_fault", other_mode(cell("a/pass", Outcome::lax, Decision::accept)), BaselineState::news},
    {"no_baseline", other_client(cell("a/pass", Outcome::lax, Decision::accept)), BaselineState::none},
};
INSTANTIATE_TEST_SUITE_P(Table, Compare, testing::ValuesIn(kRows),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(BaselineRecord, TheEndsOfACellThatDrawsLotsStay) {
  Folder folder;
  folder.write(example("7.88.1"));
  for (const auto& end :
       {RecordedEnd{Outcome::pass, Decision::accept}, RecordedEnd{Outcome::downgrade, Decision::plaintext}}) {
    ResultsFile results;
    results.cells = {cell("a/lots", end.outcome, *end.decision)};
    const auto recorded = record_baselines(results, Baselines::load(folder.path), "2026-12-01");
    ASSERT_EQ(recorded.size(), 1u);
    const BaselineCell& kept = recorded[0].modes.at("ssl-reqd").at("a/lots");
    EXPECT_EQ(kept.outcome, Outcome::downgrade);
    ASSERT_EQ(kept.sometimes.size(), 1u);
    EXPECT_EQ(kept.sometimes[0].outcome, Outcome::pass);
  }
  ResultsFile results;
  results.cells = {cell("a/lots", Outcome::lax, Decision::accept)};
  const auto recorded = record_baselines(results, Baselines::load(folder.path), "2026-12-01");
  EXPECT_TRUE(recorded.at(0).modes.at("ssl-reqd").at("a/lots").sometimes.empty());
}

TEST(BaselineVersion, NearestIsTheHighestOlderOne) {
  Folder folder;
  for (const char* version : {"7.9.0", "7.88.1", "8.5.0"}) folder.write(example(version));
  const Baselines baselines = Baselines::load(folder.path);
  EXPECT_EQ(baselines.find("curl", "7.88.1")->version, "7.88.1");
  EXPECT_EQ(baselines.find("curl", "8.0.0")->version, "7.88.1");
  EXPECT_EQ(baselines.find("curl", "7.1.0")->version, "7.9.0");
  EXPECT_EQ(baselines.find("wget", "1"), nullptr);
}

TEST(BaselineVersion, AnotherReleaseIsNamed) {
  Folder folder;
  folder.write(example("7.88.1"));
  const Baselines baselines = Baselines::load(folder.path);
  CellResult same = cell("a/pass", Outcome::lax, Decision::accept), later = same;
  same.client_version = "7.88.1";
  later.client_version = "8.0.0";
  baselines.compare(same);
  baselines.compare(later);
  EXPECT_EQ(same.compared_with, "");
  EXPECT_EQ(later.baseline, BaselineState::news);
  EXPECT_EQ(later.compared_with.substr(0, 17), "7.88.1, recorded ");
}

Baseline with_packages(const char* revision) {
  Baseline out = example("7.88.1");
  out.packages = {{"curl", "7.88.1-10"}, {"libssl3", revision}};
  return out;
}
Column column_with(const char* revision) {
  Column out;
  out.client = "curl";
  out.packages = {{"curl", "7.88.1-10"}, {"libssl3", revision}};
  return out;
}

TEST(BaselinePackages, TheRevisionChoosesAmongBaselinesOfOneVersion) {
  Folder folder;
  Baseline mended = with_packages("3.0.17");
  mended.modes["ssl-reqd"].erase("a/known-lax");
  std::ofstream(folder.path / "curl-7.88.1.json") << baseline_text(with_packages("3.0.11"));
  std::ofstream(folder.path / "curl-7.88.1+libssl3.json") << baseline_text(mended);
  Baselines baselines = Baselines::load(folder.path);
  for (const auto& [revision, state] :
       {std::pair("3.0.11", BaselineState::as_known), std::pair("3.0.17", BaselineState::news)}) {
    baselines.of({column_with(revision)});
    CellResult result = cell("a/known-lax", Outcome::lax, Decision::accept);
    baselines.compare(result);
    EXPECT_EQ(result.baseline, state) << revision;
    EXPECT_EQ(result.compared_with, "") << revision;
  }
}

TEST(BaselinePackages, AnotherRevisionIsNamed) {
  Folder folder;
  folder.write(with_packages("3.0.11"));
  Baselines baselines = Baselines::load(folder.path);
  baselines.of({column_with("3.0.17")});
  CellResult result = cell("a/known-lax", Outcome::pass, Decision::reject);
  baselines.compare(result);
  EXPECT_EQ(result.baseline, BaselineState::fixed);
  EXPECT_EQ(result.compared_with, "7.88.1 (libssl3 3.0.11), recorded 2026-11-22");
}

TEST(BaselinePackages, APassThatCanNoLongerBeTriedIsNews) {
  Folder folder;
  folder.write(with_packages("3.0.11"));
  Baselines baselines = Baselines::load(folder.path);
  baselines.of({column_with("3.0.11")});
  CellResult planned_out = cell("a/pass", Outcome::unsupported, Decision::none), tried = planned_out;
  tried.duration_ms = 5;
  baselines.compare(planned_out);
  baselines.compare(tried);
  EXPECT_EQ(planned_out.baseline, BaselineState::none);
  EXPECT_EQ(tried.baseline, BaselineState::news);
}

TEST(BaselineRecord, WhatWasNotRunStaysAsItWas) {
  Folder folder;
  Baseline known = with_packages("3.0.11");
  known.modes["other-mode"] = {{"a/lax", {Outcome::lax, Decision::accept, "cn", {}}}};
  folder.write(known);
  ResultsFile results;
  results.header.columns = {column_with("3.0.11")};
  results.cells = {cell("a/open", Outcome::pass, Decision::accept)};
  const auto recorded = record_baselines(results, Baselines::load(folder.path), "2026-12-01");
  ASSERT_EQ(recorded.size(), 1u);
  EXPECT_EQ(recorded[0].modes.at("ssl-reqd").count("a/open"), 0u);
  EXPECT_EQ(recorded[0].modes.at("ssl-reqd").at("a/known-lax").note, "cn");
  EXPECT_EQ(recorded[0].modes.at("other-mode").at("a/lax").note, "cn");
  EXPECT_EQ(recorded[0].notes.count("cn"), 1u);
}

// A majority of older recordings must not outvote the newest: what it saw is the scenario as it is.
TEST(BaselineRecord, OfAChangedScenarioNothingOlderStays) {
  Folder folder;
  Baseline known = example("7.88.1");
  known.scenarios = {{"a/open", "000000000000"}, {"a/other", "111111111111"}};
  known.ran = {{"one", {"a/open"}}, {"two", {"a/open", "a/other"}}, {"ssl-reqd", {"a/open"}}};
  folder.write(known);
  ResultsFile results;
  results.header.columns = {column_with("3.0.11")};
  results.scenarios.resize(1);
  results.scenarios[0].id = "a/open";
  results.scenarios[0].digest = "222222222222";
  results.cells = {cell("a/open", Outcome::pass, Decision::accept)};
  results.cells[0].duration_ms = 1;
  folder.write(record_baselines(results, Baselines::load(folder.path), "2026-12-01").at(0));
  const Baseline got = read_baseline(folder.path / "curl-7.88.1.json");
  const std::map<std::string, std::set<std::string>> ran = {{"ssl-reqd", {"a/open"}}, {"two", {"a/other"}}};
  EXPECT_EQ(got.ran, ran);
  EXPECT_TRUE(recorded_cell(got, "ssl-reqd", "a/open", "222222222222"));
  EXPECT_FALSE(recorded_cell(got, "ssl-reqd", "a/open", "000000000000"));
  EXPECT_FALSE(recorded_cell(got, "two", "a/open", "222222222222"));
}

TEST(BaselineRecord, APartMakesNoBaselineOneOfTheseRevisions) {
  Folder folder;
  folder.write(example("7.88.1"));  // recorded before revisions were
  const Baselines known = Baselines::load(folder.path);
  ResultsFile results;
  results.header.columns = {column_with("3.0.17")};
  results.cells = {cell("a/open", Outcome::either, Decision::accept)};
  EXPECT_TRUE(record_baselines(results, known, "2026-12-01").at(0).packages.empty());
  results.cells.push_back(cell("a/known-lax", Outcome::lax, Decision::accept));
  results.cells.push_back(cell("a/lots", Outcome::pass, Decision::accept));
  EXPECT_EQ(record_baselines(results, known, "2026-12-01").at(0).packages, column_with("3.0.17").packages);
}

TEST(BaselineRecord, AnotherRevisionHasAFileOfItsOwnWithTheReasonsOfTheFirst) {
  Folder folder;
  folder.write(with_packages("3.0.11"));
  const Baselines known = Baselines::load(folder.path);
  ResultsFile results;
  results.header.columns = {column_with("3.0.17")};
  results.cells = {cell("a/known-lax", Outcome::lax, Decision::accept)};
  const auto recorded = record_baselines(results, known, "2026-12-01");
  ASSERT_EQ(recorded.size(), 1u);
  EXPECT_EQ(baseline_file_name(recorded[0], known), "curl-7.88.1+libssl3_3.0.17.json");
  EXPECT_EQ(recorded[0].modes.at("ssl-reqd").at("a/known-lax").note, "cn");
  EXPECT_EQ(recorded[0].modes.at("ssl-reqd").count("a/open"), 0u) << "of another revision";
}

TEST(BaselineFileName, NeverLeadsOutOfItsFolder) {
  Baseline baseline;
  baseline.client = "curl";
  for (const char* version : {"../../x", "7/../../../x", "", "a\nb", "~/x", "\x1b[31m"}) {
    baseline.version = version;
    const std::string name = baseline_file_name(baseline, Baselines());
    EXPECT_EQ(name.find('/'), std::string::npos) << name;
    EXPECT_EQ(fs::path(name).filename(), name);
    EXPECT_TRUE(name.ends_with(".json"));
  }
}

TEST(BaselineRecord, KeepsNotesAndFindsUnexplained) {
  Folder folder;
  folder.write(example("7.88.1"));
  ResultsFile results;
  results.cells = {cell("a/known-lax", Outcome::lax, Decision::accept),
                   cell("a/new", Outcome::strict, Decision::reject),
                   cell("a/fine", Outcome::pass, Decision::accept)};
  const auto recorded = record_baselines(results, Baselines::load(folder.path), "2026-12-01");
  ASSERT_EQ(recorded.size(), 1u);
  EXPECT_EQ(recorded[0].modes.at("ssl-reqd").at("a/known-lax").note, "cn");
  EXPECT_EQ(unexplained(recorded[0]), std::vector<std::string>{"ssl-reqd a/new: strict"});
}

TEST(ShippedBaselines, EveryDeviationHasItsReason) {
  const fs::path folder = fs::path(MXIDENT_SOURCE_DIR) / "fixtures/baselines";
  if (!fs::exists(folder)) GTEST_SKIP() << "no baselines are shipped";
  for (const auto& entry : fs::directory_iterator(folder)) {
    const Baseline baseline = read_baseline(entry.path());
    EXPECT_EQ(entry.path().stem(), baseline.client + "-" + baseline.version);
    for (const auto& line : unexplained(baseline)) ADD_FAILURE() << entry.path() << ": " << line;
  }
}

}  // namespace
}  // namespace mxident::harness
