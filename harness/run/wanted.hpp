// Which clients a user asks for.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "harness/driver/manifest.hpp"

namespace mxident::harness {

/// A client that was asked for: all modes, or one.
struct Wanted {
  Manifest manifest;
  std::string mode;
  std::string digest = {};  ///< SHA-256 of the manifest
  std::string file = {};    ///< the manifest as it was named; empty: a shipped one
};

/// What was asked for is not there: exit code 4, and the sentence has what is near to it.
class NothingSelected : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// From "CLIENT", "CLIENT:MODE", "TAG:*", "path/to/manifest.json" or "path/to/manifest.json:MODE"; none: all
/// shipped ones; each mode once, however often it is asked for. Throws InputError for what cannot be read and
/// for two manifests of one id, NothingSelected for what does not exist.
std::vector<Wanted> wanted_clients(const std::vector<std::string>& texts);

}  // namespace mxident::harness
