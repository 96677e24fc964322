// Progress on stderr: a live line on a terminal, a line every ten seconds when piped.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <string>

#include "harness/results/result.hpp"

namespace mxident::harness {

/// How wide a terminal is.
struct Terminal {
  std::size_t columns = 0;  ///< 0: it is none
};
Terminal terminal_of(std::FILE* out);

/// How far a run has got.
struct ProgressState {
  std::size_t done = 0, cells = 0, faults = 0, news = 0;
  double elapsed_s = 0;
  std::string scenario;  ///< of the cell that ended last
};
/// "[####      ] 120/300  41/s  4 s left  2 news  rfc9525/exact", of at most so many columns.
std::string progress_bar(const ProgressState& state, std::size_t columns);
/// "120 of 300 cells (40%), 41/s, 4 s left, 5 deviations, 2 of them news".
std::string progress_sentence(const ProgressState& state);
/// "4 s", "3 min 20 s", "2 h 5 min".
std::string duration_text(double seconds);

class Progress {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  /// `cells`: how many will be done.
  Progress(std::size_t cells, Terminal terminal, std::FILE* out = stderr,
           Clock clock = std::chrono::steady_clock::now);
  void cell_done(const CellResult& result);
  /// Removes the live line, so that other output can be printed.
  void clear();
  /// The last cell is done.
  void end();

 private:
  Terminal terminal_;
  std::FILE* out_;
  Clock clock_;
  std::chrono::steady_clock::time_point begin_, last_;
  ProgressState state_;
  std::size_t told_ = 0;  ///< cells of the last line
  bool shown_ = false;
};

}  // namespace mxident::harness
