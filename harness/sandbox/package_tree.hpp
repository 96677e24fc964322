// Packages that are unpacked and not installed, laid over the system's directories for the processes of a
// cell: a mail transfer agent finds its compiled-in paths and its users there, and writes to nothing but
// memory.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace mxident::harness::sandbox {

struct PackageTree {
  std::vector<std::string> folders;          ///< as dpkg-deb -x leaves them; the first one wins
  std::map<std::string, std::string> users;  ///< name and home of those that are to exist, each with a group
  std::vector<std::string> groups;           ///< more groups
};

/// What a cell lays over its directories, in order, and which of them it may write to.
struct TreeMounts {
  std::vector<std::string> binds;     ///< FROM, TO, FROM, TO...
  std::vector<std::string> writable;  ///< of TO
};

/// Makes the tree as `base`/trees/NAME, in the present mount namespace: /usr as a read-only overlay; /etc,
/// /var and /run as directories of their own with copies of what the packages have there and links to all
/// else. Not thread-safe. Throws SetupError.
void make_package_tree(const std::string& base, const std::string& name, const PackageTree& tree);
void remove_package_tree(const std::string& base, const std::string& name);
TreeMounts mounts_of_package_tree(const std::string& base, const std::string& name);

/// Where syslog(3) of these processes sends to: whoever makes the tree may bind a datagram socket there.
std::string syslog_socket(const std::string& base, const std::string& name);

}  // namespace mxident::harness::sandbox
