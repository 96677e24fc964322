#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/catalogue/check_scenario.hpp"
#include "harness/catalogue/load.hpp"
#include "harness/catalogue/read_certificate.hpp"
#include "harness/catalogue/read_server.hpp"
#include "harness/input/values.hpp"
#include "harness/text/digest.hpp"

namespace mxident::harness {
namespace {

constexpr std::pair<std::string_view, Level> kLevels[] = {
    {"must", Level::must}, {"should", Level::should}, {"may", Level::may}};

constexpr std::pair<std::string_view, mocks::ZoneState> kZoneStates[] = {
    {"insecure", mocks::ZoneState::insecure},
    {"secure", mocks::ZoneState::secure},
    {"bogus", mocks::ZoneState::bogus},
    {"expired", mocks::ZoneState::expired}};

constexpr std::pair<std::string_view, Expected> kExpected[] = {{"accept", Expected::accept},
                                                               {"reject", Expected::reject},
                                                               {"plaintext", Expected::plaintext},
                                                               {"none", Expected::none},
                                                               {"either", Expected::either}};

Source read_source(const JsonNode& node) {
  node.object({"ref", "level"});
  Source out{node.at("ref").non_empty_string(), Level::unstated};
  if (const auto level = node.find("level")) out.level = read_word<Level>(*level, kLevels);
  return out;
}

Expectations read_expectations(const JsonNode& node) {
  std::vector<std::string> known;
  for (const auto& policy : all_policies()) known.emplace_back(to_string(policy.id));
  node.object(known);
  Expectations out;
  for (const auto& [word, value] : node.members()) {
    if (const auto policy = policy_from_string(word)) out.set(*policy, read_word<Expected>(value, kExpected));
  }
  return out;
}

std::string read_kebab(const JsonNode& node) {
  const std::string text = node.string();
  if (!is_kebab(text)) {
    node.fail(fmt::format("found \"{}\", wanted lower-case words of letters and digits joined by '-'", text));
  }
  return text;
}

std::string read_tag(const JsonNode& node) {
  const std::string text = node.string();
  if (text.empty() || text.find_first_of(" \t,\"") != std::string::npos) {
    node.fail(fmt::format("found \"{}\", wanted one word", text));
  }
  return text;
}

std::string read_id(const JsonNode& node, std::string_view wanted) {
  const std::string id = node.string();
  if (!is_scenario_id(id)) {
    node.fail(fmt::format("found \"{}\", wanted folder/name in lower-case words joined by '-'", id));
  }
  if (!wanted.empty() && id != wanted)
    node.fail(fmt::format("found \"{}\", wanted \"{}\", the path of the file", id, wanted));
  return id;
}

/// Reads the members of a scenario; an error in one does not keep the others from being read.
class Reader {
 public:
  Reader(const JsonNode& root, std::string_view id, std::vector<ScenarioError>& errors)
      : root_(root), wanted_id_(id), errors_(errors) {}

  Scenario read() {
    attempt([&] {
      root_.object({"id",     "title",     "sources", "rules",  "tags",         "twin",    "note",
                    "domain", "reference", "headers", "bait",   "certificates", "servers", "dns",
                    "dnssec", "mta_sts",   "clock",   "expect", "expect_hosts", "reason"});
    });
    attempt([&] { out_.id = read_id(root_.at("id"), wanted_id_); });
    attempt([&] { out_.title = root_.at("title").non_empty_string(); });
    attempt([&] { read_about(); });
    attempt([&] { out_.domain = read_domain(); });
    member("reference", [&](const JsonNode& node) { out_.reference = read_reference(node); });
    member("headers", [&](const JsonNode& node) { read_headers(node); });
    member("bait", [&](const JsonNode& node) { read_bait(node); });
    member("certificates", [&](const JsonNode& node) { read_certificates(node); });
    attempt([&] { read_servers(root_.at("servers")); });
    attempt([&] { read_dns(); });
    member("dnssec", [&](const JsonNode& node) { read_zones(node); });
    member("mta_sts", [&](const JsonNode& node) { out_.mta_sts = read_mta_sts(node, out_); });
    member("clock", [&](const JsonNode& node) { out_.clock = read_time(node); });
    member("expect", [&](const JsonNode& node) { out_.expect = read_expectations(node); });
    member("expect_hosts", [&](const JsonNode& node) {
      for (const auto& [host, value] : node.members())
        out_.expect_hosts[fold_host(host)] = read_expectations(value);
    });
    member("reason", [&](const JsonNode& node) { out_.reason = read_kebab(node); });
    add_right_certificates();
    return std::move(out_);
  }

