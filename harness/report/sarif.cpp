#include "harness/report/sarif.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

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

namespace {

/// What is shown of a scenario.
struct Shown {
  std::size_t place = 0;  ///< in the order of the results
  std::string id;
  std::vector<std::string> sources;
};

/// Cells of one mode: how many, the first of them, what is said of the very first.
struct Cells {
  std::size_t count = 0;
  std::vector<std::shared_ptr<const Shown>> first;  ///< at most kMostLocations
  std::string sentence, command;
};

/// As if the cells of both had come in their order.
Cells both(const Cells& a, const Cells& b) {
  if (a.count == 0) return b;
  Cells out = a.first.front()->place < b.first.front()->place ? a : b;
  out.count = a.count + b.count;
  out.first.clear();
  std::merge(a.first.begin(), a.first.end(), b.first.begin(), b.first.end(), std::back_inserter(out.first),
             [](const auto& one, const auto& other) { return one->place < other->place; });
  out.first.resize(std::min(out.first.size(), kMostLocations));
  return out;
}

}  // namespace

struct SarifReport::Mode {
  Behaviours behaviours;
  /// Which behaviour explains a cell is known at the end; cells of one kind are explained alike.
  std::map<std::tuple<Behaviours::Kind, Outcome, BaselineState>, Cells> unexpected;
};

/// One result: what a mode does, with the cells that show it.
struct SarifReport::Finding {
  SarifRule rule;
  Cells cells;
};

SarifReport::SarifReport(SarifFiles files, Open open) : files_(files), open_(std::move(open)) {}
SarifReport::~SarifReport() = default;

void SarifReport::on_begin(const RunHeader& header) {
  modes_.resize(header.columns.size());
}

void SarifReport::on_whole(const ScenarioRecord& scenario, const CellsByColumn& cells) {
  const auto shown = std::make_shared<const Shown>(Shown{seen_++, scenario.id, scenario.sources});
  for (const auto& [column, result] : cells) {
    Mode& mode = modes_[column];
    const auto kind = mode.behaviours.add(scenario, result);
    if (!is_unexpected(result)) continue;
    Cells& alike = mode.unexpected[{kind, result.outcome, result.baseline}];
    if (alike.count++ == 0) {
      alike.sentence = fault_sentence(scenario, result);
      alike.command = result.reproduce;
    }
    if (alike.first.size() < kMostLocations) alike.first.push_back(shown);
  }
}

std::vector<SarifReport::Finding> SarifReport::findings_of(std::size_t column) const {
  const Mode& mode = modes_[column];
  std::map<std::string, Finding> by_id;
  const auto explained = mode.behaviours.explained();
  for (const auto& [alike, cells] : mode.unexpected) {
    const auto& [kind, outcome, baseline] = alike;
    // Each cell counts once: under the behaviour that explains most.
    const auto first = std::find_if(explained.begin(), explained.end(), [kind = kind](const auto& behaviour) {
      return behaviour.second.contains(kind);
    });
    SarifRule rule = rule_of(outcome, baseline);
    if (first != explained.end() && baseline != BaselineState::fixed) {
      const auto& all = all_behaviours();
      rule = rule_of(*std::find_if(all.begin(), all.end(),
                                   [&](const auto& known) { return known.phrase == first->first; }));
    }
    Finding& finding = by_id[rule.id];
    finding.cells = both(finding.cells, cells);
    finding.rule = std::move(rule);
  }
  std::vector<Finding> out;
  for (auto& [id, finding] : by_id) out.push_back(std::move(finding));
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return a.cells.first.front()->place < b.cells.first.front()->place;
  });
  return out;
}

std::string SarifReport::document(const std::string& client, const std::vector<std::size_t>& columns,
                                  const RunFooter& footer) const {
  SarifJson results = SarifJson::array();
  std::vector<SarifRule> rules;
  std::map<std::string, std::set<std::string>> sources;
  std::size_t cells = 0;
  for (const auto column : columns) {
    const Column& about = header().columns[column];
    for (const auto& finding : findings_of(column)) {
      auto rule = std::find_if(rules.begin(), rules.end(),
                               [&](const auto& known) { return known.id == finding.rule.id; });
      if (rule == rules.end()) rule = rules.insert(rules.end(), finding.rule);
      const std::string mode = message_text(fmt::format("{} {}", about.client, about.mode));
      std::vector<std::string> names;
      SarifJson related = SarifJson::array();
      for (const auto& scenario : finding.cells.first) {
        for (const auto& source : scenario->sources) sources[finding.rule.id].insert(cut_text(source, 200));
        if (names.size() < kMostScenarios) names.push_back(message_text(scenario->id));
        // A generated cell is in no file.
        if (header().matrix.empty()) related.push_back(location_of("scenarios/" + scenario->id + ".json"));
      }
      const std::size_t count = finding.cells.count, more = count - names.size();
      const std::string text = fmt::format(
          "{} {}, in {} scenario{}: {}{}. The first: {}. To see it again: {}", mode, finding.rule.phrase,
          count, count == 1 ? "" : "s", fmt::join(names, ", "), more ? fmt::format(" and {} more", more) : "",
          message_text(finding.cells.sentence), message_text(finding.cells.command));
      SarifJson result{
          {"ruleId", finding.rule.id},
          {"ruleIndex", rule - rules.begin()},
          {"level", level_of(finding.rule.outcome)},
          {"message", {{"text", text}}},
          {"locations", SarifJson::array({location_of(
                            about.manifest_file.empty()
                                ? fmt::format("harness/clients/{}/client.json", file_name_of(about.client))
                                : about.manifest_file)})},
          {"occurrenceCount", finding.cells.count}};
      if (!related.empty()) result["relatedLocations"] = related;
      result["partialFingerprints"] = {
          {"modeAndBehaviour/v1",
           sha256_hex(fmt::format("{}\n{}\n{}", about.client, about.mode, finding.rule.id))}};
      results.push_back(std::move(result));
      cells += finding.cells.count;
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
  if (!header().mxident_version.empty()) driver["version"] = short_text(header().mxident_version);
  driver["rules"] = descriptors;
  const std::string category = client.empty() ? "mxident/" : fmt::format("mxident/{}/", file_name_of(client));
  const SarifJson run{
      {"tool", {{"driver", driver}}},
      {"automationDetails", {{"id", category}}},
      {"invocations", SarifJson::array({invocation})},
      {"columnKind", "utf16CodeUnits"},
      {"results", results},
      {"properties", {{"unexpectedCells", cells}, {"suite", short_text(header().suite_digest)}}}};
  const SarifJson log{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                      {"version", "2.1.0"},
                      {"runs", SarifJson::array({run})}};
  return log.dump(1, ' ', false, SarifJson::error_handler_t::replace) + "\n";
}

void SarifReport::on_end(const RunFooter& footer) {
  std::map<std::string, std::vector<std::size_t>> by_client;
  for (std::size_t i = 0; i < header().columns.size(); ++i)
    by_client[header().columns[i].client].push_back(i);
  const auto deliver = [&](const std::string& name, const std::string& client,
                           const std::vector<std::size_t>& columns) {
    const auto target = open_(name);
    target->write(document(client, columns, footer));
    target->end();
  };
  if (files_ == SarifFiles::one) {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < header().columns.size(); ++i) all.push_back(i);
    deliver("", by_client.size() == 1 ? by_client.begin()->first : "", all);
    return;
  }
  for (const auto& [client, columns] : by_client) deliver(client, client, columns);
}

}  // namespace mxident::harness
