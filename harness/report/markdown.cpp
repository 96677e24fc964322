#include "harness/report/markdown.hpp"

#include <fmt/format.h>

#include "harness/report/formats.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness {
namespace {

/// Adds lines as long as there is room, and says how many there was none for.
void add_lines(std::string& out, const std::vector<std::string>& lines, std::size_t room) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (out.size() + lines[i].size() > room) {
      out += fmt::format("- and {} more: see the results\n", lines.size() - i);
      return;
    }
    out += lines[i];
  }
}

}  // namespace

std::string markdown_text(const std::string& octets) {
  std::string out;
  for (const char c : printable(octets)) {
    switch (c) {
      case '<':
      case '>':
      case '&':
        out += markup_entity(c);
        break;
      case '@':  // mentions somebody
        out += "&#64;";
        break;
      case '#':  // refers to an issue
        out += "&#35;";
        break;
      case '\\':
      case '`':
      case '*':
      case '_':
      case '{':
      case '}':
      case '[':
      case ']':
      case '(':
      case ')':
      case '!':
      case '|':
      case '~':
        out += '\\';
        [[fallthrough]];
      default:
        out += c;
    }
  }
  constexpr std::size_t kMost = 600;
  if (out.size() <= kMost) return out;
  std::size_t end = kMost;
  // Not in the middle of a character, an escape or an entity.
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0) == 0x80) --end;
  out.resize(end);
  if (const std::size_t entity = out.rfind('&');
      entity != std::string::npos && out.find(';', entity) == std::string::npos)
    out.resize(entity);
  while (!out.empty() && out.back() == '\\') out.pop_back();
  return out + "...";
}

void MarkdownReport::on_end(const RunFooter& footer) {
  std::size_t cells = 0;
  std::string counts;
  for (const auto& [outcome, count] : footer.counts) {
    cells += count;
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, to_string(outcome));
  }
  std::string out =
      fmt::format("## mxident: {} news, {} fixed\n\n{} cells: {}.{}\n", footer.news, footer.fixed, cells,
                  counts, footer.complete ? "" : " **The run was interrupted.**");
  const std::size_t room = kMarkdownOctets - 200;
  std::vector<std::string> lines;
  for (const auto& line : footer.absent) lines.push_back(fmt::format("- {}\n", markdown_text(line)));
  if (!lines.empty()) out += "\n### Clients that were named and could not be tried\n\n";
  add_lines(out, lines, room / 4);
  lines.clear();
  std::size_t octets = 0;
  for (std::size_t i = 0; i < findings_.faults(); ++i) {
    if (octets > room) {  // for those there is no room anyway
      lines.emplace_back();
      continue;
    }
    const auto [scenario, r] = findings_.fault(i);
    lines.push_back(fmt::format("- **{}** {} {}: {} ({})\n", to_string(r.outcome),
                                markdown_text(mode_name(r)), markdown_text(r.scenario),
                                markdown_text(fault_sentence(scenario, r)), to_string(r.baseline)));
    octets += lines.back().size();
  }
  for (const auto& [releases, changed] : findings_.changes) {
    for (const auto& line : changed)
      lines.push_back(fmt::format("- {}: {}\n", markdown_text(releases), markdown_text(line)));
  }
  if (!lines.empty()) out += "\n### News\n\n";
  add_lines(out, lines, room * 3 / 4);
  lines.clear();
  for (std::size_t i = 0; i < findings_.modes.size(); ++i) {
    const Column& column = header().columns[i];
    for (const auto& fault : findings_.modes[i].behaviours.faults()) {
      lines.push_back(fmt::format("- {} {} {}\n", markdown_text(column.client), markdown_text(column.mode),
                                  markdown_text(fault)));
    }
  }
  if (!lines.empty()) out += "\n### Behaviours of the modes that deviate, known ones included\n\n";
  add_lines(out, lines, room);
  deliver_(out);
}

}  // namespace mxident::harness
