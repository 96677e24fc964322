// The inner process, pid 1 of the new namespaces: makes the sandbox, forks the main program and becomes the
// spawner.
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "harness/sandbox/facts.hpp"
#include "harness/sandbox/identity_map.hpp"
#include "harness/sandbox/io.hpp"
#include "harness/sandbox/loopback.hpp"
#include "harness/sandbox/mounts.hpp"
#include "harness/sandbox/spawner.hpp"
#include "harness/sandbox/stage.hpp"

namespace mxident::harness::sandbox {
namespace {

/// "links" makes /etc of links even where an overlay is possible; for tests.
constexpr const char* kEtcVariable = "MXIDENT_SANDBOX_ETC";

void tell(const Fd& report, Word word, std::string_view sentence) {
  std::string text(1, static_cast<char>(word));
  text += sentence;
  [[maybe_unused]] const ssize_t written = ::write(report.get(), text.data(), text.size());
}

EtcForm etc_form() {
  const char* value = std::getenv(kEtcVariable);
  return value != nullptr && std::string_view(value) == "links" ? EtcForm::links : EtcForm::automatic;
}

/// Everything that changes the namespaces; the mounts first, so that a refusal leaves nothing mounted.
SandboxFacts set_up(const Stage& stage) {
  SandboxFacts facts;
  facts.level = stage.level;
  facts.base = stage.base;
  facts.real_root = stage.real_root != 0;
  const auto add = [&facts](const std::string& note) {
    if (!note.empty()) facts.notes += (facts.notes.empty() ? "" : "; ") + note;
  };
  add(stage.note);
  make_mounts_private();
  add(mount_proc_and_sys());
  facts.sub_users = stage.level == Level::root_namespaces || has_several_users();
  add(set_up_loopback());
  add(lay_out_files(stage.base, etc_form()));
  if (::sethostname(kHostName, std::string_view(kHostName).size()) != 0) {
    add(system_message("the host name is the machine's", errno));
  }
  return facts;
}

/// Hands on what came before there was a main program, also from the terminal.
void hand_on_pending(pid_t main_program) {
  const sigset_t forwarded = forwarded_signals();
  sigset_t pending;
  ::sigpending(&pending);
  for (int signal = 1; signal < NSIG; ++signal) {
    if (sigismember(&pending, signal) == 1 && sigismember(&forwarded, signal) == 1)
      ::kill(main_program, signal);
  }
}

}  // namespace

std::unique_ptr<Sandbox> enter_inside(const Stage& stage) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, program_invocation_short_name);  // not "exe", as it was executed this time
  Fd report(stage.report_fd);
  ::fcntl(report.get(), F_SETFD, FD_CLOEXEC);
  SandboxFacts facts;
  std::pair<Fd, Fd> sockets;
  try {
    facts = set_up(stage);
    sockets = packet_sockets();
  } catch (const NotPrivate& error) {
    tell(report, Word::fatal, error.what());
    ::_exit(kExitHarness);
  } catch (const std::exception& error) {
    tell(report, Word::refused, error.what());
    ::_exit(kExitHarness);
  }
  tell(report, Word::ready, {});
  const pid_t main_program = ::fork();
  if (main_program < 0) ::_exit(kExitHarness);
  if (main_program > 0) {
    hand_on_pending(main_program);
    sockets.first.reset();
    serve_as_init(stage.level, std::move(sockets.second), std::move(report), main_program);
  }
  report.reset();
  sockets.second.reset();
  ::sigprocmask(SIG_SETMASK, &stage.signal_mask, nullptr);
  return make_sandbox(std::move(facts), std::move(sockets.first));
}

}  // namespace mxident::harness::sandbox
