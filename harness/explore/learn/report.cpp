#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "harness/explore/learn/sentence.hpp"
#include "harness/explore/learn/session.hpp"
#include "harness/text/wrap.hpp"

namespace mxident::harness::learn {
namespace {

using Json = nlohmann::ordered_json;

std::string_view word_of(Learned::State state) {
  switch (state) {
    case Learned::State::whole:
      return "learned";
    case Learned::State::stopped:
      return "stopped";
    case Learned::State::answers_differ:
      return "answers-differ";
  }
  return "";
}

Json differences(const std::vector<Difference>& list) {
  Json out = Json::array();
  for (const auto& one : list)
    out.push_back({{"name", shown(one.name)}, {"accepted", one.accepted}, {"reached", one.reached}});
  return out;
}

Json automaton(const Dfa& dfa) {
  Json states = Json::array();
  for (std::uint32_t q = 0; q < dfa.size(); ++q) {
    Json next = Json::array();
    for (Letter a = 0; a < dfa.letters; ++a) next.push_back(dfa.step(q, a));
    states.push_back({{"accepts", static_cast<bool>(dfa.accepting[q])}, {"next", std::move(next)}});
  }
  return states;
}

Json counted(const Learned::Names& names) {
  Json list = Json::array();
  for (const auto& name : names.shortest) list.push_back(shown(name));
  return {{"count", names.count}, {"names", std::move(list)}};
}

/// "3 names hung: a  b ...".
std::string sentence_of(const Learned::Names& names, std::string_view did) {
  std::vector<std::string> list;
  for (const auto& name : names.shortest) list.push_back(shown(name));
  return fmt::format("{} name{} {}: {}{}", names.count, names.count == 1 ? "" : "s", did,
                     fmt::join(list, "  "), names.count > list.size() ? " ..." : "");
}

std::string names_of(const std::vector<Difference>& list, bool accepted) {
  std::vector<std::string> out;
  for (const auto& one : list) {
    if (one.accepted == accepted)
      out.push_back(shown(one.name) + (one.reached ? "" : " (never came to a certificate)"));
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

}  // namespace

Json json_of(const Report& report) {
  Json out{{"schema", "mxident-learn/1"},
           {"side", report.options.side == Side::references ? "references" : "presented"},
           {report.options.side == Side::references ? "pattern" : "reference", shown(report.options.name)},
           {"depth", report.options.trial.depth},
           {"walks", report.options.trial.walks},
           {"seed", report.options.trial.seed}};
  out["symbols"] = Json::array();
  for (const auto& symbol : report.alphabet.symbols())
    out["symbols"].push_back({{"octets", shown(symbol.octets)}, {"what", describe(symbol.role)}});
  out["left_out"] = report.left_out;
  out["learned"] = Json::array();
  for (const auto& one : report.learned) {
    Json row{{"client", one.client},
             {"version", one.version},
             {"mode", one.mode},
             {"policy", one.policy},
             {"state", word_of(one.state)}};
    if (!one.why.empty()) row["why"] = one.why;
    if (one.dfa) {
      row["sentence"] = one.sentence;
      row["automaton"] = automaton(*one.dfa);
      row["accepted"] = Json::array();
      for (const auto& word : accepted_words(*one.dfa, 12))
        row["accepted"].push_back(shown(report.alphabet.spell(word)));
    }
    row["differs_from_policy"] = differences(one.from_policy);
    row["never_came_to_a_certificate"] = counted(one.unreached);
    row["hung"] = counted(one.hung);
    row["crashed"] = counted(one.crashed);
    row["answered_when_asked_again"] = one.recovered;
    row["figures"] = {{"questions", one.questions},
                      {"repeated", one.repeated},
                      {"remembered", one.remembered},
                      {"cells", one.cells},
                      {"counterexamples", one.counterexamples},
                      {"seconds", one.seconds}};
    out["learned"].push_back(std::move(row));
  }
  if (report.learned.size() == 2) out["differs_from_each_other"] = differences(report.between);
  return out;
}

std::string text_of(const Report& report, std::size_t width) {
  std::string out;
  const auto line = [&](std::size_t indent, const std::string& text) {
    out += std::string(indent, ' ') + wrapped(text, width, indent + 2, indent) + "\n";
  };
  line(0,
       report.options.side == Side::references
           ? fmt::format("Reference names that a certificate for {} is accepted for",
                         shown(report.options.name))
           : fmt::format("Presented names (dNSName) that are accepted for {}", shown(report.options.name)));
  std::vector<std::string> symbols;
  for (const auto& symbol : report.alphabet.symbols()) symbols.push_back(shown(symbol.octets));
  line(2, fmt::format("symbols: {}", fmt::join(symbols, "  ")));
  for (const auto& one : report.left_out) line(2, "left out: " + one);
  for (const auto& one : report.learned) {
    out += "\n";
    line(0, fmt::format("{}:{} {} (claims {})", one.client, one.mode, one.version, one.policy));
    if (one.state == Learned::State::answers_differ) line(2, "no automaton: " + one.why);
    if (one.state == Learned::State::stopped) line(2, "not learned to the end: " + one.why);
    if (one.dfa) {
      line(2, (one.state == Learned::State::whole ? "" : "so far: ") + one.sentence);
      std::vector<std::string> names;
      for (const auto& word : accepted_words(*one.dfa, 8))
        names.push_back(shown(report.alphabet.spell(word)));
      if (!names.empty()) line(2, fmt::format("shortest accepted: {}", fmt::join(names, "  ")));
      line(2, fmt::format(
                  "automaton of {} states, tried to depth {} and on {} walks (seed {}):", one.dfa->size(),
                  report.options.trial.depth, report.options.trial.walks, report.options.trial.seed));
      const std::string automaton = text_of(*one.dfa, report.alphabet);
      for (std::size_t at = 0; at < automaton.size();) {
        const std::size_t end = automaton.find('\n', at);
        line(4, automaton.substr(at, end - at));
        at = end + 1;
      }
    }
    if (const auto names = names_of(one.from_policy, true); !names.empty())
      line(2, fmt::format("accepts, and {} refuses: {}", one.policy, names));
    if (const auto names = names_of(one.from_policy, false); !names.empty())
      line(2, fmt::format("refuses, and {} accepts: {}", one.policy, names));
    if (one.from_policy.empty() && one.state == Learned::State::whole)
      line(2, fmt::format("no difference from {} was found", one.policy));
    for (const auto& [names, did] : {std::pair{one.unreached, "never came to a certificate, refused"},
                                     {one.hung, "made it hang, refused"},
                                     {one.crashed, "made it crash"}}) {
      if (names.count > 0) line(2, sentence_of(names, did));
    }
    if (one.recovered > 0)
      line(2, fmt::format(
                  "{} cells hung, crashed or came to no certificate, and did not when they were run again",
                  one.recovered));
    line(2,
         fmt::format(
             "{} questions ({} asked twice, {} answers remembered), {} cells, {} counterexamples, {:.1f} s",
             one.questions, one.repeated, one.remembered, one.cells, one.counterexamples, one.seconds));
  }
  if (report.learned.size() == 2 && report.learned[0].dfa && report.learned[1].dfa) {
    out += "\n";
    const auto& [first, second] = std::tie(report.learned[0], report.learned[1]);
    for (const bool firsts : {true, false}) {
      const auto names = names_of(report.between, firsts);
      const auto& who = firsts ? first : second;
      if (!names.empty()) line(0, fmt::format("only {}:{} accepts: {}", who.client, who.mode, names));
    }
    if (report.between.empty()) line(0, "no difference between the two was found");
  }
  return out;
}

}  // namespace mxident::harness::learn
