#include "harness/results/reader.hpp"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/input/json_input.hpp"

namespace mxident::harness {
namespace {

template <typename Enum, typename FromString>
Enum word(const JsonNode& node, FromString&& from_string) {
  const auto value = from_string(node.string());
  if (!value) node.fail(fmt::format("\"{}\" is no known word", node.string()));
  return *value;
}

/// Empty where the key is missing or null.
std::string optional_string(const JsonNode& node, const char* key) {
  const auto found = node.find(key);
  return found && !found->value().is_null() ? found->string() : std::string();
}

std::vector<std::string> optional_strings(const JsonNode& node, const char* key) {
  const auto found = node.find(key);
  return found && !found->value().is_null() ? found->strings() : std::vector<std::string>();
}

/// In milliseconds or seconds: never below zero.
double optional_time(const JsonNode& node, const char* key) {
  const auto found = node.find(key);
  if (!found) return 0;
  const auto& value = found->value();
  if (!value.is_number() || value.get<double>() < 0)
    found->fail(fmt::format("found {}, wanted a number from 0 on",
                            value.is_number() ? value.dump() : value.type_name()));
  return value.get<double>();
}

std::size_t count(const JsonNode& node, const char* key) {
  const auto found = node.find(key);
  return found ? static_cast<std::size_t>(found->integer(0, INT64_MAX)) : 0;
}

std::string octets_of(const JsonNode& node) {
  if (const auto text = node.find("text")) return text->string();
  const auto hex = node.find("hex");
  if (!hex) return "";
  const std::string digits = hex->string();
  const bool even = digits.size() % 2 == 0;
  if (!even || digits.find_first_not_of("0123456789abcdef") != std::string::npos)
    hex->fail("wanted pairs of lower-case hexadecimal digits");
  std::string out;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    out += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return out;
}

std::string base64_text(const JsonNode& node) {
  std::string out = node.non_empty_string();
  const std::size_t digits = out.find_last_not_of('=') + 1;
  const bool plain =
      out.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") >= digits;
  if (out.size() % 4 != 0 || out.size() - digits > 2 || !plain) node.fail("wanted base64 in one line");
  return out;
}

std::vector<WireEvent> read_events(const JsonNode& node) {
  std::vector<WireEvent> out;
  std::map<std::uint32_t, std::string> addresses;  // by connection
  for (const auto& item : node.array()) {
    WireEvent event;
    event.at_us = item.at("t").integer(INT64_MIN, INT64_MAX);
    event.kind = word<WireKind>(item.at("kind"), wire_kind_from_string);
    event.connection = static_cast<std::uint32_t>(count(item, "connection"));
    event.host = optional_string(item, "host");
    if (item.find("address")) addresses[event.connection] = item.at("address").string();
    event.address = event.connection ? addresses[event.connection] : "";
    if (const auto tls = item.find("tls")) event.encrypted = tls->boolean();
    event.text = octets_of(item);
    out.push_back(std::move(event));
  }
  return out;
}

CellResult read_cell(const JsonNode& node) {
  CellResult out;
  out.scenario = node.at("scenario").non_empty_string();
  out.client = node.at("client").non_empty_string();
  out.client_version = optional_string(node, "client_version");
  out.mode = node.at("mode").non_empty_string();
  out.policy = optional_string(node, "policy");
  out.expected = word<Expected>(node.at("expected"), expected_from_string);
  if (const auto decision = node.at("decision"); !decision.value().is_null())
    out.decision = word<Decision>(decision, decision_from_string);
  out.outcome = word<Outcome>(node.at("outcome"), outcome_from_string);
  if (const auto layers = node.find("layers")) {
    for (const auto& [name, member] : kLayers) {
      if (const auto state = layers->find(std::string(name)))
        out.layers.*member = word<LayerState>(*state, layer_state_from_string);
    }
  }
  out.reason = optional_string(node, "reason");
  out.note = optional_string(node, "note");
  if (const auto sni = node.find("sni"); sni && !sni->value().is_null()) out.sni = sni->string();
  out.alert = optional_string(node, "alert");
  out.said = optional_string(node, "said");
  out.contradiction = optional_string(node, "contradiction");
  out.words = optional_string(node, "words");
  if (const auto state = node.find("baseline"))
    out.baseline = word<BaselineState>(*state, baseline_state_from_string);
  out.compared_with = optional_string(node, "compared_with");
  if (const auto known = node.find("known")) {
    out.known = {optional_string(*known, "behaviour"), optional_string(*known, "cause"),
                 optional_string(*known, "upstream")};
  }
  out.duration_ms = optional_time(node, "duration_ms");
  out.cpu_ms = optional_time(node, "cpu_ms");
  if (const auto flag = node.find("in_worker")) out.in_worker = flag->boolean();
  out.reproduce = optional_string(node, "reproduce");
  if (const auto events = node.find("events")) out.events = read_events(*events);
  return out;
}

Column read_column(const JsonNode& node) {
  Column out;
  out.client = node.at("client").non_empty_string();
  out.client_title = optional_string(node, "client_title");
  out.engine = optional_string(node, "engine");
  out.version = optional_string(node, "version");
  out.mode = node.at("mode").non_empty_string();
  out.title = optional_string(node, "title");
  out.policy = optional_string(node, "policy");
  if (const auto packages = node.find("packages")) {
    for (const auto& [name, revision] : packages->members()) out.packages[name] = revision.string();
  }
  out.manifest = optional_string(node, "manifest");
  out.manifest_file = optional_string(node, "manifest_file");
  out.unsupported = optional_string(node, "unsupported");
  return out;
}

RunHeader read_header(const JsonNode& node) {
  RunHeader out;
  const auto schema = node.at("schema");
  if (schema.string() != kResultsSchema) {
    schema.fail(fmt::format("found \"{}\", wanted \"{}\": results of another version of mxident, run again",
                            schema.string(), kResultsSchema));
  }
  out.mxident_version = optional_string(node, "mxident");
  out.sandbox = optional_string(node, "sandbox");
  out.kernel = optional_string(node, "kernel");
  out.suite_digest = optional_string(node, "suite");
  if (const auto matrix = node.find("matrix")) {
    out.matrix = matrix->at("spec").non_empty_string();
    out.matrix_values = optional_string(*matrix, "values");
  }
  out.scenarios = count(node, "scenarios");
  const auto shard = node.at("shard");
  out.shards = static_cast<unsigned>(shard.at("of").integer(1, 1000000));
  out.shard = static_cast<unsigned>(shard.at("index").integer(1, out.shards));
  if (const auto seed = node.find("seed")) {
    if (!seed->value().is_number_unsigned()) seed->fail("wanted a whole number from 0");
    out.seed = seed->value().get<std::uint64_t>();
  }
  for (const auto& column : node.at("columns").array()) out.columns.push_back(read_column(column));
  return out;
}

ScenarioRecord read_scenario(const JsonNode& node) {
  ScenarioRecord out;
  out.id = node.at("id").non_empty_string();
  out.title = optional_string(node, "title");
  out.sources = optional_strings(node, "sources");
  out.rules = optional_strings(node, "rules");
  out.tags = optional_strings(node, "tags");
  out.domain = optional_string(node, "domain");
  out.host = optional_string(node, "host");
  out.hosts = optional_strings(node, "hosts");
  if (const auto names = node.find("presented"); names && !names->value().is_null())
    out.presented = names->strings();
  if (const auto by_sni = node.find("presented_by_sni")) {
    for (const auto& [sni, names] : by_sni->members()) out.presented_by_sni[sni] = names.strings();
  }
  if (const auto certificate = node.find("certificate")) out.certificate = base64_text(*certificate);
  if (const auto attempts = node.find("attempts")) {
    for (const auto& a : attempts->array())
      out.attempts.push_back(
          {optional_string(a, "reference"), optional_string(a, "presented"), optional_string(a, "reason")});
  }
  out.twin = optional_string(node, "twin");
  out.reason = optional_string(node, "reason");
  out.digest = optional_string(node, "digest");
  out.cells = count(node, "cells");
  return out;
}

RunFooter read_footer(const JsonNode& node) {
  RunFooter out;
  for (const auto& [name, number] : node.at("counts").members()) {
    const auto outcome = outcome_from_string(name);
    if (!outcome) number.fail(fmt::format("\"{}\" is no outcome", name));
    out.counts[*outcome] = static_cast<std::size_t>(number.integer(0, INT64_MAX));
  }
  out.no_expectation = count(node, "no_expectation");
  out.news = count(node, "news");
  out.fixed = count(node, "fixed");
  out.complete = node.at("complete").boolean();
  out.wall_s = optional_time(node, "wall_s");
  out.client_cpu_s = optional_time(node, "client_cpu_s");
  out.harness_cpu_s = optional_time(node, "harness_cpu_s");
  out.repetitions = count(node, "repetitions");
  out.differing = optional_strings(node, "differing");
  out.absent = optional_strings(node, "absent");
  out.cores = static_cast<unsigned>(node.find("cores") ? node.at("cores").integer(1, 1000000) : 1);
  return out;
}

/// One line after another, in bounded memory.
class Lines {
 public:
  explicit Lines(const std::filesystem::path& file) : name_(file.string()), in_(file, std::ios::binary) {
    std::error_code error;
    if (!in_ || std::filesystem::is_directory(file, error))
      throw InputError(name_, "", "cannot be read as a file");
  }
  /// False at the end; `torn` is then whether a line was begun.
  bool next(std::string& line) {
    line.clear();
    while (true) {
      const std::size_t end = buffer_.find('\n', at_);
      const std::size_t stop = end == std::string::npos ? buffer_.size() : end;
      line.append(buffer_, at_, stop - at_);
      if (line.size() > kMaxResultsLine)
        throw InputError(name_, fmt::format("line {}", number_ + 1),
                         fmt::format("longer than {} octets", kMaxResultsLine));
      if (end != std::string::npos) {
        at_ = end + 1;
        ++number_;
        return true;
      }
      buffer_.resize(1 << 16);
      in_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
      buffer_.resize(static_cast<std::size_t>(in_.gcount()));
      at_ = 0;
      if (buffer_.empty()) {
        torn = !line.empty();
        return false;
      }
    }
  }
  std::size_t number() const { return number_; }
  bool torn = false;

