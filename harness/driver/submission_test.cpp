#include "harness/driver/submission.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "harness/sandbox/io.hpp"

namespace mxident::harness {
namespace {

using testing::HasSubstr;

/// A free port of 127.0.0.1.
std::uint16_t listen_here(sandbox::Fd& listener, int backlog) {
  listener.reset(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&at), size) != 0 ||
      ::listen(listener.get(), backlog) != 0 ||
      ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&at), &size) != 0)
    throw std::runtime_error("cannot listen");
  return ntohs(at.sin_port);
}

/// Answers each command with what `replies` says of its first word, and keeps what it was told.
class Server {
 public:
  explicit Server(std::map<std::string, std::string> replies) : replies_(std::move(replies)) {
    port = listen_here(listener_, 1);
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  /// After the client has gone.
  std::string told() {
    thread_.join();
    thread_ = std::thread([] {});
    return told_;
  }
  std::uint16_t port = 0;

 private:
  void serve() {
    const sandbox::Fd client(::accept(listener_.get(), nullptr, nullptr));
    if (!client) return;
    const auto say = [&](const std::string& text) {
      return text.empty() || ::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL) > 0;
    };
    if (!say(replies_["greeting"])) return;
    std::string line;
    bool in_message = false;
    char c = 0;
    while (::read(client.get(), &c, 1) == 1) {
      told_ += c;
      line += c;
      if (c != '\n') continue;
      if (!in_message) {
        const std::string reply = replies_[line.substr(0, 4)];
        in_message = reply.starts_with("354");
        if (!say(reply)) return;
      } else if (line == ".\r\n") {
        in_message = false;
        if (!say("250 taken\r\n")) return;
      }
      line.clear();
    }
  }
  std::map<std::string, std::string> replies_;
  std::string told_;
  sandbox::Fd listener_;
  std::thread thread_;
};

std::map<std::string, std::string> replies() {
  return {{"greeting", "220 here\r\n"}, {"EHLO", "250-here\r\n250 STARTTLS\r\n"},
          {"MAIL", "250 ok\r\n"},       {"RCPT", "250 ok\r\n"},
          {"DATA", "354 go on\r\n"},    {"QUIT", "221 bye\r\n"}};
}

SubmissionEnd hand_over(std::uint16_t port, std::chrono::milliseconds timeout = std::chrono::minutes(1)) {
  std::promise<SubmissionEnd> ended;
  LocalSubmissions submissions;
  submissions.start({port, "sender@client.test", "user@a.test", "Subject: x\n\n.a\nb\n", timeout, {}},
                    [&](SubmissionEnd end) { ended.set_value(std::move(end)); });
  return ended.get_future().get();
}

TEST(LocalSubmissionsTest, AMessageIsHandedOver) {
  Server server(replies());
  const auto result = hand_over(server.port).result;
  EXPECT_EQ(result.end, sandbox::ProcessResult::End::exited);
  EXPECT_EQ(result.code, 0) << result.output;
  const std::string told = server.told();
  EXPECT_THAT(told, HasSubstr("MAIL FROM:<sender@client.test>\r\nRCPT TO:<user@a.test>\r\nDATA\r\n"));
  EXPECT_THAT(told, HasSubstr("\r\n\r\n..a\r\nb\r\n.\r\n"));
  EXPECT_THAT(told, testing::Not(HasSubstr("STARTTLS")));
}

TEST(LocalSubmissionsTest, TheServersWordsAreToldWhereItRefuses) {
  auto refusing = replies();
  refusing["RCPT"] = "550 5.1.2 no such domain\r\n";
  Server server(refusing);
  const auto end = hand_over(server.port);
  EXPECT_EQ(end.result.end, sandbox::ProcessResult::End::exited);
  EXPECT_EQ(end.result.code, 1);
  EXPECT_TRUE(end.refused_by_reply);
  EXPECT_THAT(end.result.output, HasSubstr("550 5.1.2 no such domain"));
}

TEST(LocalSubmissionsTest, AServerThatLeavesHasNotRefused) {
  auto leaving = replies();
  leaving["RCPT"] = "421 4.3.2 going down\r\n";
  Server server(leaving);
  const auto end = hand_over(server.port);
  EXPECT_EQ(end.result.code, 1);
  EXPECT_FALSE(end.refused_by_reply);
}

TEST(LocalSubmissionsTest, ASilentServerIsLeft) {
  auto silent = replies();
  silent["DATA"] = "";
  Server server(silent);
  const auto end = hand_over(server.port, std::chrono::milliseconds(300));
  EXPECT_EQ(end.result.code, 1);
  EXPECT_FALSE(end.refused_by_reply);
  EXPECT_THAT(end.result.output, HasSubstr("the message was not taken: "));
}

TEST(LocalSubmissionsTest, NobodyListens) {
  std::uint16_t port = 0;
  { port = Server(replies()).port; }
  EXPECT_EQ(hand_over(port).result.code, 1);
}

/// Refuses so many clients once there are `together` of them, and keeps how many there were at once.
class Crowd {
 public:
  Crowd(std::size_t clients, std::size_t together) : together_(together) {
    port = listen_here(listener_, 64);
    for (std::size_t i = 0; i < clients; ++i) threads_.emplace_back([this] { refuse_one(); });
  }
  ~Crowd() {
    for (auto& thread : threads_) thread.join();
  }
  std::size_t most() const { return most_; }
  std::uint16_t port = 0;

 private:
  void refuse_one() {
    const sandbox::Fd client(::accept(listener_.get(), nullptr, nullptr));
    {
      std::unique_lock lock(mutex_);
      most_ = std::max(most_, ++here_);
      const std::size_t wanted = (arrived_++ / together_ + 1) * together_;
      changed_.notify_all();
      changed_.wait(lock, [&] { return arrived_ >= wanted; });
      --here_;  // a client goes when it is refused, and not before
    }
    constexpr std::string_view kNo = "554 no\r\n";
    [[maybe_unused]] const ssize_t sent = ::send(client.get(), kNo.data(), kNo.size(), MSG_NOSIGNAL);
    char c = 0;
    while (::read(client.get(), &c, 1) == 1) {
    }
  }
  const std::size_t together_;
  std::size_t arrived_ = 0, here_ = 0, most_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  sandbox::Fd listener_;
  std::vector<std::thread> threads_;
};

TEST(LocalSubmissionsTest, FewAreUnderWayAtOnceAndAllComeToTheirEnd) {
  constexpr std::size_t kMessages = 40, kAtOnce = 4;
  Crowd crowd(kMessages, kAtOnce);
  std::promise<void> done;
  std::atomic<std::size_t> ended = 0;
  LocalSubmissions submissions;
  for (std::size_t i = 0; i < kMessages; ++i) {
    submissions.start({crowd.port, "a@b", "c@d", "x\n", std::chrono::minutes(1), {}},
                      [&](const SubmissionEnd& end) {
                        EXPECT_EQ(end.result.code, 1);
                        if (++ended == kMessages) done.set_value();
                      });
  }
  done.get_future().wait();
  EXPECT_EQ(crowd.most(), kAtOnce);
}

TEST(LocalSubmissionsTest, WhatIsUnderWayIsGivenUpAtTheEnd) {
  auto silent = replies();
  silent["greeting"] = "";
  Server server(silent);
  bool told = false;
  {
    LocalSubmissions submissions;
    submissions.start({server.port, "a@b", "c@d", "x\n", std::chrono::hours(1), {}},
                      [&](const SubmissionEnd&) { told = true; });
  }
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace mxident::harness
