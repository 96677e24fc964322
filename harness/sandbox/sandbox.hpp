// The sandbox: an internet in a bottle, and processes inside it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/sandbox/package_tree.hpp"

namespace mxident::harness::sandbox {

/// What this machine allows, found by trying once.
enum class Level {
  user_namespaces,  ///< user + network + mount + pid namespaces
  root_namespaces,  ///< network + mount + pid, as uid 0 without a user namespace (a plain chroot)
  none,             ///< fallback: servers on free loopback ports
};

class Sandbox;
/// First thing in main. Where this is the program that enter() has executed again, inside new namespaces, the
/// spawner is forked here: each cell is a copy of it, so it must not hold what the program reads later on.
/// enter() then returns what was made. In any other process this does nothing.
void begin_inside();

/// Called by commands that run clients or worlds. Re-executes the program inside new
/// namespaces; the outer process waits, passes signals on and never returns from here (it exits with the
/// inner one's code). Inside (and in the fallback, where nothing is re-executed) it returns with the helper
/// process ready. Exits with 3 and a sentence if namespaces work but mounts cannot be made private, or if the
/// level that the environment variable MXIDENT_SANDBOX (auto, user, root or none) asks for is refused; with 2
/// if its value is none of these.
std::unique_ptr<Sandbox> enter(int argc, char** argv);

/// One process to run in a cell.
struct ProcessSpec {
  std::vector<std::string> command;  ///< argv; command[0] is looked up on PATH if it holds no '/'
  /// Over a clean environment: PATH as the harness was given it, HOME and TMPDIR = work dir, LANG=C.UTF-8,
  /// and NODE_EXTRA_CA_CERTS = ca_file() (Node reads no system store). Nothing else is inherited.
  std::map<std::string, std::string> env;
  std::string stdin_text;
  std::string work_dir;  ///< current directory; made by the caller, see Sandbox::make_work_dir
  std::chrono::milliseconds timeout{20000};  ///< deadline for the whole process tree
  std::size_t max_output = 1 << 20;          ///< octets of output kept; the rest is read and dropped
  std::size_t max_discarded = 256u << 20;    ///< output beyond this ends the process
  /// Private /etc of the cell; empty texts leave the sandbox's default. Not applied in the fallback.
  std::string resolv_conf, hosts;
  /// For a process that is talked with while it runs: descriptors that become its standard input, in place of
  /// stdin_text, and its output, of which ProcessResult then holds nothing. Duplicated by start.
  int input = -1, output = -1;
  /// A file of the caller's in place of `resolv_conf`. write_file (io.hpp) may rewrite it while the process
  /// runs.
  std::string resolv_conf_file;
  std::string tree;  ///< of Sandbox::make_tree: laid over the directories that the process sees
};

/// Ports of 127.0.0.1 for programs that listen: no connection of the sandbox comes from one of them.
inline constexpr std::uint16_t kFirstPortOfDaemons = 20000, kLastPortOfDaemons = 29999;

struct ProcessResult {
  enum class End { exited, signalled, deadline, output_limit, not_started };
  End end = End::not_started;
  int code = 0;        ///< exit code or signal number
  std::string output;  ///< stdout and stderr as they came
  bool output_cut = false;
  std::chrono::microseconds wall{0}, cpu{0};
  std::string error;  ///< why it did not start
};

/// The trust that clients find where the system's would be.
struct Trust {
  std::vector<std::string> root_pems;
};

class Sandbox {
 public:
  virtual ~Sandbox() = default;
  virtual Level level() const = 0;
  /// One line for people: what is possible here and why not more.
  virtual std::string describe() const = 0;
  /// Whether a manifest's need is met: names, dns, port-25, root-uid, sub-uids. Unknown needs are not met.
  virtual bool has(std::string_view need) const = 0;
  /// Lays `trust` over the system's places (/etc/ssl/certs with hashes, ca-certificates.crt, cert.pem, Java's
  /// cacerts).
  virtual void set_trust(const Trust& trust) = 0;
  virtual std::string ca_file() const = 0;  ///< PEM of the trusted roots, readable in every cell
  virtual std::string ca_dir() const = 0;   ///< the same as a hashed directory
  /// The resolv.conf that this program and what it starts by itself see; cells have their own. No effect
  /// without namespaces. Throws SetupError.
  virtual void set_resolv_conf(const std::string& text) = 0;
  /// A fresh private directory for one cell; removed by remove_work_dir or with the sandbox.
  virtual std::string make_work_dir() = 0;
  virtual void remove_work_dir(const std::string& path) = 0;
  /// Packages laid over the system's directories, for processes that name the tree: they share its /etc, /var
  /// and /run, and see what others of them write there. Throws SetupError where the system refuses.
  virtual std::string make_tree(const PackageTree& tree) = 0;
  /// When no process of it is left.
  virtual void remove_tree(const std::string& name) = 0;
  virtual std::string path_in_tree(const std::string& name, const std::string& path) const = 0;
  virtual std::string tree_syslog_socket(const std::string& name) const = 0;
  /// Starts a process; `done` is called once, on an internal thread, and may start others. The process and
  /// all its descendants are gone then. Returns its number for `end`, 0 if it could not be started.
  virtual std::uint64_t start(ProcessSpec spec, std::function<void(ProcessResult)> done) = 0;
  /// Ends a process (its `done` is called with End::deadline). No effect on one that has ended.
  virtual void end(std::uint64_t process) = 0;
  /// Ends all processes that run now (their `done` is called with End::deadline).
  virtual void stop_all() = 0;
};

/// Convenience for set-up commands and version queries: start and wait.
ProcessResult run_and_wait(Sandbox& sandbox, ProcessSpec spec);

}  // namespace mxident::harness::sandbox
