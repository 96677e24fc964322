#include "harness/explore/learn/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>

#include "harness/explore/learn/claim.hpp"
#include "harness/explore/learn/memory.hpp"
#include "harness/explore/learn/sentence.hpp"
#include "harness/input/json_input.hpp"

namespace mxident::harness::learn {
namespace {

constexpr std::size_t kShown = 8;

/// A column under way.
class Subject {
 public:
  Subject(Lab& lab, std::size_t column, const SessionOptions& options)
      : column_(lab.columns[column]),
        cells_(lab, column, options.side, options.name),
        file_(options.folder, identity(lab, column, options)),
        claim_(column_.mode->policy, options.side, options.name),
        options_(options) {
    cells_.unreached = file_.unreached;
    out_.client = column_.client->manifest.id;
    out_.version = column_.client->version;
    out_.mode = column_.mode->id;
    out_.title = column_.mode->title;
    out_.policy = std::string(to_string(column_.mode->policy.id));
    if (column_.mode->refined) out_.policy += " (refined)";
    out_.remembered = file_.answers.size();
  }

  /// The symbols that it cannot be asked about, with the reason.
  std::vector<std::pair<std::string, std::string>> unspeakable(const Alphabet& alphabet) {
    std::vector<std::pair<std::string, std::string>> out;
    if (options_.side == Side::presented) return out;  // a certificate can hold any octets
    const std::string x = alphabet[*alphabet.of(Role::other)].octets;
    const std::size_t dot = std::min(options_.name.find('.'), options_.name.size());
    const std::string tail = options_.name.substr(dot);
    std::vector<std::string> names;
    std::map<std::string, std::vector<std::string>> of;
    for (const auto& symbol : alphabet.symbols()) {
      if (symbol.role == Role::nul && !column_.client->manifest.builtin) {
        out.emplace_back(symbol.octets, fmt::format("no command line of {} can hold it", out_.client));
        continue;
      }
      if (symbol.role == Role::dot || symbol.role == Role::label || symbol.role == Role::letter) continue;
      for (const auto& name :
           {x + symbol.octets + x + tail, symbol.octets + x + tail, x + symbol.octets + tail}) {
        names.push_back(name);
        of[symbol.octets].push_back(name);
      }
    }
    const std::vector<bool> accepted = cells_.ask(names);
    for (std::size_t i = 0; i < names.size(); ++i) file_.answers[names[i]] = accepted[i];
    for (const auto& [octets, theirs] : of) {
      if (std::all_of(theirs.begin(), theirs.end(),
                      [&](const auto& n) { return cells_.unreached.contains(n); }))
        out.emplace_back(octets,
                         fmt::format("{} comes to no certificate with a name that holds it", out_.client));
    }
    return out;
  }

  void learn(const Alphabet& alphabet) {
    const auto begin = std::chrono::steady_clock::now();
    Questions questions(
        alphabet, file_.answers, [this](const auto& names) { return cells_.ask(names); }, options_.limits);
    Learner learner;
    try {
      questions.spot_check();
      run(questions, learner, alphabet);
    } catch (const Stopped& stopped) {
      out_.state = Learned::State::stopped;
      out_.why = stopped.what();
    } catch (const std::length_error& too_many) {
      out_.state = Learned::State::stopped;
      out_.why = too_many.what();
    } catch (const AnswersDiffer& differ) {
      out_.state = Learned::State::answers_differ;
      out_.why = differ.what();
      learner.hypothesis.reset();
    }
    file_.unreached = cells_.unreached;
    file_.save();
    out_.dfa = learner.hypothesis;
    out_.counterexamples = learner.counterexamples;
    if (out_.dfa) out_.sentence = sentence_of(*out_.dfa, alphabet, options_.side, options_.name);
    out_.questions = questions.asked();
    out_.repeated = questions.repeated();
    out_.cells = cells_.cells;
    out_.unreached_count = cells_.unreached.size();
    for (const auto& name : shortest_of(cells_.unreached)) out_.unreached.push_back(name);
    for (const auto& name : cells_.hung) out_.hung.push_back(shown(name));
    for (const auto& name : cells_.crashed) out_.crashed.push_back(shown(name));
    out_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }

  /// Whether it accepts a name, asked now.
  bool accepts(const std::string& name) { return cells_.ask({name}).front(); }
  bool reached(const std::string& name) const { return !cells_.unreached.contains(name); }
  Learned& out() { return out_; }

