// A presented DNS pattern as an automaton that reads a reference name octet by octet.
#pragma once

#include <bitset>
#include <string_view>
#include <vector>

namespace mxident::harness::oracle {

/// Compiled from a pattern in which '*' is special where the compiler was told so. States are set-simulated,
/// so that the time is linear in pattern times name whatever the stars.
class Automaton {
 public:
  static constexpr std::size_t kMaxStates = 512;
  enum class Star { literal, within_label, across_labels };
  enum class Least { zero, one };  ///< octets that a star stands for

  /// False if the pattern is too long.
  bool compile(std::string_view pattern, Star star, Least least);
  bool accepts(std::string_view name) const;

 private:
  enum class Step : unsigned char { octet, any, any_but_dot };
  struct State {
    Step step = Step::octet;
    char octet = 0;
    bool loops = false;      ///< may stay here on what `step` admits
    bool skippable = false;  ///< the next state is reached without reading
  };
  static bool admits(const State& state, char octet);
  std::vector<State> states_;
};

}  // namespace mxident::harness::oracle
