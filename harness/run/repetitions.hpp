// The same cells several times over: which of them do not always end the same way.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/results/result.hpp"
#include "harness/run/plan.hpp"

namespace mxident::harness {

/// Every cell `times` times.
Plan repeated(const Plan& plan, std::size_t times);

class Repetitions {
 public:
  /// True if it is the first result of its cell: the one that is recorded and shown.
  bool first(const PlannedCell& cell, const CellResult& result);

  /// One line for each cell that differed, in the order of the plan: "curl ssl rfc9525/exact-name: 3 x pass
  /// (accept), 1 x hang". Nothing is decided by majority.
  std::vector<std::string> differing() const;

 private:
  struct Seen {
    std::string cell;
    std::map<std::string, std::size_t> endings;
  };
  std::map<std::pair<std::size_t, std::size_t>, Seen> seen_;  ///< by scenario and column
};

}  // namespace mxident::harness
