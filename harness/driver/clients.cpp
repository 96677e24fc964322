#include "harness/driver/clients.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

#include "harness/driver/packages.hpp"
#include "harness/driver/placeholders.hpp"
#include "harness/driver/says.hpp"
#include "harness/results/version.hpp"
#include "harness/text/ascii.hpp"

namespace mxident::harness {
namespace {

std::string install_hint(const Manifest& manifest) {
  if (!manifest.unpack.empty() || !manifest.npm.empty())
    return fmt::format("; scripts/install-clients {}", manifest.id);
  if (manifest.packages.empty()) return "";
  return fmt::format("; apt-get install {}", fmt::join(manifest.packages, " "));
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Runs one command of a manifest to its end, in `work_dir`.
sandbox::ProcessResult run_command(sandbox::Sandbox& sandbox, const std::vector<std::string>& command,
                                   const PlaceholderValues& values, const std::string& work_dir) {
  sandbox::ProcessSpec spec;
  for (const auto& word : command) spec.command.push_back(expand_placeholders(word, values));
  spec.work_dir = work_dir;
  spec.timeout = std::chrono::seconds(120);
  return sandbox::run_and_wait(sandbox, std::move(spec));
}

/// Why the program could not be built; empty if it was.
std::string build(const Manifest& manifest, sandbox::Sandbox& sandbox, const PlaceholderValues& values,
                  const std::string& work_dir) {
  for (const auto& command : manifest.build) {
    const auto result = run_command(sandbox, command, values, work_dir);
    if (result.end == sandbox::ProcessResult::End::not_started)
      return fmt::format("{} is not installed", command[0]);
    if (result.end != sandbox::ProcessResult::End::exited || result.code != 0) {
      return fmt::format("\"{}\" failed: {}", fmt::join(command, " "), last_line(result.output));
    }
  }
  return "";
}

bool holds(const ClientMode& mode, std::string_view text) {
  const auto in = [&](const std::string& where) { return where.find(text) != std::string::npos; };
  const auto in_value = [&](const auto& entry) { return in(entry.second); };
  return std::any_of(mode.command.begin(), mode.command.end(), in) || in(mode.stdin_text) ||
         std::any_of(mode.files.begin(), mode.files.end(), in_value) ||
         std::any_of(mode.env.begin(), mode.env.end(), in_value) ||
         std::any_of(mode.setup.begin(), mode.setup.end(),
                     [&](const auto& words) { return std::any_of(words.begin(), words.end(), in); });
}

}  // namespace

std::string cache_dir() {
  if (const std::string own = variable("MXIDENT_CACHE"); !own.empty()) return own;
  if (const std::string user = variable("XDG_CACHE_HOME"); !user.empty()) return user + "/mxident";
  return variable("HOME") + "/.cache/mxident";
}

Client find_client(Manifest manifest, sandbox::Sandbox& sandbox,
                   const std::map<std::string, std::string>& installed) {
  Client out{std::move(manifest), "", "", ""};
  const Manifest& m = out.manifest;
  if (m.builtin) {
    out.version = MXIDENT_VERSION;
    return out;
  }
  if (m.appliance) {
    out.unavailable = fmt::format(
        "runs on a machine of its own: mxident serve --catalogue --client {}/client.json (docs/vendors.md)",
        m.program_dir.string());
    return out;
  }
  if (!m.build.empty()) out.build_dir = sandbox.make_work_dir();
  const PlaceholderValues values{{"program_dir", m.program_dir.string()},
                                 {"cache_dir", cache_dir()},
                                 {"build_dir", out.build_dir},
                                 {"mxident", own_program()}};
  if (const std::string fault = build(m, sandbox, values, out.build_dir); !fault.empty()) {
    out.unavailable = fmt::format("cannot be built: {}{}", fault, install_hint(m));
    return out;
  }
  if (m.version_command.empty()) {
    out.version = "unknown";
    return out;
  }
  const std::string work_dir = sandbox.make_work_dir();
  const auto result = run_command(sandbox, m.version_command, values, work_dir);
  sandbox.remove_work_dir(work_dir);
  if (result.end == sandbox::ProcessResult::End::not_started) {
    out.unavailable = fmt::format("not installed ({}){}", result.error, install_hint(m));
    return out;
  }
  const bool failed = result.end != sandbox::ProcessResult::End::exited || result.code != 0;
  if (const auto missing = missing_packages(m, installed, cache_dir()); failed && !missing.empty()) {
    out.unavailable = fmt::format("not installed ({}){}", fmt::join(missing, ", "), install_hint(m));
    return out;
  }
  out.version = first_group(m.version_pattern, result.output);
  if (out.version.empty()) {
    out.unavailable = fmt::format("does not say its version: \"{}\" printed nothing that fits \"{}\"{}",
                                  fmt::join(m.version_command, " "), m.version_pattern, install_hint(m));
  } else if (!m.minimum_version.empty() && older(out.version, m.minimum_version)) {
    out.unavailable = fmt::format("version {} found, at least {} wanted{}", out.version, m.minimum_version,
                                  install_hint(m));
  }
  return out;
}

std::string missing_needs(const ClientMode& mode, const sandbox::Sandbox& sandbox) {
  // What it would dial there is the machine's own: a mail server that listens there would take the mail.
  if (mode.daemon && sandbox.level() == sandbox::Level::none)
    return "is a daemon, and without namespaces it would send its mail out into the world";
  const bool program = !mode.command.empty();
  if (program && sandbox.level() == sandbox::Level::none &&
      !(holds(mode, "{address") && holds(mode, "{port}")))
    return "is not handed {address} and {port}, and without namespaces nothing else may be dialled";
  for (const Need need : mode.needs) {
    if (!sandbox.has(to_string(need)))
      return fmt::format("needs {}, which this sandbox does not offer", to_string(need));
  }
  return "";
}

}  // namespace mxident::harness