 private:
  static Identity identity(const Lab& lab, std::size_t column, const SessionOptions& options) {
    const ClientColumn& of = lab.columns[column];
    Identity out{of.client->manifest.id, of.client->version, of.mode->id, "", "", options.side, options.name};
    for (const auto& wanted : lab.wanted) {
      if (wanted.manifest.id == out.client) out.manifest = wanted.digest;
    }
    return out;
  }

  static std::vector<std::string> shortest_of(const std::set<std::string>& names) {
    std::vector<std::string> out(names.begin(), names.end());
    std::stable_sort(out.begin(), out.end(),
                     [](const auto& a, const auto& b) { return a.size() < b.size(); });
    if (out.size() > kShown) out.resize(kShown);
    return out;
  }

  /// Learns, and holds the result against the policy: a name in which they differ and of which the client
  /// says something else than its automaton is a counterexample that no trial found.
  void run(Questions& questions, Learner& learner, const Alphabet& alphabet) {
    Trial trial = options_.trial;
    trial.hints = hints_around(alphabet, options_.name);
    Trial of_claim = trial;
    of_claim.depth = 0;
    of_claim.walks = 4000;
    const Claimed claimed = learn_claim(claim_, alphabet, of_claim);
    for (const Dfa* dfa : {&claimed.must, &claimed.may}) {
      const auto endings = telling_words(*dfa);
      for (const auto& word : access_words(*dfa)) {
        for (const auto& ending : endings) {
          trial.hints.push_back(word);
          trial.hints.back().insert(trial.hints.back().end(), ending.begin(), ending.end());
        }
      }
    }
    while (true) {
      const Dfa& dfa = learner.learn(questions, alphabet.size(), trial);
      std::vector<Word> words = shortest_words(
          dfa, claimed.may, [](bool client, bool may) { return client && !may; }, kShown);
      for (auto& word : shortest_words(
               dfa, claimed.must, [](bool client, bool must) { return !client && must; }, kShown))
        words.push_back(std::move(word));
      const std::vector<bool> answers = questions.ask(words);
      const std::size_t hints = trial.hints.size();
      out_.from_policy.clear();
      for (std::size_t i = 0; i < words.size(); ++i) {
        if (answers[i] != dfa.accepts(words[i])) trial.hints.push_back(words[i]);
        questions.ask_again(words[i]);
        const std::string name = alphabet.spell(words[i]);
        const auto verdict = claim_.of(name);
        if (verdict == (answers[i] ? oracle::Verdict::mismatch : oracle::Verdict::match))
          out_.from_policy.push_back({name, answers[i], reached(name)});
      }
      if (trial.hints.size() == hints) return;
    }
  }

  const ClientColumn& column_;
  Cells cells_;
  MemoryFile file_;
  Claim claim_;
  const SessionOptions& options_;
  Learned out_;
};

std::vector<Difference> between(Subject& first, Subject& second, const Alphabet& alphabet) {
  std::vector<Difference> out;
  if (!first.out().dfa || !second.out().dfa) return out;
  for (const bool firsts : {true, false}) {
    const auto words = shortest_words(
        *first.out().dfa, *second.out().dfa, [&](bool a, bool b) { return firsts ? a && !b : !a && b; },
        kShown);
    for (const auto& word : words) {
      const std::string name = alphabet.spell(word);
      if (first.accepts(name) != firsts || second.accepts(name) == firsts) continue;
      out.push_back({name, firsts, first.reached(name) && second.reached(name)});
    }
  }
  return out;
}

}  // namespace

Report learn_columns(Lab& lab, const std::vector<std::size_t>& columns, const SessionOptions& options) {
  Report report{options, Alphabet(options.name, options.spelling), {}, {}, {}};
  std::vector<std::unique_ptr<Subject>> subjects;
  for (const auto column : columns) subjects.push_back(std::make_unique<Subject>(lab, column, options));
  Alphabet alphabet = report.alphabet;
  for (const auto& subject : subjects) {
    for (const auto& [octets, why] : subject->unspeakable(report.alphabet)) {
      alphabet.leave_out(octets);
      report.left_out.push_back(fmt::format("{}: {}", shown(octets), why));
    }
  }
  report.alphabet = alphabet;
  if (!alphabet.read(options.name.substr(std::min(options.name.find('.'), options.name.size()))) ||
      !alphabet.of(Role::other))
    throw Stopped("no name comes to a certificate at all, so nothing can be learned");
  for (const auto& subject : subjects) subject->learn(report.alphabet);
  if (subjects.size() == 2) report.between = between(*subjects[0], *subjects[1], report.alphabet);
  for (const auto& subject : subjects) report.learned.push_back(std::move(subject->out()));
  return report;
}

}  // namespace mxident::harness::learn
