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
    const auto passing = interrupts.pass_to([&] { told.set_value(); });
    told.get_future().wait();
    EXPECT_TRUE(interrupts.seen());
    EXPECT_FALSE(interrupts.waiting());
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(Interrupts, NobodyIsToldWhenAnExceptionHasLeftTheScope) {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  {
    Interrupts interrupts;
    const auto fails = [&] {
      const auto passing = interrupts.pass_to([] { ADD_FAILURE(); });
      throw std::runtime_error("disk full");
    };
    EXPECT_THROW(fails(), std::runtime_error);
    kill(getpid(), SIGTERM);
    EXPECT_TRUE(interrupts.waiting());
    std::promise<void> told;
    const auto passing = interrupts.pass_to([&] { told.set_value(); });
    told.get_future().wait();
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace mxident::harness
