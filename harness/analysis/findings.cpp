#include "harness/analysis/findings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/text/printable.hpp"

namespace mxident::harness {

std::string mode_name(const CellResult& result) {
  return fmt::format("{} {}", result.client, result.mode);
}

std::string presented_text(const ScenarioRecord& scenario, const std::optional<std::string>& sni) {
  constexpr std::size_t kMost = 3;
  if (!scenario.presented) return "";
  const auto chosen = scenario.presented_by_sni.find(sni.value_or(""));
  std::vector<std::string> names =
      chosen == scenario.presented_by_sni.end() ? *scenario.presented : chosen->second;
  if (names.empty()) return "a certificate without names";
  const std::size_t more = names.size() - std::min(names.size(), kMost);
  names.resize(names.size() - more);
  return fmt::format("{}{}", fmt::join(names, ", "), more ? fmt::format(" and {} more", more) : "");
}

std::string fault_sentence(const ScenarioRecord& scenario, const CellResult& r) {
  const std::string presented = presented_text(scenario, r.sni);
  const std::string what =
      presented.empty()
          ? "a server"
          : fmt::format("{} for {}", presented,
                        r.policy == "nexthop" || scenario.host.empty() ? scenario.domain : scenario.host);
  const std::string rule =
      scenario.sources.empty() ? "" : fmt::format(" ({})", fmt::join(scenario.sources, ", "));
  switch (r.outcome) {
    case Outcome::lax:
      if (r.expected == Expected::none)
        return fmt::format("accepts {}, to which {} must not turn{}", what, r.policy, rule);
      return fmt::format("accepts {}, which {} must reject{}", what, r.policy, rule);
    case Outcome::strict:
      if (r.expected == Expected::none)
        return fmt::format("turns to {}, to which {} must not turn{}", what, r.policy, rule);
      if (r.expected == Expected::plaintext)
        return fmt::format("gives up where {} must go on in clear{}", r.policy, rule);
      return fmt::format("rejects {}, which {} must accept{}", what, r.policy, rule);
    case Outcome::downgrade:
      return fmt::format("sends in clear what {} must protect{}", r.policy, rule);
    case Outcome::hang:
      return fmt::format("did not end before its deadline{}", rule);
    case Outcome::crash:
      return fmt::format("ended by a signal{}", rule);
    case Outcome::harness_error:
      return "could not be judged";
    case Outcome::unsupported:
      return "could not be tried, though it could before";
    default:
      return r.baseline == BaselineState::fixed
                 ? "does as expected, and did not when its baseline was recorded"
                 : "is as expected";
  }
}

ScenarioRecord for_sentences(const ScenarioRecord& scenario) {
  ScenarioRecord out;
  out.id = scenario.id;
  out.sources = scenario.sources;
  out.domain = scenario.domain;
  out.host = scenario.host;
  out.presented = scenario.presented;
  out.presented_by_sni = scenario.presented_by_sni;
  return out;
}

void Findings::begin(const RunHeader& header) {
  modes.resize(header.columns.size());
  columns_ = header.columns;
}

Fault Findings::fault(std::size_t i) const {
  if (i < in_full_.size()) return in_full_[i];
  const Brief& brief = brief_.at(i - in_full_.size());
  const Column& column = columns_.at(brief.column);
  Fault out{*brief.scenario, {}};
  out.result.scenario = brief.scenario->id;
  out.result.client = column.client;
  out.result.client_version = column.version;
  out.result.mode = column.mode;
  out.result.policy = column.policy;
  out.result.expected = brief.expected;
  out.result.outcome = brief.outcome;
  out.result.baseline = brief.baseline;
  return out;
}

void Findings::add(const ScenarioRecord& scenario, const CellsByColumn& cells) {
  std::shared_ptr<const ScenarioRecord> kept;  // one for all its cells
  for (std::size_t i = 0; i < modes.size(); ++i) {
    const auto it = cells.find(i);
    if (it == cells.end()) {
      ++modes[i].not_run;
      continue;
    }
    const CellResult& r = it->second;
    ++modes[i].outcomes[r.outcome];
    modes[i].behaviours.add(scenario, r);
    if (r.outcome == Outcome::unsupported) ++unsupported[fmt::format("{}: {}", mode_name(r), r.note)];
    if (!r.contradiction.empty()) {
      auto& seen = contradictions[fmt::format("{} {}", mode_name(r), r.contradiction)];
      if (++seen.cells == 1) seen.reproduce = r.reproduce;
    }
    const bool differs = r.baseline == BaselineState::news || r.baseline == BaselineState::fixed;
    if (differs && !r.compared_with.empty()) {
      changes[fmt::format("{} {}, compared with {}", r.client, r.client_version, r.compared_with)].push_back(
          fmt::format("{:<8} {} {}: {} ({})", to_string(r.baseline), r.mode, r.scenario, to_string(r.outcome),
                      r.decision ? to_string(*r.decision) : "-"));
    } else if (differs || is_news(r)) {
      if (in_full_.size() < kFaultsInFull) {
        in_full_.push_back({scenario, r});
        continue;
      }
      if (!kept) kept = std::make_shared<const ScenarioRecord>(for_sentences(scenario));
      brief_.push_back({kept, static_cast<std::uint32_t>(i), r.expected, r.outcome, r.baseline});
    }
  }
}

Verdict verdict_of(const RunFooter& footer) {
  if (!footer.complete) return Verdict::incomplete;
  const auto harness = footer.counts.find(Outcome::harness_error);
  if (harness != footer.counts.end() && harness->second > 0) return Verdict::harness_failed;
  const bool news = footer.news || footer.fixed || !footer.differing.empty() || !footer.absent.empty();
  return news ? Verdict::news : Verdict::as_known;
}

void Tally::cell(const CellResult& result) {
  ++footer_.counts[result.outcome];
  if (is_news(result)) ++footer_.news;
  if (result.baseline == BaselineState::fixed) ++footer_.fixed;
}

}  // namespace mxident::harness
