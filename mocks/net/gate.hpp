// What programs of other machines may do together: so many connections at a time, so many a second.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>

#include "mocks/world.hpp"

namespace mxident::mocks {

/// Thread-safe. Lives in a shared_ptr.
class Gate : public std::enable_shared_from_this<Gate> {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Gate(const StrangerLimits& limits)
      : limits_(limits),
        connections_{limits.connections_per_s, static_cast<double>(limits.connections_at_once)},
        questions_{limits.questions_per_s, static_cast<double>(limits.questions_at_once)} {}

  /// Null: the connection is turned away. Else it is counted until the pass is let go.
  std::shared_ptr<void> enter(Clock::time_point now);
  /// Whether a datagram is answered.
  bool question(Clock::time_point now);
  TurnedAway turned_away() const;

 private:
  /// Tokens that come at a rate, up to a number, and of which each who comes takes one.
  class Bucket {
   public:
    Bucket(double per_s, double most) : per_s_(per_s), most_(most), left_(most) {}
    bool take(Clock::time_point now);

   private:
    double per_s_, most_, left_;
    Clock::time_point last_{};
  };

  const StrangerLimits limits_;
  mutable std::mutex mutex_;
  Bucket connections_, questions_;
  TurnedAway turned_away_;
  std::atomic<std::size_t> open_ = 0;
};

}  // namespace mxident::mocks
