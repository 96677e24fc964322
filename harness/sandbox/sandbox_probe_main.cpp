// A small driver program around the sandbox, for its tests and for a look by hand:
//   mxident_sandbox_probe describe
//   mxident_sandbox_probe run [--option value]... -- COMMAND...
//   mxident_sandbox_probe pair COMMAND...      one command in two cells at once, each with its own resolver
//   mxident_sandbox_probe wait COMMAND...      starts it and waits for a signal, then exits with 5
//   mxident_sandbox_probe bench COUNT JOBS COMMAND...
//   mxident_sandbox_probe posix-spawn COUNT COMMAND...   the same outside, for comparison
//   mxident_sandbox_probe exit CODE | raise SIGNAL
// and for use inside a cell, where it makes no sandbox of its own:
//   mxident_sandbox_probe route ADDRESS        is there a way to it? (a datagram socket is connected: nothing
//   is sent) mxident_sandbox_probe bind PORT
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string_view>

#include "harness/sandbox/io.hpp"
#include "harness/sandbox/sandbox.hpp"

namespace {

using namespace mxident::harness::sandbox;
using Words = std::vector<std::string>;

constexpr int kExitUsage = 2, kExitInterrupted = 5;

long number(const std::string& text) {
  long value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

const char* name(ProcessResult::End end) {
  switch (end) {
    case ProcessResult::End::exited:
      return "exited";
    case ProcessResult::End::signalled:
      return "signalled";
    case ProcessResult::End::deadline:
      return "deadline";
    case ProcessResult::End::output_limit:
      return "output-limit";
    case ProcessResult::End::not_started:
      return "not-started";
  }
  return "?";
}

void print(const ProcessResult& result) {
  fmt::print("end={} code={} cut={} size={} wall_us={} cpu_us={} error={}\n{}", name(result.end), result.code,
             static_cast<int>(result.output_cut), result.output.size(), result.wall.count(),
             result.cpu.count(), result.error, result.output);
  std::fflush(stdout);
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int run(Sandbox& sandbox, const Words& words) {
  ProcessSpec spec;
  spec.work_dir = sandbox.make_work_dir();
  Trust trust;
  PackageTree tree;
  auto at = words.begin();
  for (; words.end() - at >= 2 && *at != "--"; at += 2) {
    const std::string &option = at[0], &value = at[1];
    if (option == "--timeout-ms") spec.timeout = std::chrono::milliseconds(number(value));
    if (option == "--max-output") spec.max_output = static_cast<std::size_t>(number(value));
    if (option == "--max-discarded") spec.max_discarded = static_cast<std::size_t>(number(value));
    if (option == "--stdin") spec.stdin_text = value;
    if (option == "--resolv-conf") spec.resolv_conf = value;
    if (option == "--hosts") spec.hosts = value;
    if (option == "--env") spec.env[value.substr(0, value.find('='))] = value.substr(value.find('=') + 1);
    if (option == "--trust") trust.root_pems.push_back(read_text(value));
    if (option == "--work-dir") spec.work_dir = value;
    if (option == "--package") tree.folders.push_back(value);
    if (option == "--user") tree.users[value] = "/home/of/" + value;
  }
  if (!tree.folders.empty()) {
    try {
      spec.tree = sandbox.make_tree(tree);
    } catch (const SetupError& error) {
      fmt::print("{}\n", error.what());
      return 3;
    }
  }
  if (!trust.root_pems.empty()) sandbox.set_trust(trust);
  if (at != words.end()) spec.command = Words(at + 1, words.end());
  print(run_and_wait(sandbox, spec));
  if (spec.tree.empty()) return 0;
  // Once more, in another cell: what the first one wrote is there.
  print(run_and_wait(sandbox, spec));
  sandbox.remove_tree(spec.tree);
  fmt::print("left={}\n", static_cast<int>(std::filesystem::exists(sandbox.path_in_tree(spec.tree, ""))));
  return 0;
}

/// Counts what is still to come.
class Latch {
 public:
  explicit Latch(long count) : left_(count) {}
  void count_down() {
    const std::lock_guard lock(mutex_);
    --left_;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return left_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  long left_;
};

int pair(Sandbox& sandbox, const Words& words) {
  Latch latch(2);
  ProcessResult results[2];
  for (int i = 0; i < 2; ++i) {
    ProcessSpec spec;
    spec.command = words;
    spec.work_dir = sandbox.make_work_dir();
    spec.resolv_conf = fmt::format("nameserver 127.{}.0.53\n", i + 1);
    spec.hosts = fmt::format("127.{}.0.1 own.test\n", i + 1);
    sandbox.start(std::move(spec), [&latch, &results, i](ProcessResult result) {
      results[i] = std::move(result);
      latch.count_down();
    });
  }
  latch.wait();
  for (const ProcessResult& result : results) print(result);
  return 0;
}

volatile std::sig_atomic_t caught = 0;

int wait_for_signal(Sandbox& sandbox, const Words& words) {
  sigset_t set, old;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM}) {
    sigaddset(&set, signal);
    std::signal(signal, [](int value) { caught = value; });
  }
  ::sigprocmask(SIG_BLOCK, &set, &old);
  ProcessSpec spec;
  spec.command = words;
  spec.work_dir = sandbox.make_work_dir();
  spec.timeout = std::chrono::minutes(10);
  sandbox.start(std::move(spec), [](ProcessResult result) { print(result); });
  fmt::print("ready {}\n", ::getpid());
  std::fflush(stdout);
  while (caught == 0) ::sigsuspend(&old);
  fmt::print("caught {}\n", static_cast<int>(caught));
  std::fflush(stdout);
  return kExitInterrupted;
}

int bench(Sandbox& sandbox, const Words& words) {
  if (words.size() < 3) return kExitUsage;
  const long count = number(words[0]), jobs = number(words[1]);
  const Words command(words.begin() + 2, words.end());
  const std::string work_dir = sandbox.make_work_dir();
  Latch latch(count);
  long started = 0;
  std::mutex mutex;
  std::function<void()> next = [&] {
    const std::lock_guard lock(mutex);
    if (started == count) return;
    ProcessSpec spec;
    spec.command = command;
    spec.work_dir = work_dir;
    spec.resolv_conf = "nameserver 127.0.0.53\n";
    spec.hosts = "127.0.0.1 localhost\n";
    ++started;
    sandbox.start(std::move(spec), [&](ProcessResult result) {
      if (result.end != ProcessResult::End::exited) print(result);
      next();
      latch.count_down();
    });
  };
  const auto begin = std::chrono::steady_clock::now();
  for (long i = 0; i < jobs; ++i) next();
  latch.wait();
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - begin;
  fmt::print("{:.3f} ms a cell, {} cells, {} at a time\n", spent.count() / static_cast<double>(count), count,
             jobs);
  return 0;
}

int bench_posix_spawn(const Words& words) {
  if (words.size() < 2) return kExitUsage;
  Words command(words.begin() + 1, words.end());
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const long count = number(words[0]);
  const auto begin = std::chrono::steady_clock::now();
  for (long i = 0; i < count; ++i) {
    pid_t pid = 0;
    if (::posix_spawnp(&pid, arguments[0], nullptr, nullptr, arguments.data(), environ) == 0) {
      ::waitpid(pid, nullptr, 0);
    }
  }
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - begin;
  fmt::print("{:.3f} ms a process, {} processes\n", spent.count() / static_cast<double>(count), count);
  return 0;
}

int say(int error) {
  fmt::print("{}\n", error == 0 ? "ok" : std::strerror(error));
  return error == 0 ? 0 : 1;
}

int route(const std::string& address) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  v4.sin_port = v6.sin6_port = htons(9);
  const bool is_v4 = ::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1;
  if (!is_v4 && ::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) != 1) return kExitUsage;
  const auto* target =
      is_v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
  const int socket = ::socket(target->sa_family, SOCK_DGRAM, 0);
  return say(::connect(socket, target, is_v4 ? sizeof v4 : sizeof v6) == 0 ? 0 : errno);
}

