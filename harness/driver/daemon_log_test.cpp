#include "harness/driver/daemon_log.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <vector>

namespace mxident::harness {
namespace {

struct LogRow {
  const char *name, *datagram, *line;
};
void PrintTo(const LogRow& row, std::ostream* out) {
  *out << row.name;
}

class SyslogText : public testing::TestWithParam<LogRow> {};

TEST_P(SyslogText, IsALine) {
  EXPECT_EQ(syslog_line(GetParam().datagram), GetParam().line);
}

const LogRow kLogRows[] = {
    {"usual", "<22>Nov 28 21:00:00 postfix/smtp[7]: text\n", "postfix/smtp[7]: text"},
    {"one_digit_day", "<22>Nov  8 21:00:00 sendmail[7]: x", "sendmail[7]: x"},
    {"no_time", "<22>sendmail[7]: x", "sendmail[7]: x"},
    {"no_priority", "sendmail[7]: x", "sendmail[7]: x"},
    {"two_lines", "<1>a\nb", "a b"},
    {"empty", "", ""},
    {"priority_alone", "<22>", ""},
    {"priority_without_end", "<22", ""},
};
INSTANTIATE_TEST_SUITE_P(Table, SyslogText, testing::ValuesIn(kLogRows),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(LogThreads, GivesEachLineToTheMessageOfItsProcess) {
  LogThreads threads(R"(smtp\[(\d+)\]|^([0-9A-F]+):)");
  threads.keep("smtp[1]: Trusted");
  threads.keep("smtp[2]: Untrusted");
  threads.keep("qmgr[1]: not of a delivery");
  threads.keep("AB: queued");
  EXPECT_EQ(threads.take("smtp[1]: to=<a>"), "smtp[1]: Trusted\n");
  EXPECT_EQ(threads.take("smtp[1]: to=<b>"), "") << "a line belongs to one message";
  EXPECT_EQ(threads.take("smtp[2]: to=<b>"), "smtp[2]: Untrusted\n");
  EXPECT_EQ(threads.take("AB: to=<c>"), "AB: queued\n");
}

TEST(LogThreads, KnowsWhoseThreadALineIsOf) {
  LogThreads threads(R"(^(\d+):)");
  threads.give("1: connecting", 7);
  threads.give("no thread", 8);
  EXPECT_EQ(threads.owner("1: refused"), 7u);
  EXPECT_EQ(threads.owner("2: refused"), 0u);
  EXPECT_EQ(threads.owner("no thread"), 0u);
  threads.give("2: connecting", 7);
  threads.give("3: connecting", 8);
  threads.forget(7);
  EXPECT_EQ(threads.owner("1: refused"), 0u);
  EXPECT_EQ(threads.owner("2: refused"), 0u);
  EXPECT_EQ(threads.owner("3: refused"), 8u);
  threads.clear();
  EXPECT_EQ(threads.owner("3: refused"), 0u);
}

TEST(LogThreads, KeepsNothingWithoutAPattern) {
  LogThreads threads("");
  threads.keep("smtp[1]: x");
  EXPECT_EQ(threads.take("smtp[1]: to=<a>"), "");
}

TEST(LogThreads, IsBounded) {
  LogThreads threads(R"(^(\d+):)");
  for (int i = 0; i < 5000; ++i) threads.keep(fmt::format("{}: x", i));
  EXPECT_EQ(threads.take("0: y"), "") << "the oldest goes first";
  EXPECT_EQ(threads.take("4999: y"), "4999: x\n");
  for (int i = 0; i < 100; ++i) threads.keep("7: " + std::string(1000, 'x'));
  EXPECT_LT(threads.take("7: y").size(), 40000u);
}

TEST(SyslogSocket, TakesWhatTheLibrarySends) {
  const auto dir = std::filesystem::temp_directory_path() / fmt::format("mxident-syslog-{}", getpid());
  std::filesystem::create_directories(dir);
  const std::string path = dir / "log";
  SyslogSocket socket;
  socket.open(path);
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof at.sun_path);
  std::strcpy(at.sun_path, path.c_str());
  const sandbox::Fd sender(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const std::string text = "<22>Nov 28 21:00:00 a[1]: b";
  EXPECT_EQ(
      ::sendto(sender.get(), text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&at), sizeof at),
      static_cast<ssize_t>(text.size()));
  std::vector<std::string> lines;
  socket.drain([&](const std::string& line) { lines.push_back(line); });
  EXPECT_EQ(lines, std::vector<std::string>{"a[1]: b"});
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace mxident::harness
