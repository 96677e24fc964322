// A sandbox for tests that starts nothing: what each process would do is played by a function.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "harness/sandbox/sandbox.hpp"

namespace mxident::harness::sandbox {

class ScriptedSandbox : public Sandbox {
 public:
  /// How a process ends; nullopt: it runs until it is ended.
  using Play = std::function<std::optional<ProcessResult>(const ProcessSpec&)>;

  explicit ScriptedSandbox(Play play) : play_(std::move(play)) {
    std::string name = (std::filesystem::temp_directory_path() / "mxident-scripted-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    base_ = name;
  }
  ~ScriptedSandbox() override {
    stop_all();
    for (auto& thread : threads_) thread.join();
    std::filesystem::remove_all(base_);
  }

  std::vector<ProcessSpec> started() const {
    const std::lock_guard lock(mutex_);
    return started_;
  }
  std::size_t running() const {
    const std::lock_guard lock(mutex_);
    return running_;
  }
  /// Waits until that many processes run.
  void wait_for_running(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return running_ >= count; });
  }
  std::size_t work_dirs() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(base_), {}));
  }

  Level level() const override { return Level::none; }
  std::string describe() const override { return "scripted"; }
  bool has(std::string_view) const override { return true; }
  void set_trust(const Trust&) override {}
  std::string ca_file() const override { return "/ca.pem"; }
  std::string ca_dir() const override { return "/ca"; }
  void set_resolv_conf(const std::string&) override {}
  std::string make_work_dir() override {
    const std::string path = base_ + "/" + std::to_string(++directories_);
    std::filesystem::create_directory(path);
    return path;
  }
  void remove_work_dir(const std::string& path) override { std::filesystem::remove_all(path); }
  std::string make_tree(const PackageTree&) override { return "tree"; }
  void remove_tree(const std::string&) override {}
  std::string path_in_tree(const std::string&, const std::string& path) const override { return path; }
  std::string tree_syslog_socket(const std::string&) const override { return ""; }

  std::uint64_t start(ProcessSpec spec, std::function<void(ProcessResult)> done) override {
    const std::lock_guard lock(mutex_);
    started_.push_back(spec);
    ++running_;
    changed_.notify_all();
    threads_.emplace_back([this, spec = std::move(spec), done = std::move(done), stops = stops_] {
      std::optional<ProcessResult> result = play_(spec);
      {
        std::unique_lock playing(mutex_);
        if (!result) changed_.wait(playing, [&] { return stops_ > stops; });
        --running_;
      }
      if (!result) {
        result.emplace();
        result->end = ProcessResult::End::deadline;
      }
      done(std::move(*result));
    });
    return started_.size();
  }
  void end(std::uint64_t) override { stop_all(); }
  void stop_all() override {
    const std::lock_guard lock(mutex_);
    ++stops_;
    changed_.notify_all();
  }

 private:
  Play play_;
  std::string base_;
  std::atomic<int> directories_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t stops_ = 0;  ///< each ends what was started before it
  std::size_t running_ = 0;
  std::vector<ProcessSpec> started_;
  std::vector<std::thread> threads_;
};

inline ProcessResult exited_with(int code, std::string output = "") {
  ProcessResult out;
  out.end = ProcessResult::End::exited;
  out.code = code;
  out.output = std::move(output);
  return out;
}

}  // namespace mxident::harness::sandbox
