// The catalogue as tests of another project's ctest: a group of scenarios each, with a name that stays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/run/wanted.hpp"
#include "harness/scenario/scenario.hpp"

namespace mxident::harness::cli {

/// What one test has in common. section: of the standard that its scenarios' first rule is from, so that each
/// scenario is in one test; rule: a scenario is in the tests of all rules that it exercises.
enum class GroupBy { section, rule, mode, scenario };
/// From "section", "rule", "mode" or "scenario"; throws InputError.
GroupBy parse_group_by(std::string_view text);

struct TestGroup {
  std::string id;                      ///< of A-Za-z0-9._:/- only: "rfc9525.6.3", "mode:strict"
  std::string title;                   ///< for people
  std::vector<std::size_t> scenarios;  ///< ascending
  std::string mode;                    ///< the one mode that the test is about; empty: all
};

/// In the order of documents and sections; of `selected`, indices of `scenarios`. Modes are those of the
/// clients that were asked for.
std::vector<TestGroup> group_tests(std::span<const Scenario> scenarios, std::span<const std::size_t> selected,
                                   std::span<const Wanted> clients, GroupBy by);

/// The test of this id, whatever it groups by. Throws NothingSelected with the nearest id.
TestGroup find_test(std::span<const Scenario> scenarios, std::span<const std::size_t> selected,
                    std::span<const Wanted> clients, const std::string& id);

/// How many cells of each test have an expectation, by what the manifests say: nothing is run or looked for.
/// Without a client: none.
std::vector<std::size_t> cells_of(std::span<const Scenario> scenarios, std::span<const TestGroup> tests,
                                  std::span<const Wanted> clients, std::int64_t now);

/// Leaves of each client the modes that a test is about.
std::vector<Wanted> clients_of(const TestGroup& test, std::span<const Wanted> clients);

}  // namespace mxident::harness::cli
