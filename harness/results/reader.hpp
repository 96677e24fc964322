// results.ndjson read back, a line at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "harness/results/sink.hpp"

namespace mxident::harness {

inline constexpr std::size_t kMaxResultsLine = 64u << 20;  ///< octets of one line

enum class Ending {
  whole,
  cut_off,  ///< no footer
  torn      ///< no footer, and the last line is only begun: the run was killed
};

/// Where the line lies of which a sink is being told.
struct LinePosition {
  std::size_t line = 0;      ///< from 1
  std::uint64_t offset = 0;  ///< octets from the start of the file
  std::size_t length = 0;    ///< octets, without its end
};

/// Tells `sink` what the file holds. Memory is that of a line. Throws InputError with file, line and column
/// or pointer; a last line without line end is left out.
Ending read_results(const std::filesystem::path& file, Sink& sink);
/// The same; before each line `position` is set to it.
Ending read_results(const std::filesystem::path& file, Sink& sink, LinePosition& position);

/// A whole file in memory.
struct ResultsFile {
  RunHeader header;
  std::vector<ScenarioRecord> scenarios;
  std::vector<CellResult> cells;
  std::optional<RunFooter> footer;  ///< missing: the run was cut off
};
ResultsFile read_results(const std::filesystem::path& file);

}  // namespace mxident::harness
