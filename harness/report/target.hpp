// Where a report goes, piece by piece.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace mxident::harness {

class Target {
 public:
  virtual ~Target() = default;
  virtual void write(const std::string& text) = 0;
  /// The report is whole.
  virtual void end() {}
};

std::shared_ptr<Target> stream_target(std::FILE* out);

/// A file that is there when it is whole; folders above it are made. Throws OutputError.
std::shared_ptr<Target> file_target(const std::filesystem::path& file);

/// At most so many octets of a text, cut between characters, and what to say where it was cut.
std::string cut_text(std::string text, std::size_t most, const char* sign = "...");

/// A client's id as the name of a file, which leads nowhere else.
std::string file_name_of(const std::string& client);

}  // namespace mxident::harness
