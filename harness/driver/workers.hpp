// Persistent workers: an interpreter that has loaded its library stays, and runs one cell after another. What
// worker and harness say to each other stands in docs/workers.md.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/sandbox/sandbox.hpp"

namespace mxident::harness {

/// What ends a worker's start or a job: LF TOKEN SP ("ready"|"exit"|"signal") SP NUMBER SP MICROSECONDS LF.
struct WorkerMark {
  enum class Kind { ready, exit, signal };
  Kind kind = Kind::ready;
  int code = 0;  ///< exit code or signal number
  std::chrono::microseconds cpu{0};
};

/// Finds the mark of a job in a stream of output, of which it keeps no more than `most_kept` octets.
class WorkerOutput {
 public:
  WorkerOutput(std::string token, std::size_t most_kept);
  /// Takes what was read. Returns the mark once it is whole; what comes behind it is nobody's.
  std::optional<WorkerMark> take(std::string_view block);
  std::size_t discarded() const { return size_ - output_.size(); }
  /// What came before the mark, or everything where none came.
  const std::string& output() const { return output_; }

 private:
  std::string start_of_mark_, output_, tail_;
  std::size_t most_kept_, size_ = 0;
};

/// How a worker is started; those that are started alike can take each other's jobs.
struct WorkerStart {
  std::vector<std::string> command;
  std::map<std::string, std::string> env;  ///< besides the sandbox's
  auto operator<=>(const WorkerStart&) const = default;
};

/// One cell's job for a worker.
struct WorkerJob {
  std::vector<std::string> words;
  std::string stdin_text, resolv_conf;
  std::chrono::milliseconds timeout{20000};
  std::size_t max_output = 1 << 20, max_discarded = 256u << 20;
};

class Worker;

/// The workers of a run. Thread-safe.
class Workers {
 public:
  /// At most `most` workers of each kind.
  Workers(sandbox::Sandbox& sandbox, std::size_t most);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// A worker for one cell. It goes back when the object and its job have ended.
  class Lease : public std::enable_shared_from_this<Lease> {
   public:
    Lease(Workers& home, std::unique_ptr<Worker> worker);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    /// A fresh directory, which the job runs in.
    const std::string& directory() const;
    /// Runs the job on the worker's thread and then calls `done` there, when the job's directory is gone. A
    /// job that ends its worker ends as the worker did; End::not_started: the worker could not take it,
    /// nothing has run. Once a lease.
    void run(WorkerJob job, std::function<void(sandbox::ProcessResult)> done);

   private:
    Workers& home_;
    std::unique_ptr<Worker> worker_;
  };
  /// Null if all are busy, or if a worker of this kind did not come to take jobs: the cell has a process
  /// of its own then.
  std::shared_ptr<Lease> lease(const WorkerStart& start);
  /// Words with a TAB, LF or NUL cannot be told.
  static bool can_tell(const std::vector<std::string>& words);

  /// Ends all workers; no job may be under way. Returns the CPU time that they took beside their jobs: to
  /// start, and to wait.
  std::chrono::microseconds stop();

 private:
  struct Kind {
    std::vector<std::unique_ptr<Worker>> idle;
    std::size_t count = 0;  ///< with those that are leased
    bool broken = false;
  };
  void give_back(std::unique_ptr<Worker> worker);
  void forget(const WorkerStart& start);

  sandbox::Sandbox& sandbox_;
  std::size_t most_;
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::map<WorkerStart, Kind> kinds_;
};

}  // namespace mxident::harness
