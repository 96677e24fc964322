// Workers of a shell script, outside of any sandbox.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "harness/driver/workers.hpp"

namespace mxident::harness {
namespace {

using sandbox::ProcessResult;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr const char* kScript = R"(token=$MXIDENT_WORKER
printf '\n%s ready 0 0\n' "$token"
tab=$(printf '\t')
while IFS="$tab" read -r directory word; do
  case $word in
  dies) kill -KILL $$ ;;
  hangs) exec sleep 1000 ;;
  exits) exit 3 ;;
  leaves) printf '%s\n%s exit 0 10\n' "$$" "$token"; exit 0 ;;
  mutters) printf '%s\n%s exit 0 10\n' "$$" "$token"; echo more; : >"${directory%/*}/muttered"; continue ;;
  shuts) exec >&-; exec sleep 1000 ;;
  fails) printf '\n%s exit 7 20\n' "$token"; continue ;;
  reads) cat "$directory.in" ;;
  floods) while :; do echo 0123456789; done ;;
  esac
  printf '%s\n%s exit 0 10\n' "$$" "$token"
done
)";

/// Starts processes as they are.
class Plain : public sandbox::Sandbox {
 public:
  Plain() {
    char name[] = "/tmp/mxident-worker-XXXXXX";
    base_ = ::mkdtemp(name);
  }
  ~Plain() override {
    for (auto& thread : threads_) thread.join();
    fs::remove_all(base_);
  }
  sandbox::Level level() const override { return sandbox::Level::none; }
  std::string describe() const override { return ""; }
  bool has(std::string_view) const override { return false; }
  void set_trust(const sandbox::Trust&) override {}
  std::string ca_file() const override { return ""; }
  std::string ca_dir() const override { return ""; }
  void set_resolv_conf(const std::string&) override {}
  std::string make_work_dir() override {
    const std::string path = base_ + "/" + std::to_string(++directories_);
    fs::create_directory(path);
    return path;
  }
  void remove_work_dir(const std::string& path) override { fs::remove_all(path); }
  std::string make_tree(const sandbox::PackageTree&) override { return ""; }
  void remove_tree(const std::string&) override {}
  std::string path_in_tree(const std::string&, const std::string&) const override { return ""; }
  std::string tree_syslog_socket(const std::string&) const override { return ""; }
  std::uint64_t start(sandbox::ProcessSpec spec, std::function<void(ProcessResult)> done) override {
    std::vector<std::string> variables{"PATH=/usr/bin:/bin"};
    for (const auto& [name, value] : spec.env) variables.push_back(name + "=" + value);
    const auto pointers = [](std::vector<std::string>& texts) {
      std::vector<char*> out;
      for (auto& text : texts) out.push_back(text.data());
      out.push_back(nullptr);
      return out;
    };
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, spec.input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, spec.output, STDOUT_FILENO);
    pid_t pid = 0;
    const int error = ::posix_spawnp(&pid, spec.command[0].c_str(), &files, nullptr,
                                     pointers(spec.command).data(), pointers(variables).data());
    ::posix_spawn_file_actions_destroy(&files);
    EXPECT_EQ(error, 0);
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([pid, done = std::move(done)] {
      int status = 0;
      ::waitpid(pid, &status, 0);
      ProcessResult result;
      result.end = WIFEXITED(status) ? ProcessResult::End::exited : ProcessResult::End::signalled;
      result.code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
      done(std::move(result));
    });
    return static_cast<std::uint64_t>(pid);
  }
  void end(std::uint64_t process) override { ::kill(static_cast<pid_t>(process), SIGKILL); }
  void stop_all() override {}
  const std::string& base() const { return base_; }

 private:
  std::string base_;
  std::atomic<int> directories_ = 0;
  std::mutex mutex_;
  std::vector<std::thread> threads_;
};

class WorkersTest : public testing::Test {
 protected:
  static WorkerJob job(const std::string& word) {
    WorkerJob out;
    out.words = {word};
    out.stdin_text = "the input of " + word;
    return out;
  }
  ProcessResult run(WorkerJob job) {
    std::promise<ProcessResult> promise;
    auto lease = workers.lease(kind);
    // The worker comes back a moment after the job before has ended.
    while (!lease) {
      std::this_thread::yield();
      lease = workers.lease(kind);
    }
    lease->run(std::move(job), [&promise](ProcessResult result) { promise.set_value(std::move(result)); });
    lease.reset();
    return promise.get_future().get();
  }

  Plain sandbox;
  Workers workers{sandbox, 1};
  WorkerStart kind{{"/bin/sh", "-c", kScript}, {}};
};

TEST_F(WorkersTest, OneRunsJobAfterJob) {
  const std::string first = run(job("does")).output;
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(run(job("does")).output, first) << "another process";
  const ProcessResult read = run(job("reads"));
  EXPECT_EQ(read.output, "the input of reads" + first);
  EXPECT_EQ(read.cpu.count(), 10);
  const ProcessResult failed = run(job("fails"));
  EXPECT_EQ(failed.end, ProcessResult::End::exited);
  EXPECT_EQ(failed.code, 7);
  EXPECT_EQ(run(job("does")).output, first);
}

