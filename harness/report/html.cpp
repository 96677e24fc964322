#include "harness/report/html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/analysis/checked_names.hpp"
#include "harness/analysis/findings.hpp"
#include "harness/report/page_history.hpp"
#include "harness/results/writer.hpp"
#include "harness/text/printable.hpp"
#include "harness/text/words.hpp"
#include "verifier/reasons.hpp"

namespace mxident::harness {
namespace {

using nlohmann::json;

constexpr std::size_t kRowsAPart = 20;             ///< scenarios in a file of details, if not more than ...
constexpr std::size_t kMostParts = 250;            ///< ... this many files come of it
constexpr std::size_t kPartBuffer = 256u << 10;    ///< octets kept before they are written
constexpr std::size_t kEventsShown = 120;          ///< of a cell; the page draws no more
constexpr std::size_t kTextShown = 400;            ///< octets of an event
constexpr std::size_t kDetailsInPage = 48u << 20;  ///< octets; what is over that is left out and said

// The orders of the words in page/data.js.
constexpr Outcome kOutcomeWords[] = {Outcome::pass,      Outcome::lax,    Outcome::strict,
                                     Outcome::downgrade, Outcome::either, Outcome::unsupported,
                                     Outcome::hang,      Outcome::crash,  Outcome::harness_error};
constexpr Decision kDecisionWords[] = {Decision::accept, Decision::reject, Decision::plaintext,
                                       Decision::none};
constexpr BaselineState kBaselineWords[] = {BaselineState::none, BaselineState::as_known, BaselineState::news,
                                            BaselineState::fixed};

template <typename T, std::size_t N>
char letter(const T (&words)[N], T word) {
  return static_cast<char>('a' + (std::find(std::begin(words), std::end(words), word) - std::begin(words)));
}

/// Text that may stand inside a script element: no "</script>" can come about, and broken UTF-8 is replaced.
std::string script_safe(const json& value) {
  const std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

/// [milliseconds, "s", "c" or "n" for a note, connection, host, 1 under TLS, text]
json event_json(const WireEvent& event) {
  const bool said = event.kind == WireKind::sent || event.kind == WireKind::received;
  std::string from = "n";
  if (event.kind == WireKind::sent || event.kind == WireKind::alert_sent) from = "s";
  if (event.kind == WireKind::received || event.kind == WireKind::client_hello ||
      event.kind == WireKind::alert_received || event.kind == WireKind::connected)
    from = "c";
  WireEvent bare = event;
  bare.connection = 0;  // the page says it otherwise
  std::string text = wire_line(bare).substr(said ? 3 : 2);
  if (text.size() > kTextShown) text.resize(kTextShown);
  return json::array({event.at_us / 1000, from, event.connection, event.host, event.encrypted ? 1 : 0, text});
}

json layers_json(const Layers& layers) {
  json out = json::object();
  for (const auto& [name, member] : kLayers) out[std::string(name)] = to_string(layers.*member);
  return out;
}

/// Texts that are there: most cells have few of them.
void put(json& out, const char* key, std::string_view text) {
  if (!text.empty()) out[key] = text;
}

json detail_json(const ScenarioRecord& scenario, const CellResult& r) {
  json out{
      {"expected", to_string(r.expected)}, {"layers", layers_json(r.layers)}, {"reproduce", r.reproduce}};
  if (is_fault(r.outcome) || is_unexpected(r))
    out["sentence"] = mode_name(r) + " " + fault_sentence(scenario, r);
  put(out, "reason", r.reason);
  put(out, "note", r.note);
  put(out, "alert", r.alert);
  put(out, "said", r.said);
  put(out, "contradiction", r.contradiction);
  put(out, "words", r.words);
  put(out, "compared_with", r.compared_with);
  if (r.known != KnownDeviation{}) {
    out["known"] = {{"behaviour", r.known.behaviour}, {"cause", r.known.cause}};
    put(out["known"], "upstream", r.known.upstream);
  }
  if (r.sni) out["sni"] = *r.sni;
  out["ms"] = r.duration_ms;
  json events = json::array();
  for (std::size_t i = 0; i < std::min(r.events.size(), kEventsShown); ++i)
    events.push_back(event_json(r.events[i]));
  out["events"] = std::move(events);
  if (r.events.size() > kEventsShown) out["more_events"] = r.events.size() - kEventsShown;
  return out;
}

/// What only the drawer shows of a scenario.
json about_json(const ScenarioRecord& s) {
  json out{{"sources", s.sources}, {"hosts", s.hosts}};
  put(out, "domain", s.domain);
  put(out, "host", s.host);
  put(out, "twin", s.twin);
  put(out, "reason", s.reason);
  put(out, "certificate", s.certificate);
  if (s.presented) out["presented"] = *s.presented;
  json attempts = json::array();
  for (const auto& a : s.attempts) attempts.push_back(json::array({a.presented, a.reference, a.reason}));
  if (!attempts.empty()) out["attempts"] = std::move(attempts);
  return out;
}

/// Words by their place in a list: tens of thousands of scenarios share few rules.
class Words {
 public:
  json places(const std::vector<std::string>& words) {
    json out = json::array();
    for (const auto& word : words) {
      const auto [known, fresh] = places_.try_emplace(word, list_.size());
      if (fresh) list_.push_back(word);
      out.push_back(known->second);
    }
    return out;
  }
  const json& list() const { return list_; }

 private:
  std::map<std::string, std::size_t> places_;
  json list_ = json::array();
};

std::string replaced(std::string text, std::string_view mark, const std::string& value) {
  const std::size_t at = text.find(mark);
  if (at != std::string::npos) text.replace(at, mark.size(), value);
  return text;
}

std::string packages_text(const Column& column) {
  std::string out;
  for (const auto& [name, revision] : column.packages)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, revision);
  return out;
}

}  // namespace

HtmlReport::HtmlReport(Deliver deliver, std::optional<std::filesystem::path> cells,
                       std::vector<std::filesystem::path> earlier)
    : deliver_(std::move(deliver)), cells_(std::move(cells)), earlier_(std::move(earlier)) {}
HtmlReport::~HtmlReport() = default;

void HtmlReport::begin(const RunHeader& header) {
  header_ = header;
  behaviours_.resize(header.columns.size());
  rows_a_part_ = std::max(kRowsAPart, header.scenarios / kMostParts + 1);
  for (std::size_t i = 0; i < header.columns.size(); ++i)
    columns_.emplace(std::pair(header.columns[i].client, header.columns[i].mode), i);
  if (!cells_) return;
  // Files are added to as cells come: what an earlier run left there must go first.
  std::error_code error;
  std::filesystem::remove_all(*cells_, error);
  if (!error) std::filesystem::create_directories(*cells_, error);
  if (error) throw OutputError(fmt::format("{}: {}", cells_->string(), error.message()));
}

void HtmlReport::scenario(const ScenarioRecord& scenario) {
  if (!rows_by_id_.emplace(scenario.id, scenarios_.size()).second) return;
  keep_detail(std::to_string(scenarios_.size()), scenarios_.size(), Place::page, about_json(scenario));
  scenarios_.push_back(scenario);
  scenarios_.back().certificate.clear();  // the drawer has them
  scenarios_.back().attempts.clear();
  const std::size_t width = header_.columns.size();
  rows_.push_back({std::string(width, 'j'), std::string(width, 'e'), std::string(width, 'a')});
}

void HtmlReport::cell(const CellResult& result) {
  const auto row = rows_by_id_.find(result.scenario);
  const auto column = columns_.find({result.client, result.mode});
  if (row == rows_by_id_.end() || column == columns_.end()) return;
  Row& signs = rows_[row->second];
  signs.outcomes[column->second] = letter(kOutcomeWords, result.outcome);
  signs.decisions[column->second] = result.decision ? letter(kDecisionWords, *result.decision) : 'e';
  signs.baselines[column->second] = letter(kBaselineWords, result.baseline);
  behaviours_[column->second].add(scenarios_[row->second], result);
  const Place place = is_fault(result.outcome) || is_unexpected(result) ? Place::page : Place::beside;
  if (place == Place::beside && !cells_) return;
  keep_detail(fmt::format("{}:{}", row->second, column->second), row->second, place,
              detail_json(scenarios_[row->second], result));
}

void HtmlReport::keep_detail(const std::string& key, std::size_t row, Place place, const json& detail) {
  const std::string text = script_safe(detail);
  const std::size_t part = row / rows_a_part_;
  if (place == Place::page && in_page_ + text.size() < kDetailsInPage) {
    in_page_ += text.size();
    parts_[part] += fmt::format("{} {}\n", key, text);
    return;
  }
  if (!cells_) return;
  std::string& open = open_parts_[part];
  open += fmt::format("mxident_line(\"{}\",{});\n", key, text);
  if (open.size() > kPartBuffer) flush(part);
}

void HtmlReport::flush(std::size_t part) {
  std::string& text = open_parts_[part];
  const std::filesystem::path file = *cells_ / fmt::format("{}.js", part);
  std::ofstream out(file, std::ios::binary | std::ios::app);
  out << text;
  if (!out.flush()) throw OutputError(fmt::format("{}: cannot be written", file.string()));
  text.clear();
}

json HtmlReport::behaviours() const {
  std::map<std::string, std::map<std::size_t, std::set<std::size_t>>> by_phrase;  // columns and their rows
  for (std::size_t column = 0; column < behaviours_.size(); ++column) {
    for (const auto& [phrase, scenarios] : behaviours_[column].explained()) {
      auto& rows = by_phrase[phrase][column];
      for (const auto& id : scenarios) rows.insert(rows_by_id_.at(id));
    }
  }
  json out = json::array();
  for (const auto& [phrase, columns] : by_phrase) {
    json cells = json::array();
    for (const auto& [column, rows] : columns) cells.push_back(json::array({column, rows}));
    out.push_back({{"phrase", phrase}, {"cells", std::move(cells)}});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const json& a, const json& b) { return a["cells"].size() > b["cells"].size(); });
  return out;
}

