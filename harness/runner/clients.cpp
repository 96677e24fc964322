#include "harness/runner/clients.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/client/placeholders.hpp"
#include "harness/client/says.hpp"
#include "harness/results/version.hpp"

namespace mxident::harness {
namespace {

std::string install_hint(const Manifest& manifest) {
  if (manifest.packages.empty()) return "";
  return fmt::format("; apt-get install {}", fmt::join(manifest.packages, " "));
}

}  // namespace

Client find_client(Manifest manifest, sandbox::Sandbox& sandbox) {
  Client out{std::move(manifest), "", ""};
  const Manifest& m = out.manifest;
  if (m.builtin) {
    out.version = MXIDENT_VERSION;
    return out;
  }
  if (m.version_command.empty()) {
    out.version = "unknown";
    return out;
  }
  sandbox::ProcessSpec spec;
  spec.command = m.version_command;
  for (auto& word : spec.command) word = expand_placeholders(word, {{"program_dir", m.program_dir.string()}});
  spec.work_dir = sandbox.make_work_dir();
  const auto result = sandbox::run_and_wait(sandbox, spec);
  sandbox.remove_work_dir(spec.work_dir);
  if (result.end == sandbox::ProcessResult::End::not_started) {
    out.unavailable = fmt::format("not installed ({}){}", result.error, install_hint(m));
    return out;
  }
  out.version = first_group(m.version_pattern, result.output);
  if (out.version.empty()) {
    out.unavailable = fmt::format("does not say its version: \"{}\" printed nothing that fits \"{}\"{}",
                                  fmt::join(spec.command, " "), m.version_pattern, install_hint(m));
  } else if (!m.minimum_version.empty() && older(out.version, m.minimum_version)) {
    out.unavailable = fmt::format("version {} found, at least {} wanted{}", out.version, m.minimum_version, install_hint(m));
  }
  return out;
}

std::string missing_needs(const ClientMode& mode, const sandbox::Sandbox& sandbox) {
  for (const Need need : mode.needs) {
    if (!sandbox.has(to_string(need))) return fmt::format("needs {}, which this sandbox does not offer", to_string(need));
  }
  return "";
}

}  // namespace mxident::harness
