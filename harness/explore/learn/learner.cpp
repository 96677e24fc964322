#include "harness/explore/learn/learner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <utility>

namespace mxident::harness::learn {
namespace {

constexpr std::size_t kBatch = 192;  ///< words of a trial that are asked at once
constexpr std::size_t kLongest = 40;

Word joined(Word a, const Word& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Word followed(Word word, Letter letter) {
  word.push_back(letter);
  return word;
}

/// The observation table: rows are words that lead to states and all their steps, columns are endings.
class Table {
 public:
  Table(Teacher& teacher, std::size_t letters) : teacher_(teacher), letters_(letters) { add_state({}); }

  /// Asks what is not known, and takes rows as states until every step leads to one.
  void close() {
    while (true) {
      fill();
      std::map<std::vector<bool>, std::size_t> states;
      for (std::size_t i = 0; i < states_.size(); ++i) states.emplace(row(states_[i]), i);
      std::optional<Word> fresh;
      for (const auto& state : states_) {
        for (Letter a = 0; a < letters_ && !fresh; ++a) {
          Word step = followed(state, a);
          if (!states.contains(row(step))) fresh = std::move(step);
        }
      }
      if (!fresh) return;
      add_state(std::move(*fresh));
    }
  }

  Dfa hypothesis() const {
    std::map<std::vector<bool>, std::uint32_t> states;
    for (std::uint32_t i = 0; i < states_.size(); ++i) states.emplace(row(states_[i]), i);
    Dfa out{letters_, {}, {}};
    for (const auto& state : states_) {
      out.accepting.push_back(row(state).front());
      for (Letter a = 0; a < letters_; ++a) out.next.push_back(states.at(row(followed(state, a))));
    }
    return out;
  }

  /// Splits a state by what a counterexample shows: somewhere in it, replacing what was read by the word of
  /// the state that the hypothesis is in changes the answer.
  void learn_from(const Word& example) {
    const Dfa dfa = hypothesis();
    std::vector<Word> words;
    std::uint32_t state = 0;
    for (std::size_t i = 0; i <= example.size(); ++i) {
      words.push_back(
          joined(states_[state], Word(example.begin() + static_cast<std::ptrdiff_t>(i), example.end())));
      if (i < example.size()) state = dfa.step(state, example[i]);
    }
    const std::vector<bool> answers = teacher_.ask(words);
    for (std::size_t i = example.size(); i > 0; --i) {
      if (answers[i] == answers[i - 1]) continue;
      endings_.emplace_back(example.begin() + static_cast<std::ptrdiff_t>(i), example.end());
      return;
    }
    throw std::logic_error("a counterexample that is none");
  }

 private:
  void add_state(Word word) {
    if (states_.size() == kMostStates)
      throw std::length_error(fmt::format("its automaton has more than {} states", kMostStates));
    states_.push_back(std::move(word));
  }

  const std::vector<bool>& row(const Word& word) const { return rows_.at(word); }

  void fill() {
    std::vector<Word> words;
    std::vector<std::vector<bool>*> places;
    const auto want = [&](const Word& word) {
      auto& row = rows_[word];
      for (std::size_t i = row.size(); i < endings_.size(); ++i) {
        words.push_back(joined(word, endings_[i]));
        places.push_back(&row);
      }
    };
    for (const auto& state : states_) {
      want(state);
      for (Letter a = 0; a < letters_; ++a) want(followed(state, a));
    }
    // A row that is both a state and a step is asked for twice, and takes its answers once.
    const std::vector<bool> answers = teacher_.ask(words);
    std::map<std::vector<bool>*, std::vector<bool>> fresh;
    for (std::size_t i = 0; i < words.size(); ++i) fresh[places[i]].push_back(answers[i]);
    for (auto& [row, values] : fresh) {
      const std::size_t lacking = endings_.size() - row->size();
      row->insert(row->end(), values.begin(), values.begin() + static_cast<std::ptrdiff_t>(lacking));
    }
  }

  Teacher& teacher_;
  std::size_t letters_;
  std::vector<Word> states_, endings_{{}};
  std::map<Word, std::vector<bool>> rows_;
};

/// Tries words in batches; the first batch that holds a counterexample ends the search, with its shortest.
class Search {
 public:
  Search(Teacher& teacher, const Dfa& hypothesis) : teacher_(teacher), hypothesis_(hypothesis) {}

  /// True once there is a counterexample.
  bool try_word(Word word) {
    if (found_ || word.size() > kLongest) return found_.has_value();
    if (tried_.insert(word).second) batch_.push_back(std::move(word));
    return batch_.size() >= kBatch && flush();
  }

  bool flush() {
    if (found_ || batch_.empty()) return found_.has_value();
    const std::vector<bool> answers = teacher_.ask(batch_);
    for (std::size_t i = 0; i < batch_.size(); ++i) {
      if (answers[i] == hypothesis_.accepts(batch_[i])) continue;
      if (!found_ || batch_[i].size() < found_->size()) found_ = batch_[i];
    }
    batch_.clear();
    return found_.has_value();
  }

  const std::optional<Word>& found() const { return found_; }

 private:
  Teacher& teacher_;
  const Dfa& hypothesis_;
  std::set<Word> tried_;
  std::vector<Word> batch_;
  std::optional<Word> found_;
};

/// A word with one letter put in, taken out or replaced.
Word edited(Word word, std::size_t letters, std::mt19937_64& random) {
  const std::size_t at = random() % (word.size() + 1), what = word.empty() ? 0 : random() % 3;
  const auto letter = static_cast<Letter>(random() % letters);
  const auto place = word.begin() + static_cast<std::ptrdiff_t>(at == word.size() && what > 0 ? at - 1 : at);
  if (what == 0) {
    word.insert(place, letter);
  } else if (what == 1) {
    word.erase(place);
  } else {
    *place = letter;
  }
  return word;
}

bool try_edits(Search& search, const Word& word, std::size_t letters) {
  for (std::size_t at = 0; at <= word.size(); ++at) {
    for (Letter a = 0; a < letters; ++a) {
      Word more = word;
      more.insert(more.begin() + static_cast<std::ptrdiff_t>(at), a);
      if (search.try_word(std::move(more))) return true;
      if (at == word.size()) continue;
      Word other = word;
      other[at] = a;
      if (search.try_word(std::move(other))) return true;
    }
    if (at == word.size()) break;
    Word less = word;
    less.erase(less.begin() + static_cast<std::ptrdiff_t>(at));
    if (search.try_word(std::move(less))) return true;
  }
  return search.flush();
}

bool try_all(Search& search, const Dfa& dfa, const std::vector<Word>& endings, const Word& word,
             unsigned more) {
  for (const auto& ending : endings) {
    if (search.try_word(joined(word, ending))) return true;
  }
  for (Letter a = 0; more > 0 && a < dfa.letters; ++a) {
    if (try_all(search, dfa, endings, followed(word, a), more - 1)) return true;
  }
  return false;
}

std::optional<Word> counterexample(const Dfa& dfa, Teacher& teacher, const Trial& trial) {
  Search search(teacher, dfa);
  for (const auto& hint : trial.hints) {
    if (search.try_word(hint)) return search.found();
  }
  if (search.flush()) return search.found();
  constexpr std::size_t kEdited = 4;  // accepted words of which each single change is tried
  const std::vector<Word> accepted = accepted_words(dfa, kEdited);
  for (const auto& word : accepted) {
    if (try_edits(search, word, dfa.letters)) return search.found();
  }
  // Before the W-method, which costs most and is begun anew for every hypothesis.
  std::mt19937_64 random(trial.seed);
  std::vector<Word> bases = accepted;
  bases.insert(bases.end(), trial.hints.begin(), trial.hints.end());
  bases.emplace_back();
  for (std::size_t i = 0; i < trial.walks; ++i) {
    Word word = bases[random() % bases.size()];
    for (std::size_t n = 2 + random() % 4; n > 0; --n) word = edited(std::move(word), dfa.letters, random);
    if (search.try_word(std::move(word))) return search.found();
  }
  if (search.flush()) return search.found();
  const std::vector<Word> endings = telling_words(dfa);
  for (const auto& word : access_words(dfa)) {
    if (try_all(search, dfa, endings, word, trial.depth + 1)) return search.found();
  }
  search.flush();
  return search.found();
}

}  // namespace

std::vector<Word> core_of(const Dfa& dfa) {
  std::vector<Word> out;
  const std::vector<Word> endings = telling_words(dfa);
  for (const auto& word : access_words(dfa)) {
    for (const auto& ending : endings) out.push_back(joined(word, ending));
  }
  return out;
}

const Dfa& Learner::learn(Teacher& teacher, std::size_t letters, const Trial& trial) {
  Table table(teacher, letters);
  while (true) {
    table.close();
    const Dfa raw = table.hypothesis();
    hypothesis = minimal(raw);
    const auto example = counterexample(*hypothesis, teacher, trial);
    if (!example) {
      // One wrong answer there is a state too many, or one that is lost.
      teacher.confirm(core_of(*hypothesis));
      return *hypothesis;
    }
    teacher.ask_again(*example);  // an answer that came by chance would build states
    ++counterexamples;
    table.learn_from(*example);
  }
}

}  // namespace mxident::harness::learn
