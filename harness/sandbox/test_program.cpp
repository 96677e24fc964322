#include "harness/sandbox/test_program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>

#include "harness/sandbox/io.hpp"

namespace mxident::harness::sandbox {

namespace fs = std::filesystem;

Program::Program(const std::string& level, std::vector<std::string> arguments,
                 std::map<std::string, std::string> environment) {
  temporary_ = (fs::temp_directory_path() / "mxident-test-XXXXXX").string();
  if (::mkdtemp(temporary_.data()) == nullptr) throw SetupError("mkdtemp", errno);
  environment.emplace("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
  environment.emplace("TMPDIR", temporary_);
  environment.emplace("MXIDENT_SANDBOX", level);
  arguments.insert(arguments.begin(), MXIDENT_SANDBOX_PROBE);
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  };
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw SetupError("pipe", errno);
  read_end_ = pipe[0];
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, pipe[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, pipe[1], STDERR_FILENO);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  const int error = ::posix_spawn(&pid_, MXIDENT_SANDBOX_PROBE, &files, &attributes,
                                  pointers(arguments).data(), pointers(variables).data());
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  ::close(pipe[1]);
  if (error != 0) throw SetupError("cannot start the probe", error);
}

Program::~Program() {
  if (!waited_ && pid_ > 0) {
    ::kill(pid_, SIGKILL);
    wait();
  }
  ::close(read_end_);
  std::error_code ignored;
  fs::remove_all(temporary_, ignored);
}

bool Program::read_until(std::string_view text) {
  std::array<char, 4096> block{};
  while (output_.find(text) == std::string::npos) {
    const ssize_t size = ::read(read_end_, block.data(), block.size());
    if (size <= 0) return false;
    output_.append(block.data(), static_cast<std::size_t>(size));
  }
  return true;
}

int Program::wait() {
  std::array<char, 4096> block{};
  for (ssize_t size = 0; (size = ::read(read_end_, block.data(), block.size())) > 0;) {
    output_.append(block.data(), static_cast<std::size_t>(size));
  }
  int status = -1;
  ::waitpid(pid_, &status, 0);
  waited_ = true;
  return status;
}

std::string Program::value(const std::string& name) const {
  const std::size_t at = output_.find(name + "=");
  if (at == std::string::npos) return {};
  const std::size_t start = at + name.size() + 1;
  return output_.substr(start, output_.find_first_of(" \n", start) - start);
}

std::vector<pid_t> processes_with(std::string_view marker) {
  std::vector<pid_t> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (read_file(entry.path() / "cmdline").find(marker) != std::string::npos)
      found.push_back(std::stoi(name));
  }
  return found;
}

namespace {

/// Processes that we did not start cannot be waited for, so this looks again and again.
template <typename Condition>
bool becomes_true(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

}  // namespace

bool all_gone(std::string_view marker) {
  return becomes_true([marker] { return processes_with(marker).empty(); });
}

bool some_run(std::string_view marker, std::size_t count) {
  return becomes_true([marker, count] { return processes_with(marker).size() >= count; });
}

std::string unique_marker() {
  static int counter = 0;
  return fmt::format("mxident-marker-{}-{}-{}", ::getpid(), ++counter,
                     std::chrono::system_clock::now().time_since_epoch().count());
}

}  // namespace mxident::harness::sandbox
