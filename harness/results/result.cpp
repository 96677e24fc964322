#include "harness/results/result.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace mxident::harness {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_plain(const std::string& text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  }
  return true;
}

std::string hex(const std::string& octets) {
  std::string out;
  for (const char c : octets) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

Json to_json(const WireEvent& event) {
  Json json{{"t", event.at_us}, {"kind", to_string(event.kind)}};
  if (event.connection) json["connection"] = event.connection;
  if (!event.host.empty()) json["host"] = event.host;
  // Who speaks to whom is where an event of a connection lies; its address is said once.
  if (event.kind == WireKind::connected) json["address"] = event.address;
  if (event.encrypted) json["tls"] = true;
  // Octets of a client need not be text, and not one of them may be lost.
  if (!event.text.empty())
    json[is_plain(event.text) ? "text" : "hex"] = is_plain(event.text) ? event.text : hex(event.text);
  return json;
}

Json to_json(const Column& column) {
  Json json{{"client", column.client}, {"client_title", column.client_title}};
  if (!column.engine.empty()) json["engine"] = column.engine;
  json["version"] = column.version;
  json["mode"] = column.mode;
  json["title"] = column.title;
  json["policy"] = column.policy;
  json["packages"] = column.packages;
  json["manifest"] = column.manifest;
  if (!column.manifest_file.empty()) json["manifest_file"] = column.manifest_file;
  if (!column.unsupported.empty()) json["unsupported"] = column.unsupported;
  return json;
}

}  // namespace

std::string to_line(const RunHeader& header) {
  Json columns = Json::array();
  for (const auto& column : header.columns) columns.push_back(to_json(column));
  Json json{{"type", "header"},          {"schema", kResultsSchema}, {"mxident", header.mxident_version},
            {"sandbox", header.sandbox}, {"kernel", header.kernel},  {"suite", header.suite_digest}};
  if (!header.matrix.empty()) json["matrix"] = {{"spec", header.matrix}, {"values", header.matrix_values}};
  json["scenarios"] = header.scenarios;
  json["shard"] = {{"index", header.shard}, {"of", header.shards}};
  json["seed"] = header.seed;
  json["columns"] = std::move(columns);
  return dump(json);
}

std::string to_line(const ScenarioRecord& s) {
  Json json{{"type", "scenario"}, {"id", s.id},
            {"title", s.title},   {"sources", s.sources},
            {"rules", s.rules},   {"tags", s.tags},
            {"domain", s.domain}, {"host", s.host},
            {"hosts", s.hosts},   {"presented", s.presented ? Json(*s.presented) : Json(nullptr)}};
  if (!s.presented_by_sni.empty()) json["presented_by_sni"] = s.presented_by_sni;
  if (!s.certificate.empty()) json["certificate"] = s.certificate;
  if (!s.attempts.empty()) {
    Json attempts = Json::array();
    for (const auto& a : s.attempts)
      attempts.push_back({{"reference", a.reference}, {"presented", a.presented}, {"reason", a.reason}});
    json["attempts"] = std::move(attempts);
  }
  if (!s.twin.empty()) json["twin"] = s.twin;
  if (!s.reason.empty()) json["reason"] = s.reason;
  json["digest"] = s.digest;
  json["cells"] = s.cells;
  return dump(json);
}

std::string to_line(const CellResult& r) {
  Json layers = Json::object();
  for (const auto& [name, member] : kLayers) layers[std::string(name)] = to_string(r.layers.*member);
  Json events = Json::array();
  for (const auto& event : r.events) events.push_back(to_json(event));
  Json json{{"type", "cell"},
            {"scenario", r.scenario},
            {"client", r.client},
            {"client_version", r.client_version},
            {"mode", r.mode},
            {"policy", r.policy},
            {"expected", to_string(r.expected)},
            {"decision", r.decision ? Json(to_string(*r.decision)) : Json(nullptr)},
            {"outcome", to_string(r.outcome)},
            {"layers", layers},
            {"reason", r.reason}};
  if (!r.note.empty()) json["note"] = r.note;
  json["sni"] = r.sni ? Json(*r.sni) : Json(nullptr);
  json["alert"] = r.alert.empty() ? Json(nullptr) : Json(r.alert);
  json["said"] = r.said.empty() ? Json(nullptr) : Json(r.said);
  if (!r.contradiction.empty()) json["contradiction"] = r.contradiction;
  if (!r.words.empty()) json["words"] = r.words;
  json["baseline"] = to_string(r.baseline);
  if (!r.compared_with.empty()) json["compared_with"] = r.compared_with;
  if (r.known != KnownDeviation{}) {
    json["known"] = {{"behaviour", r.known.behaviour}, {"cause", r.known.cause}};
    if (!r.known.upstream.empty()) json["known"]["upstream"] = r.known.upstream;
  }
  json["duration_ms"] = r.duration_ms;
  if (r.cpu_ms > 0) json["cpu_ms"] = r.cpu_ms;
  if (r.in_worker) json["in_worker"] = true;
  json["reproduce"] = r.reproduce;
  json["events"] = std::move(events);
  return dump(json);
}

std::string to_line(const RunFooter& footer) {
  Json counts = Json::object();
  for (const auto& [outcome, count] : footer.counts) counts[std::string(to_string(outcome))] = count;
  Json json{{"type", "footer"},
            {"counts", counts},
            {"no_expectation", footer.no_expectation},
            {"news", footer.news},
            {"fixed", footer.fixed},
            {"complete", footer.complete},
            {"repetitions", footer.repetitions},
            {"differing", footer.differing},
            {"absent", footer.absent},
            {"wall_s", footer.wall_s},
            {"client_cpu_s", footer.client_cpu_s},
            {"harness_cpu_s", footer.harness_cpu_s},
            {"cores", footer.cores}};
  return dump(json);
}

bool is_fault(Outcome outcome) {
  return outcome != Outcome::pass && outcome != Outcome::either && outcome != Outcome::unsupported;
}

bool was_tried(const CellResult& result) {
  return result.duration_ms > 0;
}

bool is_news(const CellResult& result) {
  return result.baseline == BaselineState::news ||
         (result.baseline == BaselineState::none && is_fault(result.outcome));
}

bool is_unexpected(const CellResult& result) {
  return is_news(result) || result.baseline == BaselineState::fixed;
}

}  // namespace mxident::harness
