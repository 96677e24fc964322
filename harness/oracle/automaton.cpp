#include "harness/oracle/automaton.hpp"

namespace mxident::harness::oracle {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

}  // namespace

bool Automaton::compile(std::string_view pattern, Star star, Least least) {
  states_.clear();
  if (pattern.size() * 2 >= kMaxStates) return false;
  for (const char c : pattern) {
    if (c != '*' || star == Star::literal) {
      states_.push_back({Step::octet, lower(c), false, false});
      continue;
    }
    const Step step = star == Star::within_label ? Step::any_but_dot : Step::any;
    // "one or more" is one that must be read, then a loop that may be left unread.
    if (least == Least::one) states_.push_back({step, 0, false, false});
    states_.push_back({step, 0, true, true});
  }
  return true;
}

bool Automaton::admits(const State& state, char octet) {
  switch (state.step) {
    case Step::octet:
      return state.octet == lower(octet);
    case Step::any:
      return true;
    case Step::any_but_dot:
      return octet != '.';
  }
  return false;
}

bool Automaton::accepts(std::string_view name) const {
  using Set = std::bitset<kMaxStates + 1>;
  const auto close = [&](Set& set) {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      if (set[i] && states_[i].skippable) set.set(i + 1);
    }
  };
  Set now;
  now.set(0);
  close(now);
  for (const char octet : name) {
    Set then;
    for (std::size_t i = 0; i < states_.size(); ++i) {
      if (!now[i] || !admits(states_[i], octet)) continue;
      then.set(states_[i].loops ? i : i + 1);
    }
    close(then);
    now = then;
    if (now.none()) return false;
  }
  return now[states_.size()];
}

}  // namespace mxident::harness::oracle
