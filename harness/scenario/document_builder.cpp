#include "harness/scenario/document_builder.hpp"

#include <utility>

namespace mxident::harness {

using Json = DocumentBuilder::Json;

DocumentBuilder::DocumentBuilder(std::string id, std::string title, std::string domain) {
  json_["id"] = std::move(id);
  json_["title"] = std::move(title);
  json_["sources"] = Json::array({Json{{"ref", "mxident"}}});
  json_["domain"] = std::move(domain);
}

DocumentBuilder& DocumentBuilder::certificate(const std::string& id, Json members) {
  json_["certificates"][id] = std::move(members);
  return *this;
}

DocumentBuilder& DocumentBuilder::server(const std::string& host, Json members) {
  json_["servers"][host] = std::move(members);
  return *this;
}

DocumentBuilder& DocumentBuilder::dns(std::string line) {
  json_["dns"].push_back(std::move(line));
  return *this;
}

DocumentBuilder& DocumentBuilder::with(const std::string& member, Json value) {
  json_[member] = std::move(value);
  return *this;
}

Json dns_names(std::initializer_list<std::string> names) {
  Json out = Json::array();
  for (const auto& name : names) out.push_back(Json{{"dns", name}});
  return out;
}

}  // namespace mxident::harness
