#include "harness/guide/guide.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "harness/catalogue/coverage.hpp"
#include "harness/catalogue/rules.hpp"
#include "harness/guide/advice.hpp"
#include "harness/text/ascii.hpp"

namespace mxident::harness {
namespace {

/// Without the marks that stand around a word in a sentence or a table: "(D23)", "`D5`", "match-exact,".
std::string_view without_marks(std::string_view text) {
  constexpr std::string_view kMarks = "\"'`()[]<>,;. \t\n";
  const std::size_t from = text.find_first_not_of(kMarks);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kMarks) + 1 - from);
}

/// What stands before the words in brackets that explain it: "chain-ok" of "chain-ok (a path leads ...)".
std::string_view before_bracket(std::string_view text) {
  const std::size_t bracket = text.find(" (");
  return bracket != std::string_view::npos && text.find(')') == text.size() - 1 ? text.substr(0, bracket)
                                                                                : text;
}

/// The spellings of one id that come with copies and by hand: another case of letters, blanks around it, '_'
/// or a blank in place of '-', and the heading of its page in front ("reason match-wildcard").
std::vector<std::string> spellings(std::string_view stated) {
  const std::string text = lower(trimmed(stated));
  std::vector<std::string> out{text};
  for (const std::string_view bare : {without_marks(text), without_marks(before_bracket(text))}) {
    if (!bare.empty() && bare != out.back()) out.emplace_back(bare);
  }
  for (std::size_t i = 0, end = out.size(); i < end; ++i) {
    for (const std::string_view kind : {"reason", "policy", "rule", "decision", "tls-rpt", "section",
                                        "outcome", "layer", "client", "profile"}) {
      const std::string_view rest = std::string_view(out[i]).substr(std::min(kind.size(), out[i].size()));
      if (out[i].starts_with(kind) && (rest.starts_with(' ') || rest.starts_with(':')))
        out.emplace_back(without_marks(rest.substr(1)));
    }
  }
  for (std::size_t i = 0, end = out.size(); i < end; ++i) {
    std::string joined = out[i];
    std::replace_if(
        joined.begin(), joined.end(), [](char c) { return c == ' ' || c == '_'; }, '-');
    if (joined != out[i]) out.push_back(std::move(joined));
  }
  return out;
}

struct Word {
  std::string_view kind, word, meaning;
};
constexpr Word kWords[] = {
#define MXIDENT_WORD(kind, word, meaning) {kind, word, meaning},
#include "harness/guide/words.def"
#undef MXIDENT_WORD
};

/// The glyphs of a run's matrix, as they stand there.
constexpr std::pair<std::string_view, std::string_view> kGlyphs[] = {
    {"\u2713", "pass"},   {"L", "lax"},  {"S", "strict"}, {"D", "downgrade"},     {"=", "either"},
    {"-", "unsupported"}, {"H", "hang"}, {"C", "crash"},  {"!", "harness-error"}, {".", "not-run"}};

std::string_view word_of_glyph(std::string_view stated) {
  for (const auto& [glyph, word] : kGlyphs) {
    if (stated == glyph) return word;
  }
  return stated;
}

/// "RFC 8461 3.1" of "rfc8461-3.1", "RFC8461 §3.1", "rfc 8461, section 3.1"; empty if it is no section.
std::string section_of(std::string_view word) {
  std::string text = lower(word);
  if (!text.starts_with("rfc")) return {};
  if (const std::size_t word_at = text.find("section"); word_at != std::string::npos) text.erase(word_at, 7);
  std::vector<std::string> numbers(1);
  for (const char c : text.substr(3)) {
    const bool part = (c >= '0' && c <= '9') || (c == '.' && !numbers.back().empty());
    if (part) {
      numbers.back() += c;
    } else if (!numbers.back().empty()) {
      numbers.emplace_back();
    }
    // A rule's id ("rfc9525-6.3-case-insensitive") is no section.
    if (c >= 'a' && c <= 'z') return {};
  }
  std::erase(numbers, "");
  if (numbers.empty() || numbers.size() > 2 || numbers[0].find('.') != std::string::npos) return {};
  for (auto& number : numbers) {
    while (number.ends_with('.')) number.pop_back();
  }
  return "RFC " + fmt::format("{}", fmt::join(numbers, " "));
}

