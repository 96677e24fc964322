// The symbols that names are made of while a client is learned: an automaton over all octets would need as
// many questions, and most octets are treated alike.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/explore/learn/dfa.hpp"

namespace mxident::harness::learn {

enum class Role {
  letter,  ///< of the first label of the name
  label,   ///< a further label of the name, whole; or a letter of one
  other,   ///< a letter that the name does not have
  dot,
  star,
  hyphen,
  digit,
  upper,  ///< of a letter of the name
  underscore,
  nul,
  non_ascii,
  blank,
  ace  ///< "xn--"
};

struct Symbol {
  Role role;
  std::string octets;
};

/// Whether labels behind the first one are a symbol each (few questions), or spelt letter by letter.
enum class Spelling { labels, letters };

class Alphabet {
 public:
  /// Around a name: a pattern of a certificate or a reference.
  Alphabet(std::string_view name, Spelling spelling);

  std::size_t size() const { return symbols_.size(); }
  const Symbol& operator[](Letter letter) const { return symbols_[letter]; }
  const std::vector<Symbol>& symbols() const { return symbols_; }
  std::optional<Letter> of(Role role) const;  ///< the first with it
  void leave_out(const std::string& octets);

  std::string spell(const Word& word) const;
  /// nullopt: it has octets that are no symbol. The longest symbol is taken where several fit.
  std::optional<Word> read(std::string_view name) const;

 private:
  void add(Role role, std::string octets);
  std::vector<Symbol> symbols_;
};

/// What a program takes for the name that ends its texts at a NUL.
std::string_view up_to_nul(std::string_view name);

/// For people, on one line: NUL as \x00, a blank in quotes.
std::string shown(std::string_view octets);

/// "\xNN" read as octets; nullopt for a backslash that begins nothing else.
std::optional<std::string> unescaped(std::string_view text);

/// "a blank", "a letter of the name".
std::string_view describe(Role role);

/// Names around `name` that matchers are known to differ in: what a star stands for, labels more and less,
/// dots, blanks and NULs at the ends.
std::vector<Word> hints_around(const Alphabet& alphabet, std::string_view name);

}  // namespace mxident::harness::learn
