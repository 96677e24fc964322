#include "harness/input/data_dirs.hpp"

#include <cstdlib>

namespace mxident::harness {
namespace fs = std::filesystem;

DataDirs data_dirs() {
  const auto installed = [](const fs::path& root) {
    return DataDirs{root / "scenarios", root / "clients", root / "baselines"};
  };
  if (const char* root = std::getenv("MXIDENT_DATA")) return installed(root);
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path shared = program.parent_path().parent_path() / "share/mxident";
  if (!error && fs::is_directory(shared / "scenarios", error)) return installed(shared);
  const fs::path source = MXIDENT_SOURCE_DIR;
  return {source / "scenarios", source / "harness/clients", source / "fixtures/baselines"};
}

}  // namespace mxident::harness
