#include "harness/report/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace mxident::harness {

void Progress::cell_done(const CellResult& result) {
  ++done_;
  const std::string name = result.scenario.substr(0, result.scenario.find('/'));
  Group& group = groups_[name];
  ++group.cells;
  if (is_fault(result.outcome)) ++group.deviations;
  if (is_news(result)) ++group.news;
  if (terminal_ == Terminal::no) {
    // Cells end in about the order of the plan: a group that is named when the next has begun may get a few
    // cells more, so the counts are of all that is done.
    if (!last_group_.empty() && name != last_group_ && group.cells == 1)
      group_line(last_group_, groups_[last_group_]);
    last_group_ = name;
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  constexpr std::size_t kWidth = 30;
  const std::size_t full = cells_ ? std::min(done_ * kWidth / cells_, kWidth) : kWidth;
  std::size_t news = 0;
  for (const auto& [unused, counted] : groups_) news += counted.news;
  fmt::print(stderr, "\r\x1b[K[{}{}] {}/{} {} news {}", std::string(full, '#'),
             std::string(kWidth - full, ' '), done_, cells_, news, result.scenario.substr(0, 50));
  std::fflush(stderr);
  shown_ = true;
}

void Progress::group_line(const std::string& name, const Group& group) const {
  fmt::print(stderr, "{}: {} cells, {} deviations, {} of them news ({}/{} cells)\n", name, group.cells,
             group.deviations, group.news, done_, cells_);
}

void Progress::clear() {
  if (!shown_) return;
  fmt::print(stderr, "\r\x1b[K");
  shown_ = false;
}

void Progress::end() {
  clear();
  if (terminal_ == Terminal::no && !last_group_.empty()) group_line(last_group_, groups_[last_group_]);
}

}  // namespace mxident::harness
