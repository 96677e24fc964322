// The main program's side: starts cells through the spawner, reads what they print, keeps their deadlines.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "harness/sandbox/io.hpp"
#include "harness/sandbox/sandbox.hpp"
#include "harness/sandbox/wire.hpp"

namespace mxident::harness::sandbox {

/// A process with everything decided: what Processes starts.
struct Job {
  Request request;
  std::string stdin_text;
  Fd input, output;  ///< in place of `stdin_text` and of the pipe whose content is kept; none: those
  std::chrono::milliseconds timeout{0};
  std::size_t max_output = 0, max_discarded = 0;
  std::function<void(ProcessResult)> done;
};

/// One thread waits for everything; it is started with the first job. Thread-safe.
class Processes {
 public:
  explicit Processes(Fd orders) : orders_(std::move(orders)) {}
  /// Ends what runs; every `done` is called before this returns.
  ~Processes();
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;

  /// Returns its number, 0 if it could not be started.
  std::uint64_t start(Job job);
  void end(std::uint64_t process);
  /// Calls `done` as start does, for a process that cannot be started.
  void fail(std::string error, std::function<void(ProcessResult)> done);
  void stop_all();

 private:
  using Clock = std::chrono::steady_clock;
  struct Running {
    Fd output;  ///< none: the caller has it
    std::size_t max_output = 0, max_discarded = 0, discarded = 0;
    Clock::time_point deadline;
    std::optional<ProcessResult::End> ended_by_us;
    ProcessResult result;
    std::function<void(ProcessResult)> done;
  };
  struct Unsent {
    OrderPacket packet;
    std::vector<Fd> fds;
  };
  using RunningCell = std::map<std::uint64_t, Running>::iterator;

  void loop();
  void handle_output(std::uint64_t cell);
  void handle_ends();
  void end_late_cells();
  int wait_ms();
  void end_cell(RunningCell cell, ProcessResult::End reason);
  void send(OrderPacket packet, std::vector<Fd> fds);
  void send_unsent();
  void finish(RunningCell cell);
  enum class Taken { some, all, end };
  Taken take_output(Running& running);
  void need_thread();
  void lose_spawner();
  void wake();

  Fd orders_, epoll_, wake_;
  std::mutex mutex_;
  std::thread thread_;
  bool stopping_ = false;
  bool lost_ = false;  ///< the spawner has gone: nothing can be started
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, Running> running_;
  std::multimap<Clock::time_point, std::uint64_t> deadlines_;
  std::deque<Unsent> unsent_;
  /// Finished cells whose `done` is to be called without the lock.
  std::vector<Running> finished_;
};

}  // namespace mxident::harness::sandbox
