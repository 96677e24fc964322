// results.ndjson: lines that are whole on disk as soon as their cell is done.
#pragma once

#include <filesystem>

#include "harness/results/result.hpp"

namespace mxident::harness {

/// Writes one file. A run that is killed leaves complete lines. Throws std::system_error when the disk
/// refuses.
class ResultsWriter {
 public:
  explicit ResultsWriter(const std::filesystem::path& file);
  ~ResultsWriter();
  ResultsWriter(const ResultsWriter&) = delete;
  ResultsWriter& operator=(const ResultsWriter&) = delete;
  void write(const std::string& line);

 private:
  int fd_;
};

}  // namespace mxident::harness
