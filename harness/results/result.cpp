#include "harness/results/result.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/results/json_line.hpp"

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

void write(JsonLine& line, const WireEvent& event) {
  line.open('{');
  line.member("t", event.at_us);
  line.member("kind", to_string(event.kind));
  if (event.connection) line.member("connection", event.connection);
  if (!event.host.empty()) line.member("host", event.host);
  // Who speaks to whom is where an event of a connection lies; its address is said once.
  if (event.kind == WireKind::connected) line.member("address", event.address);
  if (event.encrypted) line.member("tls", true);
  // Octets of a client need not be text, and not one of them may be lost.
  if (is_plain(event.text)) {
    if (!event.text.empty()) line.member("text", event.text);
  } else {
    line.member("hex", hex(event.text));
  }
  line.close('}');
}

/// "" is null.
std::optional<std::string_view> some(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
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
  JsonLine line(1024 + s.certificate.size());
  line.open('{');
  line.member("type", "scenario");
  line.member("id", s.id);
  line.member("title", s.title);
  line.member("sources", s.sources);
  line.member("rules", s.rules);
  line.member("tags", s.tags);
  line.member("domain", s.domain);
  line.member("host", s.host);
  line.member("hosts", s.hosts);
  line.member("presented", s.presented);
  if (!s.presented_by_sni.empty()) line.member("presented_by_sni", Json(s.presented_by_sni));
  if (!s.certificate.empty()) line.member("certificate", s.certificate);
  if (!s.attempts.empty()) {
    line.name("attempts");
    line.open('[');
    for (const auto& a : s.attempts) {
      line.open('{');
      line.member("reference", a.reference);
      line.member("presented", a.presented);
      line.member("reason", a.reason);
      line.close('}');
    }
    line.close(']');
  }
  if (!s.twin.empty()) line.member("twin", s.twin);
  if (!s.reason.empty()) line.member("reason", s.reason);
  line.member("digest", s.digest);
  line.member("cells", s.cells);
  line.close('}');
  return line.take();
}

std::string to_line(const CellResult& r) {
  JsonLine line(4096);
  line.open('{');
  line.member("type", "cell");
  line.member("scenario", r.scenario);
  line.member("client", r.client);
  line.member("client_version", r.client_version);
  line.member("mode", r.mode);
  line.member("policy", r.policy);
  line.member("expected", to_string(r.expected));
  line.member("decision", r.decision ? std::optional(to_string(*r.decision)) : std::nullopt);
  line.member("outcome", to_string(r.outcome));
  line.name("layers");
  line.open('{');
  for (const auto& [name, member] : kLayers) line.member(name, to_string(r.layers.*member));
  line.close('}');
  line.member("reason", r.reason);
  if (!r.note.empty()) line.member("note", r.note);
  line.member("sni", r.sni);
  line.member("alert", some(r.alert));
  line.member("said", some(r.said));
  if (!r.contradiction.empty()) line.member("contradiction", r.contradiction);
  if (!r.words.empty()) line.member("words", r.words);
  line.member("baseline", to_string(r.baseline));
  if (!r.compared_with.empty()) line.member("compared_with", r.compared_with);
  if (r.known != KnownDeviation{}) {
    line.name("known");
    line.open('{');
    line.member("behaviour", r.known.behaviour);
    line.member("cause", r.known.cause);
    if (!r.known.upstream.empty()) line.member("upstream", r.known.upstream);
    line.close('}');
  }
  line.member("duration_ms", r.duration_ms);
  if (r.cpu_ms > 0) line.member("cpu_ms", r.cpu_ms);
  if (r.in_worker) line.member("in_worker", true);
  line.member("reproduce", r.reproduce);
  line.name("events");
  line.open('[');
  for (const auto& event : r.events) write(line, event);
  line.close(']');
  line.close('}');
  return line.take();
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
