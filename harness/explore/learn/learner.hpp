// Active learning of an automaton from answers alone: L* (Angluin 1987) with the handling of counterexamples
// by Rivest and Schapire (1993), so that each counterexample costs one column of the table.
//
// Looked at before this was written: no package of Debian 12 keeps such algorithms (libalf has never been
// one; LearnLib and AutomataLib for Java and AALpy for Python are not packaged, and either would put an
// interpreter between the questions and the servers).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/explore/learn/dfa.hpp"

namespace mxident::harness::learn {

/// Who knows the language. What it throws comes out of everything here.
class Teacher {
 public:
  virtual ~Teacher() = default;
  /// By word; the same answer to the same word. All of a call may be asked at once.
  virtual std::vector<bool> ask(const std::vector<Word>& words) {
    std::vector<bool> out;
    for (const auto& word : words) out.push_back(ask_again(word));
    return out;
  }
  /// The answer, asked anew.
  virtual bool ask_again(const Word& word) = 0;
  /// Asks anew what an automaton rests upon, and throws where an answer is another now.
  virtual void confirm(const std::vector<Word>&) {}
};

/// Words that reach its states and tell them apart.
std::vector<Word> core_of(const Dfa& dfa);

/// How a hypothesis is tried.
struct Trial {
  std::vector<Word> hints;  ///< tried first
  /// W-method (Chow 1978): right for every automaton that has no more than so many states more than the
  /// hypothesis.
  unsigned depth = 0;
  std::size_t walks = 400;  ///< random words, most of them accepted ones with a few letters changed
  std::uint64_t seed = 1;
};

/// The automaton has more states than are looked at.
inline constexpr std::size_t kMostStates = 300;

struct Learner {
  std::optional<Dfa> hypothesis;  ///< the last one, also after an exception; minimal
  std::size_t counterexamples = 0;

  /// Until a trial finds nothing more. Throws what the teacher throws, and std::length_error beyond
  /// kMostStates.
  const Dfa& learn(Teacher& teacher, std::size_t letters, const Trial& trial);
};

}  // namespace mxident::harness::learn
