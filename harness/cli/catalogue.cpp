#include "harness/cli/catalogue.hpp"
#include "harness/input/data_dirs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/catalogue/load.hpp"
#include "harness/cli/command.hpp"
#include "harness/input/json_input.hpp"

namespace mxident::harness::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::vector<ScenarioError>& errors) {
  for (std::size_t i = 0; i + 1 < errors.size(); ++i) fmt::print(stderr, "mxident: {}\n", errors[i].text());
  throw InputError(errors.back().file, errors.back().pointer, errors.back().message);
}

Catalogue load(const std::vector<std::string>& directories) {
  std::vector<fs::path> paths(directories.begin(), directories.end());
  if (paths.empty()) paths.push_back(data_dirs().scenarios);
  return load_catalogue(paths);
}

}  // namespace

std::vector<Scenario> load_scenarios(const std::vector<std::string>& directories) {
  Catalogue catalogue = load(directories);
  if (!catalogue.errors.empty()) fail(catalogue.errors);
  return std::move(catalogue.scenarios);
}

std::optional<Scenario> look_up_scenario(const std::string& id_or_file,
                                         const std::vector<std::string>& directories,
                                         std::vector<Scenario>& others) {
  if (id_or_file.ends_with(".json")) {
    LoadResult loaded = load_scenario(id_or_file);
    if (!loaded.scenario) fail(loaded.errors);
    return std::move(loaded.scenario);
  }
  Catalogue catalogue = load(directories);
  for (auto& scenario : catalogue.scenarios) {
    if (scenario.id == id_or_file) return std::move(scenario);
  }
  if (!catalogue.errors.empty()) fail(catalogue.errors);  // it may be one of those
  others = std::move(catalogue.scenarios);
  return std::nullopt;
}

Scenario find_scenario(const std::string& id_or_file, const std::vector<std::string>& directories) {
  std::vector<Scenario> others;
  if (auto found = look_up_scenario(id_or_file, directories, others)) return std::move(*found);
  std::vector<std::string> known;
  for (const auto& scenario : others) known.push_back(scenario.id);
  const auto near = nearest(id_or_file, known);
  throw InputError(
      "scenario", "",
      fmt::format("found \"{}\", wanted an id of \"mxident list scenarios\"{}", printable(id_or_file),
                  near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
}

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  out.resize(std::max(out.size(), width), ' ');
  return out;
}

std::string describe(const Policy& policy) {
  const auto reference = [&]() -> std::string_view {
    switch (policy.references) {
      case ReferenceSelection::mx_host:
        return "the MX host";
      case ReferenceSelection::recipient_domain:
        return "the recipient domain";
      case ReferenceSelection::configured:
        return "a configured name";
      case ReferenceSelection::address:
        return "an address";
      case ReferenceSelection::mta_sts:
        return "the MX host, if the MTA-STS policy lists it";
      case ReferenceSelection::dane:
        return "the TLSA base domain and the recipient domain";
      case ReferenceSelection::none:
        break;
    }
    return "nothing";
  };
  const std::string_view tls = policy.tls == TlsDemand::never        ? "never asks for TLS"
                               : policy.tls == TlsDemand::if_offered ? "TLS if offered"
                                                                     : "TLS required";
  if (policy.chain == ChainDemand::not_checked)
    return fmt::format("{}, nothing of the certificate checked", tls);
  if (policy.names == NameDemand::not_checked)
    return fmt::format("{}, trusted chain required, names not checked", tls);
  return fmt::format("{}, trusted chain required, the certificate must name {}", tls, reference());
}

}  // namespace mxident::harness::cli
