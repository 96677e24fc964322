// The shapes of presented identifiers: what a certificate may hold in place of the reference.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "harness/explore/matrix/setting.hpp"

namespace mxident::harness::matrix {

struct Shape {
  Value value;
  std::string family;  ///< "wildcard", "odd-octet" and the like: rows of the summary
  /// The presented octets; nullopt where the shape makes no sense for the reference.
  std::optional<std::string> (*present)(const Setting& setting, const Shape& shape);
  std::string octets = {};  ///< what shapes of one kind differ in
};

/// All shapes, by family.
std::span<const Shape> shapes();

}  // namespace mxident::harness::matrix
