#include "harness/results/merge.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "harness/input/json_input.hpp"
#include "harness/results/reader.hpp"
#include "harness/results/unfinished.hpp"
#include "harness/results/writer.hpp"

namespace mxident::harness {
namespace {

namespace fs = std::filesystem;

/// A line of a part, by what it is sorted by.
struct Line {
  std::uint32_t scenario = 0;  ///< place among the ids
  std::uint32_t column = 0;    ///< 0: the scenario's own line, else the column's place from 1
  std::uint32_t part = 0;
  std::uint32_t length = 0;
  std::uint64_t offset = 0;
  auto key() const { return std::tie(scenario, column); }
};
static_assert(kMaxResultsLine < UINT32_MAX);

/// Lines of all parts; each id is kept once.
struct AllLines {
  std::vector<Line> lines;
  std::map<std::string, std::uint32_t> places;

  void sort() {
    std::vector<std::uint32_t> rank(places.size());
    std::uint32_t next = 0;
    for (auto& [id, place] : places) {
      rank[place] = next;
      place = next++;
    }
    for (auto& line : lines) line.scenario = rank[line.scenario];
    std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.key() < b.key(); });
  }
  std::string id_of(const Line& line) const {
    for (const auto& [id, place] : places) {
      if (place == line.scenario) return id;
    }
    return "";
  }
};

/// One part: header and footer, and where its lines lie.
class Part : public Sink {
 public:
  Part(fs::path path, std::size_t index, AllLines& lines)
      : file(std::move(path)), index_(index), lines_(lines) {}

  void read() {
    const Ending ending = read_results(file, *this, position_);
    if (ending != Ending::whole || !footer.complete)
      throw IncompleteParts(
          fmt::format("{}: is of a run that was interrupted, wanted a whole one", file.string()));
  }
  void begin(const RunHeader& head) override {
    header = head;
    for (std::size_t i = 0; i < head.columns.size(); ++i)
      columns_[{head.columns[i].client, head.columns[i].mode}] = i + 1;
  }
  void scenario(const ScenarioRecord& scenario) override { add(scenario.id, 0); }
  void cell(const CellResult& result) override {
    const auto column = columns_.find({result.client, result.mode});
    if (column == columns_.end()) {
      throw InputError(fmt::format("{}:{}", file.string(), position_.line), "/mode",
                       fmt::format("{} {} is no column of the header", result.client, result.mode));
    }
    add(result.scenario, column->second);
  }
  void end(const RunFooter& foot) override { footer = foot; }

  fs::path file;
  RunHeader header;
  RunFooter footer;

 private:
  void add(const std::string& scenario, std::size_t column) {
    const auto place =
        lines_.places.emplace(scenario, static_cast<std::uint32_t>(lines_.places.size())).first->second;
    lines_.lines.push_back({place, static_cast<std::uint32_t>(column), static_cast<std::uint32_t>(index_),
                            static_cast<std::uint32_t>(position_.length), position_.offset});
  }
  std::size_t index_;
  AllLines& lines_;
  LinePosition position_;
  std::map<std::pair<std::string, std::string>, std::size_t> columns_;
};

void check_parts(const std::vector<Part>& parts) {
  const Part& first = parts.front();
  std::set<unsigned> seen;
  for (const auto& part : parts) {
    if (const std::string other = other_run(first.header, part.header); !other.empty()) {
      throw IncompleteParts(fmt::format("{}: is no part of the same run as {}: it has {}", part.file.string(),
                                        first.file.string(), other));
    }
    if (part.header.shards != first.header.shards) {
      throw IncompleteParts(fmt::format("{}: is one of {} shards, and {} one of {}", part.file.string(),
                                        part.header.shards, first.file.string(), first.header.shards));
    }
    if (!seen.insert(part.header.shard).second)
      throw IncompleteParts(
          fmt::format("{}: is shard {}, which is there twice", part.file.string(), part.header.shard));
  }
  std::vector<unsigned> missing;
  for (unsigned i = 1; i <= first.header.shards; ++i) {
    if (!seen.contains(i)) missing.push_back(i);
  }
  if (!missing.empty()) {
    throw IncompleteParts(fmt::format("{} of {} shards missing: {}", missing.size(), first.header.shards,
                                      fmt::join(missing, ", ")));
  }
}

RunFooter sum_of(const std::vector<Part>& parts) {
  RunFooter out;
  out.complete = true;
  std::set<std::string> absent;
  for (const auto& part : parts) {
    const RunFooter& footer = part.footer;
    for (const auto& [outcome, count] : footer.counts) out.counts[outcome] += count;
    out.no_expectation += footer.no_expectation;
    out.news += footer.news;
    out.fixed += footer.fixed;
    out.repetitions = footer.repetitions;
    out.differing.insert(out.differing.end(), footer.differing.begin(), footer.differing.end());
    absent.insert(footer.absent.begin(), footer.absent.end());
    out.wall_s = std::max(out.wall_s, footer.wall_s);  // shards run side by side
    out.client_cpu_s += footer.client_cpu_s;
    out.harness_cpu_s += footer.harness_cpu_s;
    out.cores = footer.cores;
  }
  std::sort(out.differing.begin(), out.differing.end());
  out.absent.assign(absent.begin(), absent.end());
  return out;
}

}  // namespace

fs::path merge_results(const std::vector<fs::path>& files, const fs::path& folder) {
  AllLines all;
  const std::vector<Line>& lines = all.lines;
  std::vector<Part> parts;
  parts.reserve(files.size());
  for (const auto& file : files) parts.emplace_back(file, parts.size(), all).read();
  check_parts(parts);
  all.sort();
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i - 1].key() == lines[i].key()) {
      throw IncompleteParts(fmt::format("{}: {} \"{}\" is there twice", files[lines[i].part].string(),
                                        lines[i].column ? "a cell of" : "the scenario", all.id_of(lines[i])));
    }
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].column && (i == 0 || lines[i - 1].scenario != lines[i].scenario)) {
      throw InputError(
          files[lines[i].part].string(), "",
          fmt::format("a cell names the scenario \"{}\", which has no line", all.id_of(lines[i])));
    }
  }
  RunHeader header = parts.front().header;
  header.scenarios = 0;
  for (const auto& part : parts) header.scenarios += part.header.scenarios;
  header.shard = header.shards = 1;

  for (const auto& file : files) {
    if (std::error_code error; fs::equivalent(file, folder / "results.ndjson", error))
      throw InputError(file.string(), "", "is the file that would be written, wanted another --output");
  }
  ResultsWriter writer(folder);
  writer.begin(header);
  std::vector<std::ifstream> streams;
  for (const auto& file : files) streams.emplace_back(file, std::ios::binary);
  std::string text;
  for (const auto& line : lines) {
    text.resize(line.length);
    streams[line.part].seekg(static_cast<std::streamoff>(line.offset));
    if (!streams[line.part].read(text.data(), static_cast<std::streamsize>(text.size())))
      throw InputError(files[line.part].string(), "", "changed while it was read");
    writer.line(text);
  }
  writer.end(sum_of(parts));
  return writer.file();
}

}  // namespace mxident::harness
