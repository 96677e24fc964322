#include "harness/results/result.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness/input/json_input.hpp"
#include "harness/results/reader.hpp"
#include "harness/results/writer.hpp"

namespace mxident::harness {
namespace {

namespace fs = std::filesystem;

/// A folder that goes away with the test.
struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "mxident-results-XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path); }
};

RunHeader header() {
  RunHeader out;
  out.mxident_version = "0.1.0";
  out.kernel = "Linux 6.1";
  out.suite_digest = "ab";
  out.shard = 2;
  out.shards = 3;
  out.seed = 18446744073709551615u;
  Column column;
  column.client = "curl";
  column.engine = "OpenSSL";
  column.version = "7.88.1";
  column.mode = "ssl-reqd";
  column.packages = {{"libssl3", "3.0.17-1~deb12u2"}};
  out.columns = {column};
  return out;
}

ScenarioRecord scenario() {
  ScenarioRecord out;
  out.id = "rfc9525/x";
  out.title = "X";
  out.sources = {"RFC 9525 6.3"};
  out.rules = {"nul-byte"};
  out.hosts = {"mx1.x.test", "mx2.x.test"};
  out.host = "mx1.x.test";
  out.presented = std::vector<std::string>{"dns:mx1.x.test"};
  out.presented_by_sni = {{"x.test", {"dns:x.test"}}};
  out.cells = 1;
  return out;
}

CellResult example() {
  CellResult r;
  r.scenario = "rfc9525/x";
  r.client = "curl";
  r.mode = "ssl-reqd";
  r.policy = "rfc6125";
  r.expected = Expected::reject;
  r.decision = Decision::accept;
  r.outcome = Outcome::lax;
  r.layers.name = LayerState::ok;
  r.sni = "mx.x.test";
  r.words = "octet \xff and NUL";
  r.events = {{5, WireKind::connected, 1, "mx1.x.test", "127.0.1.1", false, ""},
              {9, WireKind::received, 1, "mx1.x.test", "127.0.1.1", true, "EHLO \xff\n"}};
  return r;
}

TEST(Results, ReadBackWhatWasWritten) {
  const Folder folder;
  {
    ResultsWriter writer(folder.path);
    writer.begin(header());
    writer.scenario(scenario());
    writer.cell(example());
    RunFooter footer;
    footer.complete = true;
    footer.counts[Outcome::lax] = 1;
    footer.differing = {"curl ssl-reqd rfc9525/x: 1 x hang"};
    footer.absent = {"acme: not installed"};
    writer.end(footer);
  }
  const auto read = read_results(folder.path / "results.ndjson");
  EXPECT_EQ(to_line(read.header), to_line(header()));
  EXPECT_EQ(read.header.columns.at(0).packages.at("libssl3"), "3.0.17-1~deb12u2");
  EXPECT_EQ(read.header.seed, 18446744073709551615u);
  ASSERT_EQ(read.scenarios.size(), 1u);
  EXPECT_EQ(to_line(read.scenarios[0]), to_line(scenario()));
  ASSERT_EQ(read.cells.size(), 1u);
  EXPECT_EQ(to_line(read.cells[0]), to_line(example()));
  EXPECT_EQ(read.cells[0].events, example().events) << "no octet may be lost";
  ASSERT_TRUE(read.footer.has_value());
  EXPECT_EQ(read.footer->counts.at(Outcome::lax), 1u);
  EXPECT_EQ(read.footer->differing.size(), 1u);
  EXPECT_EQ(read.footer->absent, std::vector<std::string>{"acme: not installed"});
}

TEST(Results, ACutLineIsLeftOutAndSaid) {
  const Folder folder;
  const fs::path file = folder.path / "r.ndjson";
  std::ofstream(file) << to_line(header()) << "\n"
                      << to_line(scenario()) << "\n"
                      << to_line(example()) << "\n"
                      << to_line(example()).substr(0, 40);
  Sink nobody;
  EXPECT_EQ(read_results(file, nobody), Ending::torn);
  EXPECT_EQ(read_results(file).cells.size(), 1u);
  std::ofstream(file) << to_line(header()) << "\n";
  EXPECT_EQ(read_results(file, nobody), Ending::cut_off);
}

struct Row {
  const char* name;
  std::string text, message;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}
class BadResults : public testing::TestWithParam<Row> {};

TEST_P(BadResults, AreRefusedWithThePlace) {
  const Folder folder;
  const fs::path file = folder.path / "r.ndjson";
  std::ofstream(file) << GetParam().text;
  Sink nobody;
  std::string message = "(accepted)";
  try {
    read_results(file, nobody);
  } catch (const InputError& error) {
    message = error.what();
  }
  EXPECT_NE(message.find("r.ndjson"), std::string::npos) << message;
  EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
}

std::string lines(std::initializer_list<std::string> all) {
  std::string out;
  for (const auto& line : all) out += line + "\n";
  return out;
}
const std::string kHeader = to_line(RunHeader{});
const Row kBad[] = {
    {"empty", "", "holds no complete line"},
    {"version_1", "{\"schema\": \"mxident-results/1\", \"mxident\": \"0.1.0\"}\n",
     ":1: /schema: found \"mxident-results/1\", wanted \"mxident-results/2\""},
    {"no_json", lines({kHeader, "{\"type\": \"cell\", nonsense}"}), ": line 2, column 19: syntax error"},
    {"key_twice", lines({kHeader, "{\"type\": \"cell\", \"type\": \"cell\"}"}), "stands twice"},
    {"no_header", lines({to_line(CellResult{})}), ":1: /: is no header"},
    {"two_headers", lines({kHeader, kHeader}), ":2: /: is a second header"},
    {"no_type", lines({kHeader, "{}"}), ":2: /: the key \"type\" is missing"},
    {"unknown_type", lines({kHeader, "{\"type\": \"cel\"}"}), ":2: /type: found \"cel\""},
    {"wrong_kind", lines({kHeader, "{\"type\": \"cell\", \"scenario\": 5}"}),
     ":2: /scenario: found number 5, wanted a string"},
    {"unknown_outcome",
     lines({kHeader,
            "{\"type\": \"cell\", \"scenario\": \"a/b\", \"client\": \"c\", \"mode\": \"m\", \"expected\": "
            "\"reject\", \"decision\": null, \"outcome\": \"splendid\"}"}),
     ":2: /outcome: \"splendid\" is no known word"},
    {"time_below_zero",
     lines({kHeader,
            "{\"type\": \"cell\", \"scenario\": \"a/b\", \"client\": \"c\", \"mode\": \"m\", \"expected\": "
            "\"reject\", \"decision\": null, \"outcome\": \"pass\", \"duration_ms\": -5}"}),
     ":2: /duration_ms: found -5, wanted a number from 0 on"},
    {"shard_beyond_all",
     "{\"type\": \"header\", \"schema\": \"mxident-results/2\", \"columns\": [], \"shard\": {\"index\": 3, "
     "\"of\": 2}}\n",
     ":1: /shard/index: found number 3, wanted a whole number from 1 to 2"},
    {"behind_the_footer", lines({kHeader, to_line(RunFooter{}), to_line(ScenarioRecord{})}),
     ":3: /: stands behind the footer"},
    {"half_an_octet",
     lines(
         {kHeader,
          "{\"type\": \"cell\", \"scenario\": \"a/b\", \"client\": \"c\", \"mode\": \"m\", \"expected\": "
          "\"reject\", \"decision\": null, \"outcome\": \"lax\", \"events\": [{\"t\": 0, \"kind\": \"sent\", "
          "\"hex\": \"f\"}]}"}),
     ":2: /events/0/hex: wanted pairs"},
    {"deep", lines({kHeader, std::string(1000, '[') + std::string(1000, ']')}), "nested deeper"},
};
INSTANTIATE_TEST_SUITE_P(Table, BadResults, testing::ValuesIn(kBad),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(ResultsWriter, ASecondRunIntoOneFolderIsRefused) {
  const Folder folder;
  const ResultsWriter first(folder.path);
  std::string message;
  try {
    const ResultsWriter second(folder.path);
  } catch (const OutputError& error) {
    message = error.what();
  }
  EXPECT_NE(message.find("another run is writing there"), std::string::npos) << message;
}

TEST(ResultsWriter, TheFolderIsFreeAgainAfterwards) {
  const Folder folder;
  { const ResultsWriter first(folder.path); }
  EXPECT_NO_THROW(ResultsWriter(folder.path));
}

/// The sentence with which a writer gives up; "" if it does not.
template <typename Write>
std::string refusal(Write&& write) {
  try {
    write();
  } catch (const OutputError& error) {
    return error.what();
  }
  return "";
}

TEST(ResultsWriter, AFullDiskIsASentence) {
  const Folder folder;
  fs::create_symlink("/dev/full", folder.path / "results.ndjson");
  const std::string said = refusal([&] { ResultsWriter(folder.path).begin(header()); });
  EXPECT_NE(said.find("results.ndjson: cannot be written: No space left on device"), std::string::npos)
      << said;
}

TEST(ResultsWriter, AFolderThatVanishesIsASentence) {
  const Folder folder;
  ResultsWriter writer(folder.path / "out");
  writer.begin(header());
  fs::remove_all(folder.path / "out");
  const std::string said = refusal([&] { writer.end({}); });
  EXPECT_NE(said.find("is gone"), std::string::npos) << said;
}

TEST(ResultsWriter, AFolderThatCannotBeMadeIsASentence) {
  const std::string said = refusal([] { ResultsWriter("/proc/mxident-out"); });
  EXPECT_NE(said.find("/proc/mxident-out: cannot be made"), std::string::npos) << said;
}

TEST(WriteFile, IsWholeOrNotThere) {
  const Folder folder;
  write_file(folder.path / "a.json", "one");
  write_file(folder.path / "a.json", "two");
  EXPECT_EQ(read_text_file(folder.path / "a.json"), "two");
  EXPECT_NE(refusal([&] { write_file(folder.path / "missing" / "a.json", "x"); }).find("cannot be written"),
            std::string::npos);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()), 1)
      << "nothing is left beside it";
}

TEST(WriteFile, LeavesWhatIsNoFileInItsPlace) {
  const Folder folder;
  const fs::path pipe = folder.path / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int reader = open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  write_file(pipe, "text");
  char text[8] = {};
  EXPECT_EQ(read(reader, text, sizeof text), 4);
  close(reader);
  EXPECT_EQ(fs::status(pipe).type(), fs::file_type::fifo);
  EXPECT_NE(
      refusal([&] { write_file("/dev/full", "x"); }).find("/dev/full: cannot be written: No space left"),
      std::string::npos);
  EXPECT_EQ(fs::status("/dev/full").type(), fs::file_type::character);
}

TEST(WriteFile, FollowsALink) {
  const Folder folder;
  write_file(folder.path / "a.json", "one");
  fs::create_symlink("a.json", folder.path / "latest.json");
  write_file(folder.path / "latest.json", "two");
  EXPECT_TRUE(fs::is_symlink(folder.path / "latest.json"));
  EXPECT_EQ(read_text_file(folder.path / "a.json"), "two");
}

}  // namespace
}  // namespace mxident::harness
