#include "harness/sandbox/processes.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

namespace mxident::harness::sandbox {
namespace {

/// Keys of the two descriptors that are no cell's; cells count from 1.
constexpr std::uint64_t kOrdersKey = ~std::uint64_t{0}, kWakeKey = kOrdersKey - 1;
/// A pipe holds at most 1 MiB (pipe(7)), read in blocks of 64 KiB.
constexpr int kLastReads = 32;
constexpr const char* kLost = "the sandbox's helper process has ended";

void watch(const Fd& epoll, int operation, int fd, std::uint32_t events, std::uint64_t key) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = key;
  if (::epoll_ctl(epoll.get(), operation, fd, &event) != 0)
    throw SetupError("cannot wait for a process", errno);
}

}  // namespace

Processes::~Processes() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (auto cell = running_.begin(); cell != running_.end(); ++cell)
      end_cell(cell, ProcessResult::End::deadline);
  }
  if (!thread_.joinable()) return;
  wake();
  thread_.join();
}

void Processes::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

void Processes::need_thread() {
  if (thread_.joinable()) return;
  epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  wake_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  watch(epoll_, EPOLL_CTL_ADD, wake_.get(), EPOLLIN, kWakeKey);
  watch(epoll_, EPOLL_CTL_ADD, orders_.get(), EPOLLIN, kOrdersKey);
  thread_ = std::thread([this] { loop(); });
}

void Processes::fail(std::string error, std::function<void(ProcessResult)> done) {
  Running failed;
  failed.result.error = std::move(error);
  failed.done = std::move(done);
  const std::lock_guard lock(mutex_);
  need_thread();
  finished_.push_back(std::move(failed));
  wake();
}

std::uint64_t Processes::start(Job job) {
  Running running;
  std::vector<Fd> fds;
  try {
    if (!job.output) {
      std::array<int, 2> pipe{};
      if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw SetupError("cannot make a pipe for its output", errno);
      running.output.reset(pipe[0]);
      job.output.reset(pipe[1]);
      ::fcntl(running.output.get(), F_SETFL, O_NONBLOCK);
    }
    fds.push_back(memory_file("mxident-request", encode(job.request)));
    fds.push_back(std::move(job.output));
    if (job.input) {
      fds.push_back(std::move(job.input));
    } else if (!job.stdin_text.empty()) {
      fds.push_back(memory_file("mxident-stdin", job.stdin_text));
    }
  } catch (const SetupError& error) {
    fail(error.what(), std::move(job.done));
    return 0;
  }
  running.max_output = job.max_output;
  running.max_discarded = job.max_discarded;
  running.deadline = Clock::now() + job.timeout;
  running.done = std::move(job.done);

  std::unique_lock lock(mutex_);
  need_thread();
  if (lost_) {
    lock.unlock();
    fail(kLost, std::move(running.done));
    return 0;
  }
  const std::uint64_t id = next_++;
  if (running.output) watch(epoll_, EPOLL_CTL_ADD, running.output.get(), EPOLLIN, id);
  const bool is_first = deadlines_.empty() || running.deadline < deadlines_.begin()->first;
  deadlines_.emplace(running.deadline, id);
  running_.emplace(id, std::move(running));
  send({Order::start, 0, id}, std::move(fds));
  if (is_first) wake();  // the thread must not sleep beyond this deadline
  return id;
}

void Processes::end(std::uint64_t process) {
  const std::lock_guard lock(mutex_);
  if (const auto cell = running_.find(process); cell != running_.end())
    end_cell(cell, ProcessResult::End::deadline);
}

void Processes::stop_all() {
  const std::lock_guard lock(mutex_);
  for (auto cell = running_.begin(); cell != running_.end(); ++cell)
    end_cell(cell, ProcessResult::End::deadline);
}

void Processes::end_cell(RunningCell cell, ProcessResult::End reason) {
  if (cell->second.ended_by_us) return;
  cell->second.ended_by_us = reason;
  send({Order::end, 0, cell->first}, {});
}

/// Never blocks: the spawner may itself be waiting for us to read.
void Processes::send(OrderPacket packet, std::vector<Fd> fds) {
  unsent_.push_back({packet, std::move(fds)});
  if (unsent_.size() == 1) send_unsent();
}

void Processes::send_unsent() {
  while (!unsent_.empty()) {
    const Unsent& next = unsent_.front();
    std::vector<int> numbers;
    for (const Fd& fd : next.fds) numbers.push_back(fd.get());
    const int error =
        send_packet(orders_.get(), std::as_bytes(std::span(&next.packet, 1)), numbers, MSG_DONTWAIT);
    if (error == EAGAIN) break;
    // Another error means that the spawner is gone; the thread learns that from the connection.
    unsent_.pop_front();
  }
  if (lost_) return;
  watch(epoll_, EPOLL_CTL_MOD, orders_.get(), unsent_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT, kOrdersKey);
}

