// The runner: cells in, results out. One thread plans, judges and records; clients and servers run beside it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "certs/mint.hpp"
#include "harness/driver/workers.hpp"
#include "harness/results/result.hpp"
#include "harness/run/plan.hpp"
#include "harness/run/sanity.hpp"
#include "harness/sandbox/sandbox.hpp"
#include "mocks/world.hpp"

namespace mxident::harness {

/// What a run stands on; everything outlives the runner.
struct RunContext {
  sandbox::Sandbox& sandbox;
  mocks::Internet& internet;
  const certs::Authority& authority;
  certs::KeyPool& keys;
  std::span<const Scenario> scenarios;
  std::span<const ClientColumn> columns;
  std::span<const Sanity> sanity;  ///< by column; empty while sanity itself is run
  unsigned jobs = 4;               ///< external cells at a time
  Workers* workers = nullptr;      ///< null: a process for every cell
  std::int64_t now = 0;            ///< seconds since 1970: one run, one now
};

class Runner {
 public:
  /// Throws InputError where two columns claim the same.
  explicit Runner(RunContext context);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// Runs all cells of the plan; `record` gets each result on the calling thread, in the order of finishing.
  /// Returns false if it was interrupted; results of cells that were under way then are not recorded. What
  /// `record` throws comes out here, when nothing that was started runs any more.
  bool run(const Plan& plan, const std::function<void(const PlannedCell&, const CellResult&)>& record);

  /// What the cells of a scenario will be shown, by id of the certificate; but for entries that name the
  /// address of a cell. Empty where nothing can be minted: the cells say why.
  std::map<std::string, certs::Chain> certificates_of(std::size_t scenario);

  /// From any thread: stop starting cells, end those that run.
  void interrupt();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mxident::harness
