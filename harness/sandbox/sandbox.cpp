#include "harness/sandbox/sandbox.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>

#include "harness/sandbox/facts.hpp"
#include "harness/sandbox/processes.hpp"
#include "harness/sandbox/trust_store.hpp"

namespace mxident::harness::sandbox {
namespace {

constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The executable file that `command` names on a search path. Nothing if there is none.
std::optional<std::string> find_program(const std::string& command, std::string_view path) {
  while (true) {
    const std::size_t end = path.find(':');
    const std::string directory(path.substr(0, end));
    const std::string candidate = directory + "/" + command;
    struct stat status {};
    // Relative entries would mean the harness's directory here and the work directory in the cell.
    if (directory.starts_with('/') && ::access(candidate.c_str(), X_OK) == 0 &&
        ::stat(candidate.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
      return candidate;
    }
    if (end == std::string_view::npos) return std::nullopt;
    path.remove_prefix(end + 1);
  }
}

bool has_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

class SandboxImpl final : public Sandbox {
 public:
  SandboxImpl(SandboxFacts facts, Fd orders)
      : facts_(std::move(facts)), processes_(std::make_unique<Processes>(std::move(orders))) {
    const char* path = std::getenv("PATH");
    path_ = path != nullptr && *path != '\0' ? path : kDefaultPath;
  }
  ~SandboxImpl() override {
    processes_.reset();
    // At the end of the connection the helper removes the directory and ends; else the outer process does.
    while (facts_.helper > 0 && ::waitpid(facts_.helper, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  Level level() const override { return facts_.level; }
  std::string describe() const override;
  bool has(std::string_view need) const override;
  void set_trust(const Trust& trust) override { write_trust_store(facts_.base + "/trust", trust.root_pems); }
  std::string ca_dir() const override {
    return facts_.level == Level::none ? facts_.base + "/trust" : std::string("/etc/ssl/certs");
  }
  std::string ca_file() const override { return ca_dir() + "/" + kBundleName; }
  void set_resolv_conf(const std::string& text) override;
  std::string make_work_dir() override;
  void remove_work_dir(const std::string& path) override;
  std::string make_tree(const PackageTree& tree) override;
  void remove_tree(const std::string& name) override;
  std::string path_in_tree(const std::string& name, const std::string& path) const override {
    return facts_.base + "/trees/" + name + path;
  }
  std::string tree_syslog_socket(const std::string& name) const override {
    return syslog_socket(facts_.base, name);
  }
  std::uint64_t start(ProcessSpec spec, std::function<void(ProcessResult)> done) override;
  void end(std::uint64_t process) override { processes_->end(process); }
  void stop_all() override { processes_->stop_all(); }

 private:
  std::optional<std::string> prepare(ProcessSpec& spec, Request& request) const;
  std::string write_cell_files(const ProcessSpec& spec, Request& request);

  SandboxFacts facts_;
  std::string path_;
  std::atomic<std::uint64_t> counter_{0};
  std::mutex tree_mutex_;
  std::unique_ptr<Processes> processes_;
};

std::string SandboxImpl::describe() const {
  std::string line;
  switch (facts_.level) {
    case Level::user_namespaces:
      line = "sandbox: own user, network, mount and process namespaces";
      break;
    case Level::root_namespaces:
      line = "sandbox: own network, mount and process namespaces, as root";
      break;
    case Level::none:
      line = "sandbox: none, servers listen on free ports of 127.0.0.1 and clients see the machine's /etc";
      break;
  }
  if (facts_.level != Level::none && !facts_.sub_users) line += ", one user";
  return facts_.notes.empty() ? line : line + " (" + facts_.notes + ")";
}

bool SandboxImpl::has(std::string_view need) const {
  if (need == "names" || need == "dns" || need == "port-25") return facts_.level != Level::none;
  if (need == "root-uid") return facts_.real_root;
  return need == "sub-uids" && facts_.sub_users;
}

/// /etc is read-only here: what is on disk is not ours to change.
void SandboxImpl::set_resolv_conf(const std::string& text) {
  if (facts_.level == Level::none) return;
  const std::string file = make_work_dir() + "/resolv.conf";
  write_file(file, text);
  if (::mount(file.c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr) != 0) {
    throw SetupError("cannot lay a resolv.conf over /etc/resolv.conf", errno);
  }
}

std::string SandboxImpl::make_work_dir() {
  std::string path = fmt::format("{}/work/{}", facts_.base, ++counter_);
  if (::mkdir(path.c_str(), 0755) != 0) throw SetupError("cannot make the work directory " + path, errno);
  return path;
}

void SandboxImpl::remove_work_dir(const std::string& path) {
  if (!path.starts_with(facts_.base + "/work/")) return;
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

std::string SandboxImpl::make_tree(const PackageTree& tree) {
  if (facts_.level == Level::none)
    throw SetupError("packages cannot be laid over the system's directories here");
  const std::string name = std::to_string(++counter_);
  const std::lock_guard lock(tree_mutex_);
  try {
    make_package_tree(facts_.base, name, tree);
  } catch (const SetupError&) {
    remove_package_tree(facts_.base, name);
    throw;
  }
  return name;
}

void SandboxImpl::remove_tree(const std::string& name) {
  const std::lock_guard lock(tree_mutex_);
  remove_package_tree(facts_.base, name);
}

/// Fills the request. Returns why the process cannot be started.
std::optional<std::string> SandboxImpl::prepare(ProcessSpec& spec, Request& request) const {
  if (spec.command.empty() || spec.command[0].empty()) return "the command is empty";
  std::map<std::string, std::string> environment{{"PATH", path_},
                                                 {"HOME", spec.work_dir},
                                                 {"TMPDIR", spec.work_dir},
                                                 {"LANG", "C.UTF-8"},
                                                 {"NODE_EXTRA_CA_CERTS", ca_file()}};
  for (const auto& [name, value] : spec.env) environment[name] = value;
  for (const auto& [name, value] : environment) request.environment.push_back(name + "=" + value);
  for (const auto* list : {&spec.command, &request.environment}) {
    for (const std::string& text : *list) {
      if (has_nul(text)) return "the command or its environment holds a NUL octet";
    }
  }
  if (has_nul(spec.work_dir)) return "the work directory's name holds a NUL octet";
  request.program = spec.command[0];
  if (request.program.find('/') == std::string::npos) {
    const std::optional<std::string> found = find_program(request.program, environment["PATH"]);
    if (!found) return fmt::format("there is no program \"{}\" on PATH", request.program);
    request.program = *found;
  }
  request.work_dir = spec.work_dir;
  if (!spec.tree.empty()) {
    TreeMounts mounts = mounts_of_package_tree(facts_.base, spec.tree);
    request.binds = std::move(mounts.binds);
    request.writable = std::move(mounts.writable);
  }
  request.arguments = std::move(spec.command);
  return std::nullopt;
}

/// Writes the cell's own files of /etc. Returns their directory, empty if it needs none.
std::string SandboxImpl::write_cell_files(const ProcessSpec& spec, Request& request) {
  if (facts_.level == Level::none) return {};
  request.resolv_conf = spec.resolv_conf_file;
  if (spec.resolv_conf.empty() && spec.hosts.empty()) return {};
  std::string directory = fmt::format("{}/cells/{}", facts_.base, ++counter_);
  if (::mkdir(directory.c_str(), 0755) != 0) throw SetupError("cannot make " + directory, errno);
  const auto write = [&directory](const char* name, const std::string& text) {
    if (text.empty()) return std::string();
    write_file(directory + name, text);
    return directory + name;
  };
  if (request.resolv_conf.empty()) request.resolv_conf = write("/resolv.conf", spec.resolv_conf);
  request.hosts = write("/hosts", spec.hosts);
  return directory;
}

/// Nothing for -1.
Fd duplicate(int fd) {
  if (fd < 0) return Fd();
  Fd copy(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!copy) throw SetupError("cannot duplicate a descriptor", errno);
  return copy;
}

std::uint64_t SandboxImpl::start(ProcessSpec spec, std::function<void(ProcessResult)> done) {
  Job job;
  const auto fail = [&](std::string why) {
    processes_->fail(std::move(why), std::move(done));
    return std::uint64_t{0};
  };
  if (std::optional<std::string> problem = prepare(spec, job.request)) return fail(std::move(*problem));
  std::string files;
  try {
    files = write_cell_files(spec, job.request);
    job.input = duplicate(spec.input);
    job.output = duplicate(spec.output);
  } catch (const SetupError& error) {
    return fail(error.what());
  }
  job.stdin_text = std::move(spec.stdin_text);
  job.timeout = spec.timeout;
  job.max_output = spec.max_output;
  job.max_discarded = spec.max_discarded;
  job.done = [files, done = std::move(done)](ProcessResult result) {
    std::error_code ignored;
    if (!files.empty()) std::filesystem::remove_all(files, ignored);
    done(std::move(result));
  };
  return processes_->start(std::move(job));
}

}  // namespace

std::unique_ptr<Sandbox> make_sandbox(SandboxFacts facts, Fd orders) {
  return std::make_unique<SandboxImpl>(std::move(facts), std::move(orders));
}

ProcessResult run_and_wait(Sandbox& sandbox, ProcessSpec spec) {
  std::promise<ProcessResult> promise;
  std::future<ProcessResult> result = promise.get_future();
  sandbox.start(std::move(spec), [&promise](ProcessResult ended) { promise.set_value(std::move(ended)); });
  return result.get();
}

}  // namespace mxident::harness::sandbox
