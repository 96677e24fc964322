#include "harness/results/merge.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "harness/input/json_input.hpp"
#include "harness/results/reader.hpp"
#include "harness/results/writer.hpp"

namespace mxident::harness {
namespace {

namespace fs = std::filesystem;

/// Results of some scenarios, as a shard of one run.
struct Shards {
  fs::path folder;
  RunHeader header;
  Shards() {
    std::string name = (fs::temp_directory_path() / "mxident-merge-XXXXXX").string();
    folder = mkdtemp(name.data());
    header.suite_digest = "suite";
    Column column;
    column.client = "acme";
    column.mode = "tls";
    column.version = "1.0";
    header.columns = {column};
  }
  ~Shards() { fs::remove_all(folder); }

  fs::path write(const char* name, unsigned shard, unsigned shards, const std::vector<std::string>& scenarios,
                 bool complete = true) {
    ResultsWriter writer(folder / name);
    header.shard = shard;
    header.shards = shards;
    header.scenarios = scenarios.size();
    writer.begin(header);
    RunFooter footer;
    footer.complete = complete;
    for (const auto& id : scenarios) {
      ScenarioRecord record;
      record.id = id;
      record.cells = 1;
      writer.scenario(record);
    }
    for (const auto& id : scenarios) {
      CellResult cell;
      cell.scenario = id;
      cell.client = "acme";
      cell.mode = "tls";
      cell.outcome = Outcome::pass;
      writer.cell(cell);
      ++footer.counts[cell.outcome];
    }
    writer.end(footer);
    return writer.file();
  }
  /// The sentence of a refusal; "" if there is none.
  std::string refusal(const std::vector<fs::path>& parts) {
    try {
      merge_results(parts, folder / "merged");
    } catch (const IncompleteParts& error) {
      return error.what();
    }
    return "";
  }
};

TEST(Merge, OfShardsIsTheRunInOnePiece) {
  Shards shards;
  const fs::path a = shards.write("a", 2, 2, {"x/3", "x/1"}), b = shards.write("b", 1, 2, {"x/2"});
  const fs::path whole = shards.write("whole", 1, 1, {"x/2", "x/3", "x/1"});
  EXPECT_EQ(read_text_file(merge_results({a, b}, shards.folder / "m1")),
            read_text_file(merge_results({whole}, shards.folder / "m2")));
  const auto merged = read_results(shards.folder / "m1" / "results.ndjson");
  EXPECT_EQ(merged.header.scenarios, 3u);
  EXPECT_EQ(merged.footer->counts.at(Outcome::pass), 3u);
}

TEST(Merge, RefusesWhatIsNoWhole) {
  Shards shards;
  const fs::path one = shards.write("one", 1, 3, {"x/1"}), two = shards.write("two", 2, 3, {"x/2"});
  EXPECT_NE(shards.refusal({one, two}).find("1 of 3 shards missing: 3"), std::string::npos);
  EXPECT_NE(shards.refusal({one, one, two}).find("shard 1, which is there twice"), std::string::npos);
  const fs::path cut = shards.write("cut", 3, 3, {"x/3"}, false);
  EXPECT_NE(shards.refusal({one, two, cut}).find("interrupted"), std::string::npos);
  const fs::path doubled = shards.write("doubled", 3, 3, {"x/2"});
  EXPECT_NE(shards.refusal({one, two, doubled}).find("\"x/2\" is there twice"), std::string::npos);
  const fs::path other_count = shards.write("count", 3, 4, {"x/3"});
  EXPECT_NE(shards.refusal({one, two, other_count}).find("one of 4 shards"), std::string::npos);
  shards.header.columns[0].version = "1.1";
  const fs::path release = shards.write("release", 3, 3, {"x/3"});
  EXPECT_NE(shards.refusal({one, two, release}).find("another release of acme tls"), std::string::npos);
  shards.header.columns[0].version = "1.0";
  shards.header.suite_digest = "other";
  const fs::path foreign = shards.write("foreign", 3, 3, {"x/3"});
  EXPECT_NE(shards.refusal({one, two, foreign}).find("other scenarios"), std::string::npos);
}

TEST(Merge, RefusesACellWithoutItsScenario) {
  Shards shards;
  const fs::path file = shards.write("a", 1, 1, {"x/1", "x/2"});
  std::string text = read_text_file(file);
  const std::size_t line = text.find('\n') + 1;
  text.erase(line, text.find('\n', line) + 1 - line);
  std::ofstream(file, std::ios::binary) << text;
  EXPECT_THROW(merge_results({file}, shards.folder / "merged"), InputError);
}

TEST(Merge, DoesNotWriteOverItsInput) {
  Shards shards;
  const fs::path one = shards.write("one", 1, 1, {"x/1"});
  const std::string before = read_text_file(one);
  EXPECT_THROW(merge_results({one}, shards.folder / "one"), InputError);
  EXPECT_EQ(read_text_file(one), before);
}

}  // namespace
}  // namespace mxident::harness
