// Which revisions of Debian packages a client is made of: a security update mends a fault and leaves the
// upstream version as it was.
#pragma once

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

/// Those that the manifest names and that are not there; none where nothing is known.
std::vector<std::string> missing_packages(const Manifest& manifest,
                                          const std::map<std::string, std::string>& installed);

}  // namespace mxident::harness
