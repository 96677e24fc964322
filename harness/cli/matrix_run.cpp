#include "harness/cli/matrix_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <nlohmann/json.hpp>

#include "harness/cli/run_report.hpp"
#include "harness/explore/matrix/select.hpp"
#include "harness/explore/matrix/summary.hpp"
#include "harness/explore/shrink/shrink_faults.hpp"
#include "harness/report/formats.hpp"
#include "harness/run/record.hpp"
#include "harness/text/digest.hpp"

namespace mxident::harness::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatch = 1000;  ///< cells whose scenarios are made at a time

/// The cells that are wanted, in the order of the matrix.
std::vector<matrix::Cell> wanted_cells(const RunOptions& options, const matrix::Spec& spec) {
  matrix::CellList list = matrix::list_cells(spec, options.cells);
  std::vector<matrix::Cell> cells = std::move(list.cells);
  fmt::print(stderr, "mxident: matrix {}: {} cells; {} combinations are impossible, {} the same as another\n",
             options.matrix, cells.size(), list.impossible, list.same);
  if (options.pairwise) {
    cells = matrix::cover_pairs(cells, options.seed);
    if (options.sample && *options.sample < cells.size())
      cells.resize(*options.sample);  // the first cover most
  } else if (options.sample) {
    cells = matrix::sample(cells, *options.sample, options.seed);
  }
  return cells;
}

std::vector<matrix::Cell> shard_of(const std::vector<matrix::Cell>& cells, const Shard& shard) {
  std::vector<matrix::Cell> mine;
  for (std::size_t i = shard.index - 1; i < cells.size(); i += shard.of) mine.push_back(cells[i]);
  return mine;
}

/// Each cell as the scenario file DIR/ID.json.
int write_scenarios(const fs::path& folder, std::span<const matrix::Cell> cells, const std::string& parent) {
  for (const auto& cell : cells) {
    const fs::path file = folder / (matrix::id_of(cell) + ".json");
    make_folder(file.parent_path());
    write_file(file, matrix::document_of(cell, parent).dump(2) + "\n");
  }
  fmt::print("{} scenarios written to {}\n", cells.size(), folder.string());
  return cells.empty() ? kExitNothing : kExitOk;
}

struct Batch {
  std::vector<Scenario> scenarios;
  Plan plan;
};

Batch make_batch(std::span<const matrix::Cell> cells, const std::string& parent, const Lab& lab,
                 PolicyCoverage coverage) {
  Batch out;
  std::vector<std::size_t> all;
  for (const auto& cell : cells) {
    all.push_back(out.scenarios.size());
    out.scenarios.push_back(matrix::scenario_of(cell, parent));
  }
  out.plan = make_plan(out.scenarios, all, lab.columns, coverage, lab.now);
  return out;
}

/// In memory at a time are the batch that runs and the next one, which is made meanwhile. False: interrupted.
bool run_batches(Lab& lab, std::span<const matrix::Cell> cells, const std::string& parent,
                 PolicyCoverage coverage, std::size_t& no_expectation, const RunHeader& header,
                 Recording& recording) {
  const auto make = [&](std::size_t from) {
    return std::async(std::launch::async,
                      [&, part = cells.subspan(from, std::min(kBatch, cells.size() - from))] {
                        return make_batch(part, parent, lab, coverage);
                      });
  };
  std::future<Batch> next = make(0);
  for (std::size_t from = 0; from < cells.size(); from += kBatch) {
    Batch batch = next.get();
    if (cells.size() - from > kBatch) next = make(from + kBatch);
    no_expectation += batch.plan.no_expectation;
    recording.leave_out(batch.plan, batch.scenarios, header);
    if (!lab.run(batch.scenarios, batch.plan, recording, cells.size())) return false;
  }
  return true;
}

/// Of a generated suite, the ids and the version of what generates them decide.
std::string suite_digest(const std::vector<matrix::Cell>& cells, const std::string& parent) {
  std::string all = fmt::format("{} {}\n", MXIDENT_VERSION, parent);
  for (const auto& cell : cells) all.append(cell.values.begin(), cell.values.end());
  return sha256_hex(all);
}

}  // namespace

int run_matrix(RunOptions& options, Invocation& invocation) {
  // All input is read before anything starts, so that a mistake in it costs nothing.
  const ShardChoice choice = shard_of_run(options);
  const Shard& shard = choice.shard;
  for (const auto& text : options.reports) parse_report_request(text);
  const matrix::Spec spec = matrix::read_spec(options.matrix);
  std::vector<Wanted> clients = wanted_clients(options.clients);
  const Baselines baselines = load_baselines(options.baseline.empty() ? "none" : options.baseline);
  if (!options.write.empty())
    return write_scenarios(options.write, shard_of(wanted_cells(options, spec), shard), spec.parent);

  const std::string before = options.matrix == "all"
                                 ? "mxident run --matrix all --cell"
                                 : fmt::format("mxident run --matrix '{}' --cell", options.matrix);
  const auto lab = make_lab(options, std::move(clients), invocation.argc, invocation.argv,
                            {.before = before, .after = {}});
  if (lab->interrupts.seen()) return kExitIncomplete;
  announce(choice);
  // Entering the sandbox started the program again: only here is the list made once.
  const std::vector<matrix::Cell> all = wanted_cells(options, spec);
  const std::vector<matrix::Cell> cells = shard_of(all, shard);
  if (cells.empty()) throw NothingSelected("nothing selected: no cell of the matrix");

  choose_output(options, *lab);

  RunHeader header = header_of(*lab);
  header.matrix = options.matrix;
  header.matrix_values = matrix::describe(cells);
  header.scenarios = cells.size();
  header.suite_digest = suite_digest(all, spec.parent);
  header.shard = shard.index;
  header.shards = shard.of;
  header.seed = options.seed;
  Progress progress(cells.size() * lab->columns.size(), terminal_of(stderr));
  Recording recording(options, baselines, *lab, progress);
  const auto console = run_report(header, recording.results_file(), [&] { progress.clear(); });
  FaultsToShrink faults;
  recording.tell(*console);
  recording.tell(faults);
  recording.begin(header);
  const auto coverage = options.policy == "all" ? PolicyCoverage::all : PolicyCoverage::where_published;
  std::size_t no_expectation = 0;
  const bool whole = run_batches(*lab, cells, spec.parent, coverage, no_expectation, header, recording);
  const int code = recording.finish(whole, no_expectation);
  if (whole) {
    const auto folder = options.output.empty() ? std::nullopt : std::optional(fs::absolute(options.output));
    shrink_faults(*lab, faults, spec.parent, folder);
  }
  if (whole && recording.footer().counts.empty())
    throw NothingSelected(fmt::format("nothing to run: {} cells have no expectation", no_expectation));
  return code;
}

}  // namespace mxident::harness::cli
