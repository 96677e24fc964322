#include "harness/sandbox/stage.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>

namespace mxident::harness::sandbox {
namespace {

std::uint64_t to_bits(const sigset_t& set) {
  std::uint64_t bits = 0;
  for (int signal = 1; signal < NSIG; ++signal) {
    if (sigismember(&set, signal) == 1) bits |= std::uint64_t{1} << (signal - 1);
  }
  return bits;
}

sigset_t to_set(std::uint64_t bits) {
  sigset_t set;
  sigemptyset(&set);
  for (int signal = 1; signal < NSIG; ++signal) {
    if ((bits >> (signal - 1) & 1) != 0) sigaddset(&set, signal);
  }
  return set;
}
static_assert(NSIG <= 65, "a signal mask fits into 64 bits");

}  // namespace

std::string Stage::text() const {
  return fmt::format("{} {} {} {} {}\n{}", static_cast<int>(level), real_root, report_fd,
                     to_bits(signal_mask), base, note);
}

std::optional<Stage> Stage::parse(const std::string& text) {
  Stage stage;
  int level = 0, read = 0;
  unsigned long long mask = 0;
  const int fields =
      std::sscanf(text.c_str(), "%d %d %d %llu %n", &level, &stage.real_root, &stage.report_fd, &mask, &read);
  const std::size_t line_end = text.find('\n');
  if (fields != 4 || line_end == std::string::npos || line_end < static_cast<std::size_t>(read))
    return std::nullopt;
  stage.level = static_cast<Level>(level);
  stage.signal_mask = to_set(mask);
  stage.base = text.substr(static_cast<std::size_t>(read), line_end - static_cast<std::size_t>(read));
  stage.note = text.substr(line_end + 1);
  return stage;
}

}  // namespace mxident::harness::sandbox
