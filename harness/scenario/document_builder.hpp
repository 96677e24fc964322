// A scenario that the program itself writes: the form that people write in files, without braces in strings.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mxident::harness {

class DocumentBuilder {
 public:
  using Json = nlohmann::ordered_json;

  DocumentBuilder(std::string id, std::string title, std::string domain);
  /// Members as in scenarios/schema/scenario.schema.json: {{"san", ...}, {"issuer", "self"}}.
  DocumentBuilder& certificate(const std::string& id, Json members);
  DocumentBuilder& server(const std::string& host, Json members);
  DocumentBuilder& dns(std::string line);
  DocumentBuilder& with(const std::string& member, Json value);

  const Json& json() const { return json_; }

 private:
  Json json_;
};

/// [{"dns": NAME}, ...], a SAN of dNSNames.
DocumentBuilder::Json dns_names(std::initializer_list<std::string> names);

}  // namespace mxident::harness
