#include "harness/report/console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

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

}  // namespace

std::string glyph(Outcome outcome, BaselineState) {
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

std::string fault_sentence(const ReportScenario& scenario, const CellResult& r) {
  const std::string what =
      scenario.presented.empty()
          ? "a server"
          : fmt::format("{} for {}", scenario.presented,
                        r.policy == "nexthop" || scenario.host.empty() ? scenario.domain : scenario.host);
  const std::string rule = scenario.sources.empty() ? "" : fmt::format(" ({})", scenario.sources);
  switch (r.outcome) {
    case Outcome::lax:
      return fmt::format("accepts {}, which {} must reject{}", what, r.policy, rule);
    case Outcome::strict:
      return fmt::format("rejects {}, which {} must accept{}", what, r.policy, rule);
    case Outcome::downgrade:
      return fmt::format("sends in clear what {} must protect{}", r.policy, rule);
    case Outcome::hang:
      return fmt::format("did not end before its deadline{}", rule);
    case Outcome::crash:
      return fmt::format("ended by a signal{}", rule);
    case Outcome::harness_error:
      return "could not be judged";
    default:
      return "is as expected";
  }
}

std::string ConsoleReport::paint(const char* code, const std::string& text) const {
  return colour_ == Colour::on ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

void ConsoleReport::begin(const RunHeader& header, const std::string& sandbox,
                          std::vector<ReportColumn> columns, std::size_t id_width) {
  columns_ = std::move(columns);
  id_width_ = id_width;
  print(paint(kBold, fmt::format("mxident {}", header.mxident_version)) +
        fmt::format(": {} scenarios, {} client modes\n{}\n\n", header.scenarios, columns_.size(), sandbox));
  print("Columns:\n");
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto& c = columns_[i];
    if (i == 0 || columns_[i - 1].client != c.client) {
      print(fmt::format("{}  {}{} {}\n", i ? "\n" : "", paint(kBold, c.client),
                        c.version.empty() ? "" : " " + c.version, ""));
    }
    print(fmt::format("    {:>3}  {:<22} {}\n", i + 1, c.mode, c.title));
  }
  print(fmt::format(
      "\n{}\n",
      paint(
          kDim,
          "\xE2\x9C\x93 pass  L lax (accepted what it must reject)  S strict (rejected what it must accept)  "
          "D downgrade  = either  - unsupported  H hang  C crash  ! harness error  . no expectation")));
  // The column numbers stand upright above the glyphs, a group for each client.
  for (const int unit : {10, 1}) {
    std::string line(id_width_ + 1, ' ');
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i && columns_[i - 1].client != columns_[i].client) line += ' ';
      const auto number = i + 1;
      line += unit == 10 && number < 10
                  ? ' '
                  : static_cast<char>('0' + number / static_cast<std::size_t>(unit) % 10);
    }
    print(paint(kDim, line) + "\n");
  }
}

void ConsoleReport::scenario(const ReportScenario& scenario, const std::map<std::size_t, CellResult>& cells) {
  std::string line = fmt::format("{:<{}} ", scenario.id, id_width_);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i && columns_[i - 1].client != columns_[i].client) line += ' ';
    const auto it = cells.find(i);
    if (it == cells.end()) {
      line += paint(kDim, ".");
      ++not_run_[i];
      continue;
    }
    const CellResult& r = it->second;
    line += paint(colour_of(r.outcome), glyph(r.outcome, r.baseline));
    ++by_column_[i][r.outcome];
    behaviours_[i].add(scenario.rules, r);
    if (r.outcome == Outcome::unsupported) ++unsupported_[fmt::format("{} {}: {}", r.client, r.mode, r.note)];
    if (!r.contradiction.empty()) {
      auto& [count, reproduce] = contradictions_[fmt::format("{} {} {}", r.client, r.mode, r.contradiction)];
      if (++count == 1) reproduce = r.reproduce;
    }
    const bool news = r.baseline == BaselineState::news || r.baseline == BaselineState::fixed;
    if (news && !r.compared_with.empty()) {
      changes_[fmt::format("{} {}, compared with {}", r.client, r.client_version, r.compared_with)].push_back(
          fmt::format("{:<8} {} {}: {} ({})", to_string(r.baseline), r.mode, r.scenario, to_string(r.outcome),
                      r.decision ? to_string(*r.decision) : "-"));
      continue;
    }
    if (news || (is_fault(r.outcome) && r.baseline == BaselineState::none)) faults_.emplace_back(scenario, r);
  }
  print(line + "\n");
  std::fflush(out_);
}

