// An automaton as a picture, and what was learned as a page that opens from a disk.
#pragma once

#include <string>

#include "harness/explore/learn/session.hpp"

namespace mxident::harness::learn {

/// SVG: states in columns by how many symbols lead to them, symbols at the arrows. The state that nothing
/// leads out of is left out, with the steps to it.
std::string svg_of(const Dfa& dfa, const Alphabet& alphabet, const std::string& title);

/// One page of HTML: the sentences, the figures, the differences and the automata.
std::string html_of(const Report& report);

}  // namespace mxident::harness::learn
