// The same hostile results to every writer: what servers, clients and strangers' files say reaches a
// terminal, a browser, a spreadsheet, a CI server.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <cstdio>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "harness/analysis/diff.hpp"
#include "harness/input/json_input.hpp"
#include "harness/report/console.hpp"
#include "harness/report/diff_report.hpp"
#include "harness/report/formats.hpp"
#include "harness/report/markdown.hpp"

namespace mxident::harness {
namespace {

constexpr std::size_t kLong = 1u << 20;

/// HTML, the end of CDATA, a terminal's colour, a mark that turns the direction of writing, a formula, lines
/// that look like a result, a mention, a link, a NUL, an octet that is no UTF-8.
std::string hostile(const std::string& tail = "") {
  using namespace std::string_literals;
  return "=cmd|' /C calc'!A0 <script>alert(1)</script>]]>&\"\x1b[31mred\xe2\x80\xae\xff\n"
         "not ok 9 - forged\r\nok 9 - forged\n# heading\n@everyone `|*_[x](javascript:1)\0end"s +
         tail;
}

/// A run of two modes in which every text is hostile. `flip`: cells end otherwise.
struct HostileRun {
  RunHeader header;
  ScenarioRecord scenarios[2];
  std::vector<CellResult> cells;
  RunFooter footer;
};

HostileRun hostile_run(bool flip) {
  HostileRun out;
  const std::string text = hostile();
  out.header.mxident_version = out.header.sandbox = out.header.kernel = out.header.suite_digest = text;
  out.header.scenarios = 2;
  for (const char* mode : {"-1", "+2"}) {
    Column column{text, text, text, text + (flip ? "2" : "1"), hostile(mode), text, text, {{text, mode}},
                  text, "",   text};
    if (flip) column.packages[text] += "2";
    out.header.columns.push_back(column);
  }
  for (int i = 0; i < 2; ++i) {
    ScenarioRecord& s = out.scenarios[i];
    s.id = hostile(std::to_string(i));
    s.title = i ? std::string(kLong, '<') : text;
    s.sources = s.rules = s.tags = s.hosts = {text, hostile("2"), "\xef\xbc\x9d" + text};
    s.domain = s.host = s.twin = s.reason = s.digest = text;
    s.presented = {text, hostile("2"), hostile("3"), hostile("4")};
    s.certificate = text;
    s.attempts = {{text, text, text}};
    s.cells = 2;
    for (const auto& column : out.header.columns) {
      CellResult r;
      r.scenario = s.id;
      r.client = column.client;
      r.client_version = column.version;
      r.mode = column.mode;
      r.policy = text;
      r.expected = Expected::reject;
      r.decision = flip ? Decision::reject : Decision::accept;
      r.outcome = flip ? Outcome::hang : Outcome::lax;
      r.reason = r.note = r.alert = r.contradiction = r.said = r.reproduce = text;
      r.sni = text;
      r.words = i ? hostile(std::string(kLong, 'w')) : text;
      r.baseline = BaselineState::news;
      if (i) r.compared_with = text;
      r.known = {text, text, text};
      WireEvent event;
      event.kind = WireKind::received;
      event.host = event.text = text;
      r.events = {event};
      out.cells.push_back(r);
    }
  }
  CellResult& untried = out.cells.back();
  untried.outcome = Outcome::unsupported;
  for (const auto& cell : out.cells) ++out.footer.counts[cell.outcome];
  out.footer.news = out.cells.size();
  out.footer.differing = out.footer.absent = {text, hostile(": why")};
  return out;
}

void feed(const HostileRun& run, Sink& sink) {
  sink.begin(run.header);
  for (const auto& scenario : run.scenarios) sink.scenario(scenario);
  for (const auto& cell : run.cells) sink.cell(cell);
  sink.end(run.footer);
}

std::string printed(const std::function<std::unique_ptr<Sink>(std::FILE*)>& make) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* out = open_memstream(&text, &size);
  feed(hostile_run(false), *make(out));
  std::fclose(out);
  std::string all(text, size);
  free(text);
  return all;
}

RunDigest digest(bool flip) {
  RunDigest out;
  feed(hostile_run(flip), out);
  return out;
}
RunDiff difference() {
  return diff(digest(false), digest(true));
}
History history() {
  const auto versions = [](const RunDigest& run) {
    return History::Run{hostile(), {{run.header.columns[0].client, run.header.columns[0].version}}};
  };
  return {{versions(digest(false)), versions(digest(true))}, {difference()}};
}

enum class Form { text, html, markdown, csv, json, json_lines, xml, tap };
struct Writer {
  std::string name;
  Form form = Form::text;
  std::function<std::string()> write;
};

std::vector<Writer> writers() {
  std::vector<Writer> out;
  const std::map<std::string, Form> forms{
      {"badge", Form::json_lines},  {"csv", Form::csv},    {"html", Form::html},    {"junit", Form::xml},
      {"markdown", Form::markdown}, {"sarif", Form::json}, {"senders", Form::text}, {"tap", Form::tap}};
  for (const auto& format : report_formats())  // at() throws for one that has no row here
    out.push_back({format, forms.at(format),
                   [format] { return printed([&](std::FILE* file) { return make_report(format, file); }); }});
  out.push_back({"console", Form::text, [] {
                   return printed([](std::FILE* file) {
                     return std::make_unique<ConsoleReport>(file, Colour::off, hostile());
                   });
                 }});
  out.push_back({"diff_text", Form::text, [] { return diff_text(difference()); }});
  out.push_back({"diff_json", Form::json, [] { return diff_json(difference()); }});
  out.push_back({"diff_markdown", Form::markdown, [] { return diff_markdown(difference()); }});
  out.push_back(
      {"diff_html", Form::html, [] { return diff_html(difference(), hostile("old"), hostile("new")); }});
  out.push_back({"history_text", Form::text, [] { return history_text(history()); }});
  out.push_back({"history_json", Form::json, [] { return history_json(history()); }});
  return out;
}

class HostileResults : public testing::TestWithParam<Writer> {};

TEST_P(HostileResults, AreHarmless) {
  const std::string text = GetParam().write();
  ASSERT_GT(text.size(), 100u);
  EXPECT_LT(text.size(), 16 * kLong) << "two long texts must not become many";
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << "a terminal would obey it";
  EXPECT_EQ(text.find('\0'), std::string::npos);
  EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos) << "changes the direction of what follows";
  EXPECT_NO_THROW(nlohmann::json(text).dump()) << "is no UTF-8";
  EXPECT_EQ(text.find("\nok 9"), std::string::npos) << "a line end in a text forges a line";
  EXPECT_EQ(text.find("\nnot ok 9"), std::string::npos);
  EXPECT_EQ(text.find("\n# heading"), std::string::npos);
  const Form form = GetParam().form;
  if (form == Form::html || form == Form::markdown || form == Form::xml) {
    EXPECT_EQ(text.find("<script>alert"), std::string::npos);
    EXPECT_EQ(text.find("</script>]]>"), std::string::npos);
  }
  if (form == Form::xml) {
    EXPECT_EQ(text.find("]]>"), std::string::npos);
    std::istringstream in(text);
    boost::property_tree::ptree tree;
    EXPECT_NO_THROW(read_xml(in, tree));
  }
  if (form == Form::markdown) {
    EXPECT_LE(text.size(), kMarkdownOctets);
    EXPECT_EQ(text.find("[x](javascript"), std::string::npos) << "a link";
    EXPECT_EQ(text.find("@everyone"), std::string::npos) << "mentions somebody";
  }
  if (form == Form::csv) {
    for (const char* before :
         {"\n=", ",=", "\"=", ",-", "\"-", ",+", ",@", "\n\xef\xbc\x9d", ",\xef\xbc\x9d"})
      EXPECT_EQ(text.find(before), std::string::npos) << "a formula behind " << before;
  }
  std::istringstream lines(text);
  if (form == Form::json) {
    EXPECT_TRUE(nlohmann::json::accept(text));
  }
  if (form == Form::json_lines) {
    for (std::string line; std::getline(lines, line);) EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
}
INSTANTIATE_TEST_SUITE_P(Writers, HostileResults, testing::ValuesIn(writers()),
                         [](const auto& row) { return row.param.name; });

// Every form alike: a page that left the cell out would say less than the others, with exit code 0.
TEST(Reports, RefuseACellOfNoAnnouncedScenario) {
  HostileRun run = hostile_run(false);
  for (auto& scenario : run.scenarios) scenario.id += " of another name";
  for (const auto& format : report_formats()) {
    std::FILE* out = std::tmpfile();
    EXPECT_THROW(feed(run, *make_report(format, out)), InputError) << format;
    std::fclose(out);
  }
}

}  // namespace
}  // namespace mxident::harness