void ConsoleReport::fault(const ReportScenario& scenario, const CellResult& r) {
  print(fmt::format("{} {} {}\n", paint(colour_of(r.outcome), fmt::format("{:<10}", to_string(r.outcome))),
                    paint(kBold, r.client + " " + r.mode), fault_sentence(scenario, r)));
  print(fmt::format("  scenario  {}: {}\n", scenario.id, scenario.title));
  print(fmt::format("  expected  {} under {}{}{}\n", to_string(r.expected), r.policy,
                    r.reason.empty() ? "" : ", " + r.reason,
                    scenario.sources.empty() ? "" : " (" + scenario.sources + ")"));
  print(fmt::format("  observed  {}{}{}\n", r.decision ? to_string(*r.decision) : "nothing",
                    r.note.empty() ? "" : ": " + r.note,
                    r.said.empty() ? "" : fmt::format("; it said \"{}\"", r.said)));
  std::string layers;
  for (const auto& [name, member] : kLayers)
    layers += fmt::format("{}{}={}", layers.empty() ? "" : " ", name, to_string(r.layers.*member));
  print("  layers    " + layers + "\n");
  print(fmt::format("  tls       SNI {}{}\n", r.sni ? (r.sni->empty() ? "none" : *r.sni) : "(no ClientHello)",
                    r.alert.empty() ? "" : ", alert from the client: " + r.alert));
  const char* head = "  wire      ";
  for (const auto& text : r.transcript) {
    print(head + text + "\n");
    head = "            ";
  }
  head = "  output    ";
  for (std::size_t at = 0; at < r.words.size();) {
    const std::size_t end = std::min(r.words.find('\n', at), r.words.size());
    print(head + r.words.substr(at, end - at) + "\n");
    head = "            ";
    at = end + 1;
  }
  print(fmt::format("  again     {}\n\n", r.reproduce));
}

void ConsoleReport::summary() {
  print(fmt::format("\n{:<44}", "Summary"));
  for (const auto outcome : kOutcomes)
    print(fmt::format("{:>{}}", to_string(outcome), to_string(outcome).size() + 2));
  print("  no expectation\n");
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    print(fmt::format("{:<44}", fmt::format("{:>3} {} {}", i + 1, columns_[i].client, columns_[i].mode)));
    for (const auto outcome : kOutcomes) {
      const std::size_t n = by_column_[i][outcome];
      const std::string cell =
          fmt::format("{:>{}}", n ? std::to_string(n) : ".", to_string(outcome).size() + 2);
      print(n ? paint(colour_of(outcome), cell) : paint(kDim, cell));
    }
    print(fmt::format("  {:>14}\n", not_run_[i] ? std::to_string(not_run_[i]) : "."));
  }
  if (unsupported_.empty()) return;
  print("\nUnsupported, and why:\n");
  for (const auto& [text, count] : unsupported_) print(fmt::format("  {:>5}  {}\n", count, text));
}

/// Another release is no regression of the one that was recorded: what differs is listed as a change of
/// behaviour.
void ConsoleReport::changes() {
  for (const auto& [releases, lines] : changes_) {
    print(fmt::format("\n{}\n\n", paint(kBold, "Behaviour changes: " + releases)));
    for (const auto& line : lines) print("  " + line + "\n");
  }
}

/// Modes with faults, known ones included: what the cells say of a client, not of a scenario.
void ConsoleReport::behaviours() {
  bool first = true;
  for (const auto& [column, behaviours] : behaviours_) {
    const auto faults = behaviours.faults();
    if (faults.empty()) continue;
    if (first) print(fmt::format("\n{}\n\n", paint(kBold, "Behaviours of the modes that deviate")));
    first = false;
    print(fmt::format("  {} {}\n", paint(kBold, columns_[column].client), columns_[column].mode));
    for (const auto& fault : faults) print(fmt::format("      {}\n", fault));
    for (const auto& habit : behaviours.habits()) print(fmt::format("      {}\n", paint(kDim, habit)));
  }
}

void ConsoleReport::contradictions() {
  if (contradictions_.empty()) return;
  print(fmt::format("\n{}\n\n", paint(kBold, "Claims that the wire contradicts")));
  for (const auto& [claim, seen] : contradictions_) {
    print(fmt::format("  {}: {} cell{}, the first: {}\n", claim, seen.first, seen.first == 1 ? "" : "s",
                      seen.second));
  }
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

void ConsoleReport::end(const RunFooter& footer, const std::string& results_file,
                        const std::vector<std::string>& differing) {
  if (!differing.empty())
    print(
        fmt::format("\n{}\n\n", paint(kBold, fmt::format("Not the same each time ({})", differing.size()))));
  for (const auto& line : differing) print("  " + line + "\n");
  if (!faults_.empty())
    print(fmt::format("\n{}\n\n", paint(kBold, fmt::format("Faults ({})", faults_.size()))));
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    const auto& [scenario, r] = faults_[i];
    if (i < kMaxFaultBlocks) {
      fault(scenario, r);
      continue;
    }
    if (i == kMaxFaultBlocks)
      print(fmt::format("{} more, one line each; the wire of every cell is in {}\n", faults_.size() - i,
                        results_file));
    print(fmt::format("  {:<10} {} {} {}: {}\n", to_string(r.outcome), r.client, r.mode,
                      fault_sentence(scenario, r), r.scenario));
  }
  changes();
  contradictions();
  behaviours();
  summary();
  figures(footer);
  std::string counts;
  for (const auto outcome : kOutcomes) {
    const auto it = footer.counts.find(outcome);
    if (it != footer.counts.end())
      counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", it->second, to_string(outcome));
  }
  if (footer.no_expectation) counts += fmt::format(", {} not run (no expectation)", footer.no_expectation);
  print(fmt::format("{}; {} news, {} fixed\n", counts, footer.news, footer.fixed));
  print(fmt::format("Results: {}\n", results_file));
  std::fflush(out_);
}

}  // namespace mxident::harness
