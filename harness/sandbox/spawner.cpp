#include "harness/sandbox/spawner.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <unordered_map>

#include "harness/sandbox/cell.hpp"
#include "harness/sandbox/wire.hpp"

namespace mxident::harness::sandbox {
namespace {

using Clock = std::chrono::steady_clock;

struct Cell {
  std::uint64_t id = 0;
  CellReport* report = nullptr;  ///< in memory that is shared with the cell's first process
  Clock::time_point started;
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::string read_all(int fd) {
  const off_t size = ::lseek(fd, 0, SEEK_END);
  std::string text(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

class Spawner {
 public:
  Spawner(Level level, Fd orders)
      : level_(level), orders_(std::move(orders)), null_(::open("/dev/null", O_RDONLY)) {
    block_signals();
    // Out of the caller's process group: what a terminal sends to that would reach a client between its first
    // moment and its own session.
    ::setsid();
  }

  int orders() const { return orders_.get(); }
  int signals() const { return signals_.get(); }
  bool has_cells() const { return !cells_.empty(); }

  /// Carries out one order. False when there will be no more.
  bool take_order();
  /// Reaps one ended process: reports it if it was a cell. Nothing when none has ended.
  struct Ended {
    pid_t pid;
    int status;
  };
  std::optional<Ended> reap();
  void end_all();

 private:
  void block_signals();
  void start(std::uint64_t id, const std::vector<Fd>& fds);
  void report(const Cell& cell, std::int64_t cpu_us);

  Level level_;
  Fd orders_, null_, signals_;
  std::unordered_map<pid_t, Cell> cells_;
  std::unordered_map<std::uint64_t, pid_t> pids_;
};

/// Every signal comes through a descriptor, and cells inherit default dispositions whatever a shell had set
/// for us.
void Spawner::block_signals() {
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, nullptr);
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  signals_.reset(::signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK));
}

bool Spawner::take_order() {
  OrderPacket packet{};
  std::vector<Fd> fds;
  const int size = receive_packet(orders_.get(), std::as_writable_bytes(std::span(&packet, 1)), fds, 0);
  if (size != static_cast<int>(sizeof packet)) return false;
  if (packet.order == Order::start) {
    start(packet.cell, fds);
  } else if (const auto found = pids_.find(packet.cell); found != pids_.end()) {
    // Not reaped yet, so the number is still this process's.
    ::kill(found->second, end_signal(level_));
  }
  return true;
}

void Spawner::start(std::uint64_t id, const std::vector<Fd>& fds) {
  Cell cell;
  cell.id = id;
  cell.started = Clock::now();
  void* shared =
      ::mmap(nullptr, sizeof(CellReport), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CellReport refused{CellEnd::not_started, CellStep::process, shared == MAP_FAILED ? errno : EINVAL};
  cell.report = shared == MAP_FAILED ? &refused : static_cast<CellReport*>(shared);
  std::optional<Request> request;
  if (fds.size() >= 2) request = decode(read_all(fds[0].get()));
  int error = EINVAL;
  if (request && shared != MAP_FAILED) {
    const std::vector<char*> arguments = pointers(request->arguments);
    const std::vector<char*> environment = pointers(request->environment);
    const std::vector<char*> binds = pointers(request->binds), writable = pointers(request->writable);
    CellPlan plan;
    plan.level = level_;
    plan.program = request->program.c_str();
    plan.arguments = arguments.data();
    plan.environment = environment.data();
    plan.work_dir = request->work_dir.c_str();
    if (!request->resolv_conf.empty()) plan.resolv_conf = request->resolv_conf.c_str();
    if (!request->hosts.empty()) plan.hosts = request->hosts.c_str();
    plan.binds = binds.data();
    plan.writable = writable.data();
    plan.output = fds[1].get();
    plan.input = fds.size() > 2 ? fds[2].get() : null_.get();
    const pid_t pid = make_cell(plan, cell.report);
    if (pid > 0) {
      cells_.emplace(pid, cell);
      pids_.emplace(id, pid);
      return;
    }
    error = -pid;
  }
  refused.code = error;
  if (shared != MAP_FAILED) ::munmap(shared, sizeof(CellReport));
  cell.report = &refused;
  report(cell, 0);
}

void Spawner::report(const Cell& cell, std::int64_t cpu_us) {
  EndPacket packet{};
  packet.cell = cell.id;
  packet.report = *cell.report;
  packet.wall_us = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - cell.started).count();
  packet.cpu_us = cpu_us;
  // If the main program is gone nobody needs it.
  send_packet(orders_.get(), std::as_bytes(std::span(&packet, 1)), {}, 0);
}

std::optional<Spawner::Ended> Spawner::reap() {
  Ended ended{};
  rusage usage{};
  ended.pid = ::wait4(-1, &ended.status, WNOHANG | __WALL, &usage);
  if (ended.pid <= 0) return std::nullopt;
  if (const auto found = cells_.find(ended.pid); found != cells_.end()) {
    const auto microseconds = [](const timeval& time) {
      return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_usec;
    };
    report(found->second, microseconds(usage.ru_utime) + microseconds(usage.ru_stime));
    ::munmap(found->second.report, sizeof(CellReport));
    pids_.erase(found->second.id);
    cells_.erase(found);
  }
  return ended;
}

void Spawner::end_all() {
  for (const auto& [pid, cell] : cells_) ::kill(pid, end_signal(level_));
}

/// Waits until something is to be done; fills `ready`.
template <std::size_t N>
void wait_for(std::array<pollfd, N>& ready) {
  while (::poll(ready.data(), ready.size(), -1) < 0 && errno == EINTR) {
  }
}

}  // namespace

sigset_t forwarded_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2}) sigaddset(&set, signal);
  return set;
}

