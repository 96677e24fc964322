// The file system of the sandbox: mounts that nobody outside sees, and an /etc that names no real server.
#pragma once

#include <stdexcept>
#include <string>

namespace mxident::harness::sandbox {

/// The host name inside, the same in every run and on every machine: clients say it in EHLO and look it up.
inline constexpr const char* kHostName = "client.test";

/// How the sandbox's /etc is made.
enum class EtcForm {
  automatic,  ///< a read-only overlay over the real /etc; links where the kernel refuses the overlay
  links,      ///< a directory of links to the real entries, mounted over /etc
};

/// Mounts would be seen outside: nothing has been mounted, and the program must stop.
class NotPrivate : public std::runtime_error {
 public:
  using runtime_error::runtime_error;
};

/// Takes the present mount namespace out of all propagation. In a plain chroot, where / is no mount point, it
/// also makes / one (bound onto itself, then pivoted to), with the current directory kept. Throws SetupError
/// where the system refuses mounts altogether, NotPrivate where they cannot be made private.
void make_mounts_private();

/// Fresh /proc and /sys for the present namespaces. Returns a note for people where /proc stays the
/// machine's.
std::string mount_proc_and_sys();

/// Mounts a tmpfs at `base` and builds there and over the machine's directories what docs/sandbox.md
/// describes: trust
/// (`base`/trust), /etc with resolv.conf, hosts and nsswitch.conf of its own, no name service sockets under
/// /run. Returns a note for people. Throws SetupError.
std::string lay_out_files(const std::string& base, EtcForm form);

/// Adds to the directory `own` a link to each entry of `real` that it lacks; a directory of both is gone
/// through, but for `own`/certs. Throws std::filesystem::filesystem_error.
void link_missing(const std::string& real, const std::string& own);

/// The directories that both forms of the sandbox keep under `base`: cells, work, trust with an empty bundle.
void make_base_directories(const std::string& base);

}  // namespace mxident::harness::sandbox
