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

Contents::Contents(std::string parent)
    : parent_(std::move(parent)), by_reference_(reference_forms().size()) {}

Contents::~Contents() = default;

/// What is the same for all cells with one reference.
struct Contents::Reference {
  Setting setting;
  std::string text;
};

const Contents::Reference& Contents::reference(std::size_t index) {
  auto& known = by_reference_[index];
  if (!known) {
    Setting setting = reference_forms()[index].make(std::string(kTokenOctets, '0'), parent_);
    Json world;
    world["domain"] = setting.domain;
    world["server"] = setting.server;
    if (setting.address) world["address"] = *setting.address;
    if (!setting.literal()) world["dns"] = setting.dns;
    known.reset(new Reference{std::move(setting), world.dump()});
  }
  return *known;
}

/// Of the cells that have shape, slot and reference of `cell`: what has been asked for so far.
struct Contents::Presented {
  Cell cell;
  std::optional<std::string> octets;
  Json certificate;  ///< null: they do not go together
  std::vector<std::optional<std::string>> by_chain;
  /// What a server changes; an empty text: nothing, it makes no difference.
  std::vector<std::optional<std::string>> by_server;
};

Contents::Presented& Contents::presented(const Cell& cell) {
  const auto has_same = [&](Dimension dimension) { return presented_->cell[dimension] == cell[dimension]; };
  if (presented_ && has_same(Dimension::shape) && has_same(Dimension::slot) && has_same(Dimension::reference))
    return *presented_;
  presented_.reset(new Presented{cell, {}, {}, {}, {}});
  const Setting& setting = reference(cell[Dimension::reference]).setting;
  presented_->octets = shape_of(cell).present(setting, shape_of(cell));
  if (presented_->octets) {
    Json certificate;
    if (slots()[cell[Dimension::slot]].fill(certificate, *presented_->octets, setting))
      presented_->certificate = std::move(certificate);
  }
  presented_->by_chain.resize(chain_forms().size());
  presented_->by_server.resize(server_forms().size());
  return *presented_;
}

const std::string* Contents::of(const Cell& cell) {
  Presented& presented = this->presented(cell);
  if (presented.certificate.is_null()) return nullptr;
  const Reference& reference = this->reference(cell[Dimension::reference]);
  auto& server = presented.by_server[cell[Dimension::server]];
  if (!server) {
    Json certificates, changed;
    changed["certificate"] = "mx";
    const bool differs =
        server_form_of(cell).change(certificates, changed, *presented.octets, reference.setting);
    server = differs ? changed.dump() + certificates.dump() : "";
  }
  if (server->empty()) return nullptr;
  content_ = reference.text;
  content_ += *server;
  if (server_form_of(cell).seen == CertificateSeen::no) return &content_;
  auto& certificate = presented.by_chain[cell[Dimension::chain]];
  if (!certificate) {
    Json changed = presented.certificate;
    chain_forms()[cell[Dimension::chain]].change(changed);
    certificate = changed.dump();
  }
  content_ += *certificate;
  return &content_;
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
  LoadResult loaded = read_scenario(document_of(cell, parent), "(matrix)");
  if (!loaded.scenario) throw std::logic_error(id_of(cell) + ": " + loaded.errors.front().text());
  return std::move(*loaded.scenario);
}

}  // namespace mxident::harness::matrix
