#include "harness/driver/process_client.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>
#include <filesystem>
#include <memory>

#include "harness/sandbox/io.hpp"

namespace mxident::harness {
namespace {

using sandbox::ProcessResult;
using sandbox::ProcessSpec;

/// One job on its way through its commands. Owns itself through the callbacks.
class Running : public std::enable_shared_from_this<Running> {
 public:
  Running(sandbox::Sandbox& sandbox, ProcessClientJob job, ProcessClientDone done)
      : sandbox_(sandbox), job_(std::move(job)), done_(std::move(done)) {}

  void start(Workers* workers) {
    if (workers == nullptr || !start_in_worker(*workers)) start_alone();
  }

 private:
  bool start_in_worker(Workers& workers) {
    const auto words = worker_words(*job_.manifest, *job_.mode);
    if (!words) return false;
    job_.values["program_dir"] = job_.manifest->program_dir.string();
    job_.values["mxident"] = own_program();
    std::shared_ptr<Workers::Lease> lease =
        workers.lease({expand(job_.manifest->worker->command), environment()});
    if (!lease) return false;
    lay_out(lease->directory());
    WorkerJob job{.words = expand(*words),
                  .stdin_text = expand_placeholders(job_.mode->stdin_text, job_.values),
                  .resolv_conf = job_.resolv_conf,
                  .timeout = job_.mode->timeout};
    if (!Workers::can_tell(job.words)) return false;
    lease->run(std::move(job), [self = shared_from_this()](ProcessResult result) {
      if (result.end == ProcessResult::End::not_started) return self->start_alone();
      self->done_(std::move(result), RanIn::worker);
    });
    return true;
  }

  void start_alone() {
    guarded([this] {
      work_dir_ = sandbox_.make_work_dir();
      lay_out(work_dir_);
      step(0);
    });
  }

  /// On threads of others nobody takes what is thrown: a disk that is full ends the job, not the program.
  template <class Action>
  void guarded(Action action) {
    try {
      action();
    } catch (const std::exception& error) {
      ProcessResult failed;
      failed.error = error.what();
      finish(std::move(failed));
    }
  }

  /// The files of the cell.
  void lay_out(const std::string& directory) {
    auto& values = job_.values;
    values["work_dir"] = directory;
    values["program_dir"] = job_.manifest->program_dir.string();
    values["mxident"] = own_program();
    values["message_file"] = directory + "/message.eml";
    write(values["message_file"], values["message"]);
    for (const auto& [name, text] : job_.mode->files)
      write(directory + "/" + name, expand_placeholders(text, values));
  }

  std::vector<std::string> expand(std::span<const std::string> words) const {
    std::vector<std::string> out;
    for (const auto& word : words) out.push_back(expand_placeholders(word, job_.values));
    return out;
  }

  void write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    sandbox::write_file(path, text);
    // Postfix reads a configuration again and again while it could still be changing.
    std::error_code ignored;
    const auto now = std::filesystem::file_time_type::clock::now();
    std::filesystem::last_write_time(path, now - std::chrono::hours(1), ignored);
  }

  std::map<std::string, std::string> environment() const {
    std::map<std::string, std::string> out;
    for (const auto& [name, text] : job_.mode->env) out[name] = expand_placeholders(text, job_.values);
    return out;
  }

  ProcessSpec spec(const std::vector<std::string>& command) const {
    ProcessSpec out;
    out.command = expand(command);
    out.env = environment();
    out.work_dir = work_dir_;
    out.timeout = job_.mode->timeout;
    out.resolv_conf = job_.resolv_conf;
    return out;
  }

  void step(std::size_t index) {
    const auto& setup = job_.mode->setup;
    if (index < setup.size()) {
      sandbox_.start(spec(setup[index]), [self = shared_from_this(), index](ProcessResult result) {
        if (result.end == ProcessResult::End::exited && result.code == 0) {
          return self->guarded([&] { self->step(index + 1); });
        }
        result.error =
            fmt::format("set-up command \"{}\" failed: {}", fmt::join(self->job_.mode->setup[index], " "),
                        result.error.empty() ? result.output.substr(0, 200) : result.error);
        result.end = ProcessResult::End::not_started;
        self->finish(std::move(result));
      });
      return;
    }
    ProcessSpec main = spec(job_.mode->command);
    main.stdin_text = expand_placeholders(job_.mode->stdin_text, job_.values);
    sandbox_.start(std::move(main),
                   [self = shared_from_this()](ProcessResult result) { self->finish(std::move(result)); });
  }

  void finish(ProcessResult result) {
    sandbox_.remove_work_dir(work_dir_);
    done_(std::move(result), RanIn::own_process);
  }

  sandbox::Sandbox& sandbox_;
  ProcessClientJob job_;
  ProcessClientDone done_;
  std::string work_dir_;
};

}  // namespace

void start_process_client(sandbox::Sandbox& sandbox, Workers* workers, ProcessClientJob job,
                          ProcessClientDone done) {
  std::make_shared<Running>(sandbox, std::move(job), std::move(done))->start(workers);
}

}  // namespace mxident::harness
