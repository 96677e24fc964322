// Ctrl-C as a word to a run: what is done is kept, the rest is not begun.
#pragma once

#include <signal.h>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <thread>

namespace mxident::harness {

class Runner;

/// From now on SIGINT and SIGTERM end the program with this exit code, until an Interrupts takes them: before
/// anything runs there is nothing to keep.
void end_on_interrupt(int exit_code);

/// An interrupt came before anything was run.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted before anything was run") {}
};

/// Passes SIGINT and SIGTERM to a runner. They are blocked in every thread that starts after this object.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts() { stop(); }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  void pass_to(Runner& runner);
  /// `word` is called on a thread of its own when one comes.
  void pass_to(std::function<void()> word);
  void stop();
  /// Whether a signal waits that no thread has taken yet. It is left for pass_to().
  bool waiting() const;
  bool seen() const { return seen_; }

 private:
  sigset_t set_{};
  std::thread thread_;
  std::atomic<bool> seen_ = false;
};

}  // namespace mxident::harness
