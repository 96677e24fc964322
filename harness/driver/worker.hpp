// One persistent worker: its process, and the thread that talks with it.
#pragma once

#include <condition_variable>
#include <future>
#include <thread>

#include "harness/driver/workers.hpp"
#include "harness/sandbox/io.hpp"

namespace mxident::harness {

class Worker {
 public:
  Worker(sandbox::Sandbox& sandbox, WorkerStart start);
  /// As soon as its process has ended.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  const WorkerStart& kind() const { return kind_; }
  /// Makes a fresh directory for the next job, and is its path until the next call.
  const std::string& make_directory();
  const std::string& directory() const { return directory_; }
  /// `done` is called on the worker's thread.
  void run(WorkerJob job, std::function<void(sandbox::ProcessResult)> done);
  /// Tells it that there will be no more jobs, so that many can end at once.
  void say_goodbye();
  /// Waits until it has ended. Returns the CPU time that no job took.
  std::chrono::microseconds finish();

 private:
  using Clock = std::chrono::steady_clock;
  struct Process {
    std::string token;
    sandbox::Fd input, output;
    std::uint64_t number = 0;
    std::future<sandbox::ProcessResult> ended;
    std::chrono::microseconds cpu_of_jobs{0};
  };
  enum class Read { mark, closed, late, too_much };

  void loop();
  sandbox::ProcessResult perform(const WorkerJob& job);
  std::string start();
  bool has_left();
  Read read_to_mark(WorkerOutput& output, Clock::time_point deadline, std::size_t max_discarded,
                    WorkerMark& mark);
  bool tell(const WorkerJob& job);
  sandbox::ProcessResult await_end();

  sandbox::Sandbox& sandbox_;
  WorkerStart kind_;
  std::string work_dir_, files_dir_, directory_;
  std::size_t jobs_ = 0;
  std::optional<Process> process_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<WorkerJob> job_;
  std::function<void(sandbox::ProcessResult)> done_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace mxident::harness
