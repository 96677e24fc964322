#include "harness/report/diff_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "harness/report/formats.hpp"
#include "harness/report/markdown.hpp"
#include "harness/report/target.hpp"
#include "harness/text/page.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness {
namespace {

using Mark = std::string (*)(const std::string&);

std::string html_words(const std::string& octets) {
  constexpr std::size_t kMost = 2000;
  return markup_text(cut_text(printable(octets), kMost));
}

std::string joined(const std::vector<std::string>& items, Mark mark) {
  constexpr std::size_t kMost = 20;
  std::vector<std::string> out;
  for (std::size_t i = 0; i < items.size() && i < kMost; ++i) out.push_back(mark(items[i]));
  if (items.size() > kMost) out.push_back(fmt::format("and {} more", items.size() - kMost));
  return fmt::format("{}", fmt::join(out, ", "));
}

std::string sentence_of(const Headline& headline, Mark mark) {
  return fmt::format("{} {} {} {} ({})", mark(headline.client), mark(headline.version),
                     headline.became == Headline::Became::gone ? "no longer" : "now",
                     mark(headline.behaviour), joined(headline.modes, mark));
}

std::string verdict_text(Outcome outcome, const std::optional<Decision>& decision) {
  return fmt::format("{} ({})", to_string(outcome), decision ? to_string(*decision) : "-");
}

std::vector<std::string> others_of(const RunDiff& diff, Mark mark) {
  const std::pair<const char*, const std::vector<std::string>*> lists[] = {
      {"Modes added", &diff.modes_added},
      {"Modes gone", &diff.modes_gone},
      {"Scenarios added", &diff.scenarios_added},
      {"Scenarios gone", &diff.scenarios_gone},
      {"Scenarios changed", &diff.scenarios_changed}};
  std::vector<std::string> out;
  for (const auto& [title, items] : lists) {
    if (!items->empty())
      out.push_back(fmt::format("{} ({}): {}", title, items->size(), joined(*items, mark)));
  }
  return out;
}

constexpr const char* kStyle =
    ".regressed{background:var(--bad)}.improved{background:var(--good)}.changed{background:var(--odd)}"
    "td:first-child{white-space:nowrap}td:nth-child(3),td:nth-child(4),th{overflow-wrap:normal}";

/// A sign for each change besides its colour.
const char* sign_of(Change change) {
  return change == Change::regressed  ? "\xe2\x96\xbc"
         : change == Change::improved ? "\xe2\x96\xb2"
                                      : "\xe2\x97\x86";
}

}  // namespace

std::string diff_markdown(const RunDiff& diff) {
  if (!diff.has_news()) return "";
  std::string out = fmt::format("## mxident: {}\n\n", counts_text(diff));
  std::vector<std::string> lines;
  for (const auto& headline : headlines(diff))
    lines.push_back("- " + sentence_of(headline, markdown_text) + "\n");
  for (const auto& [package, clients] : changed_packages(diff))
    lines.push_back(
        fmt::format("- package changed: {} ({})\n", markdown_text(package), joined(clients, markdown_text)));
  for (const auto change : {Change::regressed, Change::changed, Change::improved}) {
    for (const auto& mode : diff.modes) {
      for (const auto& cell : mode.cells) {
        if (cell.change != change) continue;
        lines.push_back(fmt::format(
            "- **{}** {} {} {}: {} to {}\n", to_string(change), markdown_text(mode.client),
            markdown_text(mode.mode), markdown_text(cell.scenario),
            verdict_text(cell.before, cell.decision_before), verdict_text(cell.after, cell.decision_after)));
      }
    }
  }
  for (const auto& line : others_of(diff, markdown_text)) lines.push_back("- " + line + "\n");
  constexpr std::size_t kRoom = kMarkdownOctets - 200;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (out.size() + lines[i].size() > kRoom) {
      out += fmt::format("- and {} more: see the results\n", lines.size() - i);
      break;
    }
    out += lines[i];
  }
  return out;
}

std::string diff_html(const RunDiff& diff, const std::string& before, const std::string& after) {
  std::string out = page_head("mxident diff", kStyle);
  out += fmt::format("<h1>{}</h1>\n<p>{} to {}</p>\n", diff.has_news() ? "What changed" : "No news",
                     html_words(before), html_words(after));
  out += fmt::format("<p><strong>{}</strong></p>\n<ul>\n", counts_text(diff));
  for (const auto& headline : headlines(diff)) out += "<li>" + sentence_of(headline, html_words) + "</li>\n";
  for (const auto& [package, clients] : changed_packages(diff))
    out +=
        fmt::format("<li>package changed: {} ({})</li>\n", html_words(package), joined(clients, html_words));
  for (const auto& line : others_of(diff, html_words)) out += "<li>" + line + "</li>\n";
  out += "</ul>\n";
  for (const auto& mode : diff.modes) {
    if (mode.cells.empty() && mode.of_changed_scenarios.empty()) continue;
    out += fmt::format(
        "<h2>{} {}</h2>\n<p>{} to {}</p>\n<table>\n<tr><th>change</th><th>scenario</th><th>before</th>"
        "<th>after</th><th>to see it again</th></tr>\n",
        html_words(mode.client), html_words(mode.mode), html_words(mode.version_before),
        html_words(mode.version_after));
    for (const auto change : {Change::regressed, Change::changed, Change::improved}) {
      for (const auto& cell : mode.cells) {
        if (cell.change != change) continue;
        out += fmt::format(
            "<tr class=\"{0}\"><td>{1} "
            "{0}</td><td>{2}</td><td>{3}</td><td>{4}</td><td><code>{5}</code></td></tr>\n",
            to_string(change), sign_of(change), html_words(cell.scenario),
            verdict_text(cell.before, cell.decision_before), verdict_text(cell.after, cell.decision_after),
            html_words(cell.reproduce));
      }
    }
    for (const auto& cell : mode.of_changed_scenarios) {
      out +=
          fmt::format("<tr><td>scenario changed, too</td><td>{}</td><td>{}</td><td>{}</td><td></td></tr>\n",
                      html_words(cell.scenario), verdict_text(cell.before, cell.decision_before),
                      verdict_text(cell.after, cell.decision_after));
    }
    out += "</table>\n";
  }
  return out + "</body></html>\n";
}

}  // namespace mxident::harness
