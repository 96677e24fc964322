#include "harness/cli/catalogue.hpp"
#include "harness/input/data_dirs.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

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

std::string address_text(const certs::Octets& octets) {
  if (octets.starts_with("{")) return octets;
  char text[INET6_ADDRSTRLEN];
  const int family = octets.size() == 4 ? AF_INET : octets.size() == 16 ? AF_INET6 : 0;
  if (family != 0) return inet_ntop(family, octets.data(), text, sizeof text);
  return fmt::format("{} octets", octets.size());
}

std::string name_text(const certs::GeneralName& name) {
  using certs::NameType;
  switch (name.type) {
    case NameType::dns:
      return "dns:" + printable(name.value);
    case NameType::ip:
      return "ip:" + address_text(name.value);
    case NameType::email:
      return "email:" + printable(name.value);
    case NameType::uri:
      return "uri:" + printable(name.value);
    case NameType::srv:
      return "srv:" + printable(name.value);
    case NameType::xmpp:
      return "xmpp:" + printable(name.value);
    case NameType::smtputf8:
      return "smtputf8:" + printable(name.value);
    case NameType::rid:
      return "rid:" + printable(name.value);
    case NameType::dirname:
      return "dirname";
    case NameType::der:
      break;
  }
  return "der:" + printable(name.value);
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

std::string printable(std::string_view octets) {
  // The JSON library knows what broken UTF-8 is: a text that it can write as it stands is whole.
  const auto whole = [](std::string_view text) {
    try {
      nlohmann::json(std::string(text)).dump();
      return true;
    } catch (const nlohmann::json::exception&) {
      return false;
    }
  };
  const bool utf8 = whole(octets);
  std::string out;
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '\\') {
      out += "\\\\";
    } else if (octet < 0x20 || octet == 0x7f || (octet >= 0x80 && !utf8)) {
      out += fmt::format("\\x{:02x}", octet);
    } else {
      out += c;
    }
  }
  return out;
}

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  out.resize(std::max(out.size(), width), ' ');
  return out;
}

std::vector<std::string> names_of(const certs::CertificateSpec& spec) {
  std::vector<std::string> out;
  for (const auto& name : spec.san.value_or(std::vector<certs::GeneralName>{}))
    out.push_back(name_text(name));
  if (!spec.san) out.emplace_back("(no SAN)");
  if (spec.san && spec.san->empty()) out.emplace_back("(empty SAN)");
  for (const auto& rdn : spec.subject) {
    for (const auto& attribute : rdn) {
      if (attribute.oid == "2.5.4.3") out.push_back("CN " + printable(attribute.value.octets));
    }
  }
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
