// Progress on stderr: one live line on a terminal, one line a finished group of scenarios when piped.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "harness/results/result.hpp"

namespace mxident::harness {

enum class Terminal { no, yes };

class Progress {
 public:
  /// `cells`: how many will be done.
  Progress(std::size_t cells, Terminal terminal) : cells_(cells), terminal_(terminal) {}
  void cell_done(const CellResult& result);
  /// Removes the live line, so that other output can be printed.
  void clear();
  /// The last group is done.
  void end();

 private:
  /// A folder of scenarios.
  struct Group {
    std::size_t cells = 0, deviations = 0, news = 0;
  };
  void group_line(const std::string& name, const Group& group) const;

  std::size_t cells_, done_ = 0;
  Terminal terminal_;
  bool shown_ = false;
  std::string last_group_;
  std::map<std::string, Group> groups_;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace mxident::harness
