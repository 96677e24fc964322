#include "harness/driver/daemon_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace mxident::harness {
namespace {

constexpr std::size_t kThreadsKept = 512, kThreadKept = 1 << 14, kSyslogMost = 1 << 14;
/// "Nov 28 21:00:00 "
constexpr std::size_t kTimeSize = 16;

}  // namespace

LogThreads::LogThreads(const std::string& thread) : none_(thread.empty()), thread_(thread) {}

std::string LogThreads::key_of(const std::string& line) const {
  if (none_) return "";
  boost::smatch match;
  try {
    if (!boost::regex_search(line, match, thread_)) return "";
  } catch (const std::runtime_error&) {
    return "";  // too costly on this line
  }
  for (int i = 1; i < static_cast<int>(match.size()); ++i) {
    if (match[i].matched) return match[i].str();
  }
  return "";
}

void LogThreads::keep(const std::string& line) {
  const std::string key = key_of(line);
  if (key.empty()) return;
  Kept& kept = kept_[key];
  kept.last = ++count_;
  kept.text += line + "\n";
  if (kept.text.size() > 2 * kThreadKept) kept.text.erase(0, kept.text.size() - kThreadKept);
  if (kept_.size() <= kThreadsKept) return;
  kept_.erase(std::min_element(kept_.begin(), kept_.end(),
                               [](const auto& a, const auto& b) { return a.second.last < b.second.last; }));
}

std::string LogThreads::take(const std::string& line) {
  const auto found = kept_.find(key_of(line));
  if (found == kept_.end()) return "";
  std::string out = std::move(found->second.text);
  kept_.erase(found);
  return out;
}

void LogThreads::give(const std::string& line, std::uint64_t message) {
  if (const std::string key = key_of(line); !key.empty()) owners_[key] = message;
}

std::uint64_t LogThreads::owner(const std::string& line) const {
  if (owners_.empty()) return 0;
  const auto found = owners_.find(key_of(line));
  return found == owners_.end() ? 0 : found->second;
}

void LogThreads::forget(std::uint64_t message) {
  std::erase_if(owners_, [&](const auto& one) { return one.second == message; });
}

void LogThreads::clear() {
  kept_.clear();
  owners_.clear();
}

void SyslogSocket::open(const std::string& path) {
  // A path may be longer than an address has room for; a descriptor's never is.
  const std::filesystem::path file(path);
  const sandbox::Fd directory(::open(file.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const std::string name = fmt::format("/proc/self/fd/{}/{}", directory.get(), file.filename().string());
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::strncpy(at.sun_path, name.c_str(), sizeof at.sun_path - 1);
  if (!socket_ || ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
      ::chmod(path.c_str(), 0666) != 0) {
    throw sandbox::SetupError("cannot make a socket for syslog at " + path, errno);
  }
}

void SyslogSocket::drain(const std::function<void(const std::string&)>& line) {
  if (!socket_) return;
  std::array<char, kSyslogMost> block;
  ssize_t size = 0;
  while ((size = ::recv(socket_.get(), block.data(), block.size(), 0)) >= 0)
    line(syslog_line({block.data(), static_cast<std::size_t>(size)}));
}

std::string syslog_line(std::string_view datagram) {
  if (datagram.starts_with('<'))
    datagram.remove_prefix(std::min(datagram.find('>'), datagram.size() - 1) + 1);
  if (datagram.size() >= kTimeSize && datagram[3] == ' ' && datagram[9] == ':' && datagram[12] == ':')
    datagram.remove_prefix(kTimeSize);
  std::string out(datagram.substr(0, datagram.find_last_not_of(std::string_view("\n\0", 2)) + 1));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\n' || c == '\0'; }, ' ');
  return out;
}

bool log_says(const std::string& expression, std::string_view text) {
  try {
    return boost::regex_search(text.begin(), text.end(), boost::regex(expression));
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::string for_recipient(std::string expression, const std::string& recipient) {
  static const boost::regex special(R"([.^$|()\[\]{}*+?\\])");
  const std::string plain = "(?i:" + boost::regex_replace(recipient, special, R"(\\$&)") + ")";
  constexpr std::string_view kMark = "{recipient}";
  for (std::size_t at = 0; (at = expression.find(kMark, at)) != std::string::npos; at += plain.size())
    expression.replace(at, kMark.size(), plain);
  return expression;
}

}  // namespace mxident::harness