void serve_as_init(Level level, Fd orders, Fd outer, pid_t main_program) {
  Spawner spawner(level, std::move(orders));
  const sigset_t forwarded = forwarded_signals();
  std::array<pollfd, 3> ready{
      {{spawner.orders(), POLLIN, 0}, {spawner.signals(), POLLIN, 0}, {outer.get(), 0, 0}}};
  for (;;) {
    while (const auto ended = spawner.reap()) {
      if (ended->pid != main_program) continue;
      [[maybe_unused]] const ssize_t written = ::write(outer.get(), &ended->status, sizeof ended->status);
      ::_exit(0);
    }
    wait_for(ready);
    if ((ready[2].revents & (POLLERR | POLLHUP)) != 0) ::_exit(3);
    if (ready[1].revents != 0) {
      signalfd_siginfo info{};
      while (::read(spawner.signals(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        const int signal = static_cast<int>(info.ssi_signo);
        // What the terminal sends it sends to the main program too.
        if (sigismember(&forwarded, signal) == 1 && info.ssi_code != SI_KERNEL) ::kill(main_program, signal);
      }
    }
    // The main program closes the connection when it is done with processes; it may go on without them.
    if (ready[0].revents != 0 && !spawner.take_order()) {
      spawner.end_all();
      ready[0].fd = -1;
    }
  }
}

void serve_as_helper(Fd orders, const std::string& base) {
  Spawner spawner(Level::none, std::move(orders));
  std::array<pollfd, 2> ready{{{spawner.orders(), POLLIN, 0}, {spawner.signals(), POLLIN, 0}}};
  for (;;) {
    while (spawner.reap()) {
    }
    if (ready[0].fd < 0 && !spawner.has_cells()) break;
    wait_for(ready);
    if (ready[1].revents != 0) {
      signalfd_siginfo info{};
      while (::read(spawner.signals(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      }
    }
    if (ready[0].revents != 0 && !spawner.take_order()) {
      spawner.end_all();
      ready[0].fd = -1;
    }
  }
  std::error_code ignored;
  std::filesystem::remove_all(base, ignored);
  ::_exit(0);
}

}  // namespace mxident::harness::sandbox