/// Whether a citation ("RFC 8461 3.1, RFC 8460 4.3") names the section or something inside of it.
bool cites(std::string_view citation, std::string_view section) {
  for (std::size_t at = citation.find(section); at != std::string_view::npos;
       at = citation.find(section, at + 1)) {
    const std::string_view rest = citation.substr(at + section.size());
    if (rest.empty() || std::string_view(" .,;()").find(rest[0]) != std::string_view::npos) return true;
  }
  return false;
}

/// "D5" in "... (D5)", but not in "D51".
bool names_decision(std::string_view text, std::string_view id) {
  for (std::size_t at = text.find(id); at != std::string_view::npos; at = text.find(id, at + 1)) {
    const char after = at + id.size() < text.size() ? text[at + id.size()] : ' ';
    if (after < '0' || after > '9') return true;
  }
  return false;
}

std::string reason_line(const ReasonInfo& reason) {
  return fmt::format("{}: {} ({})", reason.id, reason.sentence, reason.citation);
}

void advise(Page& page, const Advice& advice) {
  page.say("means", "meaning", advice.means);
  page.say("causes", "usual causes", advice.causes);
  page.say("server", "server's owner", advice.server);
  page.say("sender", "sender", advice.sender);
}

/// Scenarios about a reason, those that people reported first.
std::vector<std::string> scenarios_with(Reason reason, std::span<const Scenario> scenarios) {
  std::vector<std::string> out;
  for (const auto& scenario : scenarios) {
    if (scenario.reason == to_string(reason)) out.push_back(scenario.id);
  }
  std::stable_partition(out.begin(), out.end(), [](const auto& id) { return id.starts_with("reported/"); });
  return out;
}

Page reason_page(const ReasonInfo& reason, const GuideSources& sources) {
  Page page{"reason", std::string(reason.id), {}};
  page.say("sentence", "", reason.sentence);
  page.say("citation", "rests on", reason.citation);
  page.say("tls_rpt", "TLS report", to_string(reason.tls_rpt));
  const Advice advice = advice_for(reason.reason);
  advise(page, advice);
  std::vector<std::string> shown = scenarios_with(reason.reason, sources.scenarios);
  page.list("deviates", "who does not", who_deviates(shown, sources.baselines));
  if (shown.empty() && !advice.scenario.empty()) shown.emplace_back(advice.scenario);
  if (!shown.empty()) page.say("try", "try", fmt::format("mxident run {}", shown.front()));
  page.list("scenarios", "scenarios", std::move(shown));
  return page;
}

std::string rules_of(const NameRules& rules) {
  std::vector<std::string> out;
  out.emplace_back(rules.common_name == CommonNameUse::never ? "the common name never counts"
                   : rules.common_name == CommonNameUse::last_resort
                       ? "the common name is a last resort"
                       : "the common name counts where there is no dNSName");
  if (rules.wildcards == Switch::off) out.emplace_back("no wildcards");
  if (rules.wildcards == Switch::on) {
    out.emplace_back(rules.partial_wildcards == Switch::on ? "a star may be a part of a label"
                                                           : "a star is the whole left-most label");
    out.emplace_back(fmt::format("at least {} labels after it", rules.labels_after_wildcard));
  }
  if (rules.multi_label_wildcards == Switch::on) out.emplace_back("a star may cover several labels");
  out.emplace_back(rules.ip_ids == Switch::on ? "iPAddress entries prove addresses"
                                              : "addresses are never proved");
  if (rules.srv_ids == Switch::on) out.emplace_back("SRVName entries count");
  if (rules.uri_ids == Switch::on) out.emplace_back("URI entries count");
  return fmt::format("{}", fmt::join(out, "; "));
}

Page policy_page(const Policy& policy, const GuideSources& sources) {
  Page page{"policy", std::string(to_string(policy.id)), {}};
  const PolicyInfo info = describe(policy.id);
  page.say("demands", "", info.sentence);
  page.say("citation", "rests on", info.citation);
  if (policy.names == NameDemand::required) page.say("names", "names", rules_of(policy.rules));
  std::vector<std::string> modes, refused;
  for (const auto& client : sources.clients) {
    for (const auto& mode : client.modes) {
      if (mode.policy.id == policy.id) modes.push_back(fmt::format("{}:{}", client.id, mode.id));
    }
  }
  for (const auto& scenario : sources.scenarios) {
    if (scenario.expect.of(policy.id) == Expected::reject) refused.push_back(scenario.id);
  }
  std::stable_partition(refused.begin(), refused.end(),
                        [](const auto& id) { return id.starts_with("reported/"); });
  page.list("clients", "claimed by", std::move(modes));
  page.list("rejects", "refuses", std::move(refused));
  return page;
}

