// The commands that show cells again, kept for very many cells: all of a mode are alike but for the scenario.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace mxident::harness {

class Commands {
 public:
  /// `column` and `scenario` are places in lists of who asks.
  void add(std::size_t column, std::size_t scenario, const std::string& id, const std::string& command);
  std::string of(std::size_t column, std::size_t scenario, const std::string& id) const;

 private:
  struct Pattern {
    bool known = false;
    std::string before, after;  ///< around the scenario's id
  };
  std::vector<Pattern> patterns_;                          ///< by column
  std::unordered_map<std::uint64_t, std::string> others_;  ///< those that their column's pattern does not say
};

}  // namespace mxident::harness
