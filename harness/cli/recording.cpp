#include "harness/cli/recording.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "harness/cli/command.hpp"
#include "harness/input/data_dirs.hpp"
#include "harness/input/json_input.hpp"
#include "harness/report/formats.hpp"
#include "harness/results/kept_runs.hpp"
#include "harness/results/merge.hpp"
#include "harness/results/reader.hpp"
#include "harness/run/record.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness::cli {
namespace {

namespace fs = std::filesystem;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/// Clients that were named and of which nothing, or not what was asked for, could be tried: a run that says
/// nothing of them must not look like one that found nothing.
std::vector<std::string> absent_clients(const Lab& lab) {
  std::vector<std::string> out = lab.breakage;
  for (const auto& client : lab.clients) {
    std::string why;
    const bool any = std::any_of(lab.columns.begin(), lab.columns.end(), [&](const auto& column) {
      if (column.client != &client) return false;
      if (!column.unsupported.empty()) why = column.unsupported;
      return column.unsupported.empty();
    });
    const bool said = std::any_of(
        out.begin(), out.end(), [&](const auto& line) { return line.starts_with(client.manifest.id + " "); });
    if (!any && !said) out.push_back(fmt::format("{}: {}", client.manifest.id, why));
  }
  return out;
}

}  // namespace

ShardChoice shard_of_run(const RunOptions& options) {
  if (options.shard.empty() && !options.ctest.empty()) return {};
  const ShardChoice choice = choose_shard(options.shard, [](const char* name) { return std::getenv(name); });
  if (!choice.status_file.empty() && !std::ofstream(choice.status_file, std::ios::app)) {
    throw InputError("TEST_SHARD_STATUS_FILE", "",
                     fmt::format("found \"{}\", which cannot be written", printable(choice.status_file)));
  }
  return choice;
}

void announce(const ShardChoice& choice) {
  if (choice.from.empty()) return;
  fmt::print(stderr, "mxident: shard {}/{}, as {} say\n", choice.shard.index, choice.shard.of, choice.from);
}

int exit_code_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::as_known:
      return kExitOk;
    case Verdict::news:
      return kExitNews;
    case Verdict::harness_failed:
      return kExitHarness;
    case Verdict::incomplete:
      return kExitIncomplete;
  }
  return kExitHarness;
}

Baselines load_baselines(const std::string& stated) {
  if (!stated.empty()) {
    if (stated != "none" && !fs::exists(stated))
      throw InputError("--baseline", "",
                       fmt::format("found \"{}\", wanted a file, a folder, or none", stated));
    return Baselines::load(stated);
  }
  const fs::path shipped = data_dirs().baselines;
  return Baselines::load(fs::is_directory(shipped) ? shipped : fs::path("none"));
}

void choose_output(RunOptions& options, const Lab& lab) {
  if (!options.keep.empty()) options.output = new_run_folder(options.keep, lab.now).string();
}

std::unique_ptr<Lab> make_lab(const RunOptions& options, std::vector<Wanted> clients, int argc, char** argv,
                              Reproduce reproduce) {
  auto lab = std::make_unique<Lab>(
      LabOptions{.argc = argc,
                 .argv = argv,
                 .clients = std::move(clients),
                 .jobs = options.jobs,
                 .sanity = options.sanity == "skip" ? SanityCheck::skip : SanityCheck::run,
                 .workers = options.workers == "on" ? UseWorkers::yes : UseWorkers::no,
                 .tell = [](const std::string& step) { fmt::print(stderr, "mxident: {}\n", step); }});
  if (options.policy == "all") reproduce.after += " --policy all";
  if (options.sanity == "skip") reproduce.after += " --sanity skip";
  lab->reproduce = std::move(reproduce);
  for (const auto& line : lab->breakage) fmt::print(stderr, "mxident: {}\n", line);
  for (const auto& line : lab->findings) fmt::print(stderr, "mxident: {}\n", line);
  if (!options.clients.empty()) return lab;
  const auto missing = lab->drop_missing();
  if (!missing.empty()) {
    fmt::print(stderr, "mxident: {} more clients could be had by scripts/install-clients: {}\n",
               missing.size(), fmt::join(missing, " "));
  }
  return lab;
}

Recording::Recording(const RunOptions& options, const Baselines& baselines, Lab& lab, Progress& progress)
    : options_(options), baselines_(baselines), lab_(lab), progress_(progress) {
  if (!options.output.empty()) {
    writer_ = std::make_unique<ResultsWriter>(options.output, options.resume ? Start::later : Start::anew);
    // Behind the lock that the writer holds: nobody else writes there any more.
    if (options.resume) earlier_ = std::make_unique<Unfinished>(writer_->file());
    if (earlier_ && !earlier_->begun()) earlier_.reset();
    if (options.resume && !earlier_) writer_->go_on_at(0);
  }
  for (const auto& text : options.reports) {
    reports_.push_back(make_report(parse_report_request(text)));
    sinks_.add(*reports_.back());
  }
}