Page rule_page(const RuleInfo& rule, const GuideSources& sources) {
  Page page{"rule", std::string(rule.id), {}};
  page.say("sentence", "", rule.sentence);
  page.say("source", "rests on", rule.source);
  page.say("level", "level", to_string(rule.level));
  page.say("shown", "shown", to_string(rule.shown));
  page.say("why", "because", rule.why);
  std::vector<Scenario> about;
  std::vector<std::string> ids;
  for (const auto& scenario : sources.scenarios) {
    if (std::find(scenario.rules.begin(), scenario.rules.end(), rule.id) == scenario.rules.end()) continue;
    about.push_back(scenario);
    ids.push_back(scenario.id);
  }
  for (auto& coverage : cli::rule_coverage(about, sources.now)) {
    if (coverage.rule->id != rule.id) continue;
    page.list("accept", "must accept", std::move(coverage.accepting));
    page.list("reject", "must refuse", std::move(coverage.refusing));
    page.list("either", "either", std::move(coverage.others));
  }
  page.list("deviates", "who does not", who_deviates(ids, sources.baselines));
  if (!ids.empty()) page.say("try", "try", fmt::format("mxident run {}", ids.front()));
  page.list("scenarios", "scenarios", std::move(ids));
  return page;
}

Page decision_page(const DecisionInfo& decision, const GuideSources& sources) {
  Page page{"decision", std::string(decision.id), {}};
  page.say("question", "question", decision.question);
  page.say("default", "default", decision.answer);
  page.say("switch", "refined policy", decision.member);
  std::vector<std::string> reasons, notes;
  for (const auto& reason : all_reasons()) {
    if (names_decision(reason.citation, decision.id) || names_decision(reason.sentence, decision.id))
      reasons.push_back(reason_line(reason));
  }
  for (const auto& scenario : sources.scenarios) {
    if (names_decision(scenario.note, decision.id)) notes.push_back(scenario.id);
  }
  page.list("reasons", "reasons", std::move(reasons));
  page.list("scenarios", "scenarios", std::move(notes));
  page.say("document", "more",
           "docs/decisions.md: every question that the standards leave open, and why a run records "
           "what others do there and never fails them for it");
  return page;
}

Page tls_rpt_page(const TlsRptInfo& info) {
  Page page{"TLS-RPT", std::string(to_string(info.type)), {}};
  page.say("sentence", "", info.advice.means);
  page.say("citation", "rests on", info.section);
  page.say("causes", "usual causes", info.advice.causes);
  page.say("server", "server's owner", info.advice.server);
  page.say("sender", "sender", info.advice.sender);
  std::vector<std::string> reasons;
  for (const auto& reason : all_reasons()) {
    if (reason.tls_rpt == info.type) reasons.push_back(reason_line(reason));
  }
  page.list("reasons", "reasons", std::move(reasons));
  return page;
}

Page word_page(const Word& word) {
  Page page{std::string(word.kind), std::string(word.word), {}};
  page.say("sentence", "", word.meaning);
  return page;
}

std::optional<Page> section_page(const std::string& section, const GuideSources& sources) {
  Page page{"section", section, {}};
  std::vector<std::string> rules, reasons, policies, words, scenarios;
  for (const auto& rule : all_rules()) {
    if (cites(rule.source, section))
      rules.push_back(fmt::format("{} ({}): {}", rule.id, to_string(rule.level), rule.sentence));
  }
  for (const auto& reason : all_reasons()) {
    if (cites(reason.citation, section)) reasons.push_back(reason_line(reason));
  }
  for (const auto& policy : all_policies()) {
    const PolicyInfo info = describe(policy.id);
    if (cites(info.citation, section))
      policies.push_back(fmt::format("{}: {}", to_string(policy.id), info.sentence));
  }
  for (const auto& info : tls_rpt_infos()) {
    if (cites(info.section, section))
      words.push_back(fmt::format("{}: {}", to_string(info.type), info.advice.means));
  }
  for (const auto& scenario : sources.scenarios) {
    const bool about = std::any_of(scenario.sources.begin(), scenario.sources.end(),
                                   [&](const Source& source) { return cites(source.ref, section); });
    if (about) scenarios.push_back(fmt::format("{}: {}", scenario.id, scenario.title));
  }
  page.list("rules", "rules", std::move(rules));
  page.list("reasons", "reasons", std::move(reasons));
  page.list("policies", "policies", std::move(policies));
  page.list("tls_rpt", "TLS report", std::move(words));
  page.list("scenarios", "scenarios", std::move(scenarios));
  if (page.sections.empty()) return std::nullopt;
  return page;
}

