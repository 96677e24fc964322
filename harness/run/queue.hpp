// Finished cells on their way back to the one thread that judges and records.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>

namespace mxident::harness {

class CompletionQueue {
 public:
  void push(std::size_t cell) {
    const std::lock_guard lock(mutex_);
    cells_.push_back(cell);
    ready_.notify_one();
  }
  /// The user wants to stop: pop returns nullopt from now on, at once.
  void interrupt() {
    const std::lock_guard lock(mutex_);
    interrupted_ = true;
    ready_.notify_all();
  }
  /// Waits for a cell; nullopt at `until`, or after an interrupt.
  std::optional<std::size_t> pop(std::chrono::steady_clock::time_point until) {
    std::unique_lock lock(mutex_);
    const auto ready = [&] { return interrupted_ || !cells_.empty(); };
    if (!ready_.wait_until(lock, until, ready) || interrupted_) return std::nullopt;
    const std::size_t cell = cells_.front();
    cells_.pop_front();
    return cell;
  }
  /// Like pop, also after an interrupt: for cells that are ending because they were stopped.
  std::optional<std::size_t> pop_even_if_interrupted(std::chrono::steady_clock::time_point until) {
    std::unique_lock lock(mutex_);
    if (!ready_.wait_until(lock, until, [&] { return !cells_.empty(); })) return std::nullopt;
    const std::size_t cell = cells_.front();
    cells_.pop_front();
    return cell;
  }
  bool interrupted() const {
    const std::lock_guard lock(mutex_);
    return interrupted_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::size_t> cells_;
  bool interrupted_ = false;
};

}  // namespace mxident::harness
