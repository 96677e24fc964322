#include "harness/report/senders.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <vector>

#include "harness/analysis/findings.hpp"
#include "harness/analysis/senders.hpp"
#include "harness/text/printable.hpp"
#include "harness/text/wrap.hpp"

namespace mxident::harness {
namespace {

constexpr std::size_t kWidth = 80, kIndent = 4, kWidestMode = 34;

std::string sender(const CellResult& result) {
  return printable(mode_name(result));
}

/// Name, and the word behind it; a long name has a line of its own.
std::string row(const std::string& name, const std::string& word, std::size_t column) {
  std::string out = std::string(kIndent, ' ') + name;
  if (word.empty()) return out + "\n";
  if (out.size() + 2 > column) {
    out += "\n" + std::string(column, ' ');
  } else {
    out.append(column - out.size(), ' ');
  }
  return out + wrapped(word, kWidth, column, column) + "\n";
}

}  // namespace

std::string senders_table(const ScenarioRecord& scenario, const CellsByColumn& cells) {
  std::map<Conduct, std::vector<const CellResult*>> by_conduct;
  std::size_t widest = 0;
  for (const auto& [column, result] : cells) {
    by_conduct[conduct_of(result)].push_back(&result);
    widest = std::max(widest, sender(result).size());
  }
  const std::size_t column = kIndent + std::min(widest, kWidestMode) + 2;
  std::string out =
      wrapped(fmt::format("{}: {}", printable(scenario.id), one_line(scenario.title)), kWidth, 2) + "\n";
  out += wrapped(fmt::format("Mail for {} goes to {}, which shows {}", one_line(scenario.domain),
                             scenario.host.empty() ? "nobody" : one_line(scenario.host),
                             scenario.presented ? one_line(presented_text(scenario)) : "no certificate"),
                 kWidth, 2) +
         "\n";
  for (const auto& known : kConducts) {
    auto& senders = by_conduct[known.conduct];
    if (senders.empty()) continue;
    out += fmt::format("\n  {} of {} {}\n", senders.size(), cells.size(), known.sentence);
    for (const auto* result : senders) {
      std::string word = known.conduct == Conduct::not_judged
                             ? fmt::format("{}: {}", to_string(result->outcome), result->note)
                             : log_word(*result);
      if (!result->contradiction.empty())
        word += fmt::format("{}[{}]", word.empty() ? "" : " ", result->contradiction);
      out += row(sender(*result), one_line(word), column);
    }
  }
  return out;
}

void SendersReport::on_whole(const ScenarioRecord& scenario, const CellsByColumn& cells) {
  text_ += "\n" + senders_table(scenario, cells);
}

}  // namespace mxident::harness
