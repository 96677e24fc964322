#include "harness/report/sarif.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/analysis/findings.hpp"
#include "harness/input/json_input.hpp"
#include "harness/report/markdown.hpp"
#include "harness/text/digest.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness {
namespace {

using SarifJson = nlohmann::ordered_json;

constexpr std::size_t kMostWords = 1000;     ///< octets of a sentence
constexpr std::size_t kMostScenarios = 20;   ///< that a message names; all of them are counted
constexpr std::size_t kMostLocations = 100;  ///< code scanning shows no more

SarifRule rule_of(const BehaviourInfo& info) {
  return {behaviour_id(info.phrase), std::string(info.phrase), info.outcome, info.rules};
}

/// For a cell that no behaviour explains.
SarifRule rule_of(Outcome outcome, BaselineState baseline) {
  if (baseline == BaselineState::fixed)
    return {"no-longer-deviates", "no longer deviates as its baseline says", Outcome::pass, {}};
  switch (outcome) {
    case Outcome::lax:
      return {"other-lax", "accepts another certificate that it must reject", outcome, {}};
    case Outcome::strict:
      return {"other-strict", "rejects another certificate that it must accept", outcome, {}};
    case Outcome::unsupported:
      return {"can-no-longer-be-tried", "can no longer be tried", outcome, {}};
    case Outcome::harness_error:
      return {"could-not-be-judged", "could not be judged", outcome, {}};
    case Outcome::downgrade:
    case Outcome::hang:
    case Outcome::crash:
      for (const auto& info : all_behaviours()) {
        if (info.rules.empty() && info.outcome == outcome) return rule_of(info);
      }
      break;
    default:
      break;
  }
  return {"decides-otherwise", "decides otherwise than its baseline says", Outcome::either, {}};
}

const char* level_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::lax:
    case Outcome::downgrade:
    case Outcome::harness_error:
      return "error";
    case Outcome::strict:
    case Outcome::hang:
    case Outcome::crash:
    case Outcome::unsupported:
      return "warning";
    default:
      return "note";
  }
}

