// Specs of the matrix: which values are multiplied (schema: scenarios/schema/matrix.schema.json).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/explore/matrix/cell.hpp"

namespace mxident::harness::matrix {

/// All combinations of these values.
struct Product {
  std::array<std::vector<std::uint8_t>, kDimensions> values;  ///< indices, ascending, none twice
};

struct Spec {
  std::string parent = "test";    ///< the name below which all names lie
  std::vector<Product> products;  ///< a cell of several of them counts once
};

/// "all", or the path of a file. Throws InputError.
Spec read_spec(const std::string& all_or_file);
/// The text of a spec. Throws InputError.
Spec parse_spec(std::string_view text, const std::string& file);

/// The built-in spec.
std::string_view all_text();

}  // namespace mxident::harness::matrix
