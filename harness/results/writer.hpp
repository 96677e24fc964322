// results.ndjson: lines that are whole on disk as soon as their cell is done.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>

#include "harness/results/sink.hpp"

namespace mxident::harness {

/// What is to be written cannot be: a full disk, a folder that is gone, another run that writes there.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Start { anew, later };

/// Writes FOLDER/results.ndjson. Holds a lock on it as long as it lives, so that two runs cannot write into
/// one folder. A run that is killed leaves complete lines. Throws OutputError with the file and the cause.
class ResultsWriter : public Sink {
 public:
  /// `later`: what is there stays until go_on_at() says how much of it.
  explicit ResultsWriter(const std::filesystem::path& folder, Start start = Start::anew);
  ~ResultsWriter() override;
  ResultsWriter(const ResultsWriter&) = delete;
  ResultsWriter& operator=(const ResultsWriter&) = delete;

  void begin(const RunHeader& header) override { write(to_line(header)); }
  void scenario(const ScenarioRecord& scenario) override { write(to_line(scenario)); }
  void cell(const CellResult& result) override { write(to_line(result)); }
  void end(const RunFooter& footer) override;

  /// So many octets of what is there stay, and the next line follows them.
  void go_on_at(std::uint64_t octets);

  /// A line that is one already.
  void line(const std::string& text) { write(text); }

  const std::filesystem::path& file() const { return file_; }

 private:
  void write(const std::string& line);
  [[noreturn]] void fail() const;

  std::filesystem::path file_;
  int fd_ = -1;
};

/// A file that is there when it is whole: it is written beside its place and then renamed, so that no reader
/// ever sees half of it and a full disk leaves the old one. What is no file, such as /dev/stdout, is written
/// to as it is. Throws OutputError.
class NewFile {
 public:
  explicit NewFile(std::filesystem::path file);
  ~NewFile();  ///< without keep(): nothing stays
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  void write(const std::string& text);
  void keep();

 private:
  [[noreturn]] void fail() const;
  std::filesystem::path file_;
  std::filesystem::path target_, beside_;  ///< empty: file_ is no file
  int fd_ = -1;
};

/// The whole text at once.
void write_file(const std::filesystem::path& file, const std::string& text);
/// With those above it; nothing for an empty path. Throws OutputError with the folder and the cause.
void make_folder(const std::filesystem::path& folder);

}  // namespace mxident::harness
