#include "harness/cli/stage.hpp"
#include "harness/input/data_dirs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pthread.h>

#include <algorithm>
#include <ctime>

#include "harness/input/json_input.hpp"
#include "harness/run/plan.hpp"

namespace mxident::harness::cli {
std::vector<Wanted> wanted_clients(const std::vector<std::string>& texts) {
  std::vector<Wanted> out;
  const auto shipped = load_manifests(data_dirs().clients);
  if (texts.empty()) {
    for (const auto& manifest : shipped) out.push_back({manifest, ""});
    return out;
  }
  for (const auto& text : texts) {
    if (text.size() > 5 && text.ends_with(".json")) {
      out.push_back({load_manifest(text), ""});
      continue;
    }
    const std::string id = text.substr(0, text.find(':'));
    const std::string mode = text.find(':') == std::string::npos ? "" : text.substr(text.find(':') + 1);
    const auto it = std::find_if(shipped.begin(), shipped.end(), [&](const auto& m) { return m.id == id; });
    std::vector<std::string> known;
    for (const auto& manifest : shipped) known.push_back(manifest.id);
    if (it == shipped.end()) {
      const auto near = nearest(id, known);
      throw InputError(
          "--client", "",
          fmt::format(
              "found \"{}\", which is no known client{}; wanted one of {}, or a manifest ending in .json", id,
              near ? fmt::format(" (did you mean \"{}\"?)", *near) : "", fmt::join(known, ", ")));
    }
    const auto& modes = it->modes;
    if (!mode.empty() &&
        std::none_of(modes.begin(), modes.end(), [&](const auto& m) { return m.id == mode; })) {
      std::vector<std::string> ids;
      for (const auto& m : modes) ids.push_back(m.id);
      throw InputError("--client", "",
                       fmt::format("found \"{}\", and {} has no mode \"{}\"; wanted one of {}", text, id,
                                   mode, fmt::join(ids, ", ")));
    }
    out.push_back({*it, mode});
  }
  return out;
}

Interrupts::Interrupts() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGINT);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

void Interrupts::pass_to(Runner& runner) {
  thread_ = std::thread([this, &runner] {
    int signal = 0;
    sigwait(&set_, &signal);
    if (signal == SIGUSR1) return;
    seen_ = true;
    runner.interrupt();
  });
}

void Interrupts::stop() {
  if (!thread_.joinable()) return;
  pthread_kill(thread_.native_handle(), SIGUSR1);  // the waiting thread's own word to end
  thread_.join();
}

Stage::Stage(Invocation& invocation, std::vector<Wanted> wanted, std::vector<std::string> scenario_dirs,
             unsigned jobs, SanityCheck check, UseWorkers use_workers)
    : sandbox(sandbox::enter(invocation.argc, invocation.argv)),
      authority(certs::Authority::make(keys)),
      jobs_(jobs ? jobs : 2 * std::max(1u, std::thread::hardware_concurrency())),
      reproduce_prefix_("mxident run") {
  for (const auto& dir : scenario_dirs) reproduce_prefix_ += fmt::format(" --scenarios '{}'", dir);
  sandbox->set_trust({{authority.root.pem()}});
  find_columns(wanted);
  const auto placement =
      sandbox->level() == sandbox::Level::none ? mocks::Placement::loopback : mocks::Placement::namespaced;
  internet = std::make_unique<mocks::Internet>(placement, 1);
  sanity.resize(columns.size());
  if (use_workers == UseWorkers::yes) workers = std::make_unique<Workers>(*sandbox, jobs_);
  if (check == SanityCheck::run) check_sanity();
}

void Stage::find_columns(std::vector<Wanted>& wanted) {
  clients.reserve(wanted.size());  // columns point into it
  for (const auto& w : wanted) clients.push_back(find_client(w.manifest, *sandbox));
  for (std::size_t i = 0; i < clients.size(); ++i) {
    for (const auto& mode : clients[i].manifest.modes) {
      if (!wanted[i].mode.empty() && mode.id != wanted[i].mode) continue;
      const std::string lacking =
          clients[i].unavailable.empty() ? missing_needs(mode, *sandbox) : clients[i].unavailable;
      columns.push_back({&clients[i], &mode, lacking});
    }
  }
}

RunContext Stage::context(std::span<const Scenario> scenarios) {
  return {*sandbox, *internet, authority, keys,          scenarios,
          columns,  sanity,    jobs_,     workers.get(), reproduce_prefix_};
}

void Stage::check_sanity() {
  const std::vector<Scenario> scenarios = sanity_scenarios();
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < scenarios.size(); ++i) all.push_back(i);
  const Plan plan = make_plan(scenarios, all, columns, PolicyCoverage::all, std::time(nullptr));
  std::vector<std::vector<SanityCell>> cells(columns.size());
  Runner runner(context(scenarios));
  interrupts.pass_to(runner);
  runner.run(plan, [&](const PlannedCell& cell, const CellResult& r) {
    cells[cell.column].push_back({r.scenario, r.outcome, r.decision, r.note, r.words, r.cpu_ms});
  });
  interrupts.stop();
  if (interrupts.seen()) return;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i].unsupported.empty()) continue;
    sanity[i] = assess(cells[i], *columns[i].mode);
    columns[i].unsupported = sanity[i].broken;
    columns[i].unsupported_hosts = sanity[i].hosts.broken;
    columns[i].unsupported_addresses = sanity[i].addresses.broken;
    for (const std::string* said : {&sanity[i].broken, &sanity[i].headline}) {
      if (said->empty()) continue;
      fmt::print(stderr, "mxident: {} {}: {}\n", columns[i].client->manifest.id, columns[i].mode->id, *said);
    }
  }
}

}  // namespace mxident::harness::cli
