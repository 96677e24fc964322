// The same cells several times over: which of them do not always end the same way.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "harness/results/result.hpp"

namespace mxident::harness {

class Repetitions {
 public:
  /// True if it is the first result of its cell: the one that is recorded and shown.
  bool first(const CellResult& result);

  /// One line for each cell that differed, by scenario: "curl ssl rfc9525/exact-name: 3 x pass (accept), 1 x
  /// hang". Nothing is decided by majority.
  std::vector<std::string> differing() const;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  ///< scenario, client, mode
  std::map<Key, std::map<std::string, std::size_t>> endings_;
};

}  // namespace mxident::harness
