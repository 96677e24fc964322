#include "harness/run/record.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <filesystem>

#include "harness/driver/packages.hpp"
#include "harness/scenario/presented_names.hpp"
#include "harness/text/digest.hpp"

namespace mxident::harness {
namespace {

std::string kernel() {
  utsname name{};
  return uname(&name) == 0 ? fmt::format("{} {}", name.sysname, name.release) : "";
}

/// As a repository would name it: no path of this machine, and the same on every other.
std::string manifest_place(const Wanted& wanted) {
  namespace fs = std::filesystem;
  if (wanted.file.empty()) return fmt::format("harness/clients/{}/client.json", wanted.manifest.id);
  std::error_code error;
  const fs::path near = fs::absolute(wanted.file, error).lexically_relative(fs::current_path(error));
  if (near.empty() || *near.begin() == "..") return fs::path(wanted.file).filename().string();
  return near.generic_string();
}

}  // namespace

ScenarioRecord record_of(const Scenario& scenario, std::size_t cells) {
  ScenarioRecord out;
  out.id = scenario.id;
  out.title = scenario.title;
  for (const auto& source : scenario.sources) out.sources.push_back(source.ref);
  out.rules = scenario.rules;
  out.tags = scenario.tags;
  out.domain = scenario.domain;
  out.host = preferred_host(scenario);
  for (const auto& server : scenario.servers) out.hosts.push_back(server.spec.host);
  const ScenarioServer* server = server_of(scenario, out.host);
  const auto shown =
      server ? scenario.certificates.find(server->spec.certificate) : scenario.certificates.end();
  if (shown != scenario.certificates.end()) out.presented = names_of(shown->second.spec);
  out.twin = scenario.twin;
  out.reason = scenario.reason;
  out.digest = scenario.digest;
  out.cells = cells;
  return out;
}

RunHeader header_of(const Lab& lab) {
  RunHeader out;
  out.mxident_version = MXIDENT_VERSION;
  out.sandbox = lab.sandbox->describe();
  out.kernel = kernel();
  const auto installed = installed_packages();
  for (const auto& column : lab.columns) {
    const Manifest& manifest = column.client->manifest;
    const auto client = static_cast<std::size_t>(column.client - lab.clients.data());
    out.columns.push_back(
        {manifest.id, manifest.title, manifest.engine, column.client->version, column.mode->id,
         column.mode->title, std::string(to_string(column.mode->policy.id)), packages_of(manifest, installed),
         lab.wanted[client].digest, column.unsupported, manifest_place(lab.wanted[client])});
  }
  return out;
}

std::string suite_digest(const std::vector<Scenario>& scenarios, const std::vector<std::size_t>& selected) {
  std::string all;
  for (const auto index : selected)
    all += fmt::format("{} {}\n", scenarios[index].id, scenarios[index].digest);
  return sha256_hex(all);
}

}  // namespace mxident::harness