/// "rfc9525-6.3-all-labels": RFC 9525, section 6.3.
struct Citation {
  std::string number, section;
};
std::optional<Citation> citation_of(std::string_view rule) {
  if (!rule.starts_with("rfc")) return std::nullopt;
  const std::size_t dash = std::min(rule.find('-'), rule.size());
  Citation out{std::string(rule.substr(3, dash - 3)), ""};
  if (out.number.empty() || out.number.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  if (dash < rule.size()) {
    const std::string_view rest = rule.substr(dash + 1);
    const std::string_view section = rest.substr(0, std::min(rest.find('-'), rest.size()));
    if (section.find_first_not_of("0123456789.") == std::string_view::npos) out.section = section;
  }
  return out;
}
std::string link_of(const Citation& citation) {
  return fmt::format("https://www.rfc-editor.org/rfc/rfc{}{}", citation.number,
                     citation.section.empty() ? "" : "#section-" + citation.section);
}

std::string sentence_of(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text + ".";
}

/// RFC 3986: what a path segment may hold stays.
std::string uri_of(const std::string& path) {
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return cut_text(out, kMostWords, "");
}

SarifJson location_of(const std::string& path) {
  return {{"physicalLocation",
           {{"artifactLocation", {{"uri", uri_of(path)}, {"uriBaseId", "%SRCROOT%"}}},
            {"region", {{"startLine", 1}}}}}};
}

std::string short_text(const std::string& octets) {
  return cut_text(one_line(octets), kMostWords);
}

/// Text of a message in which nothing is a link of its own (SARIF 2.1.0, 3.11.6).
std::string message_text(const std::string& octets) {
  std::string out;
  for (const char c : short_text(octets)) {
    if (c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

/// `sources`: what the scenarios cite that show it.
SarifJson json_of(const SarifRule& rule, const std::set<std::string>& sources) {
  std::vector<std::string> cited, links;
  std::vector<std::string> tags{"smtp", "tls"};
  std::string help_uri;
  for (const auto& id : rule.rules) {
    cited.emplace_back(id);
    const auto citation = citation_of(id);
    if (!citation) continue;
    const std::string tag = "rfc" + citation->number;
    if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
    if (help_uri.empty()) help_uri = link_of(*citation);
    links.push_back(fmt::format("[RFC {} {}]({})", citation->number, citation->section, link_of(*citation)));
  }
  const bool wrong_peer = rule.outcome == Outcome::lax || rule.outcome == Outcome::downgrade;
  const std::string risk = wrong_peer ? "Mail may go to a server that is not the one that was meant."
                           : rule.outcome == Outcome::strict
                               ? "Mail to a right server is not delivered."
                               : "What the client does here is not what was expected.";
  std::vector<std::string> shown;
  for (const auto& source : sources) {
    if (shown.size() < 8) shown.push_back(cut_text(source, 100));
  }
  std::string text = sentence_of(rule.phrase) + " " + risk;
  std::string markdown = text;
  if (!cited.empty()) {
    text += fmt::format(" Rules: {}.", fmt::join(cited, ", "));
    std::vector<std::string> marked;
    for (const auto& id : cited) marked.push_back(markdown_text(id));
    markdown += fmt::format(" Rules: {}.", fmt::join(marked, ", "));
  }
  if (!links.empty()) markdown += fmt::format(" See {}.", fmt::join(links, ", "));
  if (!shown.empty()) {
    std::vector<std::string> plain, marked;
    for (const auto& source : shown) {
      plain.push_back(message_text(source));
      marked.push_back(markdown_text(source));
    }
    text += fmt::format(" Cited by the scenarios: {}.", fmt::join(plain, ", "));
    markdown += fmt::format(" Cited by the scenarios: {}.", fmt::join(marked, ", "));
  }
  if (wrong_peer) tags.emplace_back("security");
  SarifJson properties{{"tags", tags}};
  // As code scanning ranks: from 7.0 high. It is read beside the tag "security" alone.
  if (wrong_peer) properties["security-severity"] = rule.outcome == Outcome::downgrade ? "8.1" : "7.4";
  SarifJson out{{"id", rule.id},
                {"shortDescription", {{"text", sentence_of(rule.phrase)}}},
                {"fullDescription", {{"text", sentence_of(rule.phrase) + " " + risk}}},
                {"defaultConfiguration", {{"level", level_of(rule.outcome)}}}};
  if (!help_uri.empty()) out["helpUri"] = help_uri;
  out["help"] = {{"text", text}, {"markdown", markdown}};
  out["properties"] = properties;
  return out;
}

}  // namespace

/// One result: what a mode does, with the cells that show it.
struct SarifReport::Finding {
  SarifRule rule;
  std::vector<Unexpected> cells;
};

void SarifReport::begin(const RunHeader& header) {
  header_ = header;
  modes_.resize(header.columns.size());
  for (std::size_t i = 0; i < header.columns.size(); ++i)
    columns_.emplace(std::pair(header.columns[i].client, header.columns[i].mode), i);
}

void SarifReport::scenario(const ScenarioRecord& scenario) {
  places_.emplace(scenario.id, static_cast<std::uint32_t>(scenarios_.size()));
  ScenarioRecord brief = scenario;
  brief.tags.clear();
  brief.hosts.clear();
  scenarios_.push_back(std::move(brief));
}

void SarifReport::cell(const CellResult& result) {
  const auto place = places_.find(result.scenario);
  const auto column = columns_.find({result.client, result.mode});
  if (place == places_.end() || column == columns_.end()) {
    throw InputError(
        "results", "",
        fmt::format("a cell names the scenario \"{}\" and {} {}, wanted those of lines before it",
                    cut_text(printable(result.scenario), kMostWords), printable(result.client),
                    printable(result.mode)));
  }
  Mode& mode = modes_[column->second];
  mode.behaviours.add(scenarios_[place->second], result);
  if (!is_unexpected(result)) return;
  mode.unexpected.push_back({place->second, result.outcome, result.baseline});
  commands_.add(column->second, place->second, result.scenario, result.reproduce);
}

std::vector<SarifReport::Finding> SarifReport::findings_of(std::size_t column) const {
  const Mode& mode = modes_[column];
  std::vector<Finding> out;
  const auto add = [&](const SarifRule& rule, const Unexpected& cell) {
    auto same =
        std::find_if(out.begin(), out.end(), [&](const auto& finding) { return finding.rule.id == rule.id; });
    if (same == out.end()) same = out.insert(out.end(), Finding{rule, {}});
    same->cells.push_back(cell);
  };
  const auto explained = mode.behaviours.explained();
  for (const auto& cell : mode.unexpected) {
    const std::string& id = scenarios_[cell.scenario].id;
    // Each cell counts once: under the behaviour that explains most.
    const auto first = std::find_if(explained.begin(), explained.end(), [&](const auto& behaviour) {
      return is_fault(cell.outcome) && behaviour.second.contains(id);
    });
    if (first == explained.end() || cell.baseline == BaselineState::fixed) {
      add(rule_of(cell.outcome, cell.baseline), cell);
      continue;
    }
    const auto& all = all_behaviours();
    const auto info =
        std::find_if(all.begin(), all.end(), [&](const auto& known) { return known.phrase == first->first; });
    add(rule_of(*info), cell);
  }
  return out;
}

std::string SarifReport::document(const std::string& client, const std::vector<std::size_t>& columns,
                                  const RunFooter& footer) const {
  SarifJson results = SarifJson::array();
  std::vector<SarifRule> rules;
  std::map<std::string, std::set<std::string>> sources;
  std::size_t cells = 0;
  for (const auto column : columns) {
    const Column& about = header_.columns[column];
    for (const auto& finding : findings_of(column)) {
      auto rule = std::find_if(rules.begin(), rules.end(),
                               [&](const auto& known) { return known.id == finding.rule.id; });
      if (rule == rules.end()) rule = rules.insert(rules.end(), finding.rule);
      const std::string mode = message_text(fmt::format("{} {}", about.client, about.mode));
      std::vector<std::string> names;
      SarifJson related = SarifJson::array();
      for (const auto& cell : finding.cells) {
        const ScenarioRecord& scenario = scenarios_[cell.scenario];
        for (const auto& source : scenario.sources) {
          if (sources[finding.rule.id].size() < 100) sources[finding.rule.id].insert(cut_text(source, 200));
        }
        if (names.size() < kMostScenarios) names.push_back(message_text(scenario.id));
        // A generated cell is in no file.
        if (header_.matrix.empty() && related.size() < kMostLocations)
          related.push_back(location_of("scenarios/" + scenario.id + ".json"));
      }
      const Unexpected& first = finding.cells.front();
      const ScenarioRecord& scenario = scenarios_[first.scenario];
      CellResult shown;
      shown.outcome = first.outcome;
      shown.baseline = first.baseline;
      shown.policy = about.policy;
      const std::size_t more = finding.cells.size() - names.size();
      const std::string text = fmt::format(
          "{} {}, in {} scenario{}: {}{}. The first: {}. To see it again: {}", mode, finding.rule.phrase,
          finding.cells.size(), finding.cells.size() == 1 ? "" : "s", fmt::join(names, ", "),
          more ? fmt::format(" and {} more", more) : "", message_text(fault_sentence(scenario, shown)),
          message_text(commands_.of(column, first.scenario, scenario.id)));
      SarifJson result{
          {"ruleId", finding.rule.id},
          {"ruleIndex", rule - rules.begin()},
          {"level", level_of(finding.rule.outcome)},
          {"message", {{"text", text}}},
          {"locations", SarifJson::array({location_of(
                            about.manifest_file.empty()
                                ? fmt::format("harness/clients/{}/client.json", file_name_of(about.client))
                                : about.manifest_file)})},
          {"occurrenceCount", finding.cells.size()}};
      if (!related.empty()) result["relatedLocations"] = related;
      result["partialFingerprints"] = {
          {"modeAndBehaviour/v1",
           sha256_hex(fmt::format("{}\n{}\n{}", about.client, about.mode, finding.rule.id))}};
      results.push_back(std::move(result));
      cells += finding.cells.size();
    }
  }
  SarifJson descriptors = SarifJson::array();
  for (const auto& rule : rules) descriptors.push_back(json_of(rule, sources[rule.id]));
  SarifJson notices = SarifJson::array();
  for (const auto& line : footer.absent) {
    if (client.empty() || line.starts_with(client + ":") || line.starts_with(client + " "))
      notices.push_back({{"level", "error"}, {"message", {{"text", message_text(line)}}}});
  }
  for (const auto& line : footer.differing)
    notices.push_back({{"level", "error"},
                       {"message", {{"text", "did not end the same way each time: " + message_text(line)}}}});
  if (!footer.complete)
    notices.push_back({{"level", "error"}, {"message", {{"text", "The run was interrupted."}}}});
  SarifJson invocation{{"executionSuccessful", footer.complete}};
  if (!notices.empty()) invocation["toolExecutionNotifications"] = notices;
  SarifJson driver{{"name", "mxident"}};
  if (!header_.mxident_version.empty()) driver["version"] = short_text(header_.mxident_version);
  driver["rules"] = descriptors;
  const std::string category = client.empty() ? "mxident/" : fmt::format("mxident/{}/", file_name_of(client));
  const SarifJson run{
      {"tool", {{"driver", driver}}},
      {"automationDetails", {{"id", category}}},
      {"invocations", SarifJson::array({invocation})},
      {"columnKind", "utf16CodeUnits"},
      {"results", results},
      {"properties", {{"unexpectedCells", cells}, {"suite", short_text(header_.suite_digest)}}}};
  const SarifJson log{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                      {"version", "2.1.0"},
                      {"runs", SarifJson::array({run})}};
  return log.dump(1, ' ', false, SarifJson::error_handler_t::replace) + "\n";
}

void SarifReport::end(const RunFooter& footer) {
  std::map<std::string, std::vector<std::size_t>> by_client;
  for (std::size_t i = 0; i < header_.columns.size(); ++i) by_client[header_.columns[i].client].push_back(i);
  const auto deliver = [&](const std::string& name, const std::string& client,
                           const std::vector<std::size_t>& columns) {
    const auto target = open_(name);
    target->write(document(client, columns, footer));
    target->end();
  };
  if (files_ == SarifFiles::one) {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < header_.columns.size(); ++i) all.push_back(i);
    deliver("", by_client.size() == 1 ? by_client.begin()->first : "", all);
    return;
  }
  for (const auto& [client, columns] : by_client) deliver(client, client, columns);
}

}  // namespace mxident::harness
