#include "harness/run/interrupts.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace mxident::harness {
namespace {

volatile sig_atomic_t early_exit_code = 0;

void end_now(int) {
  constexpr std::string_view kSentence = "mxident: interrupted before anything was run\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kSentence.data(), kSentence.size());
  _exit(early_exit_code);
}

}  // namespace

sigset_t interrupts() {
  sigset_t out;
  sigemptyset(&out);
  for (const int signal : kInterrupts) {
    struct sigaction now {};
    sigaction(signal, nullptr, &now);
    if (signal != SIGHUP || now.sa_handler != SIG_IGN) sigaddset(&out, signal);
  }
  return out;
}

void end_on_interrupt(int exit_code) {
  early_exit_code = exit_code;
  for (const int signal : kInterrupts) {
    struct sigaction before {};
    sigaction(signal, nullptr, &before);
    if (before.sa_handler == SIG_IGN) continue;  // nohup and the like
    struct sigaction now {};
    now.sa_handler = end_now;
    sigaction(signal, &now, nullptr);
  }
}

Interrupts::Interrupts() : set_(interrupts()) {
  sigaddset(&set_, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

Interrupts::Passing::Passing(Interrupts& from, std::function<void()> word)
    : thread_([&from, word = std::move(word)] {
        int signal = 0;
        sigwait(&from.set_, &signal);
        if (signal == SIGUSR1) return;
        from.seen_ = true;
        word();
      }) {}

Interrupts::Passing::~Passing() {
  pthread_kill(thread_.native_handle(), SIGUSR1);  // the waiting thread's own word to end
  thread_.join();
}

bool Interrupts::waiting() const {
  sigset_t pending;
  sigemptyset(&pending);
  sigpending(&pending);
  return std::any_of(kInterrupts.begin(), kInterrupts.end(), [&](int signal) {
    return sigismember(&set_, signal) == 1 && sigismember(&pending, signal) == 1;
  });
}

}  // namespace mxident::harness
