#include "harness/results/kept_runs.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/results/writer.hpp"

namespace mxident::harness {
namespace {

namespace fs = std::filesystem;

struct KeptRuns : testing::Test {
  KeptRuns() {
    std::string name = (fs::temp_directory_path() / "mxident-kept-XXXXXX").string();
    folder = mkdtemp(name.data());
  }
  ~KeptRuns() override { fs::remove_all(folder); }
  std::vector<nlohmann::json> index() const {
    std::vector<nlohmann::json> out;
    std::ifstream in(folder / "runs.ndjson");
    for (std::string line; std::getline(in, line);) out.push_back(nlohmann::json::parse(line));
    return out;
  }
  fs::path folder;
};

TEST_F(KeptRuns, GrowAndTellTheNewestWholeOne) {
  constexpr std::int64_t kTime = 1764324900;  // 2025-11-28T10:15:00Z
  const fs::path first = new_run_folder(folder, kTime), second = new_run_folder(folder, kTime);
  EXPECT_EQ(first.filename(), "2025-11-28T101500Z");
  EXPECT_EQ(second.filename(), "2025-11-28T101500Z-2") << "of the same second";
  RunHeader header;
  header.columns.resize(1);
  header.columns[0].client = "acme";
  header.columns[0].version = "1.0";
  RunFooter footer;
  footer.complete = true;
  footer.news = 2;
  add_to_index(first, header, footer, 1);
  EXPECT_EQ(fs::read_symlink(folder / "latest"), first.filename());
  add_to_index(second, header, RunFooter{}, 5);
  EXPECT_EQ(fs::read_symlink(folder / "latest"), first.filename()) << "the second was interrupted";
  add_to_index(second, header, footer, 0);
  EXPECT_EQ(fs::read_symlink(folder / "latest"), second.filename());
  const auto lines = index();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0]["run"], first.filename().string());
  EXPECT_EQ(lines[0]["news"], 2);
  EXPECT_EQ(lines[0]["clients"]["acme"], "1.0");
  EXPECT_EQ(lines[1]["complete"], false);
}

TEST_F(KeptRuns, AFolderThatCannotBeIsSaid) {
  std::ofstream(folder / "file") << "x";
  EXPECT_THROW(new_run_folder(folder / "file", 0), OutputError);
}

}  // namespace
}  // namespace mxident::harness
