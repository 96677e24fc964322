// Shards of one run put together.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace mxident::harness {

/// Parts that do not make a whole: one is missing, there twice, cut off, or of another run. Exit code 5.
class IncompleteParts : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Writes FOLDER/results.ndjson in an order of its own: scenarios by id, then their cells by column. So the
/// shards of a run and the run in one piece come to the same lines, but for times and the addresses of
/// servers. Memory is 24 octets a cell. Throws InputError, IncompleteParts, OutputError.
std::filesystem::path merge_results(const std::vector<std::filesystem::path>& parts,
                                    const std::filesystem::path& folder);

}  // namespace mxident::harness
