#include "harness/run/record.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <filesystem>

#include "harness/driver/packages.hpp"
#include "harness/scenario/presented_names.hpp"
#include "harness/text/digest.hpp"
#include "harness/text/printable.hpp"
#include "verifier/match.hpp"

namespace mxident::harness {
namespace {

std::string kernel() {
  utsname name{};
  return uname(&name) == 0 ? fmt::format("{} {}", name.sysname, name.release) : "";
}

/// The base64 of a PEM block.
std::string one_line_of(const std::string& pem) {
  std::string out;
  std::size_t at = pem.find('\n') + 1;
  const std::size_t end = pem.find("-----END", at);
  for (; at < end && at < pem.size(); ++at) {
    if (pem[at] != '\n') out += pem[at];
  }
  return out;
}

/// The names of the certificate against those that clients look for. Who is right for a policy is the
/// expectation's word; this only shows why a name does not fit.
std::vector<NameAttempt> attempts_of(const Scenario& scenario, const std::string& host,
                                     const std::string& der) {
  constexpr std::size_t kMost = 60;
  const auto presented = read_presented_names(der);
  if (!presented) return {};
  const NameRules& rules = policy(PolicyId::rfc9525).rules;
  std::vector<std::string> wanted;
  for (const auto& name : {host, scenario.domain}) {
    if (!name.empty() && std::find(wanted.begin(), wanted.end(), name) == wanted.end())
      wanted.push_back(name);
  }
  std::vector<NameAttempt> out;
  for (const auto& name : wanted) {
    const auto made = make_reference(name, ReferenceOrigin::configured, rules);
    if (!made.reference) {
      out.push_back({printable(name), "", std::string(to_string(made.reason))});
      continue;
    }
    const auto result = match(*presented, {&*made.reference, 1}, rules, Explain::yes);
    for (const auto& a : result.attempts) {
      if (out.size() == kMost) return out;
      out.push_back({made.reference->text, fmt::format("{}:{}", to_string(a.presented_type), a.presented),
                     std::string(to_string(a.reason))});
    }
    if (result.attempts.empty())
      out.push_back({made.reference->text, "", std::string(to_string(result.reason))});
  }
  return out;
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

ScenarioRecord record_of(const Scenario& scenario, std::size_t cells,
                         const std::map<std::string, certs::Chain>& minted) {
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
  if (server) {
    for (const auto& [sni, id] : server->spec.certificates_by_sni)
      out.presented_by_sni[sni] = names_of(scenario.certificates.at(id).spec);
  }
  if (const auto chain = server ? minted.find(server->spec.certificate) : minted.end();
      chain != minted.end()) {
    out.certificate = one_line_of(chain->second.leaf.pem());
    out.attempts = attempts_of(scenario, out.host, chain->second.leaf.der);
  }
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
