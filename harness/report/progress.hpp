// Progress on stderr: one live line on a terminal, one line a finished group of scenarios when piped.
#pragma once

#include <chrono>
#include <string>

namespace mxident::harness {

enum class Terminal { no, yes };

class Progress {
 public:
  Progress(std::size_t cells, Terminal terminal) : cells_(cells), terminal_(terminal) {}
  void cell_done(const std::string& scenario);
  /// All scenarios of a folder are done.
  void group_done(const std::string& group, std::size_t scenarios, std::size_t faults);
  /// Removes the live line, so that other output can be printed.
  void clear();

 private:
  std::size_t cells_, done_ = 0;
  Terminal terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace mxident::harness
