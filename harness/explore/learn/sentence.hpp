// An automaton in a sentence: "accepts one label of letters, digits and hyphens before .a.test, but no xn--".
#pragma once

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

/// The language of Graphviz.
std::string dot_of(const Dfa& dfa, const Alphabet& alphabet, const std::string& title);

}  // namespace mxident::harness::learn
