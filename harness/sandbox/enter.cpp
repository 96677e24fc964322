// The way in: makes namespaces, executes the program again inside and waits for it; or the fallback.
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "harness/sandbox/facts.hpp"
#include "harness/sandbox/identity_map.hpp"
#include "harness/sandbox/io.hpp"
#include "harness/sandbox/mounts.hpp"
#include "harness/sandbox/sandbox.hpp"
#include "harness/sandbox/spawner.hpp"
#include "harness/sandbox/stage.hpp"

namespace mxident::harness::sandbox {
namespace {

constexpr const char* kLevelVariable = "MXIDENT_SANDBOX";

enum class Wish { automatic, user, root, none };

[[noreturn]] void stop(int code, const std::string& sentence) {
  fmt::print(stderr, "mxident: {}\n", sentence);
  std::fflush(stderr);
  ::_exit(code);
}

Wish read_wish() {
  const char* value = std::getenv(kLevelVariable);
  const std::string_view text = value != nullptr ? value : "";
  if (text.empty() || text == "auto") return Wish::automatic;
  if (text == "user") return Wish::user;
  if (text == "root") return Wish::root;
  if (text == "none") return Wish::none;
  stop(kExitUsage, fmt::format("{} is \"{}\", wanted auto, user, root or none", kLevelVariable, text));
}

std::string make_base() {
  const char* parent = std::getenv("TMPDIR");
  std::string path = std::string(parent != nullptr && *parent == '/' ? parent : "/tmp") + "/mxident-XXXXXX";
  if (path.find('\n') != std::string::npos) stop(kExitHarness, "TMPDIR holds a line break");
  if (::mkdtemp(path.data()) == nullptr) {
    stop(kExitHarness, system_message("cannot make the sandbox's directory " + path, errno));
  }
  return path;
}

/// The caller's environment and the stage; the inner process takes it out again.
class StageEnvironment {
 public:
  explicit StageEnvironment(const Stage& stage) : stage_(std::string(kStageVariable) + "=" + stage.text()) {
    for (char** entry = environ; *entry != nullptr; ++entry) entries_.push_back(*entry);
    entries_.push_back(stage_.data());
    entries_.push_back(nullptr);
  }
  StageEnvironment(const StageEnvironment&) = delete;
  StageEnvironment& operator=(const StageEnvironment&) = delete;
  char** data() { return entries_.data(); }