/// "d5" of "d05" and "d-5", as other lists number what they hold; anything else as it stands.
std::string without_zeros(const std::string& word) {
  const std::size_t digits = word.find_first_of("0123456789");
  if (digits == std::string::npos || (word.substr(0, digits) != "d" && word.substr(0, digits) != "d-"))
    return word;
  const std::size_t number = word.find_first_not_of('0', digits);
  return number == std::string::npos ? word : "d" + word.substr(number);
}

/// Behaviours that were recorded of a mode, most cells first: "lax in 12 cells: takes partial wildcards".
std::vector<std::string> recorded_of(const Baseline& baseline, const std::string& mode) {
  const auto cells = baseline.modes.find(mode);
  if (cells == baseline.modes.end()) return {};
  std::map<std::pair<Outcome, std::string>, std::size_t> counts;
  for (const auto& [scenario, cell] : cells->second) {
    if (!is_fault(cell.outcome)) continue;
    const auto note = baseline.notes.find(cell.note);
    ++counts[{cell.outcome, note == baseline.notes.end() ? "" : note->second.behaviour}];
  }
  std::vector<std::pair<std::size_t, std::string>> lines;
  for (const auto& [key, count] : counts) {
    const auto& [outcome, why] = key;
    lines.emplace_back(
        count, fmt::format("{} {} ({}): {} in {} cell{}{}", baseline.client, baseline.version, mode,
                           to_string(outcome), count, count == 1 ? "" : "s", why.empty() ? "" : ": " + why));
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> out;
  for (auto& line : lines) out.push_back(std::move(line.second));
  return out;
}

Page client_page(const Manifest& client, const std::string& only, const GuideSources& sources) {
  Page page{"client", only.empty() ? client.id : client.id + ":" + only, {}};
  page.say("title", "", client.title);
  page.say("engine", "TLS library", client.engine);
  std::vector<std::string> modes, recorded, deviates;
  for (const auto& mode : client.modes) {
    if (!only.empty() && lower(mode.id) != only) continue;
    modes.push_back(fmt::format("{}: claims {}{}: {}", mode.id, to_string(mode.policy.id),
                                mode.refined ? ", refined" : "", mode.title));
    for (const auto& baseline : sources.baselines) {
      if (baseline.client != client.id) continue;
      for (auto& line : recorded_of(baseline, mode.id)) deviates.push_back(std::move(line));
    }
  }
  for (const auto& baseline : sources.baselines) {
    if (baseline.client == client.id)
      recorded.push_back(fmt::format("{}, {}", baseline.version, baseline.recorded));
  }
  page.list("modes", "modes", std::move(modes));
  page.list("recorded", "recorded", std::move(recorded));
  page.list("deviates", "deviations", std::move(deviates));
  page.say("try", "try", fmt::format("mxident run --client {}", page.id));
  return page;
}

std::optional<Page> client_page_of(const std::string& word, const GuideSources& sources) {
  const std::size_t colon = word.find(':');
  const std::string mode = colon == std::string::npos ? "" : word.substr(colon + 1);
  for (const auto& client : sources.clients) {
    if (lower(client.id) != word.substr(0, colon)) continue;
    const bool known = std::any_of(client.modes.begin(), client.modes.end(),
                                   [&](const ClientMode& one) { return lower(one.id) == mode; });
    if (colon == std::string::npos || known) return client_page(client, mode, sources);
  }
  return std::nullopt;
}

std::optional<Page> page_of(const std::string& word, const GuideSources& sources) {
  if (const auto id = policy_from_string(word)) return policy_page(policy(*id), sources);
  if (const auto reason = reason_from_string(word)) return reason_page(info(*reason), sources);
  if (const auto* const type = find_tls_rpt(word)) return tls_rpt_page(*type);
  for (const auto& rule : all_rules()) {
    if (lower(rule.id) == word) return rule_page(rule, sources);
  }
  for (const auto& decision : all_decisions()) {
    if (lower(decision.id) == without_zeros(word)) return decision_page(decision, sources);
  }
  for (const auto& known : kWords) {
    if (known.word == word) return word_page(known);
  }
  if (const std::string section = section_of(word); !section.empty()) return section_page(section, sources);
  return client_page_of(word, sources);
}

}  // namespace

