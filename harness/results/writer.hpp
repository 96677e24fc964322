// results.ndjson: lines that are whole on disk as soon as their cell is done.
#pragma once

#include <filesystem>
#include <stdexcept>

#include "harness/results/sink.hpp"

namespace mxident::harness {

/// What is to be written cannot be: a full disk, a folder that is gone, another run that writes there.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Writes FOLDER/results.ndjson. Holds a lock on it as long as it lives, so that two runs cannot write into
/// one folder. A run that is killed leaves complete lines. Throws OutputError with the file and the cause.
class ResultsWriter : public Sink {
 public:
  explicit ResultsWriter(const std::filesystem::path& folder);
  ~ResultsWriter() override;
  ResultsWriter(const ResultsWriter&) = delete;
  ResultsWriter& operator=(const ResultsWriter&) = delete;

  void begin(const RunHeader& header) override { write(to_line(header)); }
  void scenario(const ScenarioRecord& scenario) override { write(to_line(scenario)); }
  void cell(const CellResult& result) override { write(to_line(result)); }
  void end(const RunFooter& footer) override;

  /// A line that is one already.
  void line(const std::string& text) { write(text); }

  const std::filesystem::path& file() const { return file_; }

 private:
  void write(const std::string& line);
  [[noreturn]] void fail() const;

  std::filesystem::path file_;
  int fd_ = -1;
};

/// Writes a whole file: beside its place first, then by renaming, so that no reader ever sees half of it and
/// a full disk leaves the old one. Throws OutputError.
void write_file(const std::filesystem::path& file, const std::string& text);

}  // namespace mxident::harness
