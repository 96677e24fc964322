#include "harness/results/unfinished.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "harness/input/json_input.hpp"
#include "harness/results/reader.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness {
namespace {

/// False: no line of the file has an end, so that there is no header either.
bool has_a_line(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string part(1 << 16, '\0');
  while (in.read(part.data(), static_cast<std::streamsize>(part.size())) || in.gcount() > 0) {
    if (std::find(part.begin(), part.begin() + in.gcount(), '\n') != part.begin() + in.gcount()) return true;
  }
  return false;
}

/// What must be the same in all parts of a run, as text.
std::string common_line(RunHeader header) {
  header.shard = header.shards = 1;
  header.scenarios = 0;
  header.matrix_values.clear();
  header.kernel.clear();
  header.sandbox.clear();
  for (auto& column : header.columns) column.manifest_file.clear();  // the digest says which it was
  return to_line(header);
}

}  // namespace

Unfinished::Unfinished(const std::filesystem::path& file) : file_(file.string()) {
  if (!has_a_line(file)) return;
  LinePosition position;
  struct Watch : Sink {
    Watch(Unfinished& to, const LinePosition& at) : whole(to), place(at) {}
    void begin(const RunHeader& header) override {
      whole.begin(header);
      behind();
    }
    void scenario(const ScenarioRecord& scenario) override {
      whole.scenario(scenario);
      behind();
    }
    void cell(const CellResult& result) override {
      whole.cell(result);
      behind();
    }
    void behind() { whole.octets_ = place.offset + place.length + 1; }
    Unfinished& whole;
    const LinePosition& place;
  } watch(*this, position);
  read_results(file, watch, position);
}

void Unfinished::begin(const RunHeader& header) {
  begun_ = true;
  header_ = header;
  for (std::size_t i = 0; i < header.columns.size(); ++i)
    columns_[{header.columns[i].client, header.columns[i].mode}] = i;
}

void Unfinished::scenario(const ScenarioRecord& scenario) {
  ScenarioRecord plan = scenario;
  plan.certificate.clear();  // minted anew by each run
  plan.attempts.clear();
  if (!lines_.emplace(scenario.id, to_line(plan)).second) {
    throw InputError(
        file_, "", fmt::format("the scenario \"{}\" is there twice, wanted it once", printable(scenario.id)));
  }
}

std::size_t Unfinished::column_of(const std::string& client, const std::string& mode) const {
  const auto found = columns_.find({client, mode});
  return found == columns_.end() ? header_.columns.size() : found->second;
}

void Unfinished::cell(const CellResult& result) {
  const std::size_t column = column_of(result.client, result.mode);
  if (column == header_.columns.size() || !lines_.contains(result.scenario)) {
    throw InputError(
        file_, "",
        fmt::format("a cell of \"{}\" and {} {} has no line of its scenario or mode before it",
                    printable(result.scenario), printable(result.client), printable(result.mode)));
  }
  std::string& row = done_[result.scenario];
  row.resize(header_.columns.size());
  if (row[column] != 0) {
    throw InputError(
        file_, "",
        fmt::format("the cell of {} {} in \"{}\" is there twice, wanted it once", printable(result.client),
                    printable(result.mode), printable(result.scenario)));
  }
  row[column] = static_cast<char>(1 + static_cast<int>(result.expected));
  ++cells_;
}

const std::string* Unfinished::scenario(const std::string& id) const {
  const auto found = lines_.find(id);
  return found == lines_.end() ? nullptr : &found->second;
}

std::optional<Expected> Unfinished::expected(const std::string& scenario, const std::string& client,
                                             const std::string& mode) const {
  const auto row = done_.find(scenario);
  const std::size_t column = column_of(client, mode);
  if (row == done_.end() || column >= row->second.size() || row->second[column] == 0) return std::nullopt;
  return static_cast<Expected>(row->second[column] - 1);
}

std::string other_run(const RunHeader& a, const RunHeader& b) {
  if (common_line(a) == common_line(b)) return "";
  if (a.suite_digest != b.suite_digest) return "other scenarios (suite digest)";
  if (a.mxident_version != b.mxident_version) return "another mxident";
  if (a.seed != b.seed || a.matrix != b.matrix) return "another draw of the matrix";
  if (a.columns.size() != b.columns.size()) return "other clients or modes";
  for (std::size_t i = 0; i < a.columns.size(); ++i) {
    const Column &x = a.columns[i], &y = b.columns[i];
    const std::string mode = fmt::format("{} {}", y.client, y.mode);
    if (x.client != y.client || x.mode != y.mode) return fmt::format("another column ({})", mode);
    if (x.version != y.version || x.packages != y.packages) return fmt::format("another release of {}", mode);
    if (x.manifest != y.manifest) return fmt::format("another manifest of {}", mode);
    if (x.unsupported != y.unsupported) return fmt::format("another reason why {} cannot be tried", mode);
  }
  return "something else in the header";
}

}  // namespace mxident::harness
