// The clients of a run: which are there, in which version, and which modes can run here.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/driver/manifest.hpp"
#include "harness/sandbox/sandbox.hpp"

namespace mxident::harness {

/// A client as it was found on this machine.
struct Client {
  Manifest manifest;
  std::string version;
  std::string unavailable;  ///< why it cannot run; empty: it can
  std::string build_dir;    ///< where its program was built, for this run; empty if it needs no building
};

/// Folder of unpacked and npm packages: MXIDENT_CACHE, else mxident in XDG_CACHE_HOME or in ~/.cache.
/// scripts/install-clients fills it.
std::string cache_dir();

/// One column of the matrix.
struct ClientColumn {
  const Client* client = nullptr;
  const ClientMode* mode = nullptr;
  std::string unsupported;                               ///< why no cell of it can run here; empty: they can
  std::string unsupported_hosts, unsupported_addresses;  ///< the same of cells with a host name, or a literal
};

/// Builds a client's program where the manifest says how, and asks it for its version, inside the sandbox. A
/// program that is missing, cannot be built, is silent or older than the manifest's minimum makes the client
/// unavailable, with the packages to install. `installed` tells why a program fails that asks a library for
/// its version: Debian's packages and their versions (installed_packages).
Client find_client(Manifest manifest, sandbox::Sandbox& sandbox,
                   const std::map<std::string, std::string>& installed);

/// What this sandbox lacks for a mode; empty if nothing.
std::string missing_needs(const ClientMode& mode, const sandbox::Sandbox& sandbox);

}  // namespace mxident::harness
