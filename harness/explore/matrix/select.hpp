// Which cells of a spec are run: all, those of a pattern, a sample, a covering set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/explore/matrix/spec.hpp"

namespace mxident::harness::matrix {

/// The cells of a spec, in its order; 5 octets a cell. Their scenarios are made when they are wanted.
struct CellList {
  std::vector<Cell> cells;
  std::size_t impossible = 0;  ///< combinations whose values do not go together
  std::size_t same = 0;        ///< combinations left out because another cell has the same content
};

/// `patterns`: of ids, as for scenarios; none: all.
CellList list_cells(const Spec& spec, std::span<const std::string> patterns);

/// `count` cells, one drawn from each of as many stretches of equal length; all if there are fewer. The same
/// for the same seed on every machine.
std::vector<Cell> sample(std::span<const Cell> cells, std::size_t count, std::uint64_t seed);

/// A small set that has every pair of values of two dimensions that some cell has. In the order in which they
/// were chosen: each adds the most pairs that are not yet there.
std::vector<Cell> cover_pairs(std::span<const Cell> cells, std::uint64_t seed);

}  // namespace mxident::harness::matrix
