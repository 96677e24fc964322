#include "harness/report/console.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "harness/report/explanation.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness {
namespace {

constexpr const char* kGreen = "32";
constexpr const char* kRed = "1;31";
constexpr const char* kYellow = "33";
constexpr const char* kDim = "2";
constexpr const char* kBold = "1";

const char* colour_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::pass:
      return kGreen;
    case Outcome::either:
      return kDim;
    case Outcome::unsupported:
      return kDim;
    case Outcome::strict:
      return kYellow;
    case Outcome::lax:
    case Outcome::downgrade:
    case Outcome::hang:
    case Outcome::crash:
    case Outcome::harness_error:
      return kRed;
  }
  return kDim;
}

constexpr std::array<Outcome, 9> kOutcomes{Outcome::pass,      Outcome::lax,    Outcome::strict,
                                           Outcome::downgrade, Outcome::either, Outcome::unsupported,
                                           Outcome::hang,      Outcome::crash,  Outcome::harness_error};

std::size_t count_of(const std::map<Outcome, std::size_t>& counts, Outcome outcome) {
  const auto found = counts.find(outcome);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

Colour colour_of(std::FILE* out) {
  return isatty(fileno(out)) && !std::getenv("NO_COLOR") ? Colour::on : Colour::off;
}

std::string glyph(Outcome outcome) {
  switch (outcome) {
    case Outcome::pass:
      return "\xE2\x9C\x93";  // check mark
    case Outcome::lax:
      return "L";
    case Outcome::strict:
      return "S";
    case Outcome::downgrade:
      return "D";
    case Outcome::either:
      return "=";
    case Outcome::unsupported:
      return "-";
    case Outcome::hang:
      return "H";
    case Outcome::crash:
      return "C";
    case Outcome::harness_error:
      return "!";
  }
  return "?";
}

std::string ConsoleReport::paint(const char* code, const std::string& text) const {
  return colour_ == Colour::on ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

void ConsoleReport::list(const std::string& title, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  print(fmt::format("\n{}\n\n", paint(kBold, title)));
  for (const auto& line : lines) print("  " + one_line(line) + "\n");
}

void ConsoleReport::on_begin(const RunHeader& head) {
  findings_.begin(head);
  const std::string shard =
      head.shards > 1 ? fmt::format(", shard {} of {}", head.shard, head.shards) : std::string();
  print(paint(kBold, fmt::format("mxident {}", printable(head.mxident_version))) +
        fmt::format(": {} scenarios, {} client modes{}\n{}\n\n", head.scenarios, head.columns.size(), shard,
                    printable(head.sandbox)));
  columns();
  print(fmt::format(
      "\n{}\n",
      paint(
          kDim,
          "\xE2\x9C\x93 pass  L lax (accepted what it must reject)  S strict (rejected what it must accept)  "
          "D downgrade  = either  - unsupported  H hang  C crash  ! harness error  . no expectation")));
  std::fflush(out_);
}

void ConsoleReport::columns() {
  print("Columns:\n");
  const auto& columns = header().columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& c = columns[i];
    if (i == 0 || columns[i - 1].client != c.client) {
      print(fmt::format("{}  {}{}\n", i ? "\n" : "", paint(kBold, printable(c.client)),
                        c.version.empty() ? "" : " " + printable(c.version)));
    }
    print(fmt::format("    {:>3}  {:<22} {}\n", i + 1, printable(c.mode),
                      c.title.empty() ? "policy " + printable(c.policy) : printable(c.title)));
  }
}

/// The column numbers stand upright above the glyphs, a group for each client.
void ConsoleReport::ruler() {
  const auto& columns = header().columns;
  for (const int unit : {100, 10, 1}) {
    if (columns.size() < static_cast<std::size_t>(unit)) continue;
    std::string line(id_width_ + 1, ' ');
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i && columns[i - 1].client != columns[i].client) line += ' ';
      const auto number = i + 1;
      const auto least = static_cast<std::size_t>(unit);
      line += number < least ? ' ' : static_cast<char>('0' + number / least % 10);
    }
    print(paint(kDim, line) + "\n");
  }
}

void ConsoleReport::on_whole(const ScenarioRecord& scenario, const CellsByColumn& cells) {
  before_output_();
  if (!ruled_) {
    id_width_ = widest_id();
    ruler();
    ruled_ = true;
  }
  const auto& columns = header().columns;
  std::string line = fmt::format("{:<{}} ", printable(scenario.id), id_width_);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i && columns[i - 1].client != columns[i].client) line += ' ';
    const auto it = cells.find(i);
    line += it == cells.end() ? paint(kDim, ".")
                              : paint(colour_of(it->second.outcome), glyph(it->second.outcome));
  }
  print(line + "\n");
  std::fflush(out_);
  findings_.add(scenario, cells);
}

void ConsoleReport::fault(const Fault& fault) {
  const auto& [scenario, r] = fault;
  print(fmt::format("{} {} {}\n", paint(colour_of(r.outcome), fmt::format("{:<10}", to_string(r.outcome))),
                    paint(kBold, printable(mode_name(r))), one_line(fault_sentence(scenario, r))));
  print(explanation(fault) + "\n");
}

