#include "harness/explore/learn/drawing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "harness/explore/learn/sentence.hpp"
#include "harness/text/page.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness::learn {
namespace {

struct Point {
  double x = 0, y = 0;
};

constexpr double kColumn = 190, kRow = 130, kRadius = 20, kMargin = 90;
constexpr std::size_t kLongestLabel = 26;

/// By state, its place; the columns are filled from the top.
std::map<std::uint32_t, Point> places_of(const Dfa& dfa) {
  std::map<std::uint32_t, Point> out;
  std::map<std::size_t, std::size_t> used;
  const std::vector<Word> words = access_words(dfa);
  for (std::uint32_t q = 0; q < dfa.size(); ++q) {
    if (is_dead(dfa, q)) continue;
    const std::size_t column = words[q].size(), row = used[column]++;
    // Columns take turns in being lower, so that an arrow that passes one does not pass through its states.
    out[q] = {kMargin + kColumn * static_cast<double>(column),
              kMargin + kRow * static_cast<double>(row) + (column % 2 == 1 ? kRow / 2 : 0)};
  }
  return out;
}

struct Picture {
  std::string lines, circles, words;
};

void write_label(Picture& out, Point at, const std::vector<std::string>& symbols) {
  const std::string all = fmt::format("{}", fmt::join(symbols, " "));
  std::string shortened;
  for (const auto& symbol : symbols) {
    if (shortened.size() + symbol.size() > kLongestLabel) {
      shortened += " \u2026";
      break;
    }
    shortened += (shortened.empty() ? "" : " ") + symbol;
  }
  out.words += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\">{}<title>{}</title></text>\n", at.x, at.y,
                           markup_text(shortened), markup_text(all));
}

void draw_loop(Picture& out, Point at, const std::vector<std::string>& symbols) {
  out.lines +=
      fmt::format("<path d=\"M{:.0f},{:.0f} c-26,-46 38,-46 12,-1\"/>\n", at.x - 6, at.y - kRadius + 1);
  write_label(out, {at.x, at.y - kRadius - 38}, symbols);
}

/// Bent to its left, so that there and back are two lines.
void draw_arrow(Picture& out, Point from, Point to, const std::vector<std::string>& symbols) {
  const double dx = to.x - from.x, dy = to.y - from.y, length = std::hypot(dx, dy);
  const Point along{dx / length, dy / length}, aside{along.y, -along.x};
  const double bend = 14 + length / 8;
  const Point middle{(from.x + to.x) / 2 + aside.x * bend, (from.y + to.y) / 2 + aside.y * bend};
  const Point begin{from.x + along.x * kRadius, from.y + along.y * kRadius},
      end{to.x - along.x * (kRadius + 3), to.y - along.y * (kRadius + 3)};
  out.lines += fmt::format("<path d=\"M{:.0f},{:.0f} Q{:.0f},{:.0f} {:.0f},{:.0f}\"/>\n", begin.x, begin.y,
                           middle.x, middle.y, end.x, end.y);
  write_label(out, {(begin.x + end.x) / 4 + middle.x / 2, (begin.y + end.y) / 4 + middle.y / 2 - 5}, symbols);
}

std::string names_list(std::string_view heading, const std::vector<Difference>& list, bool accepted) {
  std::vector<std::string> names;
  for (const auto& one : list) {
    if (one.accepted == accepted) names.push_back(markup_text(shown(one.name)));
  }
  return names.empty()
             ? ""
             : fmt::format("<p>{}: <code>{}</code></p>\n", heading, fmt::join(names, "</code> <code>"));
}

std::string lines_of(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out += markup_text(text.substr(at, end - at)) + "\n";
    at = end + 1;
  }
  return out;
}

