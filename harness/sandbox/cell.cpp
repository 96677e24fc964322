#include "harness/sandbox/cell.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace mxident::harness::sandbox {
namespace {

constexpr rlim_t kOpenFiles = 1024, kMostOpenFiles = 4096;
constexpr rlim_t kFileSize = rlim_t{1} << 30;
constexpr rlim_t kProcesses = 4096;
/// Highest process number in a cell: a fork bomb has room for fewer processes than this.
constexpr const char* kHighestPid = "2048";

void limit(__rlimit_resource what, rlim_t soft, rlim_t hard) {
  rlimit now{};
  ::getrlimit(what, &now);
  const rlimit wanted{std::min(soft, now.rlim_max), std::min(hard, now.rlim_max)};
  ::setrlimit(what, &wanted);
}

/// Linux 6.14 gave every pid namespace its own kernel.pid_max; before, writing it would change the whole
/// machine.
bool pid_max_is_per_namespace() {
  static const bool result = [] {
    utsname name{};
    int major = 0, minor = 0;
    if (::uname(&name) != 0 || std::sscanf(name.release, "%d.%d", &major, &minor) != 2) return false;
    return major > 6 || (major == 6 && minor >= 14);
  }();
  return result;
}

void write_proc(const char* path, const char* text, std::size_t size) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  [[maybe_unused]] const ssize_t written = ::write(fd, text, size);
  ::close(fd);
}

void set_limits(Level level) {
  // 1 and not 0: with 0 a kernel that pipes core dumps to a program still does so (core(5)).
  limit(RLIMIT_CORE, 1, 1);
  limit(RLIMIT_NOFILE, kOpenFiles, kMostOpenFiles);
  limit(RLIMIT_FSIZE, kFileSize, kFileSize);
  // Counted for the user in the user namespace: outside of one, the user's other programs would count too.
  if (level == Level::user_namespaces) limit(RLIMIT_NPROC, kProcesses, kProcesses);
  if (level != Level::none && pid_max_is_per_namespace())
    write_proc("/proc/sys/kernel/pid_max", kHighestPid, 4);
  // When memory runs out, the client goes first and not the harness.
  write_proc("/proc/self/oom_score_adj", "800", 3);
}

/// Leaves the work directory, /tmp and a /dev/shm of its own to write to, and nothing else. /tmp stays the
/// machine's: there may lie what the client is made of, and some programs put their temporary files nowhere
/// else. Returns 0 or an errno value.
int make_read_only_but(const char* work_dir, char* const* writable) {
  const bool has_tmp = ::mount("/tmp", "/tmp", nullptr, MS_BIND | MS_REC, nullptr) == 0;
  if (::mount(work_dir, work_dir, nullptr, MS_BIND, nullptr) != 0) return errno;
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  if (::mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof attributes) != 0) return errno;
  attributes = {};
  attributes.attr_clr = MOUNT_ATTR_RDONLY;
  if (::mount_setattr(AT_FDCWD, work_dir, 0, &attributes, sizeof attributes) != 0) return errno;
  for (; writable != nullptr && *writable != nullptr; ++writable) {
    if (::mount_setattr(AT_FDCWD, *writable, 0, &attributes, sizeof attributes) != 0) return errno;
  }
  if (has_tmp) ::mount_setattr(AT_FDCWD, "/tmp", 0, &attributes, sizeof attributes);
  // Where it is missing, nobody needs it.
  ::mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=64m");
  return 0;
}

/// Returns 0 or an errno value.
int lay_files(const CellPlan& plan) {
  if (plan.level == Level::none) return 0;
  for (char* const* at = plan.binds; at != nullptr && *at != nullptr; at += 2) {
    if (::mount(at[0], at[1], nullptr, MS_BIND | MS_REC, nullptr) != 0) return errno;
  }
  if (plan.resolv_conf && ::mount(plan.resolv_conf, "/etc/resolv.conf", nullptr, MS_BIND, nullptr) != 0)
    return errno;
  if (plan.hosts && ::mount(plan.hosts, "/etc/hosts", nullptr, MS_BIND, nullptr) != 0) return errno;
  if (const int error = make_read_only_but(plan.work_dir, plan.writable); error != 0) return error;
  // Where a new /proc is refused the one that is there stays right for /proc/self, and the sandbox has said
  // so.
  ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
  return 0;
}

