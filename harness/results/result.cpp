#include "harness/results/result.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/input/json_input.hpp"

namespace mxident::harness {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

template <typename Enum, typename FromString>
Enum word(const JsonNode& node, FromString&& from_string) {
  const auto value = from_string(node.string());
  if (!value) node.fail(fmt::format("\"{}\" is no known word", node.string()));
  return *value;
}

std::optional<BaselineState> baseline_from_string(std::string_view text) {
  for (const auto state :
       {BaselineState::none, BaselineState::as_known, BaselineState::news, BaselineState::fixed}) {
    if (text == to_string(state)) return state;
  }
  return std::nullopt;
}

std::string optional_string(const JsonNode& node, const char* key) {
  const auto found = node.find(key);
  return found && found->is_string() ? found->string() : std::string();
}

double optional_number(const JsonNode& node, const char* key) {
  const auto found = node.find(key);
  return found && found->value().is_number() ? found->value().get<double>() : 0;
}

CellResult read_cell(const JsonNode& node) {
  CellResult out;
  out.scenario = node.at("scenario").string();
  out.client = node.at("client").string();
  out.client_version = optional_string(node, "client_version");
  out.mode = node.at("mode").string();
  out.policy = optional_string(node, "policy");
  out.expected = word<Expected>(node.at("expected"), expected_from_string);
  if (const auto decision = node.at("decision"); decision.is_string()) {
    out.decision = word<Decision>(decision, decision_from_string);
  }
  out.outcome = word<Outcome>(node.at("outcome"), outcome_from_string);
  if (const auto layers = node.find("layers")) {
    for (const auto& [name, member] : kLayers) {
      if (const auto state = layers->find(std::string(name)))
        out.layers.*member = word<LayerState>(*state, layer_state_from_string);
    }
  }
  out.reason = optional_string(node, "reason");
  out.note = optional_string(node, "note");
  if (const auto sni = node.find("sni"); sni && sni->is_string()) out.sni = sni->string();
  out.alert = optional_string(node, "alert");
  out.said = optional_string(node, "said");
  out.contradiction = optional_string(node, "contradiction");
  out.words = optional_string(node, "words");
  if (const auto state = node.find("baseline"))
    out.baseline = word<BaselineState>(*state, baseline_from_string);
  out.compared_with = optional_string(node, "compared_with");
  out.duration_ms = optional_number(node, "duration_ms");
  out.cpu_ms = optional_number(node, "cpu_ms");
  if (const auto flag = node.find("in_worker")) out.in_worker = flag->boolean();
  out.reproduce = optional_string(node, "reproduce");
  if (const auto lines = node.find("transcript")) out.transcript = lines->strings();
  return out;
}

RunHeader read_header(const JsonNode& node) {
  RunHeader out;
  const auto schema = node.at("schema");
  if (schema.string() != kResultsSchema)
    schema.fail(fmt::format("found \"{}\", wanted \"{}\"", schema.string(), kResultsSchema));
  out.mxident_version = optional_string(node, "mxident");
  out.sandbox = optional_string(node, "sandbox");
  out.suite_digest = optional_string(node, "suite");
  out.scenarios = static_cast<std::size_t>(optional_number(node, "scenarios"));
  if (const auto clients = node.find("clients")) {
    for (const auto& [id, version] : clients->members()) out.clients[id] = version.string();
  }
  if (const auto shard = node.find("shard")) {
    out.shard = static_cast<unsigned>(shard->at("index").integer(1, 1000000));
    out.shards = static_cast<unsigned>(shard->at("of").integer(1, 1000000));
  }
  out.seed = static_cast<std::uint64_t>(optional_number(node, "seed"));
  return out;
}

RunFooter read_footer(const JsonNode& node) {
  RunFooter out;
  for (const auto& [name, count] : node.at("counts").members()) {
    if (const auto outcome = outcome_from_string(name))
      out.counts[*outcome] = static_cast<std::size_t>(count.integer(0, INT64_MAX));
  }
  out.no_expectation = static_cast<std::size_t>(optional_number(node, "no_expectation"));
  out.news = static_cast<std::size_t>(optional_number(node, "news"));
  out.fixed = static_cast<std::size_t>(optional_number(node, "fixed"));
  out.complete = node.at("complete").boolean();
  out.wall_s = optional_number(node, "wall_s");
  out.client_cpu_s = optional_number(node, "client_cpu_s");
  out.harness_cpu_s = optional_number(node, "harness_cpu_s");
  out.repetitions = static_cast<std::size_t>(optional_number(node, "repetitions"));
  out.differing = static_cast<std::size_t>(optional_number(node, "differing"));
  out.cores = static_cast<unsigned>(optional_number(node, "cores"));
  return out;
}

}  // namespace

std::string to_line(const RunHeader& header) {
  Json json{{"schema", kResultsSchema},
            {"mxident", header.mxident_version},
            {"sandbox", header.sandbox},
            {"suite", header.suite_digest},
            {"scenarios", header.scenarios},
            {"clients", header.clients},
            {"shard", {{"index", header.shard}, {"of", header.shards}}},
            {"seed", header.seed}};
  return dump(json);
}

std::string to_line(const CellResult& r) {
  Json layers = Json::object();
  for (const auto& [name, member] : kLayers) layers[std::string(name)] = to_string(r.layers.*member);
  Json json{{"scenario", r.scenario},
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
  json["duration_ms"] = r.duration_ms;
  if (r.cpu_ms > 0) json["cpu_ms"] = r.cpu_ms;
  if (r.in_worker) json["in_worker"] = true;
  json["reproduce"] = r.reproduce;
  json["transcript"] = r.transcript;
  return dump(json);
}

std::string to_line(const RunFooter& footer) {
  Json counts = Json::object();
  for (const auto& [outcome, count] : footer.counts) counts[std::string(to_string(outcome))] = count;
  Json json{{"footer", true},
            {"counts", counts},
            {"no_expectation", footer.no_expectation},
            {"news", footer.news},
            {"fixed", footer.fixed},
            {"complete", footer.complete},
            {"repetitions", footer.repetitions},
            {"differing", footer.differing},
            {"wall_s", footer.wall_s},
            {"client_cpu_s", footer.client_cpu_s},
            {"harness_cpu_s", footer.harness_cpu_s},
            {"cores", footer.cores}};
  return dump(json);
}

ResultsFile read_results(const std::string& file) {
  const std::string text = read_text_file(file, std::size_t{4} << 30);
  ResultsFile out;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string::npos) break;
    ++number;
    const std::string_view line(text.data() + at, end - at);
    at = end + 1;
    const std::string place = fmt::format("{}:{}", file, number);
    const auto json = parse_json(line, place);
    const JsonNode node(json, place);
    if (number == 1) {
      out.header = read_header(node);
    } else if (node.find("footer")) {
      out.footer = read_footer(node);
    } else {
      out.cells.push_back(read_cell(node));
    }
  }
  if (number == 0) throw InputError(file, "", "holds no complete line, wanted a results header");
  return out;
}

bool is_fault(Outcome outcome) {
  return outcome != Outcome::pass && outcome != Outcome::either && outcome != Outcome::unsupported;
}

}  // namespace mxident::harness
