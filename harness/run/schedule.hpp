// Which cell starts when: enough at a time that the cores are busy, not so many that clients run into their
// deadlines.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include "harness/run/plan.hpp"

namespace mxident::harness {

/// The cells of a plan in the order in which they should start: scenarios whose servers keep a client waiting
/// come first, the others stay as planned, so that scenarios finish one after another and little is kept in
/// memory. Within a scenario the most expensive client is first. `cost_ms`: CPU time of one cell, by column.
std::vector<std::size_t> start_order(const Plan& plan, std::span<const Scenario> scenarios,
                                     std::span<const double> cost_ms);

/// What competes for the cores of this machine now, of whatever program: processes that run or could run. 0
/// where /proc does not say.
std::size_t runnable_processes();

/// Places for clients. One that has been under way for much longer than its CPU time waits for something, and
/// no longer holds a place: another may start. Not so where more processes compete than there are places:
/// there it may be waiting for a core, and one more would make it miss its deadline. Not thread-safe.
class Places {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Places(std::size_t places) : places_(places) {}

  bool free(Clock::time_point now, std::size_t runnable) const;
  void take(std::size_t cell, double cost_ms, Clock::time_point now);
  void leave(std::size_t cell);
  std::size_t taken() const { return patience_ends_.size(); }
  /// When a place may become free though no cell ends.
  Clock::time_point next_change(Clock::time_point now) const;

 private:
  static constexpr std::size_t kMostPerPlace = 8;  ///< cells at a time for each place, waiting ones included

  std::size_t places_;
  std::map<std::size_t, Clock::time_point> patience_ends_;  ///< by cell
};

}  // namespace mxident::harness
