#include "harness/report/page_history.hpp"

#include "harness/results/reader.hpp"

namespace mxident::harness {
namespace {

class Keeping : public Sink {
 public:
  Keeping(EarlierRun& out, const PageCells& cells) : out_(out), cells_(cells) {}
  void begin(const RunHeader& header) override {
    for (const auto& column : header.columns) {
      const auto known = cells_.columns.find({column.client, column.mode});
      if (known != cells_.columns.end()) out_.versions[known->second] = column.version;
    }
  }
  void cell(const CellResult& result) override {
    const auto row = cells_.rows.find(result.scenario);
    const auto column = cells_.columns.find({result.client, result.mode});
    if (row == cells_.rows.end() || column == cells_.columns.end()) return;
    out_.outcomes[row->second * cells_.columns.size() + column->second] = cells_.letter(result.outcome);
  }

 private:
  EarlierRun& out_;
  const PageCells& cells_;
};

}  // namespace

EarlierRun read_earlier(const std::filesystem::path& file, const PageCells& cells) {
  EarlierRun out{file.string(), std::vector<std::string>(cells.columns.size()),
                 std::string(cells.rows.size() * cells.columns.size(), cells.nothing)};
  Keeping keeping(out, cells);
  read_results(file, keeping);
  return out;
}

}  // namespace mxident::harness