 private:
  void attempt(const std::function<void()>& step) {
    try {
      step();
    } catch (const InputError& error) {
      errors_.push_back(to_scenario_error(error));
    }
  }

  void member(const char* key, const std::function<void(const JsonNode&)>& step) {
    attempt([&] {
      if (const auto node = root_.find(key)) step(*node);
    });
  }

  void read_about() {
    const auto sources = root_.at("sources");
    for (const auto& node : sources.array()) out_.sources.push_back(read_source(node));
    if (out_.sources.empty()) sources.fail("found an empty list, wanted at least one source");
    if (const auto node = root_.find("rules")) out_.rules = node->strings();
    if (const auto node = root_.find("tags")) {
      for (const auto& tag : node->array()) out_.tags.push_back(read_tag(tag));
    }
    if (const auto node = root_.find("twin")) out_.twin = read_id(*node, {});
    if (const auto node = root_.find("note")) out_.note = node->string();
  }

  std::string read_domain() const {
    const auto node = root_.at("domain");
    std::string domain = node.string();
    if (domain.starts_with("[")) {
      std::string_view inner = std::string_view(domain).substr(1);
      if (!inner.ends_with("]"))
        node.fail(fmt::format("found \"{}\", wanted the closing bracket of an address literal", domain));
      inner.remove_suffix(1);
      const bool marked = inner.starts_with("IPv6:");
      if (marked) inner.remove_prefix(5);
      if (is_address_placeholder(inner)) return domain;
      const auto octets = parse_address(inner);
      // RFC 5321 4.1.3: an IPv6 address has a tag, an IPv4 address has none.
      if (!octets || (octets->size() == 16) != marked) {
        node.fail(fmt::format(
            "found \"{}\", wanted a literal like [192.0.2.25], [IPv6:2001:db8::25] or [{{address:HOST}}]",
            domain));
      }
      return domain;
    }
    if (const std::string problem = host_problem(domain); !problem.empty()) node.fail(problem);
    return domain;
  }

  /// What a configuration file or a command line can hold as one word; names are not checked, for how clients
  /// take odd ones is what is asked.
  static std::string read_reference(const JsonNode& node) {
    const std::string text = node.non_empty_string();
    const bool odd = std::any_of(text.begin(), text.end(), [](char c) {
      return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f ||
             std::string_view("{}\"\\()[]@/;").find(c) != std::string_view::npos;
    });
    constexpr std::size_t kMaxReference = 1000;
    if (odd || text.size() > kMaxReference)
      node.fail("found a text that no client is given as a host, wanted one word of at most 1000 octets");
    return text;
  }

  void read_headers(const JsonNode& node) {
    for (const auto& line : node.array()) {
      const std::string text = line.string();
      const std::size_t colon = text.find(':');
      if (colon == 0 || colon == std::string::npos || text.find_first_of("\r\n") != std::string::npos)
        line.fail(fmt::format("found \"{}\", wanted a header field like \"TLS-Required: No\"", text));
      out_.headers.push_back(text);
    }
  }

  void read_bait(const JsonNode& node) {
    for (const auto& word : node.array()) out_.bait.push_back(word.non_empty_string());
    if (out_.bait.empty()) node.fail("found an empty list, wanted at least one word");
  }

  void read_certificates(const JsonNode& node) {
    for (const auto& [id, value] : node.members()) {
      attempt([&, &id = id, &value = value] {
        if (!is_kebab(id))
          value.fail(fmt::format("found the id \"{}\", wanted lower-case words joined by '-'", id));
        if (is_reserved_certificate(id) || id.starts_with(kAutoPrefix)) {
          value.fail(fmt::format("found the id \"{}\", which has a meaning of its own; wanted another", id));
        }
        out_.certificates[id] = read_certificate(value);
      });
    }
  }

