#include "harness/run/interrupts.hpp"

#include <pthread.h>

#include "harness/run/runner.hpp"

namespace mxident::harness {

Interrupts::Interrupts() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGINT);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

void Interrupts::pass_to(Runner& runner) {
  thread_ = std::thread([this, &runner] {
    int signal = 0;
    sigwait(&set_, &signal);
    if (signal == SIGUSR1) return;
    seen_ = true;
    runner.interrupt();
  });
}

void Interrupts::stop() {
  if (!thread_.joinable()) return;
  pthread_kill(thread_.native_handle(), SIGUSR1);  // the waiting thread's own word to end
  thread_.join();
}

}  // namespace mxident::harness
