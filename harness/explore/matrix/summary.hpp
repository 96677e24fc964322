// A matrix run as a person reads it: too many cells for a line each, so counts by family of shapes, and
// faults gathered by shape and slot.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "harness/explore/matrix/cell.hpp"
#include "harness/results/result.hpp"

namespace mxident::harness::matrix {

class Summary {
 public:
  static constexpr std::size_t kMaxFaults = 60;  ///< groups that are printed for one mode

  void add(const Cell& cell, const CellResult& result);
  /// Tables, then fault groups with one command each that shows it again. Ends with a line end.
  std::string text() const;

 private:
  struct Mode {
    std::map<std::string, std::map<Outcome, std::size_t>> by_family;
    std::map<std::string, std::size_t> notes;  ///< why cells were unsupported, hung or crashed
  };
  struct Fault {
    std::size_t cells = 0;
    std::map<std::size_t, std::size_t> slots;  ///< cells by slot
    std::array<std::size_t, 4> least{};        ///< server, chain, reference and slot of the plainest cell
    std::string reproduce;                     ///< of that cell
  };
  using ModeKey = std::pair<std::string, std::string>;         ///< client, mode
  using FaultKey = std::tuple<ModeKey, Outcome, std::size_t>;  ///< and the shape
  std::string faults_of(const ModeKey& mode) const;

  std::map<ModeKey, Mode> modes_;
  std::map<FaultKey, Fault> faults_;
};

/// "169 shapes, 44 slots, 19 references, 10 servers, 5 chains": values that cells have, by dimension.
std::string describe(const std::vector<Cell>& cells);

}  // namespace mxident::harness::matrix
