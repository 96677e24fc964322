// What the outer process tells the inner one, which is the same program executed again, and what comes back.
#pragma once

#include <csignal>
#include <memory>
#include <optional>
#include <string>

#include "harness/sandbox/sandbox.hpp"

namespace mxident::harness::sandbox {

inline constexpr int kExitUsage = 2;
inline constexpr int kExitHarness = 3;

/// The environment variable that makes a program the inner one.
inline constexpr const char* kStageVariable = "MXIDENT_SANDBOX_STAGE";

/// First octet of what the inner process reports, before a sentence; after `ready` come the four octets of
/// the main program's wait status, when it has ended.
enum class Word : char { ready = 'r', refused = 'n', fatal = 'f' };

struct Stage {
  Level level = Level::none;
  int real_root = 0;     ///< 1 if the caller is uid 0
  int report_fd = -1;    ///< the pipe for the report
  sigset_t signal_mask;  ///< as it was before the outer process blocked what it hands on
  std::string base;      ///< an empty directory; holds no newline
  std::string note;      ///< why not more, for people

  std::string text() const;
  static std::optional<Stage> parse(const std::string& text);
};

/// Pid 1 of the new namespaces: sets up, forks, and serves. Returns in the main program only.
std::unique_ptr<Sandbox> enter_inside(const Stage& stage);

}  // namespace mxident::harness::sandbox