/// Reads once, so that a flood of one cell does not starve the others.
Processes::Taken Processes::take_output(Running& running) {
  std::array<char, 65536> block;
  ssize_t size = 0;
  while ((size = ::read(running.output.get(), block.data(), block.size())) < 0 && errno == EINTR) {
  }
  if (size < 0) return Taken::all;
  if (size == 0) return Taken::end;
  std::string& output = running.result.output;
  const std::size_t got = static_cast<std::size_t>(size);
  const std::size_t kept = std::min(got, running.max_output - std::min(running.max_output, output.size()));
  output.append(block.data(), kept);
  running.discarded += got - kept;
  if (kept < got) running.result.output_cut = true;
  return Taken::some;
}

void Processes::handle_output(std::uint64_t id) {
  const auto cell = running_.find(id);
  if (cell == running_.end()) return;
  Running& running = cell->second;
  if (take_output(running) == Taken::end)
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, running.output.get(), nullptr);
  if (running.discarded > running.max_discarded) end_cell(cell, ProcessResult::End::output_limit);
}

/// Without the spawner nothing can be started or ended.
void Processes::lose_spawner() {
  lost_ = true;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, orders_.get(), nullptr);
  unsent_.clear();
  while (!running_.empty()) {
    running_.begin()->second.result.error = kLost;
    finish(running_.begin());
  }
}

void Processes::finish(RunningCell cell) {
  for (auto [at, end] = deadlines_.equal_range(cell->second.deadline); at != end; ++at) {
    if (at->second != cell->first) continue;
    deadlines_.erase(at);
    break;
  }
  cell->second.output.reset();
  finished_.push_back(std::move(cell->second));
  running_.erase(cell);
}

void Processes::handle_ends() {
  for (;;) {
    EndPacket packet{};
    std::vector<Fd> none;
    const int size =
        receive_packet(orders_.get(), std::as_writable_bytes(std::span(&packet, 1)), none, MSG_DONTWAIT);
    if (size == -EAGAIN) return;
    if (size != static_cast<int>(sizeof packet)) return lose_spawner();
    const auto cell = running_.find(packet.cell);
    if (cell == running_.end()) continue;
    Running& running = cell->second;
    // All writers are gone, so what is in the pipe is the rest; bounded, for at Level::none one might have
    // fled.
    for (int reads = 0; reads < kLastReads && take_output(running) == Taken::some; ++reads) {
    }
    ProcessResult& result = running.result;
    result.wall = std::chrono::microseconds(packet.wall_us);
    result.cpu = std::chrono::microseconds(packet.cpu_us);
    switch (packet.report.end) {
      case CellEnd::exited:
        result.end = ProcessResult::End::exited;
        break;
      case CellEnd::signalled:
        result.end = ProcessResult::End::signalled;
        break;
      case CellEnd::killed:
        // Not by us: by the kernel for want of memory, or by a person.
        result.end = running.ended_by_us.value_or(ProcessResult::End::signalled);
        packet.report.code = SIGKILL;
        break;
      case CellEnd::not_started:
        result.end = ProcessResult::End::not_started;
        result.error = system_message(std::string(to_string(packet.report.step)), packet.report.code);
        break;
    }
    result.code = packet.report.code;
    finish(cell);
  }
}

void Processes::end_late_cells() {
  const Clock::time_point now = Clock::now();
  for (const auto& [deadline, id] : deadlines_) {
    if (deadline > now) break;
    if (const auto cell = running_.find(id); cell != running_.end())
      end_cell(cell, ProcessResult::End::deadline);
  }
}

/// Milliseconds until the next deadline that is still to be kept; -1 if there is none.
int Processes::wait_ms() {
  for (const auto& [deadline, id] : deadlines_) {
    const auto cell = running_.find(id);
    if (cell == running_.end() || cell->second.ended_by_us) continue;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
  }
  return -1;
}

void Processes::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_ || !running_.empty() || !finished_.empty()) {
    const int timeout = finished_.empty() ? wait_ms() : 0;
    lock.unlock();
    std::array<epoll_event, 64> events{};
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout);
    lock.lock();
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.u64 == kWakeKey) {
        std::uint64_t ignored = 0;
        [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &ignored, sizeof ignored);
      } else if (event.data.u64 == kOrdersKey) {
        if ((event.events & EPOLLOUT) != 0) send_unsent();
        handle_ends();
      } else {
        handle_output(event.data.u64);
      }
    }
    end_late_cells();
    std::vector<Running> finished;
    finished.swap(finished_);
    lock.unlock();
    for (Running& cell : finished) cell.done(std::move(cell.result));
    finished.clear();
    lock.lock();
  }
}

}  // namespace mxident::harness::sandbox