json HtmlReport::history() const {
  const PageCells cells{rows_by_id_, columns_, [](Outcome outcome) { return letter(kOutcomeWords, outcome); },
                        'j'};
  json out = json::array();
  for (const auto& file : earlier_) {
    const EarlierRun run = read_earlier(file, cells);
    out.push_back({{"file", run.file}, {"versions", run.versions}, {"outcomes", run.outcomes}});
  }
  return out;
}

std::string HtmlReport::details() const {
  std::string out;
  for (const auto& [part, text] : parts_)
    out += fmt::format("<script type=\"text/plain\" id=\"part-{}\">{}</script>\n", part, text);
  return out;
}

std::string HtmlReport::data(const RunFooter& footer) const {
  json out{{"schema", "mxident-report/2"}};
  out["run"] = {
      {"mxident", header_.mxident_version}, {"sandbox", header_.sandbox}, {"kernel", header_.kernel},
      {"suite", header_.suite_digest},      {"seed", header_.seed},       {"complete", footer.complete}};
  json columns = json::array();
  for (const auto& c : header_.columns) {
    columns.push_back({{"client", c.client},
                       {"title", c.client_title},
                       {"version", c.version},
                       {"mode", c.mode},
                       {"modeTitle", c.title},
                       {"policy", c.policy},
                       {"package", packages_text(c)},
                       {"tls", c.engine}});
  }
  out["columns"] = std::move(columns);
  Words rules, tags;
  json scenarios = json::array();
  std::string outcomes, decisions, baselines;
  for (std::size_t i = 0; i < scenarios_.size(); ++i) {
    const ScenarioRecord& s = scenarios_[i];
    scenarios.push_back(json::array({s.id, s.title, rules.places(s.rules), tags.places(s.tags)}));
    outcomes += rows_[i].outcomes;
    decisions += rows_[i].decisions;
    baselines += rows_[i].baselines;
  }
  out["scenarios"] = std::move(scenarios);
  out["rules"] = rules.list();
  out["tags"] = tags.list();
  out["cells"] = {{"outcomes", outcomes}, {"decisions", decisions}, {"baselines", baselines}};
  out["behaviours"] = behaviours();
  json names = json::array();
  for (const auto& name : checked_names()) {
    const auto row = rows_by_id_.find(std::string(name.scenario));
    names.push_back(
        {{"title", name.title}, {"row", row == rows_by_id_.end() ? json(nullptr) : json(row->second)}});
  }
  out["names"] = std::move(names);
  if (!earlier_.empty()) out["history"] = history();
  json reasons = json::object();
  for (const auto& reason : all_reasons()) reasons[std::string(reason.id)] = reason.sentence;
  out["reasons"] = std::move(reasons);
  out["parts"] = {{"rows", rows_a_part_},
                  {"folder", cells_ ? json(cells_->filename().string()) : json(nullptr)}};
  return script_safe(out);
}

void HtmlReport::end(const RunFooter& footer) {
  for (auto& [part, text] : open_parts_) {
    if (!text.empty()) flush(part);
  }
  std::string counts;
  for (const auto outcome : kOutcomeWords) {
    const auto found = footer.counts.find(outcome);
    if (found != footer.counts.end())
      counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", found->second, to_string(outcome));
  }
  const std::string summary =
      fmt::format("{}; {} news, {} fixed{} · mxident {} · suite {} · {}", counts, footer.news, footer.fixed,
                  footer.complete ? "" : "; INCOMPLETE", header_.mxident_version,
                  header_.suite_digest.substr(0, 12), header_.kernel);
  std::string page(report_page());
  // The last mark first: what is put in may hold the others.
  page = replaced(std::move(page), "@DETAILS@", details());
  page = replaced(std::move(page), "@DATA@", data(footer));
  page = replaced(std::move(page), "@SUMMARY@", markup_text(summary));
  page = replaced(
      std::move(page), "@TITLE@",
      markup_text(fmt::format("{} scenarios, {} client modes", scenarios_.size(), header_.columns.size())));
  deliver_(page);
}

}  // namespace mxident::harness
