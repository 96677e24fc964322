// Whether the catalogue finds the bugs of the zoo: each client in each scenario, judged as any other client
// is.
#pragma once

#include <string>
#include <vector>

#include "harness/adequacy/bugs.hpp"
#include "harness/scenario/scenario.hpp"

namespace mxident::harness::zoo {

struct BugResult {
  std::vector<std::string>
      caught_by;              ///< scenarios that showed the bug's own outcome, sorted; not all if many
  std::size_t otherwise = 0;  ///< scenarios with another bad outcome
};

struct Adequacy {
  std::vector<BugResult> bugs;      ///< in the order of zoo::bugs()
  std::vector<std::string> faults;  ///< cells in which the correct client is not all right; sorted
  std::size_t scenarios = 0;        ///< that were run
  std::size_t left_out = 0;  ///< that a client without a resolver of its own, or in a hurry, cannot run
  std::size_t sessions = 0;  ///< clients that were run; the others could not differ from the correct one
};

/// Runs the catalogue against the zoo on the loopback, with the expectations written by hand for RFC 9525.
Adequacy measure(const std::vector<Scenario>& scenarios);

/// The table for people: bug, outcome, first scenario that catches it, how many do.
std::string table_of(const Adequacy& adequacy);

}  // namespace mxident::harness::zoo
