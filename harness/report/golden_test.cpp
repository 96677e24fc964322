// Each report of the results in fixtures/golden, held against what it said before. MXIDENT_UPDATE_GOLDEN=1 in
// the environment writes the files anew: read the difference before it is committed.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/input/json_input.hpp"
#include "harness/report/console.hpp"
#include "harness/report/formats.hpp"
#include "harness/report/markdown.hpp"
#include "harness/results/reader.hpp"
#include "harness/results/writer.hpp"

namespace mxident::harness {
namespace {

namespace fs = std::filesystem;
const fs::path kFolder = fs::path(MXIDENT_SOURCE_DIR) / "fixtures/golden";

/// What `print` writes into a stream.
template <typename Print>
std::string printed(Print&& print) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* out = open_memstream(&text, &size);
  print(out);
  std::fclose(out);
  std::string all(text, size);
  free(text);
  return all;
}

/// `format`: of report_formats(), or "console", "console-colour".
std::string report_of(const fs::path& results, const std::string& format) {
  return printed([&](std::FILE* out) {
    std::unique_ptr<Sink> report;
    if (format.starts_with("console")) {
      report = std::make_unique<ConsoleReport>(out, format == "console" ? Colour::off : Colour::on,
                                               "/out/results.ndjson");
    } else {
      report = make_report(format, out);
    }
    if (read_results(results, *report) != Ending::whole) report->end({});
  });
}

struct Row {
  std::string results, format;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.results << " as " << row.format;
}
std::string name_of(const testing::TestParamInfo<Row>& info) {
  std::string out = info.param.results + "_as_" + info.param.format;
  for (char& c : out) c = c == '-' ? '_' : c;
  return out;
}
std::vector<Row> rows() {
  std::vector<Row> out;
  for (const char* results : {"run", "cut-off", "hostile"}) {
    for (const auto& format : report_formats()) {
      if (format != "html") out.push_back({results, format});  // a program; page_test.py drives it
    }
    out.push_back({results, "console"});
  }
  out.push_back({"run", "console-colour"});
  return out;
}

class Golden : public testing::TestWithParam<Row> {};

TEST_P(Golden, SaysWhatItSaidBefore) {
  const Row& row = GetParam();
  const std::string now = report_of(kFolder / (row.results + ".ndjson"), row.format);
  const fs::path golden = kFolder / fmt::format("{}.{}.txt", row.results, row.format);
  if (std::getenv("MXIDENT_UPDATE_GOLDEN")) std::ofstream(golden) << now;
  EXPECT_EQ(now, read_text_file(golden)) << golden;
}
INSTANTIATE_TEST_SUITE_P(Reports, Golden, testing::ValuesIn(rows()), name_of);

/// How often one text stands in another.
std::size_t count(const std::string& text, const std::string& what) {
  std::size_t out = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++out;
  return out;
}

class Hostile : public testing::TestWithParam<std::string> {};

TEST_P(Hostile, StringsAreHarmless) {
  const std::string text = report_of(kFolder / "hostile.ndjson", GetParam());
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << "a terminal would obey it";
  EXPECT_EQ(text.find('\0'), std::string::npos);
  EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos) << "changes the direction of what follows";
  if (GetParam() == "junit" || GetParam() == "markdown") {
    EXPECT_EQ(text.find("<script"), std::string::npos) << "HTML";
  }
  if (GetParam() == "sarif") {
    EXPECT_EQ(text.find("[x](javascript"), std::string::npos) << "a link in a message";
  }
  if (GetParam() == "junit") {
    EXPECT_EQ(text.find("]]>"), std::string::npos);
  }
  if (GetParam() == "tap") {
    EXPECT_EQ(count(text, "\nok "), 1u) << "a line end in a text forges no result";
  }
  if (GetParam() == "csv") {
    EXPECT_EQ(text.find("\r\n="), std::string::npos) << "a formula";
  }
}
INSTANTIATE_TEST_SUITE_P(Formats, Hostile,
                         testing::Values("badge", "console", "csv", "junit", "markdown", "sarif", "tap"),
                         [](const auto& i) { return i.param; });

TEST(Formats, CountTheSame) {
  const fs::path file = kFolder / "run.ndjson";
  const ResultsFile results = read_results(file);
  const std::size_t unexpected = results.footer->news + results.footer->fixed;
  const std::size_t absent = results.footer->absent.size();
  const std::string junit = report_of(file, "junit"), tap = report_of(file, "tap"),
                    csv = report_of(file, "csv");
  EXPECT_EQ(count(junit, "<failure") + count(junit, "<error"), unexpected + absent);
  EXPECT_EQ(count(tap, "\nnot ok") - count(tap, "# TODO"), unexpected + absent);
  EXPECT_EQ(count(csv, "\r\n"), results.cells.size() + 1);
  std::size_t in_sarif = 0;
  const auto sarif = nlohmann::json::parse(report_of(file, "sarif"));
  for (const auto& result : sarif["runs"][0]["results"])
    in_sarif += result["occurrenceCount"].get<std::size_t>();
  EXPECT_EQ(in_sarif, unexpected);
  EXPECT_NE(report_of(file, "markdown")
                .find(fmt::format("{} news, {} fixed", results.footer->news, results.footer->fixed)),
            std::string::npos);
}

TEST(Markdown, KeepsToItsBudget) {
  std::string text;
  MarkdownReport report([&](const std::string& all) { text = all; });
  RunHeader header;
  header.columns = {Column{}};
  header.columns[0].client = "acme";
  header.columns[0].mode = "m";
  report.begin(header);
  for (int i = 0; i < 5000; ++i) {
    ScenarioRecord scenario;
    scenario.id = fmt::format("x/{}", i);
    scenario.cells = 1;
    report.scenario(scenario);
    CellResult cell;
    cell.scenario = scenario.id;
    cell.client = "acme";
    cell.mode = "m";
    cell.outcome = Outcome::lax;
    report.cell(cell);
  }
  report.end({});
  EXPECT_LE(text.size(), kMarkdownOctets);
  EXPECT_NE(text.find(" more: see the results"), std::string::npos);
}

TEST(ReportRequest, IsFormatAndFile) {
  EXPECT_EQ(parse_report_request("junit:out/x").file, "out/x");
  for (const char* bad : {"", "junit", "junit:", "jnit:x", ":x"})
    EXPECT_THROW(parse_report_request(bad), InputError);
}

TEST(ReportRequest, AFolderThatCannotBeMadeIsRefusedBeforeTheRun) {
  for (const char* format : {"junit", "sarif", "badge", "csv"})
    EXPECT_THROW(make_report({format, "/proc/out/x"}), OutputError) << format;
}

TEST(Console, ACellThatIsThereTwiceIsRefused) {
  RunHeader header;
  header.columns = {Column{}};
  header.columns[0].client = "a";
  header.columns[0].mode = "m";
  ScenarioRecord scenario;
  scenario.id = "a/b";
  scenario.cells = 2;
  CellResult cell;
  cell.scenario = "a/b";
  cell.client = "a";
  cell.mode = "m";
  std::FILE* nowhere = std::fopen("/dev/null", "w");
  ConsoleReport quiet(nowhere, Colour::off, "x");
  quiet.begin(header);
  quiet.scenario(scenario);
  quiet.cell(cell);
  EXPECT_THROW(quiet.cell(cell), InputError);
  cell.scenario = "a/other";
  EXPECT_THROW(quiet.cell(cell), InputError);
  cell.scenario = "a/b";
  cell.mode = "other";
  EXPECT_THROW(quiet.cell(cell), InputError);
  std::fclose(nowhere);
}

}  // namespace
}  // namespace mxident::harness
