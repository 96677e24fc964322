// Ctrl-C as a word to a run: what is done is kept, the rest is not begun.
#pragma once

#include <signal.h>

#include <array>
#include <atomic>
#include <functional>
#include <stdexcept>
#include <thread>
#include <utility>

namespace mxident::harness {

/// What ends a command early: Ctrl-C, a word from outside, a terminal that went away.
inline constexpr std::array<int, 3> kInterrupts{SIGINT, SIGTERM, SIGHUP};

/// As a set to wait for; without SIGHUP where it is ignored ("nohup"): a signal that is blocked waits all the
/// same.
sigset_t interrupts();

/// From now on they end the program with this exit code, until an Interrupts takes them: before anything runs
/// there is nothing to keep.
void end_on_interrupt(int exit_code);

/// An interrupt came before anything was run.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted before anything was run") {}
};

/// Takes all of interrupts(). They are blocked in every thread that starts after this object.
class Interrupts {
 public:
  /// Passes one on while it lives, however its scope is left.
  class [[nodiscard]] Passing {
   public:
    Passing(Interrupts& from, std::function<void()> word);
    ~Passing();
    Passing(const Passing&) = delete;
    Passing& operator=(const Passing&) = delete;

   private:
    std::thread thread_;
  };

  Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  /// `word` is called on a thread of its own when one comes, and never once the object has gone.
  Passing pass_to(std::function<void()> word) { return {*this, std::move(word)}; }
  /// Whether a signal waits that no thread has taken yet. It is left for pass_to().
  bool waiting() const;
  bool seen() const { return seen_; }

 private:
  sigset_t set_;
  std::atomic<bool> seen_ = false;
};

}  // namespace mxident::harness