  void read_servers(const JsonNode& node) {
    std::set<std::string> hosts;
    for (const auto& [host, value] : node.members()) {
      attempt([&, &host = host, &value = value] {
        if (const std::string problem = host_problem(host); !problem.empty()) value.fail(problem);
        if (!hosts.insert(fold_host(host)).second)
          value.fail(fmt::format("the host \"{}\" is there twice, but for case", host));
        out_.servers.push_back(read_server(host, value));
      });
    }
    if (out_.servers.size() > 32)
      node.fail(fmt::format("found {} servers, wanted at most 32", out_.servers.size()));
  }

  void read_dns() {
    if (const auto node = root_.find("dns")) {
      for (const auto& line : node->array()) {
        attempt([&] {
          check_dns_line(line);
          out_.dns.lines.push_back(line.string());
        });
      }
      return;
    }
    if (out_.domain.empty() || out_.domain.starts_with("[")) return;
    const auto servers = root_.at("servers");
    const auto count = servers.members().size();
    if (count != 1) {
      servers.fail(fmt::format(
          "found {} servers and no \"dns\", wanted its lines to say which of them are mail hosts", count));
    }
    for (const auto& server : out_.servers) {
      out_.dns.lines.push_back(fmt::format("{}. MX 10 {}.", out_.domain, server.spec.host));
    }
  }

  void read_zones(const JsonNode& node) {
    for (const auto& [zone, value] : node.members()) {
      std::string apex = fold_host(zone);
      if (const std::string problem = apex.empty() ? "" : host_problem(apex); !problem.empty())
        value.fail(problem);
      out_.dns.zones[apex + "."] = read_word<mocks::ZoneState>(value, kZoneStates);
    }
  }

  void add_right_certificates() {
    const auto add = [&](const std::string& id, const std::string& host) {
      if (id == std::string(kAutoPrefix) + fold_host(host))
        out_.certificates.try_emplace(id, right_certificate(host));
    };
    for (const auto& server : out_.servers) add(server.spec.certificate, server.spec.host);
    for (const auto& sts : out_.mta_sts) add(sts.certificate, "mta-sts." + sts.domain);
  }

  JsonNode root_;
  std::string_view wanted_id_;
  std::vector<ScenarioError>& errors_;
  Scenario out_;
};

}  // namespace

ScenarioError to_scenario_error(const InputError& error) {
  std::string message = error.what();
  const std::size_t prefix = error.file().size() + 2 + (error.place().empty() ? 0 : error.place().size() + 2);
  return {error.file(), error.place(), message.substr(std::min(prefix, message.size()))};
}

std::string ScenarioError::text() const {
  std::string out;
  for (const char c : pointer.empty() ? fmt::format("{}: {}", file, message)
                                      : fmt::format("{}: {}: {}", file, pointer, message)) {
    // What was found is quoted from the file: it must not end the line or steer the terminal.
    const auto octet = static_cast<unsigned char>(c);
    out += octet < 0x20 || octet == 0x7f ? fmt::format("\\x{:02x}", octet) : std::string(1, c);
  }
  return out;
}

namespace {

/// Over what decides verdicts: words for readers may change, and results stay comparable.
std::string digest_of(nlohmann::json document) {
  for (const char* word : {"id", "title", "note", "sources", "rules", "tags", "twin"}) document.erase(word);
  return sha256_hex(document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace

LoadResult parse_scenario(std::string_view text, const std::string& file, std::string_view id) {
  try {
    return read_scenario(parse_json(text, file, {.octets = kMaxScenarioOctets, .depth = kMaxScenarioDepth}),
                         file, id);
  } catch (const InputError& error) {
    LoadResult out;
    out.errors.push_back(to_scenario_error(error));
    return out;
  }
}

LoadResult read_scenario(nlohmann::json json, const std::string& file, std::string_view id) {
  LoadResult out;
  const JsonNode root(json, file);
  if (!json.is_object()) {
    out.errors.push_back({file, "/", fmt::format("found {}, wanted an object", json.type_name())});
    return out;
  }
  Scenario scenario = Reader(root, id, out.errors).read();
  if (out.errors.empty()) check_scenario(scenario, root, out.errors);
  if (out.errors.size() > kMaxScenarioErrors) out.errors.resize(kMaxScenarioErrors);
  if (out.errors.empty()) {
    scenario.file = file;
    scenario.digest = digest_of(std::move(json));
    out.scenario = std::move(scenario);
  }
  return out;
}

}  // namespace mxident::harness
