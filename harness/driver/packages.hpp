// Which revisions of Debian packages a client is made of: a security update mends a fault and leaves the
// upstream version as it was.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/driver/manifest.hpp"

namespace mxident::harness {

/// Installed packages and their revisions, as dpkg knows them; empty where there is no dpkg.
std::map<std::string, std::string> installed_packages();

/// Of these, the client's own and its TLS library's; and what it takes from npm.
std::map<std::string, std::string> packages_of(const Manifest& manifest,
                                               const std::map<std::string, std::string>& installed);

/// What the manifest names and what is not there: of Debian's packages those that are not among `installed`,
/// unless nothing is known of any; of the others those that `cache` (cache_dir) does not hold.
std::vector<std::string> missing_packages(const Manifest& manifest,
                                          const std::map<std::string, std::string>& installed,
                                          const std::filesystem::path& cache);

}  // namespace mxident::harness
