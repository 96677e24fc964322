#include "harness/sandbox/identity_map.hpp"

#include <pwd.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "harness/sandbox/io.hpp"

namespace mxident::harness::sandbox {
namespace {

std::string proc_file(pid_t process, const char* name) {
  return "/proc/" + std::to_string(process) + "/" + name;
}

/// The ids of our own namespace mapped to themselves: each line of our map is "first outer-first count".
std::string same_ids(const char* own_map) {
  std::istringstream lines(read_file(own_map));
  std::string text;
  unsigned long first = 0, outer = 0, count = 0;
  while (lines >> first >> outer >> count) {
    text += std::to_string(first) + " " + std::to_string(first) + " " + std::to_string(count) + "\n";
  }
  return text;
}

struct Range {
  std::string first, count;
};

/// The caller's line in /etc/subuid or /etc/subgid: "user:first:count", the user by name or number.
std::optional<Range> subordinate(const char* file) {
  const passwd* user = ::getpwuid(::geteuid());
  const std::string name = user != nullptr ? user->pw_name : "", number = std::to_string(::geteuid());
  std::istringstream lines(read_file(file));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string who;
    Range range;
    if (std::getline(fields, who, ':') && std::getline(fields, range.first, ':') &&
        std::getline(fields, range.count, ':') && (who == name || who == number)) {
      return range;
    }
  }
  return std::nullopt;
}

/// Runs newuidmap(1) or newgidmap(1). False if it is missing or refuses.
bool map_with(const char* program, pid_t process, unsigned own, const Range& range) {
  std::vector<std::string> words{
      program, std::to_string(process), "0", std::to_string(own), "1", "1", range.first, range.count};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t quiet;
  ::posix_spawn_file_actions_init(&quiet);
  ::posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", 1 /* O_WRONLY */, 0);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, program, &quiet, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&quiet);
  int status = -1;
  while (error == 0 && ::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return error == 0 && status == 0;
}

void write_map(pid_t process, const char* name, const std::string& text) {
  const int error = write_value(proc_file(process, name), text);
  if (error != 0) throw SetupError(std::string("cannot write ") + name + " of a user namespace", error);
}

}  // namespace

void map_users(pid_t process) {
  if (::geteuid() == 0) {
    write_map(process, "uid_map", same_ids("/proc/self/uid_map"));
    write_map(process, "gid_map", same_ids("/proc/self/gid_map"));
    return;
  }
  const std::optional<Range> users = subordinate("/etc/subuid"), groups = subordinate("/etc/subgid");
  if (users && groups && map_with("newuidmap", process, ::geteuid(), *users)) {
    if (!map_with("newgidmap", process, ::getegid(), *groups))
      throw SetupError("newgidmap refuses /etc/subgid");
    return;
  }
  write_map(process, "setgroups", "deny");  // user_namespaces(7): needed before an unprivileged gid_map
  write_map(process, "uid_map", "0 " + std::to_string(::geteuid()) + " 1");
  write_map(process, "gid_map", "0 " + std::to_string(::getegid()) + " 1");
}

bool has_several_users() {
  std::istringstream lines(read_file("/proc/self/uid_map"));
  unsigned long first = 0, outer = 0, count = 0, total = 0;
  while (lines >> first >> outer >> count) total += count;
  return total > 1;
}

}  // namespace mxident::harness::sandbox
