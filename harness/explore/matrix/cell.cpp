#include "harness/explore/matrix/cell.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "harness/catalogue/load.hpp"
#include "harness/catalogue/rules.hpp"
#include "harness/explore/matrix/server.hpp"
#include "harness/explore/matrix/shape.hpp"
#include "harness/explore/matrix/slot.hpp"

namespace mxident::harness::matrix {
namespace {

using Json = nlohmann::ordered_json;

const Shape& shape_of(const Cell& cell) {
  return shapes()[cell[Dimension::shape]];
}
const ServerForm& server_form_of(const Cell& cell) {
  return server_forms()[cell[Dimension::server]];
}

/// Domain, certificates, servers and DNS; nullopt if the values do not go together.
std::optional<Json> world_of(const Cell& cell, const std::string& token, const std::string& parent) {
  const Setting setting = reference_forms()[cell[Dimension::reference]].make(token, parent);
  const auto octets = shape_of(cell).present(setting, shape_of(cell));
  if (!octets) return std::nullopt;
  Json certificates, server;
  server["certificate"] = "mx";
  if (setting.address) server["addresses"] = Json::array({*setting.address});
  Json& presented = certificates["mx"];
  if (!slots()[cell[Dimension::slot]].fill(presented, *octets, setting)) return std::nullopt;
  chain_forms()[cell[Dimension::chain]].change(presented);
  if (!server_form_of(cell).change(certificates, server, *octets, setting)) return std::nullopt;
  Json out;
  out["domain"] = setting.domain;
  out["certificates"] = std::move(certificates);
  out["servers"][setting.server] = std::move(server);
  if (!setting.literal()) out["dns"] = setting.dns;
  return out;
}

void add_once(Json& list, const std::string& text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

}  // namespace

std::size_t value_count(Dimension dimension) {
  switch (dimension) {
    case Dimension::shape:
      return shapes().size();
    case Dimension::slot:
      return slots().size();
    case Dimension::reference:
      return reference_forms().size();
    case Dimension::server:
      return server_forms().size();
    case Dimension::chain:
      return chain_forms().size();
  }
  return 0;
}

const Value& value_of(Dimension dimension, std::size_t index) {
  switch (dimension) {
    case Dimension::shape:
      return shapes()[index].value;
    case Dimension::slot:
      return slots()[index].value;
    case Dimension::reference:
      return reference_forms()[index].value;
    case Dimension::server:
      return server_forms()[index].value;
    case Dimension::chain:
      break;
  }
  return chain_forms()[index].value;
}

std::string token_of(std::string_view id) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  std::string out = "m";
  while (out.size() < kTokenOctets) {
    out += "0123456789abcdefghijklmnopqrstuvwxyz"[hash % 36];
    hash /= 36;
  }
  return out;
}

std::string id_of(const Cell& cell) {
  std::string out = "matrix";
  for (std::size_t i = 0; i < kDimensions; ++i)
    out += "/" + value_of(static_cast<Dimension>(i), cell.values[i]).name;
  return out;
}

std::optional<Cell> cell_of(std::string_view id) {
  // Ids come by the million: the names are looked up, not searched.
  using Names = std::map<std::string, std::uint8_t, std::less<>>;
  static const std::array<Names, kDimensions> kNames = [] {
    std::array<Names, kDimensions> out;
    for (std::size_t d = 0; d < kDimensions; ++d) {
      const auto dimension = static_cast<Dimension>(d);
      for (std::size_t i = 0; i < value_count(dimension); ++i)
        out[d].emplace(value_of(dimension, i).name, static_cast<std::uint8_t>(i));
    }
    return out;
  }();
  constexpr std::string_view kHead = "matrix/";
  if (!id.starts_with(kHead)) return std::nullopt;
  id.remove_prefix(kHead.size());
  Cell out;
  for (std::size_t d = 0; d < kDimensions; ++d) {
    const std::size_t slash = id.find('/');
    if ((slash == std::string_view::npos) != (d + 1 == kDimensions)) return std::nullopt;
    const auto found = kNames[d].find(id.substr(0, slash));
    if (found == kNames[d].end()) return std::nullopt;
    out.values[d] = found->second;
    if (slash != std::string_view::npos) id.remove_prefix(slash + 1);
  }
  return out;
}

std::optional<std::string> content_of(const Cell& cell, const std::string& parent) {
  auto world = world_of(cell, std::string(kTokenOctets, '0'), parent);
  if (!world) return std::nullopt;
  if (server_form_of(cell).seen == CertificateSeen::no) world->erase("certificates");
  return world->dump();
}

Json document_of(const Cell& cell, const std::string& parent) {
  const std::string id = id_of(cell);
  const auto value = [&](Dimension dimension) -> const Value& {
    return value_of(dimension, cell[dimension]);
  };
  Json rules = Json::array(), refs = Json::array();
  // What is decided first stands first: no TLS, no name is looked at; a bad chain, and the name does not
  // matter.
  for (const Dimension d :
       {Dimension::server, Dimension::chain, Dimension::slot, Dimension::shape, Dimension::reference}) {
    for (const auto& rule : value(d).rules) {
      add_once(rules, rule);
      if (const RuleInfo* info = find_rule(rule)) add_once(refs, std::string(info->source));
    }
  }
  Json out;
  out["id"] = id;
  out["title"] = fmt::format("Presented: {}, {}; {}; {}; {}", value(Dimension::shape).title,
                             value(Dimension::slot).title, value(Dimension::reference).title,
                             value(Dimension::server).title, value(Dimension::chain).title);
  out["sources"] = Json::array();
  for (const auto& ref : refs) out["sources"].push_back({{"ref", ref}});
  out["rules"] = std::move(rules);
  out["tags"] = Json::array({"matrix", shape_of(cell).family});
  auto world = world_of(cell, token_of(id), parent);
  if (!world) throw std::logic_error(id + ": the values do not go together");
  out.update(*world);
  return out;
}

Scenario scenario_of(const Cell& cell, const std::string& parent) {
  LoadResult loaded = parse_scenario(document_of(cell, parent).dump(), "(matrix)");
  if (!loaded.scenario) throw std::logic_error(id_of(cell) + ": " + loaded.errors.front().text());
  return std::move(*loaded.scenario);
}

}  // namespace mxident::harness::matrix
