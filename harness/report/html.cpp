#include "harness/report/html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/analysis/checked_names.hpp"
#include "harness/analysis/findings.hpp"
#include "harness/input/json_input.hpp"
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

/// Text that may stand inside a script element: no "</script>" can come about, broken UTF-8 is replaced, and
/// the page's source has no letters that turn the direction of writing.
std::string script_safe(const json& value) {
  const std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
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

std::string packages_text(const Column& column) {
  std::string out;
  for (const auto& [name, revision] : column.packages)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, revision);
  return out;
}

}  // namespace

std::vector<std::size_t> HtmlReport::Words::places(const std::vector<std::string>& words) {
  std::vector<std::size_t> out;
  for (const auto& word : words) {
    const auto [known, fresh] = places_.try_emplace(word, list_.size());
    if (fresh) list_.push_back(word);
    out.push_back(known->second);
  }
  return out;
}

HtmlReport::HtmlReport(std::shared_ptr<Target> target, std::optional<std::filesystem::path> cells,
                       std::vector<std::filesystem::path> earlier)
    : target_(std::move(target)), cells_(std::move(cells)), earlier_(std::move(earlier)) {}
HtmlReport::~HtmlReport() = default;

void HtmlReport::begin(const RunHeader& header) {
  header_ = header;
  behaviours_.resize(header.columns.size());
  faulty_.resize(header.columns.size());
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
  const std::size_t row = rows_.size();
  if (!rows_by_id_.emplace(scenario.id, row).second)
    throw InputError("results", "", fmt::format("the scenario \"{}\" is announced twice", scenario.id));
  keep_detail(std::to_string(row), row, Place::page, about_json(scenario));
  const json listed =
      json::array({scenario.id, scenario.title, rules_.places(scenario.rules), tags_.places(scenario.tags)});
  const std::size_t width = header_.columns.size();
  rows_.push_back(
      {script_safe(listed), std::string(width, 'j'), std::string(width, 'e'), std::string(width, 'a')});
  Open& open = open_[row];
  open.about = for_sentences(scenario);
  open.about.rules = scenario.rules;
  open.about.reason = scenario.reason;
  open.cells = scenario.cells;
}

void HtmlReport::cell(const CellResult& result) {
  const auto at = rows_by_id_.find(result.scenario);
  const auto column = columns_.find({result.client, result.mode});
  const auto open = at == rows_by_id_.end() ? open_.end() : open_.find(at->second);
  if (open == open_.end() || column == columns_.end()) {
    throw InputError("results", "",
                     fmt::format("a cell of {} {} in \"{}\" is of no announced scenario or column, or beyond "
                                 "the cells that its scenario has",
                                 result.client, result.mode, result.scenario));
  }
  const std::size_t row = at->second;
  const ScenarioRecord& scenario = open->second.about;
  Row& signs = rows_[row];
  signs.outcomes[column->second] = letter(kOutcomeWords, result.outcome);
  signs.decisions[column->second] = result.decision ? letter(kDecisionWords, *result.decision) : 'e';
  signs.baselines[column->second] = letter(kBaselineWords, result.baseline);
  const auto kind = behaviours_[column->second].add(scenario, result);
  if (kind != Behaviours::kNoFault)
    faulty_[column->second].push_back({static_cast<std::uint32_t>(row), kind});
  const Place place = is_fault(result.outcome) || is_unexpected(result) ? Place::page : Place::beside;
  if (place == Place::page || cells_)
    keep_detail(fmt::format("{}:{}", row, column->second), row, place, detail_json(scenario, result));
  if (--open->second.cells == 0) open_.erase(open);
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
    for (const auto& [phrase, kinds] : behaviours_[column].explained()) {
      auto& rows = by_phrase[phrase][column];
      for (const auto& cell : faulty_[column]) {
        if (kinds.contains(cell.kind)) rows.insert(cell.row);
      }
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

void HtmlReport::write_details() {
  for (const auto& [part, text] : parts_)
    target_->write(fmt::format("<script type=\"text/plain\" id=\"part-{}\">{}</script>\n", part, text));
}

/// One JSON object, in pieces: for very many scenarios a tree of it would be many times as large.
void HtmlReport::write_data(const RunFooter& footer) {
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
  out["rules"] = rules_.list();
  out["tags"] = tags_.list();
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
  std::string text = script_safe(out);
  text.pop_back();  // its brace
  target_->write(text + ",\"scenarios\":[");
  for (std::size_t i = 0; i < rows_.size(); ++i) target_->write((i ? "," : "") + rows_[i].json);
  const char* head = "],\"cells\":{";
  for (const auto& [name, signs] :
       {std::pair("outcomes", &Row::outcomes), std::pair("decisions", &Row::decisions),
        std::pair("baselines", &Row::baselines)}) {
    target_->write(fmt::format("{}\"{}\":\"", head, name));
    for (const auto& row : rows_) target_->write(row.*signs);
    head = "\",";
  }
  target_->write("\"}}");
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
  std::string_view page = report_page();
  const auto write_up_to = [&](std::string_view mark) {
    const std::size_t at = page.find(mark);
    target_->write(std::string(page.substr(0, at)));
    page.remove_prefix(at + mark.size());
  };
  write_up_to("@TITLE@");
  target_->write(
      markup_text(fmt::format("{} scenarios, {} client modes", rows_.size(), header_.columns.size())));
  write_up_to("@SUMMARY@");
  target_->write(markup_text(printable(summary)));
  write_up_to("@DATA@");
  write_data(footer);
  write_up_to("@DETAILS@");
  write_details();
  target_->write(std::string(page));
  target_->end();
}

}  // namespace mxident::harness
