#include "harness/report/html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/analysis/findings.hpp"
#include "harness/results/writer.hpp"
#include "harness/text/words.hpp"

namespace mxident::harness {
namespace {

using nlohmann::json;

constexpr std::size_t kRowsAPart = 20;             ///< scenarios in a file of details
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

std::string markup_safe(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

json event_json(const WireEvent& event) {
  std::string from = "note";
  if (event.kind == WireKind::sent) from = "server";
  if (event.kind == WireKind::received || event.kind == WireKind::client_hello ||
      event.kind == WireKind::alert_received)
    from = "client";
  std::string text = wire_line(event);
  if (text.size() > kTextShown) text.resize(kTextShown);
  return {{"from", from},
          {"text", text},
          {"host", event.host},
          {"tls", event.encrypted},
          {"time", event.at_us / 1000}};
}

json layers_json(const Layers& layers) {
  json out = json::object();
  for (const auto& [name, member] : kLayers) out[std::string(name)] = to_string(layers.*member);
  return out;
}

json detail_json(const ScenarioRecord& scenario, const CellResult& r) {
  json out{{"sentence", mode_name(r) + " " + fault_sentence(scenario, r)},
           {"expected", to_string(r.expected)},
           {"expected_reason", scenario.reason},
           {"note", r.note},
           {"alert", r.alert},
           {"said", r.said},
           {"contradiction", r.contradiction},
           {"words", r.words},
           {"layers", layers_json(r.layers)},
           {"reproduce", r.reproduce},
           {"baseline_reason", r.compared_with.empty() ? "" : "compared with " + r.compared_with}};
  out["sni"] = r.sni ? json(*r.sni) : json(nullptr);
  json events = json::array();
  for (std::size_t i = 0; i < std::min(r.events.size(), kEventsShown + 1); ++i)
    events.push_back(event_json(r.events[i]));
  out["events"] = std::move(events);
  return out;
}

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

HtmlReport::HtmlReport(Deliver deliver, std::optional<std::filesystem::path> cells)
    : deliver_(std::move(deliver)), cells_(std::move(cells)) {}
HtmlReport::~HtmlReport() = default;

void HtmlReport::begin(const RunHeader& header) {
  header_ = header;
  behaviours_.resize(header.columns.size());
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
  scenarios_.push_back(scenario);
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
  behaviours_[column->second].add(scenarios_[row->second].rules, result);
  keep_detail(row->second, column->second, result);
}

void HtmlReport::keep_detail(std::size_t row, std::size_t column, const CellResult& result) {
  const bool in_page = is_fault(result.outcome) || is_unexpected(result);
  if (!in_page && !cells_) return;
  const std::string text = script_safe(detail_json(scenarios_[row], result));
  const std::string key = fmt::format("\"{}:{}\"", row, column);
  if (in_page && details_.size() + text.size() < kDetailsInPage) {
    details_ += fmt::format("{}{}:{}", details_.empty() ? "" : ",\n", key, text);
    return;
  }
  if (!cells_) return;
  std::string& part = open_parts_[row / kRowsAPart];
  part += fmt::format("window.mxident.model.details[{}]={};\n", key, text);
  if (part.size() > kPartBuffer) flush(row / kRowsAPart);
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
  struct Seen {
    std::vector<std::size_t> columns;
    std::set<std::pair<std::size_t, std::string>> cells;
  };
  std::map<std::string, Seen> by_phrase;
  for (std::size_t column = 0; column < behaviours_.size(); ++column) {
    for (const auto& [phrase, scenarios] : behaviours_[column].explained()) {
      Seen& seen = by_phrase[phrase];
      seen.columns.push_back(column);
      for (const auto& id : scenarios) seen.cells.emplace(column, id);
    }
  }
  json out = json::array();
  for (const auto& [phrase, seen] : by_phrase) {
    std::set<std::size_t> distinct;
    for (const auto& [column, id] : seen.cells) distinct.insert(rows_by_id_.at(id));
    out.push_back(
        {{"phrase", phrase}, {"columns", seen.columns}, {"cells", seen.cells.size()}, {"rows", distinct}});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const json& a, const json& b) { return a["columns"].size() > b["columns"].size(); });
  return out;
}

std::string HtmlReport::data(const RunFooter& footer) const {
  json out{{"schema", "mxident-report/1"}};
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
  json scenarios = json::array(), rows = json::array();
  for (std::size_t i = 0; i < scenarios_.size(); ++i) {
    const ScenarioRecord& s = scenarios_[i];
    scenarios.push_back({{"id", s.id},
                         {"title", s.title},
                         {"rules", s.rules},
                         {"sources", s.sources},
                         {"tags", s.tags},
                         {"domain", s.domain},
                         {"hosts", s.hosts},
                         {"presented", s.presented.value_or(std::vector<std::string>{})},
                         {"twin", s.twin}});
    rows.push_back({{"outcomes", rows_[i].outcomes},
                    {"decisions", rows_[i].decisions},
                    {"baselines", rows_[i].baselines}});
  }
  out["scenarios"] = std::move(scenarios);
  out["rows"] = std::move(rows);
  out["behaviours"] = behaviours();
  if (cells_) out["detail_files"] = {{"folder", cells_->filename().string()}, {"rows", kRowsAPart}};
  // The details are JSON already: they are put in as they are.
  std::string text = script_safe(out);
  text.pop_back();
  return text + ",\"details\":{" + details_ + "}}";
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
  page = replaced(
      std::move(page), "@TITLE@",
      markup_safe(fmt::format("{} scenarios, {} client modes", scenarios_.size(), header_.columns.size())));
  page = replaced(std::move(page), "@SUMMARY@", markup_safe(summary));
  page = replaced(std::move(page), "@DATA@", data(footer));
  deliver_(page);
}

}  // namespace mxident::harness
