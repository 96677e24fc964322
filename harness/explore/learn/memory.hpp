// Answers kept in a file, so that a second session asks only what the first one did not.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "harness/explore/learn/cells.hpp"
#include "harness/explore/learn/questions.hpp"

namespace mxident::harness::learn {

/// Whose answers they are: of another version, mode or question none is good.
struct Identity {
  std::string client, version, mode, manifest;  ///< manifest: its SHA-256
  std::string packages;                         ///< revisions
  Side side = Side::references;
  std::string fixed;
};

class MemoryFile {
 public:
  /// Reads FOLDER/learn-CLIENT-MODE-DIGEST.ndjson if it is there. Without a folder nothing is read or kept.
  /// Throws InputError for a file that is none of ours, and OutputError where none can be written.
  MemoryFile(const std::filesystem::path& folder, const Identity& identity);
  /// Throws OutputError.
  void save() const;

  Memory answers;
  std::set<std::string> unreached;

 private:
  std::filesystem::path file_;
  std::string head_;
};

}  // namespace mxident::harness::learn
