#include "harness/explore/matrix/select.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>
#include <string_view>
#include <unordered_set>

namespace mxident::harness::matrix {
namespace {

constexpr std::size_t kPairs = kDimensions * (kDimensions - 1) / 2;
constexpr std::size_t kValues = 256;  // of a dimension: a cell keeps an octet of each

/// Calls `take` for every combination of a product, the last dimension fastest.
void for_each(const Product& product, const std::function<void(const Cell&)>& take) {
  Cell cell;
  const std::function<void(std::size_t)> descend = [&](std::size_t dimension) {
    if (dimension == kDimensions) return take(cell);
    for (const std::uint8_t value : product.values[dimension]) {
      cell.values[dimension] = value;
      descend(dimension + 1);
    }
  };
  descend(0);
}

bool fits(std::span<const std::string> patterns, const Cell& cell) {
  if (patterns.empty()) return true;
  const std::string id = id_of(cell);
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const auto& p) { return fnmatch(p.c_str(), id.c_str(), 0) == 0; });
}

/// A number below `bound`; the distributions of the library differ between machines.
std::uint64_t below(std::mt19937_64& random, std::uint64_t bound) {
  return random() % bound;
}

/// Which pairs of values are covered.
class Pairs {
 public:
  Pairs() : covered_(kPairs * kValues * kValues) {}

  std::size_t missing(const Cell& cell) const {
    std::size_t out = 0;
    visit(cell, [&](std::size_t at) { out += !covered_[at]; });
    return out;
  }
  void add(const Cell& cell) {
    visit(cell, [&](std::size_t at) { covered_[at] = true; });
  }

 private:
  template <typename Take>
  static void visit(const Cell& cell, Take take) {
    std::size_t pair = 0;
    for (std::size_t i = 0; i < kDimensions; ++i) {
      for (std::size_t j = i + 1; j < kDimensions; ++j)
        take((pair++ * kValues + cell.values[i]) * kValues + cell.values[j]);
    }
  }
  std::vector<bool> covered_;
};

}  // namespace

CellList list_cells(const Spec& spec, std::span<const std::string> patterns) {
  CellList out;
  // A digest of 64 bits stands for a content: among a million, two that differ have the same one once in 40
  // million runs.
  std::unordered_set<std::size_t> seen;
  Contents contents(spec.parent);
  for (const auto& product : spec.products) {
    for_each(product, [&](const Cell& cell) {
      if (!fits(patterns, cell)) return;
      const std::string* const content = contents.of(cell);
      if (!content) {
        ++out.impossible;
      } else if (!seen.insert(std::hash<std::string_view>()(*content)).second) {
        ++out.same;
      } else {
        out.cells.push_back(cell);
      }
    });
  }
  return out;
}

std::vector<Cell> sample(std::span<const Cell> cells, std::size_t count, std::uint64_t seed) {
  if (count >= cells.size()) return {cells.begin(), cells.end()};
  std::mt19937_64 random(seed);
  std::vector<Cell> out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = i * cells.size() / count, to = (i + 1) * cells.size() / count;
    out.push_back(cells[from + below(random, to - from)]);
  }
  return out;
}

std::vector<Cell> cover_pairs(std::span<const Cell> cells, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::size_t> waiting(cells.size());
  std::iota(waiting.begin(), waiting.end(), std::size_t{0});
  for (std::size_t i = waiting.size(); i > 1; --i) std::swap(waiting[i - 1], waiting[below(random, i)]);
  // What a cell would add only ever shrinks, so cells are looked at again only when their turn comes for
  // less.
  Pairs pairs;
  std::vector<Cell> out;
  for (std::size_t wanted = kPairs; wanted > 0; --wanted) {
    std::vector<std::size_t> later;
    for (const std::size_t index : waiting) {
      const std::size_t adds = pairs.missing(cells[index]);
      if (adds == wanted) {
        pairs.add(cells[index]);
        out.push_back(cells[index]);
      } else if (adds > 0) {
        later.push_back(index);
      }
    }
    waiting = std::move(later);
  }
  return out;
}

}  // namespace mxident::harness::matrix