 private:
  std::string stage_;
  std::vector<char*> entries_;
};

/// In the new namespaces: system calls only, for the memory may be that of a program with threads.
[[noreturn]] void execute_again(int go, int report, char** argv, char** environment) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  char octet = 0;
  if (::read(go, &octet, 1) != 1) ::_exit(kExitHarness);
  ::fcntl(report, F_SETFD, 0);
  ::execve("/proc/self/exe", argv, environment);
  // Without /proc: the path by which the program was executed.
  ::execve(reinterpret_cast<const char*>(::getauxval(AT_EXECFN)), argv, environment);
  const std::string_view sentence = "nthe program cannot be executed again";
  [[maybe_unused]] const ssize_t written = ::write(report, sentence.data(), sentence.size());
  ::_exit(kExitHarness);
}

std::size_t read_some(const Fd& fd, char* data, std::size_t size) {
  for (;;) {
    const ssize_t got = ::read(fd.get(), data, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return 0;
  }
}

/// A refusal ends the inner process.
std::string refused(pid_t inner, const std::string& reason = {}) {
  ::kill(inner, SIGKILL);
  while (::waitpid(inner, nullptr, 0) < 0 && errno == EINTR) {
  }
  return reason;
}

/// Waits for the inner process, hands signals on, and ends as the main program ended.
[[noreturn]] void supervise(pid_t inner, const Fd& report, const std::string& base,
                            const sigset_t& old_mask) {
  sigset_t awaited = forwarded_signals();
  sigaddset(&awaited, SIGCHLD);
  int inner_status = 0;
  for (;;) {
    siginfo_t info{};
    const int signal = ::sigwaitinfo(&awaited, &info);
    if (signal == SIGCHLD && ::waitpid(inner, &inner_status, WNOHANG) == inner) break;
    // What the terminal sends (SI_KERNEL) goes to the whole foreground group: the main program has it too.
    if (signal > 0 && signal != SIGCHLD && info.si_code != SI_KERNEL) ::kill(inner, signal);
  }
  int status = 0;
  const bool told = ::read(report.get(), &status, sizeof status) == static_cast<ssize_t>(sizeof status);
  ::rmdir(base.c_str());
  if (!told)
    stop(kExitHarness, fmt::format("the sandbox's first process ended early (status {:#x})", inner_status));
  if (WIFEXITED(status)) ::_exit(WEXITSTATUS(status));
  ::signal(WTERMSIG(status), SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &old_mask, nullptr);
  ::raise(WTERMSIG(status));
  ::_exit(128 + WTERMSIG(status));
}

/// Tries one level; returns only if it is refused, with the reason.
std::string attempt(Stage stage, char** argv) {
  std::array<int, 2> go{}, report{};
  if (::pipe2(go.data(), O_CLOEXEC) != 0) return system_message("no pipe", errno);
  Fd go_read(go[0]), go_write(go[1]);
  if (::pipe2(report.data(), O_CLOEXEC) != 0) return system_message("no pipe", errno);
  Fd report_read(report[0]), report_write(report[1]);
  stage.report_fd = report_write.get();
  StageEnvironment environment(stage);

  unsigned long flags = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | SIGCHLD;
  if (stage.level == Level::user_namespaces) flags |= CLONE_NEWUSER;
  const auto inner = static_cast<pid_t>(::syscall(SYS_clone, flags, nullptr, nullptr, nullptr, 0UL));
  if (inner == 0) execute_again(go_read.get(), report_write.get(), argv, environment.data());
  if (inner < 0) return ::strerror(errno);
  report_write.reset();
  try {
    if (stage.level == Level::user_namespaces) map_users(inner);
  } catch (const SetupError& error) {
    return refused(inner, error.what());
  }
  if (::write(go_write.get(), "g", 1) != 1) return refused(inner, system_message("no pipe", errno));

  // Only the first octet: the main program's status may follow at once.
  char word = 0;
  if (read_some(report_read, &word, 1) != 1) return refused(inner, "the first process inside ended at once");
  if (static_cast<Word>(word) == Word::ready) supervise(inner, report_read, stage.base, stage.signal_mask);
  std::array<char, 1024> text{};
  const std::string sentence(text.data(), read_some(report_read, text.data(), text.size()));
  refused(inner);
  if (static_cast<Word>(word) == Word::refused) return sentence;
  ::rmdir(stage.base.c_str());
  stop(kExitHarness, "the sandbox would be seen outside: " + sentence);
}

/// What begin_inside() has made, until it is asked for.
std::unique_ptr<Sandbox>& begun() {
  static std::unique_ptr<Sandbox> sandbox;
  return sandbox;
}

/// Forks the helper; nothing is executed again.
std::unique_ptr<Sandbox> enter_fallback(const std::string& base, const std::string& reason) {
  try {
    make_base_directories(base);
    auto [ours, theirs] = packet_sockets();
    // The helper must survive what a terminal sends to the whole group, from its first moment.
    sigset_t all, old;
    sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, &old);
    const pid_t helper = ::fork();
    if (helper == 0) {
      ours.reset();
      serve_as_helper(std::move(theirs), base);
    }
    const int error = errno;
    ::sigprocmask(SIG_SETMASK, &old, nullptr);
    if (helper < 0) throw SetupError("cannot fork the helper process", error);
    SandboxFacts facts;
    facts.base = base;
    facts.notes = reason;
    facts.real_root = ::geteuid() == 0;
    facts.sub_users = facts.real_root;
    facts.helper = helper;
    return make_sandbox(std::move(facts), std::move(ours));
  } catch (const SetupError& error) {
    stop(kExitHarness, error.what());
  }
}

}  // namespace

void begin_inside() {
  const char* text = std::getenv(kStageVariable);
  if (text == nullptr) return;
  ensure_standard_descriptors();
  const std::optional<Stage> stage = Stage::parse(text);
  ::unsetenv(kStageVariable);
  if (!stage) stop(kExitUsage, fmt::format("{} is set from outside", kStageVariable));
  begun() = enter_inside(*stage);
}

std::unique_ptr<Sandbox> enter(int /*argc*/, char** argv) {
  if (begun()) return std::move(begun());
  ensure_standard_descriptors();
  const Wish wish = read_wish();
  Stage stage;
  stage.base = make_base();
  stage.real_root = ::geteuid() == 0 ? 1 : 0;
  if (wish == Wish::none) return enter_fallback(stage.base, std::string("asked for by ") + kLevelVariable);

  ::signal(SIGCHLD, SIG_DFL);  // ignored, our children would vanish before we ask for their end
  sigset_t handed_on = forwarded_signals();
  sigaddset(&handed_on, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &handed_on, &stage.signal_mask);
  std::string reasons;
  if (wish != Wish::root) {
    stage.level = Level::user_namespaces;
    reasons = "user namespaces: " + attempt(stage, argv);
  }
  if (wish != Wish::user) {
    stage.level = Level::root_namespaces;
    stage.note = reasons;
    const std::string reason = stage.real_root != 0 ? attempt(stage, argv) : "the caller is not root";
    reasons += (reasons.empty() ? "" : "; ") + ("namespaces as root: " + reason);
  }
  ::sigprocmask(SIG_SETMASK, &stage.signal_mask, nullptr);
  if (wish == Wish::automatic) return enter_fallback(stage.base, reasons);
  ::rmdir(stage.base.c_str());
  stop(kExitHarness,
       fmt::format("{}={} is refused; {}", kLevelVariable, std::getenv(kLevelVariable), reasons));
}

}  // namespace mxident::harness::sandbox
