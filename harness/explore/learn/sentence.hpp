// An automaton in a sentence: "accepts one label of letters, digits and hyphens before .a.test, but no xn--".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/explore/learn/alphabet.hpp"
#include "harness/explore/learn/cells.hpp"

namespace mxident::harness::learn {

/// `name` is the pattern of the certificate, or the reference. All that is said is read off the automaton.
std::string sentence_of(const Dfa& dfa, const Alphabet& alphabet, Side side, const std::string& name);

/// States and steps, a line a state: "1  accepts  a x 1 - -> 1". Steps to the state that nothing leads out of
/// are left out.
std::string text_of(const Dfa& dfa, const Alphabet& alphabet);

/// Of a state, the symbols as people read them, by the state that they lead to; without those that lead to
/// the state that nothing leads out of.
std::map<std::uint32_t, std::vector<std::string>> steps_of(const Dfa& dfa, const Alphabet& alphabet,
                                                           std::uint32_t state);

/// The language of Graphviz.
std::string dot_of(const Dfa& dfa, const Alphabet& alphabet, const std::string& title);

}  // namespace mxident::harness::learn
