#include "harness/report/progress.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace mxident::harness {

void Progress::cell_done(const std::string& scenario) {
  ++done_;
  if (terminal_ == Terminal::no) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  constexpr std::size_t kWidth = 30;
  const std::size_t full = cells_ ? done_ * kWidth / cells_ : kWidth;
  fmt::print(stderr, "\r\x1b[K[{}{}] {}/{} {}", std::string(full, '#'), std::string(kWidth - full, ' '),
             done_, cells_, scenario.substr(0, 60));
  std::fflush(stderr);
  shown_ = true;
}

void Progress::group_done(const std::string& group, std::size_t scenarios, std::size_t faults) {
  if (terminal_ == Terminal::no)
    fmt::print(stderr, "{}: {} scenarios done, {} faults ({}/{} cells)\n", group, scenarios, faults, done_,
               cells_);
}

void Progress::clear() {
  if (!shown_) return;
  fmt::print(stderr, "\r\x1b[K");
  shown_ = false;
}

}  // namespace mxident::harness
