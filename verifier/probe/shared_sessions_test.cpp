#include "shared_sessions.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

namespace mxident::probe {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

/// Sessions that take some time and reach nobody.
class SharedSessionsTest : public testing::Test {
 protected:
  SharedSessions::Run slow() {
    return [this](SessionOptions options) -> asio::awaitable<SessionReport> {
      started.push_back(options.address + " " + options.sni);
      at_once = std::max(at_once, ++under_way);
      at_an_address = std::max(at_an_address, ++of_address[options.address]);
      asio::steady_timer timer(context, milliseconds(5));
      co_await timer.async_wait(asio::use_awaitable);
      --under_way;
      --of_address[options.address];
      if (options.sni == "throws") throw std::runtime_error("a mistake");
      SessionReport report;
      report.banner_name = options.address + " " + options.sni;
      co_return report;
    };
  }
  void ask(SharedSessions& sessions, const std::string& address, const std::string& sni) {
    SessionOptions options;
    options.address = address;
    options.sni = sni;
    asio::co_spawn(
        context, sessions.run(std::move(options)),
        [this, want = address + " " + sni](std::exception_ptr failed, const SessionReport& report) {
          if (failed) {
            ++failures;
          } else {
            ++answers;
            EXPECT_EQ(report.banner_name, want);
          }
        });
  }
  asio::io_context context{1};
  std::vector<std::string> started;
  std::map<std::string, std::size_t> of_address;
  std::size_t under_way = 0, at_once = 0, at_an_address = 0, answers = 0, failures = 0;
};

TEST_F(SharedSessionsTest, OneIsMadeForAllThatAsk) {
  SharedSessions sessions(context.get_executor(), {}, slow());
  for (int i = 0; i < 100; ++i) ask(sessions, "192.0.2.1", i % 2 ? "a.test" : "b.test");
  context.run();
  EXPECT_EQ(answers, 100u);
  EXPECT_EQ(sessions.made(), 2u);
  context.restart();
  ask(sessions, "192.0.2.1", "a.test");
  context.run();
  EXPECT_EQ(answers, 101u);
  EXPECT_EQ(started.size(), 2u) << "a later one gets the report, too";
}

TEST_F(SharedSessionsTest, LimitsHold) {
  SharedSessions sessions(context.get_executor(), {.at_once = 6, .at_an_address = 2}, slow());
  for (int i = 0; i < 60; ++i) ask(sessions, "192.0.2." + std::to_string(i % 5), std::to_string(i));
  context.run();
  EXPECT_EQ(answers, 60u);
  EXPECT_EQ(at_once, 6u);
  EXPECT_EQ(at_an_address, 2u);
}

TEST_F(SharedSessionsTest, APauseStandsBetweenTheStarts) {
  SharedSessions sessions(context.get_executor(), {.at_an_address = 5, .pause = milliseconds(20)}, slow());
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 4; ++i) ask(sessions, "192.0.2.1", std::to_string(i));
  context.run();
  EXPECT_EQ(answers, 4u);
  EXPECT_GE(std::chrono::steady_clock::now() - before, milliseconds(60));
}

TEST_F(SharedSessionsTest, OnlySomeAreKept) {
  SharedSessions sessions(context.get_executor(), {.kept = 3}, slow());
  for (const char* sni : {"1", "2", "3", "4", "4", "1"}) {
    ask(sessions, "192.0.2.1", sni);
    context.run();
    context.restart();
  }
  EXPECT_EQ(answers, 6u);
  EXPECT_EQ(started.size(), 5u) << "the first was forgotten, the last was not";
}

TEST_F(SharedSessionsTest, AMistakeReachesAllThatWait) {
  SharedSessions sessions(context.get_executor(), {}, slow());
  for (int i = 0; i < 3; ++i) ask(sessions, "192.0.2.1", "throws");
  context.run();
  EXPECT_EQ(failures, 3u);
}

}  // namespace
}  // namespace mxident::probe