 private:
  std::string name_;
  std::ifstream in_;
  std::string buffer_;
  std::size_t at_ = 0, number_ = 0;
};

/// Syntax errors name the line of the file, not the first of its one line.
nlohmann::json parse_line(const std::string& line, const std::string& file, std::size_t number) {
  const JsonLimits limits{.octets = kMaxResultsLine, .depth = 16};
  try {
    return parse_json(line, file, limits);
  } catch (const InputError& error) {
    const std::string what = error.what(), place = error.place();
    const std::size_t head = file.size() + 2 + (place.empty() ? 0 : place.size() + 2);
    const std::size_t comma = place.find(", ");
    throw InputError(file,
                     fmt::format("line {}{}", number, comma == std::string::npos ? "" : place.substr(comma)),
                     what.substr(head));
  }
}

/// Sees to the order of lines while it tells the sink.
class Teller {
 public:
  explicit Teller(Sink& sink) : sink_(sink) {}

  void tell(const JsonNode& node) {
    const std::string type = type_of(node);
    if (ended_) node.fail("stands behind the footer, wanted the footer to be last");
    if (begun_ == (type == "header"))
      node.fail(begun_ ? "is a second header, wanted one" : "is no header, wanted one first");
    begun_ = true;
    if (type == "header") {
      sink_.begin(read_header(node));
    } else if (type == "scenario") {
      sink_.scenario(read_scenario(node));
    } else if (type == "cell") {
      sink_.cell(read_cell(node));
    } else if (type == "footer") {
      ended_ = true;
      sink_.end(read_footer(node));
    } else {
      node.at("type").fail(
          fmt::format("found \"{}\", wanted \"header\", \"scenario\", \"cell\" or \"footer\"", type));
    }
  }
  bool ended() const { return ended_; }