std::string Recording::results_file() const {
  return writer_ ? writer_->file().string() : "(not written: no --output)";
}

/// What a results file tells again, to all but the file.
class Recording::Replay : public Sink {
 public:
  explicit Replay(Recording& to) : to_(to) {}
  void scenario(const ScenarioRecord& scenario) override { to_.sinks_.scenario(scenario); }
  void cell(const CellResult& result) override {
    CellResult compared = result;
    to_.baselines_.compare(compared);
    if (compared.baseline != result.baseline || compared.compared_with != result.compared_with)
      to_.refuse("other baselines");
    to_.client_cpu_s_ += result.cpu_ms / 1000;
    to_.take(compared);
  }

 private:
  Recording& to_;
};

void Recording::refuse(const std::string& what) const {
  throw IncompleteParts(fmt::format("{}: cannot be gone on with: it has {}", results_file(), what));
}

void Recording::leave_out(Plan& plan, const std::vector<Scenario>& scenarios, const RunHeader& header) {
  if (!earlier_) return;
  check_header(header);
  std::map<std::size_t, std::size_t> cells;  // by scenario
  std::size_t known = 0;
  for (auto& cell : plan.cells) {
    ++cells[cell.scenario];
    const ClientColumn& column = lab_.columns[cell.column];
    const std::string& id = scenarios[cell.scenario].id;
    const auto expected = earlier_->expected(id, column.client->manifest.id, column.mode->id);
    if (!expected) continue;
    if (*expected != cell.expected) refuse(fmt::format("another expectation for \"{}\"", id));
    cell.done = true;
    ++known;
  }
  std::size_t announced = 0;
  for (const auto& [index, count] : cells) {
    const std::string* line = earlier_->scenario(scenarios[index].id);
    if (!line) continue;
    ++announced;
    if (*line != to_line(record_of(scenarios[index], count)))
      refuse(fmt::format("another plan for \"{}\"", scenarios[index].id));
  }
  // A matrix comes in several plans; the digest of its suite covers them.
  if (!header.matrix.empty()) return;
  if (known != earlier_->cells() || announced != earlier_->scenarios()) refuse("cells that this run has not");
}

void Recording::check_header(const RunHeader& header) const {
  if (const std::string other = other_run(header, earlier_->header()); !other.empty()) refuse(other);
  const RunHeader& theirs = earlier_->header();
  if (theirs.shard != header.shard || theirs.shards != header.shards)
    refuse(fmt::format("shard {}/{}, and this is {}/{}", theirs.shard, theirs.shards, header.shard,
                       header.shards));
}

void Recording::begin(const RunHeader& header) {
  header_ = header;
  baselines_.of(header.columns);
  if (!options_.clients.empty()) footer().absent = absent_clients(lab_);
  if (earlier_) {
    check_header(header);
    writer_->go_on_at(earlier_->octets());
  } else if (writer_) {
    writer_->begin(header);
  }
  sinks_.begin(header);
  if (earlier_) {
    fmt::print(stderr, "mxident: going on behind {} cells of {}\n", earlier_->cells(), results_file());
    Replay replay(*this);
    read_results(writer_->file(), replay);
  }
  cpu_before_ = cpu_seconds();
}

void Recording::scenario(const ScenarioRecord& scenario) {
  if (earlier_ && earlier_->scenario(scenario.id)) return;
  if (writer_) writer_->scenario(scenario);
  sinks_.scenario(scenario);
}

void Recording::cell(const CellResult& result) {
  client_cpu_s_ += result.cpu_ms / 1000;
  if (options_.repeat > 1 && !repetitions_.first(result)) return;
  CellResult compared = result;
  baselines_.compare(compared);
  if (writer_) writer_->cell(compared);
  take(compared);
}

void Recording::take(const CellResult& compared) {
  tally_.cell(compared);
  sinks_.cell(compared);
  progress_.cell_done(compared);
}

int Recording::finish(bool whole, std::size_t no_expectation) {
  progress_.end();
  RunFooter& out = footer();
  out.no_expectation = no_expectation;
  out.complete = whole;
  out.repetitions = options_.repeat;
  out.differing = repetitions_.differing();
  out.cores = std::max(1u, std::thread::hardware_concurrency());
  out.client_cpu_s = client_cpu_s_ + lab_.stop_workers().count();
  out.wall_s = lab_.wall_time().count();
  out.harness_cpu_s = cpu_seconds() - cpu_before_;
  if (writer_) writer_->end(out);
  sinks_.end(out);
  const int code = exit_code_of(verdict_of(out));
  if (!options_.keep.empty()) add_to_index(writer_->file().parent_path(), header_, out, code);
  return code;
}

}  // namespace mxident::harness::cli
