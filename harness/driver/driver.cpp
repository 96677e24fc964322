#include "harness/driver/driver.hpp"

#include <algorithm>
#include <csignal>
#include <string>
#include <thread>
#include <utility>

#include "harness/driver/builtin.hpp"
#include "harness/driver/process_client.hpp"

namespace mxident::harness {
namespace {

constexpr std::size_t kSessionsAtOnce = 64;

class BuiltinDriver : public Driver {
 public:
  explicit BuiltinDriver(const std::string& root_pem) : client_(root_pem, threads()) {}

  /// Where the true ports belong to the machine, each server's free port is handed in.
  mocks::Placement placement(mocks::Placement internet) const override {
    return internet == mocks::Placement::loopback ? mocks::Placement::mapped : internet;
  }
  bool runs_programs() const override { return false; }
  std::size_t at_once() const override { return kSessionsAtOnce; }

  void start(CellTask task, CellDone done) override {
    BuiltinJob job;
    job.mode = task.column->mode;
    job.domain = std::move(task.domain);
    job.reference = std::move(task.reference);
    job.smtp_port = task.port;
    if (task.behaviour == mocks::Starttls::implicit) job.tls = probe::TlsMode::implicit;
    job.resolver_address = task.world->resolver_address();
    job.resolver_port = task.world->resolver_port();
    job.destinations = task.world->destinations();
    job.time = task.time;
    job.sender = std::move(task.sender);
    job.recipient = std::move(task.recipient);
    job.message = std::move(task.message);
    job.timeout = job.mode->timeout;
    client_.start(std::move(job), [done = std::move(done)](BuiltinReport report) {
      CellReport out;
      out.client = std::move(report.client);
      out.reason = std::move(report.reason);
      out.words = std::move(report.words);
      done(std::move(out));
    });
  }

 private:
  /// The client has half of a cell's work: with one thread, the other of two cores would wait for it. Beyond
  /// four, servers and records cannot keep up.
  static unsigned threads() { return std::clamp(std::thread::hardware_concurrency(), 1U, 4U); }

  BuiltinClient client_;
};

/// A process for every cell; with workers, in one of them where one is free.
class ProgramDriver : public Driver {
 public:
  ProgramDriver(sandbox::Sandbox& sandbox, Workers* workers) : sandbox_(sandbox), workers_(workers) {}

  void start(CellTask task, CellDone done) override {
    ProcessClientJob job;
    job.manifest = &task.column->client->manifest;
    const ClientMode* way = way_to(*job.manifest, *task.column->mode, task.behaviour);
    job.mode = way == nullptr ? task.column->mode : way;  // the plan runs no cell without a way
    job.values = std::move(task.values);
    job.resolv_conf = resolv_conf_of(task.world->resolver_address());
    start_process_client(sandbox_, workers_, std::move(job),
                         [done = std::move(done)](sandbox::ProcessResult result, RanIn ran_in) {
                           CellReport out;
                           out.client = report_of(result);
                           out.cpu_ms = std::chrono::duration<double, std::milli>(result.cpu).count();
                           out.ran_in = ran_in;
                           out.output = std::move(result.output);
                           done(std::move(out));
                         });
  }

 private:
  sandbox::Sandbox& sandbox_;
  Workers* workers_;
};

/// A shell, and what imitates one, hands on that a signal ended its command as exit code 128 + N. Of those
/// only what a program gets for a fault of its own tells of a crash: whoever runs "timeout" exits with 137.
int signal_told_by(int code) {
  for (const int number : {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV}) {
    if (code == 128 + number) return number;
  }
  return 0;
}

}  // namespace

ClientReport report_of(const sandbox::ProcessResult& result) {
  using From = sandbox::ProcessResult::End;
  ClientReport out;
  switch (result.end) {
    case From::exited:
      out.end = ClientReport::End::exited;
      break;
    case From::signalled:
      out.end = ClientReport::End::signalled;
      break;
    case From::deadline:
      out.end = ClientReport::End::deadline;
      break;
    case From::output_limit:
      out.end = ClientReport::End::output_limit;
      break;
    case From::not_started:
      out.end = ClientReport::End::not_started;
      break;
  }
  out.code = result.code;
  out.error = result.error;
  if (const int number = signal_told_by(result.code); number != 0 && result.end == From::exited) {
    out.end = ClientReport::End::signalled;
    out.code = number;
    out.error = "a part of the client was ended by signal " + std::to_string(number) + ": exit code " +
                std::to_string(result.code);
  }
  return out;
}

std::string resolv_conf_of(const std::string& address) {
  return "nameserver " + address + "\noptions trust-ad edns0 timeout:2 attempts:2\n";
}

std::vector<std::shared_ptr<Driver>> make_drivers(std::span<const ClientColumn> columns,
                                                  const DriverContext& context) {
  std::vector<std::shared_ptr<Driver>> out;
  std::shared_ptr<Driver> builtin;  // whose threads serve all modes of the verifier
  const auto alone = std::make_shared<ProgramDriver>(context.sandbox, nullptr);
  const auto in_workers = std::make_shared<ProgramDriver>(context.sandbox, context.workers);
  std::uint32_t directories = 0;
  for (const auto& column : columns) {
    if (column.client->manifest.builtin) {
      if (!builtin) builtin = std::make_shared<BuiltinDriver>(context.root_pem);
      out.push_back(builtin);
    } else if (column.mode->daemon && column.unsupported.empty()) {
      out.push_back(make_daemon_driver(column, context, ++directories));
    } else {
      const bool in_worker =
          context.workers != nullptr && worker_words(column.client->manifest, *column.mode);
      out.push_back(in_worker ? in_workers : alone);
    }
  }
  return out;
}

}  // namespace mxident::harness