std::string section_of(const Learned& one, const Report& report) {
  std::string out = fmt::format("<h2>{}:{} {}</h2>\n", markup_text(one.client), markup_text(one.mode),
                                markup_text(one.version));
  if (one.state != Learned::State::whole)
    out += fmt::format("<p class=\"news\">{}: {}</p>\n", one.dfa ? "Not learned to the end" : "No automaton",
                       markup_text(one.why));
  if (one.dfa) out += fmt::format("<p>It {}.</p>\n", markup_text(one.sentence));
  out += names_list(fmt::format("Accepts, and {} refuses", markup_text(one.policy)), one.from_policy, true);
  out += names_list(fmt::format("Refuses, and {} accepts", markup_text(one.policy)), one.from_policy, false);
  if (one.from_policy.empty() && one.state == Learned::State::whole)
    out += fmt::format("<p>No difference from {} was found.</p>\n", markup_text(one.policy));
  if (one.dfa)
    out += svg_of(*one.dfa, report.alphabet, fmt::format("{}:{} {}", one.client, one.mode, one.version)) +
           fmt::format("<pre>{}</pre>\n", lines_of(text_of(*one.dfa, report.alphabet)));
  return out + fmt::format(
                   "<p><small>{} questions ({} asked twice, {} answers remembered), {} cells, {} "
                   "counterexamples, {:.0f} s</small></p>\n",
                   one.questions, one.repeated, one.remembered, one.cells, one.counterexamples, one.seconds);
}

}  // namespace

std::string svg_of(const Dfa& dfa, const Alphabet& alphabet, const std::string& title) {
  const auto places = places_of(dfa);
  Point corner;
  Picture picture;
  for (const auto& [q, at] : places) {
    corner = {std::max(corner.x, at.x), std::max(corner.y, at.y)};
    for (const double radius : {kRadius, kRadius - 4}) {
      if (radius == kRadius || dfa.accepting[q])
        picture.circles +=
            fmt::format("<circle cx=\"{:.0f}\" cy=\"{:.0f}\" r=\"{:.0f}\"/>\n", at.x, at.y, radius);
    }
    picture.words += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\">{}</text>\n", at.x, at.y + 5, q);
    if (q == 0) picture.lines += fmt::format("<path d=\"M{:.0f},{:.0f} h30\"/>\n", at.x - kRadius - 33, at.y);
    for (const auto& [to, symbols] : steps_of(dfa, alphabet, q)) {
      if (to == q)
        draw_loop(picture, at, symbols);
      else
        draw_arrow(picture, at, places.at(to), symbols);
    }
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" font-family=\"monospace\" font-size=\"13\" text-anchor=\"middle\">\n"
      "<title>{2}</title>\n<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" "
      "markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0,0 8,4 0,8z\"/></marker></defs>\n"
      "<g fill=\"none\" stroke=\"#555\" marker-end=\"url(#tip)\">\n{3}</g>\n"
      "<g fill=\"#fff\" stroke=\"#222\">\n{4}</g>\n<g fill=\"#111\">\n{5}</g>\n</svg>\n",
      corner.x + kMargin, corner.y + kMargin, markup_text(title), picture.lines, picture.circles,
      picture.words);
}

std::string html_of(const Report& report) {
  const bool references = report.options.side == Side::references;
  const std::string title =
      fmt::format("{} {}", references ? "References that are accepted of" : "Names that are accepted for",
                  shown(report.options.name));
  std::string out = page_head(title,
                              "pre,code{background:var(--head)}pre{padding:.5em;overflow-x:auto}"
                              "svg{max-width:100%;height:auto;background:#fff}.news{background:var(--bad)}");
  out += fmt::format("<h1>{}</h1>\n", markup_text(title));
  for (const auto& one : report.learned) out += section_of(one, report);
  if (report.learned.size() == 2) {
    for (const bool firsts : {true, false}) {
      const Learned& who = report.learned[firsts ? 0 : 1];
      out += names_list(fmt::format("Only {}:{} accepts", markup_text(who.client), markup_text(who.mode)),
                        report.between, firsts);
    }
  }
  for (const auto& one : report.left_out) out += fmt::format("<p>Left out: {}</p>\n", markup_text(one));
  return out + "</body></html>\n";
}

}  // namespace mxident::harness::learn