 private:
  std::string type_of(const JsonNode& node) const {
    // Of version 1, in which lines have no type, the schema is what is to be named.
    if (!begun_ && node.find("schema") && !node.find("type")) return "header";
    return node.at("type").string();
  }
  Sink& sink_;
  bool begun_ = false, ended_ = false;
};

class Keeper : public Sink {
 public:
  void begin(const RunHeader& header) override { file.header = header; }
  void scenario(const ScenarioRecord& scenario) override { file.scenarios.push_back(scenario); }
  void cell(const CellResult& result) override { file.cells.push_back(result); }
  void end(const RunFooter& footer) override { file.footer = footer; }
  ResultsFile file;
};

}  // namespace

Ending read_results(const std::filesystem::path& file, Sink& sink, LinePosition& position) {
  Lines lines(file);
  Teller teller(sink);
  std::string line;
  while (lines.next(line)) {
    position = {lines.number(), position.line ? position.offset + position.length + 1 : 0, line.size()};
    const auto json = parse_line(line, file.string(), lines.number());
    teller.tell(JsonNode(json, fmt::format("{}:{}", file.string(), lines.number())));
  }
  if (lines.number() == 0)
    throw InputError(file.string(), "", "holds no complete line, wanted a results header");
  return teller.ended() ? Ending::whole : lines.torn ? Ending::torn : Ending::cut_off;
}

Ending read_results(const std::filesystem::path& file, Sink& sink) {
  LinePosition position;
  return read_results(file, sink, position);
}

ResultsFile read_results(const std::filesystem::path& file) {
  Keeper keeper;
  read_results(file, keeper);
  return std::move(keeper.file);
}

}  // namespace mxident::harness