std::vector<std::string> who_deviates(std::span<const std::string> scenarios,
                                      std::span<const Baseline> baselines) {
  // By release, outcome, number of cells and behaviour: the modes that have them in common.
  using Key = std::tuple<std::string, Outcome, std::size_t, std::string>;
  std::map<Key, std::vector<std::string>> found;
  for (const auto& baseline : baselines) {
    for (const auto& [mode, cells] : baseline.modes) {
      std::map<Outcome, std::pair<std::size_t, std::string>> counts;
      for (const auto& scenario : scenarios) {
        const auto cell = cells.find(scenario);
        if (cell == cells.end() || !is_fault(cell->second.outcome)) continue;
        auto& [count, why] = counts[cell->second.outcome];
        ++count;
        const auto note = baseline.notes.find(cell->second.note);
        if (why.empty() && note != baseline.notes.end()) why = note->second.behaviour;
      }
      for (const auto& [outcome, counted] : counts)
        found[{baseline.client + " " + baseline.version, outcome, counted.first, counted.second}].push_back(
            mode);
    }
  }
  std::vector<std::pair<std::size_t, std::string>> lines;
  for (const auto& [key, modes] : found) {
    const auto& [release, outcome, count, why] = key;
    lines.emplace_back(
        count, fmt::format("{} ({}): {} in {} of {}{}", release, fmt::join(modes, ", "), to_string(outcome),
                           count, scenarios.size(), why.empty() ? "" : ": " + why));
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> out;
  for (auto& line : lines) out.push_back(std::move(line.second));
  return out;
}

std::optional<Page> find_page(std::string_view stated, const GuideSources& sources) {
  for (const std::string& word : spellings(word_of_glyph(trimmed(stated)))) {
    if (auto page = page_of(word, sources)) return page;
  }
  return std::nullopt;
}

std::vector<Page> find_pages(std::string_view words, const GuideSources& sources) {
  if (auto page = find_page(words, sources)) return {std::move(*page)};
  std::vector<Page> out;
  std::string document;  // of "RFC 9525 6.3, 6.4"
  for (std::size_t at = 0; at <= words.size();) {
    const std::size_t end = std::min(words.find_first_of(",;=", at), words.size());
    std::string part(trimmed(words.substr(at, end - at)));
    at = end + 1;
    // How binding it is stands behind a source: "RFC 9525 6.3 (must)".
    if (part.ends_with(')')) part = trimmed(std::string_view(part).substr(0, part.rfind('(')));
    if (!part.empty() && part.find_first_not_of("0123456789.") == std::string::npos) part = document + part;
    auto page = find_page(part, sources);
    if (!page) return {};
    document = page->kind == "section" ? page->id.substr(0, page->id.find(' ', 4)) + " " : "";
    out.push_back(std::move(*page));
  }
  return out;
}

std::vector<Baseline> load_all_baselines(const std::filesystem::path& folder) {
  std::vector<Baseline> out;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    if (entry.path().extension() == ".json") out.push_back(read_baseline(entry.path()));
  }
  std::sort(out.begin(), out.end(), [](const Baseline& a, const Baseline& b) {
    return std::tie(a.client, a.version) < std::tie(b.client, b.version);
  });
  return out;
}

std::vector<std::string> guide_ids() {
  std::vector<std::string> out;
  for (const auto& policy : all_policies()) out.emplace_back(to_string(policy.id));
  for (const auto& reason : all_reasons()) out.emplace_back(reason.id);
  for (const auto& type : tls_rpt_infos()) out.emplace_back(to_string(type.type));
  for (const auto& rule : all_rules()) out.emplace_back(rule.id);
  for (const auto& decision : all_decisions()) out.emplace_back(decision.id);
  for (const auto& word : kWords) out.emplace_back(word.word);
  return out;
}

}  // namespace mxident::harness