void ConsoleReport::faults() {
  const std::size_t faults = findings_.faults();
  if (faults == 0) return;
  print(fmt::format("\n{}\n\n", paint(kBold, fmt::format("Faults ({})", faults))));
  for (std::size_t i = 0; i < faults; ++i) {
    const auto [scenario, r] = findings_.fault(i);
    if (i < Findings::kFaultsInFull) {
      fault({scenario, r});
      continue;
    }
    if (i == Findings::kFaultsInFull)
      print(fmt::format("{} more, one line each; the wire of every cell is in {}\n", faults - i,
                        printable(results_file_)));
    print(fmt::format("  {:<10} {} {}: {}\n", to_string(r.outcome), printable(mode_name(r)),
                      one_line(fault_sentence(scenario, r)), printable(r.scenario)));
  }
}

void ConsoleReport::summary() {
  print(fmt::format("\n{:<44}", "Summary"));
  for (const auto outcome : kOutcomes)
    print(fmt::format("{:>{}}", to_string(outcome), to_string(outcome).size() + 2));
  print("  no expectation\n");
  for (std::size_t i = 0; i < header().columns.size(); ++i) {
    print(fmt::format("{:<44}", fmt::format("{:>3} {} {}", i + 1, printable(header().columns[i].client),
                                            printable(header().columns[i].mode))));
    for (const auto outcome : kOutcomes) {
      const std::size_t n = count_of(findings_.modes[i].outcomes, outcome);
      const std::string cell =
          fmt::format("{:>{}}", n ? std::to_string(n) : ".", to_string(outcome).size() + 2);
      print(n ? paint(colour_of(outcome), cell) : paint(kDim, cell));
    }
    print(fmt::format("  {:>14}\n",
                      findings_.modes[i].not_run ? std::to_string(findings_.modes[i].not_run) : "."));
  }
  if (findings_.unsupported.empty()) return;
  print("\nUnsupported, and why:\n");
  for (const auto& [text, count] : findings_.unsupported)
    print(fmt::format("  {:>5}  {}\n", count, one_line(text)));
}

/// Another release is no regression of the one that was recorded: what differs is listed as a change of
/// behaviour.
void ConsoleReport::changes() {
  for (const auto& [releases, lines] : findings_.changes) {
    print(fmt::format("\n{}\n\n", paint(kBold, "Behaviour changes: " + printable(releases))));
    for (const auto& line : lines) print("  " + printable(line) + "\n");
  }
}

/// Modes with faults, known ones included: what the cells say of a client, not of a scenario.
void ConsoleReport::behaviours() {
  bool first = true;
  for (std::size_t i = 0; i < findings_.modes.size(); ++i) {
    const auto faults = findings_.modes[i].behaviours.faults();
    if (faults.empty()) continue;
    if (first) print(fmt::format("\n{}\n\n", paint(kBold, "Behaviours of the modes that deviate")));
    first = false;
    const Column& column = header().columns[i];
    print(fmt::format("  {} {}\n", paint(kBold, printable(column.client)), printable(column.mode)));
    for (const auto& line : faults) print(fmt::format("      {}\n", printable(line)));
    for (const auto& habit : findings_.modes[i].behaviours.habits())
      print(fmt::format("      {}\n", paint(kDim, habit)));
  }
}

void ConsoleReport::contradictions() {
  std::vector<std::string> lines;
  for (const auto& [claim, seen] : findings_.contradictions) {
    lines.push_back(fmt::format("{}: {} cell{}, the first: {}", claim, seen.cells, seen.cells == 1 ? "" : "s",
                                seen.reproduce));
  }
  list("Claims that the wire contradicts", lines);
}

/// A run cannot be faster than its CPU time over the cores; how near it came says whether anything waited.
void ConsoleReport::figures(const RunFooter& footer) {
  std::size_t cells = 0;
  for (const auto& [outcome, count] : footer.counts) cells += count;
  print(fmt::format("\n{} cells in {:.1f} s ({:.0f} cells/s){}\n", cells, footer.wall_s,
                    footer.wall_s > 0 ? static_cast<double>(cells) / footer.wall_s : 0,
                    footer.complete ? "" : "; INCOMPLETE"));
  const double limit = (footer.client_cpu_s + footer.harness_cpu_s) / footer.cores;
  if (footer.client_cpu_s <= 0 || limit <= 0) return;
  print(
      fmt::format("CPU: clients {:.1f} s, harness and servers {:.1f} s ({:.1f} % of the clients'); wall time "
                  "is {:.2f} times CPU/cores ({} cores)\n",
                  footer.client_cpu_s, footer.harness_cpu_s, 100 * footer.harness_cpu_s / footer.client_cpu_s,
                  footer.wall_s / limit, footer.cores));
}

void ConsoleReport::on_end(const RunFooter& footer) {
  before_output_();
  list(fmt::format("Not the same each time ({})", footer.differing.size()), footer.differing);
  faults();
  changes();
  contradictions();
  behaviours();
  summary();
  list("Clients that were named and could not be tried", footer.absent);
  figures(footer);
  std::string counts;
  for (const auto outcome : kOutcomes) {
    const auto it = footer.counts.find(outcome);
    if (it != footer.counts.end())
      counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", it->second, to_string(outcome));
  }
  if (footer.no_expectation) counts += fmt::format(", {} not run (no expectation)", footer.no_expectation);
  print(fmt::format("{}; {} news, {} fixed\n", counts, footer.news, footer.fixed));
  print(fmt::format("Results: {}\n", printable(results_file_)));
  std::fflush(out_);
}

}  // namespace mxident::harness
