#include "harness/run/interrupts.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <future>

namespace mxident::harness {
namespace {

TEST(Interrupts, OneThatComesEarlyIsSeenAndWaits) {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  {
    Interrupts interrupts;
    EXPECT_FALSE(interrupts.waiting());
    kill(getpid(), SIGTERM);
    EXPECT_TRUE(interrupts.waiting());
    EXPECT_FALSE(interrupts.seen());
    std::promise<void> told;
    interrupts.pass_to([&] { told.set_value(); });
    told.get_future().wait();
    EXPECT_TRUE(interrupts.seen());
    EXPECT_FALSE(interrupts.waiting());
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace mxident::harness
