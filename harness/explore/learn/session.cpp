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
    const std::string name(up_to_nul(options_.name));
    const std::string tail = name.substr(std::min(name.find('.'), name.size()));
    std::vector<std::string> unknown;
    std::map<std::string, std::vector<std::string>> of;
    for (const auto& symbol : alphabet.symbols()) {
      if (symbol.role == Role::nul && !column_.client->manifest.builtin) {
        out.emplace_back(symbol.octets, fmt::format("no command line of {} can hold it", out_.client));
        continue;
      }
      if (symbol.role == Role::dot || symbol.role == Role::label || symbol.role == Role::letter) continue;
      for (const auto& one :
           {x + symbol.octets + x + tail, symbol.octets + x + tail, x + symbol.octets + tail}) {
        if (!file_.answers.contains(one)) unknown.push_back(one);
        of[symbol.octets].push_back(one);
      }
    }
    const std::vector<bool> accepted = cells_.ask(unknown);
    for (std::size_t i = 0; i < unknown.size(); ++i) file_.answers[unknown[i]] = accepted[i];
    for (const auto& [octets, theirs] : of) {
      if (std::all_of(theirs.begin(), theirs.end(),
                      [&](const auto& n) { return cells_.unreached.contains(n); }))
        out.emplace_back(octets,
                         fmt::format("{} comes to no certificate with a name that holds it", out_.client));
    }
    return out;
  }

  void begin(const Alphabet& alphabet) {
    alphabet_ = &alphabet;
    hints_ = hints_of_claim();
    questions_.emplace(
        alphabet, file_.answers, [this](const auto& names) { return cells_.ask(names); }, options_.limits);
    learn();
  }

  /// What it says of the words now. Where that is not what it said before, it has no automaton any more.
  std::vector<bool> say(const std::vector<Word>& words) {
    std::vector<std::string> names;
    for (const auto& word : words) names.push_back(alphabet_->spell(word));
    std::vector<bool> out = cells_.ask(names);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto [at, fresh] = file_.answers.emplace(names[i], out[i]);
      if (!fresh && at->second != out[i]) give_up(AnswersDiffer(names[i], at->second));
    }
    note();
    return out;
  }

  /// Goes on with the words of which its automaton says something else than it does. False: there are none,
  /// or nothing more is to be had.
  bool learn_on(const std::vector<Word>& words, const std::vector<bool>& answers) {
    if (!out_.dfa || out_.state != Learned::State::whole) return false;
    const std::size_t known = hints_.size();
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (out_.dfa->accepts(words[i]) != answers[i]) hints_.push_back(words[i]);
    }
    if (hints_.size() == known) return false;
    learn();
    return true;
  }

  bool reached(const std::string& name) const { return !cells_.unreached.contains(name); }
  Learned& out() { return out_; }

 private:
  void learn() {
    const auto begin = std::chrono::steady_clock::now();
    Learner learner;
    try {
      if (out_.questions == 0) questions_->spot_check();
      run(learner);
    } catch (const Stopped& stopped) {
      out_.state = Learned::State::stopped;
      out_.why = stopped.what();
    } catch (const std::length_error& too_many) {
      out_.state = Learned::State::stopped;
      out_.why = too_many.what();
    } catch (const AnswersDiffer& differ) {
      give_up(differ);
      learner.hypothesis.reset();
    }
    out_.dfa = learner.hypothesis;
    out_.counterexamples += learner.counterexamples;
    if (out_.dfa) out_.sentence = sentence_of(*out_.dfa, *alphabet_, options_.side, options_.name);
    out_.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    note();
  }

  void give_up(const AnswersDiffer& differ) {
    file_.answers.erase(differ.name);  // neither answer is to be believed again
    out_.state = Learned::State::answers_differ;
    out_.why = differ.what();
    out_.dfa.reset();
    out_.from_policy.clear();
  }

  void note() {
    file_.unreached = cells_.unreached;
    file_.save();
    out_.questions = questions_->asked();
    out_.repeated = questions_->repeated();
    out_.cells = cells_.cells;
    out_.recovered = cells_.recovered;
    out_.unreached = shortest_of(cells_.unreached);
    out_.hung = shortest_of(cells_.hung);
    out_.crashed = shortest_of(cells_.crashed);
  }

  static Identity identity(const Lab& lab, std::size_t column, const SessionOptions& options) {
    const ClientColumn& of = lab.columns[column];
    Identity out{of.client->manifest.id, of.client->version, of.mode->id, "", "", options.side, options.name};
    for (const auto& wanted : lab.wanted) {
      if (wanted.manifest.id == out.client) out.manifest = wanted.digest;
    }
    return out;
  }

  static Learned::Names shortest_of(const std::set<std::string>& names) {
    Learned::Names out{{names.begin(), names.end()}, names.size()};
    std::stable_sort(out.shortest.begin(), out.shortest.end(),
                     [](const auto& a, const auto& b) { return a.size() < b.size(); });
    if (out.shortest.size() > kShown) out.shortest.resize(kShown);
    return out;
  }

  /// Names around the given one, and words that tell the states of the policy's own automaton apart.
  std::vector<Word> hints_of_claim() {
    std::vector<Word> out = hints_around(*alphabet_, options_.name);
    Trial of_claim{.hints = out, .depth = 0, .walks = 4000, .seed = options_.trial.seed};
    claimed_ = learn_claim(claim_, *alphabet_, of_claim);
    for (const Dfa* dfa : {&claimed_.must, &claimed_.may}) {
      for (auto& word : core_of(*dfa)) out.push_back(std::move(word));
    }
    return out;
  }

  /// Learns, and holds the result against the policy: a name in which they differ and of which the client
  /// says something else than its automaton is a counterexample that no trial found.
  void run(Learner& learner) {
    while (true) {
      Trial trial = options_.trial;
      trial.hints = hints_;
      const Dfa& dfa = learner.learn(*questions_, alphabet_->size(), trial);
      std::vector<Word> words = shortest_words(
          dfa, claimed_.may, [](bool client, bool may) { return client && !may; }, kShown);
      for (auto& word : shortest_words(
               dfa, claimed_.must, [](bool client, bool must) { return !client && must; }, kShown))
        words.push_back(std::move(word));
      const std::vector<bool> answers = questions_->ask(words);
      questions_->confirm(words);
      const std::size_t hints = hints_.size();
      out_.from_policy.clear();
      for (std::size_t i = 0; i < words.size(); ++i) {
        if (answers[i] != dfa.accepts(words[i])) hints_.push_back(words[i]);
        const std::string name = alphabet_->spell(words[i]);
        const auto verdict = claim_.of(name);
        if (verdict == (answers[i] ? oracle::Verdict::mismatch : oracle::Verdict::match))
          out_.from_policy.push_back({name, answers[i], reached(name)});
      }
      if (hints_.size() == hints) return;
    }
  }

  const ClientColumn& column_;
  Cells cells_;
  MemoryFile file_;
  Claim claim_;
  const SessionOptions& options_;
  const Alphabet* alphabet_ = nullptr;
  Claimed claimed_;
  std::vector<Word> hints_;  ///< tried on every hypothesis
  std::optional<Questions> questions_;
  Learned out_;
};

