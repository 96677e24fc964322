// Where the shipped data lies.
#pragma once

#include <filesystem>

namespace mxident::harness {

/// Folder that holds `scenarios`, `clients` and `baselines`: $MXIDENT_DATA, else PREFIX/share/mxident beside
/// the program, else the source tree that it was built from.
struct DataDirs {
  std::filesystem::path scenarios, clients, baselines;
};
DataDirs data_dirs();

}  // namespace mxident::harness
