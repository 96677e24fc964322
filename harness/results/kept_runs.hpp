// A folder of results that grows: a folder a run, named by its time; an index to which lines are only added;
// a link to the newest whole run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "harness/results/result.hpp"

namespace mxident::harness {

/// Makes FOLDER/2026-11-22T101500Z, with "-2" and so on behind it where another run began in the same second.
/// Throws OutputError.
std::filesystem::path new_run_folder(const std::filesystem::path& folder, std::int64_t time);

/// A line of FOLDER/runs.ndjson, and FOLDER/latest where the run is whole. Several runs may end at once.
/// Throws OutputError.
void add_to_index(const std::filesystem::path& run, const RunHeader& header, const RunFooter& footer,
                  int exit_code);

}  // namespace mxident::harness
