// The slots of the matrix: where in a certificate a presented identifier stands, and what stands beside it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "harness/explore/matrix/setting.hpp"

namespace mxident::harness::matrix {

struct Slot {
  Value value;
  /// Adds "subject" and "san" to a certificate; false where the octets make no sense there.
  bool (*fill)(nlohmann::ordered_json& certificate, const std::string& octets, const Setting& setting);
};

std::span<const Slot> slots();

/// Octets as a scenario writes a text: a string if they are UTF-8, else {"hex": ...}.
nlohmann::ordered_json text_json(const std::string& octets);

}  // namespace mxident::harness::matrix
