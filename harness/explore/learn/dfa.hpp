// Deterministic automata over a small alphabet, and what can be computed from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace mxident::harness::learn {

/// A letter is the place of a symbol in an alphabet.
using Letter = std::uint8_t;
using Word = std::vector<Letter>;

/// Complete: every state has a step for every letter. State 0 is where a word begins.
struct Dfa {
  std::size_t letters = 0;
  std::vector<std::uint32_t> next;  ///< by state, then by letter
  std::vector<bool> accepting;      ///< by state

  std::size_t size() const { return accepting.size(); }
  std::uint32_t step(std::uint32_t state, Letter letter) const { return next[state * letters + letter]; }
  std::uint32_t run(const Word& word, std::uint32_t from = 0) const;
  bool accepts(const Word& word) const { return accepting[run(word)]; }
};

/// Whether a state accepts nothing more, whatever follows.
bool is_dead(const Dfa& dfa, std::uint32_t state);

/// No state that no word reaches, and no two that no word tells apart.
Dfa minimal(const Dfa& dfa);

/// For each pair of states that some word leads the two automata to and of which `wanted` says so, a shortest
/// such word; shortest first, at most `most`. Both automata have the same letters.
std::vector<Word> shortest_words(const Dfa& a, const Dfa& b, const std::function<bool(bool, bool)>& wanted,
                                 std::size_t most);

/// The shortest word that one accepts and the other does not; none: the languages are equal, which the
/// product of the two proves.
std::optional<Word> difference(const Dfa& a, const Dfa& b);

/// The shortest accepted words, at most `most`; every word of a language that has no more.
std::vector<Word> accepted_words(const Dfa& dfa, std::size_t most);

/// By state, a shortest word that leads there. For automata without unreachable states.
std::vector<Word> access_words(const Dfa& dfa);

/// Words of which one tells any two states of a minimal automaton apart; the empty one is the first.
std::vector<Word> telling_words(const Dfa& dfa);

/// Accepts every word that ends with `end`.
Dfa ends_with(std::size_t letters, const Word& end);

/// Accepts nothing, or everything.
Dfa constant(std::size_t letters, std::uint8_t accepts);

}  // namespace mxident::harness::learn
