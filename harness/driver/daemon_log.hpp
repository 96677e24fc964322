// The log of a daemon: what it sends to syslog, and whose message a line is about that names no recipient.
#pragma once

#include <boost/regex.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "harness/sandbox/io.hpp"

namespace mxident::harness {

/// Lines before the one that names a recipient, by what they have in common with it: the number of the
/// process that delivers, or the queue's name of the message. `thread` finds that in a line, as its first
/// group that matches; an empty one finds nothing. Bounded in memory.
class LogThreads {
 public:
  explicit LogThreads(const std::string& thread);
  /// A line that names nobody is kept.
  void keep(const std::string& line);
  /// The kept lines that belong to `line`, which are then no longer kept; each ends with a newline.
  std::string take(const std::string& line);
  /// From now on the lines of this line's thread are that message's; 0 is none.
  void give(const std::string& line, std::uint64_t message);
  std::uint64_t owner(const std::string& line) const;
  void forget(std::uint64_t message);
  void clear();

 private:
  std::string key_of(const std::string& line) const;
  struct Kept {
    std::string text;
    std::uint64_t last = 0;
  };
  bool none_;
  boost::regex thread_;
  std::map<std::string, Kept> kept_;
  std::map<std::string, std::uint64_t> owners_;
  std::uint64_t count_ = 0;
};

/// The end of syslog(3): a datagram socket where the library looks for it.
class SyslogSocket {
 public:
  /// Throws sandbox::SetupError.
  void open(const std::string& path);
  void close() { socket_.reset(); }
  int fd() const { return socket_.get(); }
  /// Calls `line` for each message that has come: without priority and time, on one line.
  void drain(const std::function<void(const std::string&)>& line);

 private:
  sandbox::Fd socket_;
};

/// The text of one datagram of syslog(3) as a line: "<22>Nov 28 21:00:00 postfix/smtp[7]: text" without what
/// stands before the program's name.
std::string syslog_line(std::string_view datagram);

/// Whether the expression matches in the text; one that is too costly there does not.
bool log_says(const std::string& expression, std::string_view text);

/// The expression with each {recipient} as the very mailbox.
std::string for_recipient(std::string expression, const std::string& recipient);

}  // namespace mxident::harness