/// Starts the program; returns its pid. The child shares our memory until it executes, so it only makes
/// system calls.
pid_t start_program(const CellPlan& plan, CellReport* report) {
  const pid_t child = ::vfork();
  if (child != 0) return child;
  ::setsid();
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(plan.program, plan.arguments, plan.environment);
  report->code = errno;
  ::_exit(127);
}

/// `report->code` is 0 unless the program could not be executed.
void record(int status, CellReport* report) {
  if (report->code != 0) {
    *report = {CellEnd::not_started, CellStep::execute, report->code};
    return;
  }
  report->end = WIFEXITED(status) ? CellEnd::exited : CellEnd::signalled;
  report->code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
}

/// Kills what is left, at Level::none: the program's process group, then every child, until there is none;
/// orphans of the killed become children of ours, their subreaper.
void kill_descendants(pid_t program) {
  ::kill(-program, SIGKILL);
  std::array<char, 64> path{};
  std::snprintf(path.data(), path.size(), "/proc/self/task/%d/children", ::getpid());
  for (;;) {
    const int fd = ::open(path.data(), O_RDONLY | O_CLOEXEC);
    std::array<char, 4096> text{};
    const ssize_t size = fd < 0 ? 0 : ::read(fd, text.data(), text.size() - 1);
    ::close(fd);
    char* at = text.data();
    for (char* end = nullptr; size > 0; at = end) {
      const long pid = std::strtol(at, &end, 10);
      if (end == at || pid <= 0) break;
      ::kill(static_cast<pid_t>(pid), SIGKILL);
    }
    if (::waitpid(-1, nullptr, __WALL) < 0 && errno == ECHILD) return;
  }
}

/// Waits for the program, reaping orphans that came to us. In a pid namespace an early end comes as SIGKILL.
void await_in_namespace(pid_t program, CellReport* report) {
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, __WALL);
    if (ended == program) return record(status, report);
    if (ended < 0 && errno != EINTR) return;
  }
}

/// The same as subreaper: an early end comes as SIGTERM.
void await_as_subreaper(pid_t program, CellReport* report) {
  sigset_t awaited;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGCHLD);
  sigaddset(&awaited, SIGTERM);
  for (;;) {
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
      if (ended == program) {
        record(status, report);
        return kill_descendants(program);
      }
    }
    if (::sigwaitinfo(&awaited, nullptr) == SIGTERM) return kill_descendants(program);
  }
}

[[noreturn]] void refuse(CellReport* report, CellStep step, int error) {
  *report = {CellEnd::not_started, step, error};
  ::_exit(1);
}

[[noreturn]] void be_first_process(const CellPlan& plan, CellReport* report) {
  const bool alone = plan.level != Level::none;
  ::prctl(PR_SET_PDEATHSIG, end_signal(plan.level));
  if (!alone) ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::dup2(plan.input, STDIN_FILENO);
  ::dup2(plan.output, STDOUT_FILENO);
  ::dup2(plan.output, STDERR_FILENO);
  ::close_range(3, ~0U, 0);
  if (::chdir(plan.work_dir) != 0) refuse(report, CellStep::work_dir, errno);
  if (const int error = lay_files(plan); error != 0) refuse(report, CellStep::files, error);
  set_limits(plan.level);
  ::umask(022);
  // Again: the directory has become a mount of its own.
  if (::chdir(plan.work_dir) != 0) refuse(report, CellStep::work_dir, errno);
  report->code = 0;
  const pid_t program = start_program(plan, report);
  if (program < 0) refuse(report, CellStep::process, errno);
  alone ? await_in_namespace(program, report) : await_as_subreaper(program, report);
  ::_exit(0);
}

}  // namespace

int end_signal(Level level) {
  return level == Level::none ? SIGTERM : SIGKILL;
}

pid_t make_cell(const CellPlan& plan, CellReport* report) {
  *report = {CellEnd::killed, CellStep::process, 0};
  const unsigned long flags = plan.level == Level::none ? 0UL : CLONE_NEWNS | CLONE_NEWPID;
  pid_max_is_per_namespace();  // asked for here, once, and not in every cell
  const long pid = ::syscall(SYS_clone, flags | SIGCHLD, nullptr, nullptr, nullptr, 0UL);
  if (pid == 0) be_first_process(plan, report);
  return pid < 0 ? -errno : static_cast<pid_t>(pid);
}

}  // namespace mxident::harness::sandbox