int bind(const std::string& port) {
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_port = htons(static_cast<std::uint16_t>(number(port)));
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  return say(::bind(socket, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0 ? 0 : errno);
}

}  // namespace

int main(int argc, char** argv) {
  begin_inside();
  if (argc < 2) return kExitUsage;
  const std::string_view verb = argv[1];
  const Words words(argv + 2, argv + argc);
  if (verb == "posix-spawn") return bench_posix_spawn(words);
  if (verb == "route" && words.size() == 1) return route(words[0]);
  if (verb == "bind" && words.size() == 1) return bind(words[0]);
  const std::unique_ptr<Sandbox> sandbox = enter(argc, argv);
  if (verb == "run") return run(*sandbox, words);
  if (verb == "pair") return pair(*sandbox, words);
  if (verb == "wait") return wait_for_signal(*sandbox, words);
  if (verb == "bench") return bench(*sandbox, words);
  if (verb == "exit" && words.size() == 1) return static_cast<int>(number(words[0]));
  if (verb == "raise" && words.size() == 1) return ::raise(static_cast<int>(number(words[0])));
  if (verb != "describe") return kExitUsage;
  fmt::print("{}\n", sandbox->describe());
  for (const char* need : {"names", "dns", "port-25", "root-uid", "sub-uids"}) {
    fmt::print("{}={}\n", need, static_cast<int>(sandbox->has(need)));
  }
  fmt::print("ca_file={}\nca_dir={}\nwork_dir={}\n", sandbox->ca_file(), sandbox->ca_dir(),
             sandbox->make_work_dir());
  return 0;
}
