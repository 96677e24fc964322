// Client manifests: how a program under test is run, what it claims and what its words mean.
#pragma once

#include <array>
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/text/words.hpp"
#include "mocks/smtp_spec.hpp"
#include "verifier/policy.hpp"
#include "verifier/probe/login.hpp"

namespace mxident::harness {

/// Conditions of which at least one given must hold: the output contains a match of `output` (Perl syntax),
/// or the exit code is one of `exit`.
struct SaysPattern {
  std::string output;
  std::vector<int> exit;
  bool empty() const { return output.empty() && exit.empty(); }
};

/// Words of a client that explain what the wire shows.
struct Says {
  SaysPattern verified, unverified, rejected, crashed;
  /// By layer name ("chain", "name", ...), the patterns of "ok" and "failed".
  struct Layer {
    SaysPattern ok, failed;
  };
  std::map<std::string, Layer> layers;
};

/// What the sandbox must offer for a mode.
enum class Need { names, dns, port_25, root_uid, sub_uids };
std::string_view to_string(Need need);

/// Which kind of host a mode can be given.
enum class Takes { host_name, address, domain };

/// The question that a mode answers. delivery: does the mail get through, by whichever host? every_host: is
/// every host and address of the domain right? One that must be refused then decides.
enum class Judges { delivery, every_host };

/// The unpacked packages of a manifest as if they were installed (sandbox/package_tree.hpp), with the users
/// and groups that their installation would have made.
struct Installed {
  std::map<std::string, std::string> users;  ///< name and home
  std::vector<std::string> groups;
};

/// A program that is started once and then serves many scenarios, one message each (docs/clients.md).
struct Daemon {
  std::vector<std::string>
      command;                   ///< stays in the foreground; no placeholder that differs from cell to cell
  std::string ready_output;      ///< it can take messages once its log has a match of this,
  std::uint16_t ready_port = 0;  ///< or once somebody listens on this port of 127.0.0.1
  bool ready_own_port = false;   ///< or on {daemon_port}
  std::chrono::milliseconds ready_timeout{60000};
  /// How a cell's message is handed over: by a program, which then ends; or by SMTP to a port of 127.0.0.1,
  /// once a program, if there is one, has prepared the way; in clear, or with a login under TLS.
  struct Submit {
    std::vector<std::string> command;
    std::string stdin_text;
    std::uint16_t smtp_port = 0;
    bool smtp_to_own_port = false;  ///< to {daemon_port}
    std::vector<std::string> before;
    std::optional<probe::Login> login;

    bool by_smtp() const { return smtp_to_own_port || smtp_port != 0; }
  };
  Submit submit;
  std::string settled;         ///< {recipient}'s message is done with once the log has a match of this
  std::string settled_thread;  ///< or once the thread has that a line with the recipient began
  std::string log_file;        ///< in the work directory, in place of what the program prints
  bool syslog = false;         ///< its log is what it sends to syslog(3), beside what it prints
  std::string thread;  ///< lines that name no recipient belong to that of the next line with the same group
  std::string peer;    ///< a line whose group is an address of the scenario, and its thread from then on, too
  std::size_t messages = 0;  ///< so many a start, for a queue that has an end; 0: without a limit
  /// What the program itself occupies: no scenario and no other column may need it.
  struct Claims {
    std::vector<std::string> addresses, domains, hosts;
    std::string file, pointer;  ///< where they stand
  };
  Claims claims;
};
struct Manifest;

/// One configured way to run a client.
struct ClientMode {
  std::string id, title;
  Policy policy;                                ///< claimed; a refinement differs from policy(policy.id)
  bool refined = false;                         ///< expectation comes from the oracle
  bool refined_in_tls_only = false;             ///< but where TLS is offered anyway the named policy's holds
  std::optional<ReferenceSelection> reference;  ///< stated in the manifest
  std::vector<Need> needs;
  std::vector<Takes> takes = {Takes::host_name, Takes::address};
  bool states_takes = false;                    ///< false: the above is a guess
  std::map<std::string, std::string> files;     ///< written to the work directory before the start
  std::vector<std::vector<std::string>> setup;  ///< commands run before, in order; each must exit 0
  std::vector<std::string> command;             ///< none: the verifier itself, or a daemon
  std::optional<Daemon> daemon;
  std::optional<Installed> installed;
  std::map<std::string, std::string> env;
  std::string stdin_text;
  std::chrono::milliseconds timeout{20000};
  mocks::ServerProfile server;
  Judges judges = Judges::delivery;
  bool delivers = true;                 ///< false: a checker; its words decide, the wire is evidence
  bool hangs_without_starttls = false;  ///< known to wait for ever there, having sent nothing
  unsigned cpu_ms = 20;                 ///< weight when cells are scheduled
  Says says;
  /// The same mode as it is run where TLS begins with the first octet (RFC 8314 3): one, or none if it
  /// cannot.
  std::vector<ClientMode> implicit;
};

/// How `mode` is run at a server, nullptr where it cannot be: one that begins TLS at once, or only offers it.
const ClientMode* way_to(const Manifest& manifest, const ClientMode& mode, mocks::Starttls behaviour);

/// Whether a mode goes to the port that it is told; else it knows only 25.
bool takes_port(const Manifest& manifest, const ClientMode& mode);

/// A process that stays and runs one cell after another, in place of a process for each (docs/workers.md).
struct WorkerCommand {
  std::vector<std::string> replaces;  ///< the words with which a mode's command begins
  std::vector<std::string> command;   ///< no placeholder that differs from cell to cell
};

struct Manifest {
  std::string id, title;
  std::string engine;                 ///< TLS library, where it is worth saying
  std::vector<std::string> tags;      ///< "TAG:*" selects all clients that have it
  std::vector<std::string> packages;  ///< Debian packages to install
  std::vector<std::string> unpack;    ///< Debian packages that conflict when installed: {cache_dir}/PACKAGE
  std::vector<std::string>
      npm;  ///< NAME@VERSION, of package-lock.json beside the manifest: {cache_dir}/npm/ID
  std::vector<std::vector<std::string>>
      build;  ///< run once a run, in {build_dir}, where they leave the program
  std::vector<std::string> version_command;
  std::string version_pattern;  ///< first group is the version
  std::string minimum_version;
  bool builtin = false;    ///< the verifier itself, in this process; its modes have no command
  bool appliance = false;  ///< runs on a machine of its own (docs/vendors.md); its modes have no command
  std::optional<WorkerCommand> worker;
  std::vector<ClientMode> modes;
  std::filesystem::path program_dir;  ///< folder of the manifest
};

/// Reads a manifest; a field that a mode lacks is looked for in the manifest's "defaults". Throws InputError
/// with file and JSON pointer.
Manifest load_manifest(const std::filesystem::path& file);

/// What a worker of `manifest` is told to run for `mode`: its command's words behind those that the worker
/// replaces. Nothing if the mode cannot run in one.
std::optional<std::span<const std::string>> worker_words(const Manifest& manifest, const ClientMode& mode);

/// All manifests `DIR/*/client.json`, sorted by id. Throws InputError for the first one that cannot be read.
std::vector<Manifest> load_manifests(const std::filesystem::path& dir);

}  // namespace mxident::harness
