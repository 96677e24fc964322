#include "harness/run/lab.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <exception>
#include <functional>
#include <future>
#include <map>
#include <set>
#include <thread>

#include "harness/driver/packages.hpp"
#include "harness/run/record.hpp"
#include "harness/text/printable.hpp"
#include "harness/world/world_builder.hpp"

namespace mxident::harness {
namespace {

/// For a POSIX shell.
std::string shell_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// Runs a plan. What `record` throws stops the run as an interrupt does: cells that are under way end in
/// their own time, and only then may the runner go.
bool run_all(Runner& runner, Interrupts& interrupts, const Plan& plan,
             const std::function<void(const PlannedCell&, const CellResult&)>& record) {
  std::exception_ptr failure;
  bool whole = false;
  {
    const auto passing = interrupts.pass_to([&runner] { runner.interrupt(); });
    whole = runner.run(plan, [&](const PlannedCell& cell, const CellResult& result) {
      if (failure) return;
      try {
        record(cell, result);
      } catch (...) {
        failure = std::current_exception();
        runner.interrupt();
      }
    });
  }
  if (failure) std::rethrow_exception(failure);
  return whole && !interrupts.seen();
}

}  // namespace

Lab::Lab(LabOptions options)
    : now(std::time(nullptr)),
      sandbox(sandbox::enter(options.argc, options.argv)),
      authority(certs::Authority::make(keys)),
      wanted(std::move(options.clients)),
      jobs_(options.jobs ? options.jobs : 2 * std::max(1u, std::thread::hardware_concurrency())),
      tell_(std::move(options.tell)) {
  sandbox->set_trust({{authority.root.pem()}});
  find_columns();
  const auto placement =
      sandbox->level() == sandbox::Level::none ? mocks::Placement::loopback : mocks::Placement::namespaced;
  internet = std::make_unique<mocks::Internet>(placement, 1);
  sanity.resize(columns.size());
  if (options.workers == UseWorkers::yes) workers_ = std::make_unique<Workers>(*sandbox, jobs_);
  if (options.sanity == SanityCheck::run) check_sanity();
}

void Lab::tell(const std::string& step) const {
  if (tell_ && wanted.size() > 1) tell_(step);
}

void Lab::find_columns() {
  clients.resize(wanted.size());  // columns point into it
  tell(fmt::format("looking for {} clients", wanted.size()));
  const auto installed = installed_packages();
  std::atomic<std::size_t> next{0};
  const auto look = [&] {
    for (std::size_t i = next++; i < wanted.size() && !interrupts.waiting(); i = next++)
      clients[i] = find_client(wanted[i].manifest, *sandbox, installed);
  };
  std::vector<std::future<void>> looking(std::min<std::size_t>(jobs_, wanted.size()));
  for (auto& one : looking) one = std::async(std::launch::async, look);
  for (auto& one : looking) one.get();
  if (interrupts.waiting()) throw Interrupted();
  for (std::size_t i = 0; i < clients.size(); ++i) {
    for (const auto& mode : clients[i].manifest.modes) {
      if (!wanted[i].mode.empty() && mode.id != wanted[i].mode) continue;
      const std::string lacking =
          clients[i].unavailable.empty() ? missing_needs(mode, *sandbox) : clients[i].unavailable;
      columns.push_back({&clients[i], &mode, lacking, "", ""});
    }
  }
}

RunContext Lab::context(std::span<const Scenario> scenarios) {
  return {*sandbox, *internet, authority, keys, scenarios, columns, sanity, jobs_, workers_.get(), now};
}

void Lab::check_sanity() {
  const std::vector<Scenario> scenarios = sanity_scenarios();
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < scenarios.size(); ++i) all.push_back(i);
  const Plan plan = make_plan(scenarios, all, columns, PolicyCoverage::all, now);
  std::vector<std::vector<SanityCell>> cells(columns.size());
  Runner runner(context(scenarios));
  constexpr std::size_t kParts = 4;
  std::size_t done = 0;
  run_all(runner, interrupts, plan, [&](const PlannedCell& cell, const CellResult& r) {
    const std::size_t parts_before = kParts * done / plan.cells.size();
    if (++done == 1 || kParts * done / plan.cells.size() > parts_before)
      tell(fmt::format("does each mode tell a right server from a wrong one? {} of {} trials", done,
                       plan.cells.size()));
    cells[cell.column].push_back(
        {r.scenario, r.outcome, r.decision, r.note, r.words, r.cpu_ms, r.layers.connect});
  });
  if (interrupts.seen()) return;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i].unsupported.empty()) continue;
    sanity[i] = assess(cells[i], *columns[i].mode);
    columns[i].unsupported = sanity[i].broken;
    columns[i].unsupported_hosts = sanity[i].hosts.broken;
    columns[i].unsupported_addresses = sanity[i].addresses.broken;
    const std::string mode = fmt::format("{} {}", columns[i].client->manifest.id, columns[i].mode->id);
    if (!sanity[i].broken.empty()) breakage.push_back(fmt::format("{}: {}", mode, sanity[i].broken));
    if (!sanity[i].headline.empty()) findings.push_back(fmt::format("{} {}", mode, sanity[i].headline));
  }
}