/// The shortest names in which two differ. Each is asked of both, and one of which a client says something
/// else than its automaton is a counterexample that no trial found.
std::vector<Difference> between(Subject& first, Subject& second, const Alphabet& alphabet) {
  while (first.out().dfa && second.out().dfa) {
    std::vector<Word> words;
    for (const bool firsts : {true, false}) {
      for (auto& word : shortest_words(
               *first.out().dfa, *second.out().dfa,
               [&](bool a, bool b) { return firsts ? a && !b : !a && b; }, kShown))
        words.push_back(std::move(word));
    }
    const std::vector<bool> firsts = first.say(words), seconds = second.say(words);
    const bool more_of_first = first.learn_on(words, firsts),
               more_of_second = second.learn_on(words, seconds);
    if (more_of_first || more_of_second) continue;
    if (!first.out().dfa || !second.out().dfa) break;
    std::vector<Difference> out;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string name = alphabet.spell(words[i]);
      if (firsts[i] != seconds[i])
        out.push_back({name, firsts[i], first.reached(name) && second.reached(name)});
    }
    return out;
  }
  return {};
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
  const std::string_view known = up_to_nul(options.name);
  if (!alphabet.read(known.substr(std::min(known.find('.'), known.size()))) || !alphabet.of(Role::other))
    throw Stopped("no name comes to a certificate at all, so nothing can be learned");
  for (const auto& subject : subjects) subject->begin(report.alphabet);
  if (subjects.size() == 2) report.between = between(*subjects[0], *subjects[1], report.alphabet);
  for (const auto& subject : subjects) report.learned.push_back(std::move(subject->out()));
  return report;
}

}  // namespace mxident::harness::learn
