// Patterns as data: literal text with fields, found in one pass over a text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mxident::harness::repro {

/// A row of patterns/*.def. In `form`, "{mx}" and the like are fields; ' stands for any quotation mark.
struct Pattern {
  std::string_view program, form;
  std::string_view signs;   ///< words of kSigns, with blanks between
  std::string_view within;  ///< only after a pattern of this program that enters it; empty: anywhere
  std::string_view enters;  ///< what the next lines are; "-": nothing special any more
  std::string_view note;    ///< what it means, for people
};
std::span<const Pattern> all_patterns();

/// A pattern's form taken apart.
struct Form {
  struct Part {
    std::string literal;  ///< empty: a field
    std::string_view field;
  };
  std::vector<Part> parts;
  std::size_t anchor = 0;  ///< the first literal
};
Form parse_form(std::string_view form);

/// Fields of a match, in order, and where it ends.
struct Match {
  std::vector<std::pair<std::string_view, std::string_view>> fields;
  std::size_t begin = 0, end = 0;
};

/// All literals that patterns begin with, in one automaton (Aho and Corasick): a text costs a step an octet,
/// however many patterns there are.
class Anchors {
 public:
  explicit Anchors(std::span<const Form> forms);
  /// State after an octet; start with 0.
  std::uint16_t next(std::uint16_t state, unsigned char octet) const { return goto_[state * 256u + octet]; }
  /// How many octets up to here may still become an anchor.
  std::size_t depth(std::uint16_t state) const { return depth_[state]; }
  /// Patterns whose anchor ends here, the longest anchor first.
  const std::vector<std::uint16_t>& ending(std::uint16_t state) const { return ending_[state]; }

 private:
  std::vector<std::uint16_t> goto_;
  std::vector<std::uint16_t> depth_;
  std::vector<std::vector<std::uint16_t>> ending_;
};

/// Whether the form stands in `line` with its anchor ending before `at`. `steps` grows by the octets looked
/// at.
bool match_at(const Form& form, std::string_view line, std::size_t at, Match& match, std::size_t& steps);

}  // namespace mxident::harness::repro