/// Text that every sink may write, and the command that shows the cell again.
CellResult Lab::finished(const CellResult& result) const {
  CellResult out = result;
  for (std::string* text : {&out.note, &out.words, &out.alert, &out.said, &out.contradiction})
    *text = visible(*text);
  if (out.sni) *out.sni = visible(*out.sni);
  std::string client = out.client;
  for (const auto& w : wanted) {
    if (w.manifest.id == out.client && !w.file.empty()) client = w.file;
  }
  const std::string chosen = fmt::format("{}:{}", client, out.mode);
  const bool plain = chosen.find_first_of(" '\"$\\`*?[](){}<>|&;!#~") == std::string::npos;
  out.reproduce = fmt::format("{} '{}' --client {}{}", reproduce.before, out.scenario,
                              plain ? chosen : shell_quoted(chosen), reproduce.after);
  return out;
}

bool Lab::run(std::span<const Scenario> scenarios, const Plan& plan, Sink& sink,
              std::optional<std::size_t> of) {
  if (interrupts.seen()) return false;
  if (!started_) started_ = std::chrono::steady_clock::now();
  std::map<std::size_t, std::set<std::size_t>> columns_of;  // a repeated cell is one
  for (const auto& cell : plan.cells) columns_of[cell.scenario].insert(cell.column);
  Runner runner(context(scenarios));
  // Beyond that a certificate would be minted twice, and fill the results of a matrix.
  const bool show = of.value_or(columns_of.size()) <= CertificateStock::kKept;
  for (const auto& [index, theirs] : columns_of) {
    sink.scenario(record_of(scenarios[index], theirs.size(),
                            show ? runner.certificates_of(index) : std::map<std::string, certs::Chain>()));
  }
  return run_all(runner, interrupts, plan,
                 [&](const PlannedCell&, const CellResult& result) { sink.cell(finished(result)); });
}

std::vector<std::optional<CellResult>> Lab::ask(std::span<const Scenario> scenarios, const Plan& plan) {
  std::vector<std::optional<CellResult>> out(plan.cells.size());
  if (interrupts.seen()) return out;
  Runner runner(context(scenarios));
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> places;  // by scenario and column
  for (std::size_t i = 0; i < plan.cells.size(); ++i)
    places[{plan.cells[i].scenario, plan.cells[i].column}] = i;
  run_all(runner, interrupts, plan, [&](const PlannedCell& cell, const CellResult& result) {
    out[places.at({cell.scenario, cell.column})] = finished(result);
  });
  return out;
}

std::vector<std::string> Lab::drop_missing() {
  std::vector<std::string> out;
  for (const auto& client : clients) {
    if (!client.unavailable.empty()) out.push_back(client.manifest.id);
  }
  std::vector<Sanity> kept_sanity;
  std::vector<ClientColumn> kept;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i].client->unavailable.empty()) continue;
    kept.push_back(columns[i]);
    kept_sanity.push_back(sanity[i]);
  }
  columns = std::move(kept);
  sanity = std::move(kept_sanity);
  return out;
}

std::chrono::duration<double> Lab::wall_time() const {
  return started_ ? std::chrono::steady_clock::now() - *started_ : std::chrono::duration<double>(0);
}

std::chrono::duration<double> Lab::stop_workers() {
  return workers_ ? std::chrono::duration<double>(workers_->stop()) : std::chrono::duration<double>(0);
}

}  // namespace mxident::harness
