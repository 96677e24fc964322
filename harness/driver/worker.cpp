#include "harness/driver/worker.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <random>

namespace mxident::harness {
namespace {

using sandbox::Fd;
using sandbox::ProcessResult;

constexpr std::chrono::seconds kMostForStart{60}, kMostForEnd{5};
constexpr std::size_t kWordsKept = 400, kMostSaidAtStart = 1 << 20;
/// Between two cells the size of resolv.conf changes, so that the C library reads it again even where the
/// clock that stamps files has not moved.
constexpr std::size_t kSizes = 64;

/// Servers write into what a client prints: they must not be able to write a mark.
std::string random_token() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", device(), device(), device(), device());
}

}  // namespace

Worker::Worker(sandbox::Sandbox& sandbox, WorkerStart start)
    : sandbox_(sandbox),
      kind_(std::move(start)),
      work_dir_(sandbox.make_work_dir()),
      files_dir_(sandbox.make_work_dir()) {
  sandbox::write_file(files_dir_ + "/resolv.conf", "");
  thread_ = std::thread([this] { loop(); });
}

Worker::~Worker() {
  finish();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
  sandbox_.remove_work_dir(work_dir_);
  sandbox_.remove_work_dir(files_dir_);
}

const std::string& Worker::make_directory() {
  directory_ = fmt::format("{}/{}", work_dir_, ++jobs_);
  sandbox::make_directories(directory_);
  return directory_;
}

void Worker::run(WorkerJob job, std::function<void(ProcessResult)> done) {
  const std::lock_guard lock(mutex_);
  job_ = std::move(job);
  done_ = std::move(done);
  changed_.notify_one();
}

void Worker::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || job_; });
    if (!job_) return;
    const WorkerJob job = std::move(*job_);
    auto done = std::move(done_);
    job_.reset();
    done_ = nullptr;
    lock.unlock();
    done(perform(job));
    done = nullptr;  // with it the worker may go back to the others
    lock.lock();
  }
}

ProcessResult Worker::perform(const WorkerJob& job) {
  ProcessResult result;
  const auto began = Clock::now();
  WorkerOutput output("", 0);
  if (process_ && has_left()) await_end();
  if (const std::string fault = process_ ? "" : start(); !fault.empty()) {
    result.error = fmt::format("the worker \"{}\" does not start: {}", fmt::join(kind_.command, " "), fault);
  } else if (!tell(job)) {
    result.error = "the worker's files cannot be written";
  } else {
    output = WorkerOutput(process_->token, job.max_output);
    WorkerMark mark;
    const Read read = read_to_mark(output, began + job.timeout, job.max_discarded, mark);
    if (read == Read::mark) {
      result.end =
          mark.kind == WorkerMark::Kind::exit ? ProcessResult::End::exited : ProcessResult::End::signalled;
      result.code = mark.code;
      result.cpu = mark.cpu;
      process_->cpu_of_jobs += mark.cpu;
    } else {
      if (read != Read::closed) sandbox_.end(process_->number);
      const ProcessResult end = await_end();
      result.end = read == Read::too_much ? ProcessResult::End::output_limit
                   : read == Read::late   ? ProcessResult::End::deadline
                                          : end.end;
      result.code = end.code;
      result.cpu = end.cpu;
    }
    result.output = output.output();
    result.output_cut = output.discarded() > 0;
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
  std::filesystem::remove(directory_ + ".in", ignored);
  result.wall = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began);
  return result;
}

/// Returns why it cannot take jobs; empty: it can.
std::string Worker::start() {
  std::array<int, 2> ends{}, pipe{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return "no socket to talk with it";
  Process process;
  process.input.reset(ends[0]);
  const Fd their_input(ends[1]);
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return "no pipe for its output";
  process.output.reset(pipe[0]);
  Fd their_output(pipe[1]);
  process.token = random_token();
  sandbox::ProcessSpec spec;
  spec.command = kind_.command;
  spec.env = kind_.env;
  spec.env["MXIDENT_WORKER"] = process.token;
  spec.work_dir = work_dir_;
  spec.timeout = kLongerThanAnyRun;
  spec.input = their_input.get();
  spec.output = their_output.get();
  spec.resolv_conf_file = files_dir_ + "/resolv.conf";
  const auto promise = std::make_shared<std::promise<ProcessResult>>();
  process.ended = promise->get_future();
  process.number =
      sandbox_.start(std::move(spec), [promise](ProcessResult end) { promise->set_value(std::move(end)); });
  their_output.reset();  // so that its end can be read
  process_ = std::move(process);
  WorkerOutput output(process_->token, kWordsKept);
  WorkerMark mark;
  const Read read = read_to_mark(output, Clock::now() + kMostForStart, kMostSaidAtStart, mark);
  if (read == Read::mark && mark.kind == WorkerMark::Kind::ready) return "";
  sandbox_.end(process_->number);
  const ProcessResult end = await_end();
  return end.error.empty() ? "it says \"" + output.output() + "\"" : end.error;
}

/// True if it has ended since its last job. What it says between jobs is nobody's.
bool Worker::has_left() {
  std::array<char, 4096> block;
  pollfd ready{process_->output.get(), POLLIN, 0};
  while (::poll(&ready, 1, 0) > 0) {
    if (::read(process_->output.get(), block.data(), block.size()) <= 0) return true;
  }
  return false;
}

/// Writes the job down, and its line.
bool Worker::tell(const WorkerJob& job) {
  try {
    sandbox::write_file(files_dir_ + "/resolv.conf",
                        job.resolv_conf + "#" + std::string(jobs_ % kSizes, '#') + "\n");
    sandbox::write_file(directory_ + ".in", job.stdin_text);
  } catch (const sandbox::SetupError&) {
    return false;
  }
  std::string line = directory_;
  for (const std::string& word : job.words) line += "\t" + word;
  line += "\n";
  for (std::string_view rest = line; !rest.empty();) {
    const ssize_t sent = ::send(process_->input.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) break;  // it has ended, as its output will say
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

Worker::Read Worker::read_to_mark(WorkerOutput& output, Clock::time_point deadline, std::size_t max_discarded,
                                  WorkerMark& mark) {
  std::array<char, 65536> block;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return Read::late;
    pollfd ready{process_->output.get(), POLLIN, 0};
    const int count = ::poll(&ready, 1, static_cast<int>(std::min<long>(left, 3'600'000)));
    if (count <= 0) continue;
    const ssize_t size = ::read(process_->output.get(), block.data(), block.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return Read::closed;
    if (const auto found = output.take({block.data(), static_cast<std::size_t>(size)})) {
      mark = *found;
      return Read::mark;
    }
    if (output.discarded() > max_discarded) return Read::too_much;
  }
}

/// Its process is ending, or is ended soon; nobody uses it again. `cpu` of the result is what no job before
/// has taken.
ProcessResult Worker::await_end() {
  if (process_->ended.wait_for(kMostForEnd) != std::future_status::ready) sandbox_.end(process_->number);
  ProcessResult end = process_->ended.get();
  end.cpu = std::max(end.cpu - process_->cpu_of_jobs, std::chrono::microseconds(0));
  process_.reset();
  return end;
}

void Worker::say_goodbye() {
  if (process_) process_->input.reset();
}

std::chrono::microseconds Worker::finish() {
  if (!process_) return std::chrono::microseconds(0);
  say_goodbye();
  return await_end().cpu;
}

}  // namespace mxident::harness