TEST_F(WorkersTest, AJobThatTakesItsWorkerWithItEndsAsThatDid) {
  const std::string first = run(job("does")).output;
  const ProcessResult died = run(job("dies"));
  EXPECT_EQ(died.end, ProcessResult::End::signalled);
  EXPECT_EQ(died.code, SIGKILL);
  const std::string second = run(job("does")).output;
  EXPECT_NE(second, first);
  const ProcessResult exited = run(job("exits"));
  EXPECT_EQ(exited.end, ProcessResult::End::exited);
  EXPECT_EQ(exited.code, 3);
  EXPECT_NE(run(job("does")).output, second);
}

TEST_F(WorkersTest, OneThatHasLeftBetweenJobsIsReplaced) {
  const std::string first = run(job("leaves")).output;
  while (::kill(std::stoi(first), 0) == 0) std::this_thread::yield();  // until it is reaped
  const ProcessResult next = run(job("does"));
  EXPECT_EQ(next.end, ProcessResult::End::exited);
  EXPECT_FALSE(next.output.empty());
  EXPECT_NE(next.output, first);
}

TEST_F(WorkersTest, WhatIsSaidBetweenJobsIsNobodys) {
  const std::string first = run(job("mutters")).output;
  while (!fs::exists(sandbox.base() + "/1/muttered")) std::this_thread::yield();
  EXPECT_EQ(run(job("does")).output, first);
}

TEST_F(WorkersTest, OneThatClosesItsOutputIsEnded) {
  EXPECT_EQ(run(job("shuts")).end, ProcessResult::End::signalled);
  EXPECT_EQ(run(job("does")).end, ProcessResult::End::exited);
}

TEST_F(WorkersTest, AJobHasItsTimeAndItsOutput) {
  WorkerJob hangs = job("hangs");
  hangs.timeout = std::chrono::milliseconds(100);
  EXPECT_EQ(run(hangs).end, ProcessResult::End::deadline);
  WorkerJob floods = job("floods");
  floods.max_output = 100;
  floods.max_discarded = 10000;
  const ProcessResult flooded = run(floods);
  EXPECT_EQ(flooded.end, ProcessResult::End::output_limit);
  EXPECT_EQ(flooded.output.size(), 100u);
  EXPECT_TRUE(flooded.output_cut);
  EXPECT_EQ(run(job("does")).code, 0);
}

TEST_F(WorkersTest, OneThatDoesNotGetReadyIsNotUsedAgain) {
  kind.command = {"/bin/sh", "-c", "echo no library; exit 0"};
  const ProcessResult result = run(job("does"));
  EXPECT_EQ(result.end, ProcessResult::End::not_started);
  EXPECT_THAT(result.error, HasSubstr("no library"));
  EXPECT_EQ(workers.lease(kind), nullptr);
}

TEST_F(WorkersTest, ThereAreNoMoreThanAllowed) {
  Workers three(sandbox, 3);
  std::vector<std::shared_ptr<Workers::Lease>> leases;
  for (int i = 0; i < 3; ++i) leases.push_back(three.lease(kind));
  EXPECT_NE(leases.back(), nullptr);
  EXPECT_EQ(three.lease(kind), nullptr);
  WorkerStart other = kind;
  other.env["OTHER"] = "1";
  EXPECT_NE(three.lease(other), nullptr);
  leases.pop_back();
  EXPECT_NE(three.lease(kind), nullptr);
}

TEST_F(WorkersTest, ManyJobsFromManyThreads) {
  Workers three(sandbox, 3);
  std::atomic<int> good = 0, busy = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        const auto lease = three.lease(kind);
        if (!lease) {
          ++busy;
          continue;
        }
        std::promise<int> code;
        lease->run(job("fails"), [&code](ProcessResult result) { code.set_value(result.code); });
        if (code.get_future().get() == 7) ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good + busy, 80);
  EXPECT_GE(good, 20);
}

TEST_F(WorkersTest, OneWithoutADirectoryGoesBack) {
  EXPECT_EQ(run(job("does")).code, 0);
  // It comes back a moment after the job has ended.
  const auto lease = [this] {
    while (!workers.lease(kind)) std::this_thread::yield();
  };
  lease();
  for (const auto& entry : fs::directory_iterator(sandbox.base())) {
    fs::remove_all(entry.path());
    std::ofstream(entry.path()) << "no directory";
  }
  EXPECT_THROW(lease(), sandbox::SetupError);
  EXPECT_THROW(lease(), sandbox::SetupError) << "the only worker is away";
  workers.stop();  // waits until all are back
}

TEST_F(WorkersTest, StopsAndStartsAgain) {
  const std::string first = run(job("does")).output;
  workers.stop();
  EXPECT_NE(run(job("does")).output, first);
}

}  // namespace
}  // namespace mxident::harness
