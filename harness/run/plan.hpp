// The plan of a run: which cells there are and what is expected of each.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/driver/clients.hpp"
#include "harness/scenario/scenario.hpp"

namespace mxident::harness {

/// Whether policies are run where the world publishes nothing for them (design: policies and their
/// references).
enum class PolicyCoverage { where_published, all };

struct PlannedCell {
  std::size_t scenario = 0;  ///< index into the scenarios
  std::size_t column = 0;    ///< index into the columns
  Expected expected = Expected::either;
  std::string unsupported;  ///< why it cannot run; empty: it runs
  bool done = false;        ///< an earlier part of the run has its result: it keeps its place and is not run
  /// Says which addresses its world has: in a shard the same as in the whole run. None: its place in the
  /// plan.
  std::optional<std::size_t> place = std::nullopt;
  std::string host;  ///< what {mx_host} stands for; empty for a client that looks up the domain itself
};

struct Plan {
  std::vector<PlannedCell> cells;  ///< by scenario, then by column
  std::size_t no_expectation = 0;  ///< left out, because nothing says what they ought to do
};

/// Expectation of one column in one scenario: by hand where the policy is a named one with its default
/// reference, else from the oracle; nullopt if there is none. `now`: seconds since 1970.
std::optional<Expected> expected_of(const Scenario& scenario, const ClientColumn& column,
                                    const std::string& host, std::int64_t now);

/// True if the scenario publishes what the policy lives on: an MTA-STS record, a TLSA record.
bool is_published(const Scenario& scenario, PolicyId policy);

/// One cell with a given expectation; says in `unsupported` why it cannot run.
PlannedCell make_cell(const Scenario& scenario, std::size_t scenario_index, const ClientColumn& column,
                      std::size_t column_index, Expected expected);

Plan make_plan(std::span<const Scenario> scenarios, std::span<const std::size_t> selected,
               std::span<const ClientColumn> columns, PolicyCoverage coverage, std::int64_t now);

/// Every cell that can run `times` times.
Plan repeated(const Plan& plan, std::size_t times);

}  // namespace mxident::harness
