// What `mxident serve` was asked, and where it may listen.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/cli/command.hpp"
#include "harness/driver/placeholders.hpp"
#include "harness/run/appliance.hpp"

namespace mxident::harness::cli {

struct ServeOptions {
  std::vector<std::string> scenarios, dirs;
  bool json = false;

  bool catalogue = false;
  std::string listen;  ///< an IPv4 address of this machine, or a network of them
  bool is_public = false, really_public = false;
  std::string policy, client, name = "appliance", release = "unknown";
  double rate = 100;
  std::uint16_t dns_port = 53, first_port = 10025;
  double end_after_s = 0;  ///< 0: when it is interrupted
  std::string output, baseline = "none";
  std::vector<std::string> reports;
};

/// From --listen. Throws InputError: what is no address, and a public one that was not asked for twice.
Outpost outpost_of(const ServeOptions& options);

/// Fills the words of a command. A placeholder is a word of small letters and underscores in braces, and must
/// have a value, else InputError is thrown; "{{word}}" is a literal "{word}". Other braces stay as they are:
/// JSON.
void fill_command(std::vector<std::string>& command, const PlaceholderValues& values);

/// Where a command's standard output goes: where ours does, or, where that is a stream of JSON, to standard
/// error.
enum class CommandOutput { with_ours, to_standard_error };

/// Runs a command inside the sandbox with this terminal as its own; returns its exit code.
int run_here(std::vector<std::string> command, CommandOutput output);

/// A catalogue for an appliance.
int serve_catalogue(const ServeOptions& options, Invocation& invocation);

}  // namespace mxident::harness::cli
