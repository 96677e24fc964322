// Earlier runs, as far as the page of a report shows them: what became of each of its cells before.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/results/sink.hpp"

namespace mxident::harness {

/// Where a cell of the page stands, and how an outcome is written there.
struct PageCells {
  const std::map<std::string, std::size_t>& rows;                             ///< by scenario
  const std::map<std::pair<std::string, std::string>, std::size_t>& columns;  ///< by client and mode
  char (*letter)(Outcome outcome);
  char nothing;  ///< for cells that a run has not
};

/// One run, an octet for each cell of the page.
struct EarlierRun {
  std::string file;
  std::vector<std::string> versions;  ///< by column of the page; "": it has not that mode
  std::string outcomes;               ///< a row after the other
};

/// Throws InputError. Of a run that was cut off, what there is.
EarlierRun read_earlier(const std::filesystem::path& file, const PageCells& cells);

}  // namespace mxident::harness
