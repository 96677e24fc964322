// A run that was cut off, read so that it can be gone on with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/results/sink.hpp"

namespace mxident::harness {

/// What a results file holds of a run. Memory is that of the scenarios, and an octet for each of their cells.
class Unfinished : private Sink {
 public:
  /// One that is missing, empty, or torn in its first line has begun nothing. A last line that is only begun
  /// is left out. Throws InputError for a file that is damaged otherwise, or has a cell twice.
  explicit Unfinished(const std::filesystem::path& file);

  bool begun() const { return begun_; }
  const RunHeader& header() const { return header_; }
  std::size_t cells() const { return cells_; }
  /// Octets of whole lines, without the footer: from there on it is written.
  std::uint64_t octets() const { return octets_; }
  /// The line of a scenario without its certificate, which each run mints anew; nullptr: it is not there.
  const std::string* scenario(const std::string& id) const;
  std::size_t scenarios() const { return lines_.size(); }
  /// What a cell was to do, if the file has it.
  std::optional<Expected> expected(const std::string& scenario, const std::string& client,
                                   const std::string& mode) const;

 private:
  void begin(const RunHeader& header) override;
  void scenario(const ScenarioRecord& scenario) override;
  void cell(const CellResult& result) override;
  std::size_t column_of(const std::string& client, const std::string& mode) const;

  bool begun_ = false;
  RunHeader header_;
  std::map<std::pair<std::string, std::string>, std::size_t> columns_;
  std::unordered_map<std::string, std::string> lines_;
  std::unordered_map<std::string, std::string> done_;  ///< by scenario, an octet a column: 0, or the word
  std::size_t cells_ = 0;
  std::uint64_t octets_ = 0;
  std::string file_;
};

/// In what the headers of two results tell that they are of different runs, as the end of a sentence; empty:
/// in nothing. Where and when they ran does not count.
std::string other_run(const RunHeader& a, const RunHeader& b);

}  // namespace mxident::harness
