// One cell of the matrix and its scenario.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/explore/matrix/setting.hpp"
#include "harness/scenario/scenario.hpp"

namespace mxident::harness::matrix {

enum class Dimension : std::uint8_t { shape, slot, reference, server, chain };
inline constexpr std::size_t kDimensions = 5;
/// Keys of a spec.
inline constexpr std::array<std::string_view, kDimensions> kDimensionKeys{"shapes", "slots", "references",
                                                                          "servers", "chains"};

/// Values of a dimension: how many, and what is said of one.
std::size_t value_count(Dimension dimension);
const Value& value_of(Dimension dimension, std::size_t index);

/// Indices of values, by dimension.
struct Cell {
  std::array<std::uint8_t, kDimensions> values{};
  std::size_t operator[](Dimension dimension) const { return values[static_cast<std::size_t>(dimension)]; }
  bool operator==(const Cell&) const = default;
};

/// "matrix/SHAPE/SLOT/REFERENCE/SERVER/CHAIN": the same in every spec and for every seed.
std::string id_of(const Cell& cell);
/// The label that all names of a cell hold, and no other cell's: FNV-1a of 64 bits of its id, in 8 digits of
/// base 36.
std::string token_of(std::string_view id);
/// The way back; nothing for an id of another kind.
std::optional<Cell> cell_of(std::string_view id);

/// What tells the worlds of cells from each other. Cells are best asked for in the order of a product, chain
/// and server fastest: what neighbours share is written once.
class Contents {
 public:
  explicit Contents(std::string parent);
  Contents(const Contents&) = delete;
  Contents& operator=(const Contents&) = delete;
  ~Contents();

  /// Octets that are equal for two cells whose certificates (as far as a client can see them), references and
  /// servers are the same, until the next call; nullptr: the values do not go together.
  const std::string* of(const Cell& cell);

 private:
  struct Reference;
  struct Presented;

  const Reference& reference(std::size_t index);
  Presented& presented(const Cell& cell);

  std::string parent_;
  std::vector<std::unique_ptr<Reference>> by_reference_;
  std::unique_ptr<Presented> presented_;
  std::string content_;
};

/// The cell as a scenario document, in the form of scenarios/schema/scenario.schema.json and without
/// "expect": the oracle knows what to expect. It can be changed, read by read_scenario, and written to a
/// file as it stands. All names hold a label that no other cell has. The values must go together.
nlohmann::ordered_json document_of(const Cell& cell, const std::string& parent);

/// The document, read as a file would be. Throws std::logic_error if the loader refuses it: a mistake in this
/// folder.
Scenario scenario_of(const Cell& cell, const std::string& parent);

}  // namespace mxident::harness::matrix
