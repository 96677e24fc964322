// For the sandbox's tests: runs the probe program and watches it from outside.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mxident::harness::sandbox {

/// A run of the probe, in a process group of its own.
class Program {
 public:
  /// `level` is the value of MXIDENT_SANDBOX; TMPDIR is a fresh directory of this object.
  Program(const std::string& level, std::vector<std::string> arguments,
          std::map<std::string, std::string> environment = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  pid_t pid() const { return pid_; }
  const std::string& temporary() const { return temporary_; }
  /// Reads until `text` has been printed. False if the output ends before.
  bool read_until(std::string_view text);
  /// Reads to the end and waits; returns the wait status.
  int wait();
  /// Standard output and standard error so far.
  const std::string& output() const { return output_; }
  /// The value of `name=` in the output, up to the next blank.
  std::string value(const std::string& name) const;

 private:
  pid_t pid_ = -1;
  int read_end_ = -1;
  bool waited_ = false;
  std::string output_, temporary_;
};

/// The processes of the machine whose command line holds `marker`.
std::vector<pid_t> processes_with(std::string_view marker);
/// Both wait up to ten seconds: until there are none of them, or at least `count`. False if that does not
/// happen.
bool all_gone(std::string_view marker);
bool some_run(std::string_view marker, std::size_t count);

/// A text that no other process has in its command line.
std::string unique_marker();

}  // namespace mxident::harness::sandbox
