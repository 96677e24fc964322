#include "harness/explore/learn/sentence.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>

namespace mxident::harness::learn {
namespace {

class Reader {
 public:
  Reader(const Dfa& dfa, const Alphabet& alphabet) : dfa_(dfa), alphabet_(alphabet) {}
  /// nullopt: not a name over this alphabet.
  std::optional<bool> says(const std::string& name) const {
    const auto word = alphabet_.read(name);
    return word ? std::optional(dfa_.accepts(*word)) : std::nullopt;
  }
  bool accepts(const std::string& name) const { return says(name) == true; }
  bool refuses(const std::string& name) const { return says(name) == false; }

 private:
  const Dfa& dfa_;
  const Alphabet& alphabet_;
};

std::string listed(const std::vector<std::string>& parts, std::string_view last = "and") {
  if (parts.empty()) return "";
  if (parts.size() == 1) return parts.front();
  return fmt::format("{} {} {}", fmt::join(parts.begin(), parts.end() - 1, ", "), last, parts.back());
}

std::string_view plural(Role role) {
  switch (role) {
    case Role::other:
      return "letters";
    case Role::star:
      return "stars";
    case Role::hyphen:
      return "hyphens";
    case Role::digit:
      return "digits";
    case Role::upper:
      return "upper case";
    case Role::underscore:
      return "underscores";
    case Role::nul:
      return "NULs";
    case Role::non_ascii:
      return "letters beyond ASCII";
    case Role::blank:
      return "blanks";
    default:
      return "";
  }
}

/// Of a pattern "BEFORE*AFTER.TAIL": what may stand for the star.
std::string of_references(const Reader& reader, const Alphabet& alphabet, const std::string& pattern) {
  const std::size_t dot = std::min(pattern.find('.'), pattern.size());
  const std::string label = pattern.substr(0, dot), tail = pattern.substr(dot);
  const std::size_t star = label.find('*');
  const std::string x = alphabet[*alphabet.of(Role::other)].octets;
  std::vector<std::string> parts, without, also;
  const std::string before = star == std::string::npos ? label : label.substr(0, star);
  const std::string after = star == std::string::npos ? "" : label.substr(star + 1);
  const auto name = [&](const std::string& stead) { return before + stead + after + tail; };
  const bool is_ace = before.starts_with("xn--");
  if (is_ace && (reader.accepts(name(x)) || reader.accepts(name("1")))) {
    // Whether an A-label stands for anything is another matter than what octets it is made of.
    parts.push_back(fmt::format("labels that begin with {} before {}, not all of them", before, shown(tail)));
  } else if (star != std::string::npos && reader.accepts(name(x))) {
    std::vector<std::string> inside, refused;
    for (const auto& symbol : alphabet.symbols()) {
      if (plural(symbol.role).empty()) continue;
      (reader.accepts(name(x + symbol.octets + x)) ? inside : refused).emplace_back(plural(symbol.role));
    }
    parts.push_back(
        fmt::format("one label{}{} of {}{}", before.empty() ? "" : " that begins with " + before,
                    after.empty() ? "" : (before.empty() ? " that ends with " : " and ends with ") + after,
                    listed(inside), tail.empty() ? "" : " before " + shown(tail)));
    if (!refused.empty()) without.push_back("no " + listed(refused, "or"));
    for (const auto& [role, what] : {std::pair{Role::hyphen, "hyphen"}, {Role::underscore, "underscore"}}) {
      const auto symbol = alphabet.of(role);
      if (!symbol || !reader.accepts(name(x + alphabet[*symbol].octets + x))) continue;
      const std::string octets = alphabet[*symbol].octets;
      if (before.empty() && reader.refuses(name(octets + x)))
        without.push_back(fmt::format("no {} first", what));
      if (after.empty() && reader.refuses(name(x + octets)))
        without.push_back(fmt::format("no {} last", what));
    }
    if (before.empty() && reader.refuses(name("xn--" + x)))
      without.emplace_back("no label that begins with xn--");
    if (reader.accepts(name(x + "." + x))) also.emplace_back("more labels");
    if (!(before + after).empty() && reader.accepts(name(""))) also.push_back(name(""));
  }
  if (!tail.empty() && reader.accepts(tail.substr(1))) also.push_back(tail.substr(1));
  if (!tail.empty() && reader.accepts(tail)) also.push_back(tail);
  if (reader.accepts(pattern) && (star != std::string::npos && parts.empty()))
    parts.push_back(fmt::format("{} as it stands", pattern));
  if (star == std::string::npos && reader.accepts(pattern)) parts.push_back(shown(pattern));
  const std::string known = star == std::string::npos ? pattern : name(x);
  if (reader.accepts(known) && reader.accepts(known + ".")) also.emplace_back("a final dot");
  if (parts.empty() && also.empty()) return "accepts names of no shape that this sentence has words for";
  std::string out = "accepts " + (parts.empty() ? "" : listed(parts));
  if (!without.empty()) out += ", but " + listed(without, "and");
  if (!also.empty()) out += (parts.empty() ? "" : "; also ") + listed(also);
  return out;
}

/// Of a reference: which patterns for it count.
std::string of_presented(const Reader& reader, const Alphabet& alphabet, const std::string& reference) {
  const std::size_t dot = std::min(reference.find('.'), reference.size());
  const std::string label = reference.substr(0, dot), tail = reference.substr(dot);
  const std::size_t second = std::min(reference.find('.', dot + 1), reference.size());
  const std::string above = reference.substr(std::min(second, reference.size()));
  const std::string x = alphabet[*alphabet.of(Role::other)].octets;
  std::vector<std::string> accepted, refused;
  const auto look = [&](const std::string& name, const std::string& what) {
    if (const auto says = reader.says(name))
      (*says ? accepted : refused).push_back(what.empty() ? shown(name) : what);
  };
  look(reference, "");
  if (const auto upper = alphabet.of(Role::upper); upper && !label.empty())
    look(alphabet[*upper].octets + reference.substr(1), "upper case");
  look(reference + ".", "a final dot");
  look("*" + tail, "");
  look(label.substr(0, 1) + "*" + label.substr(std::min<std::size_t>(1, label.size())) + tail, "");
  look("*" + label + tail, "");
  if (!above.empty()) {
    look("*" + above, "");
    look("*.*" + above, "");
    look(label + ".*" + above, "");
  }
  look("*", "");
  look(tail.substr(std::min<std::size_t>(1, tail.size())), "");
  look(tail, "");
  look("*" + reference.substr(0, 1) + reference.substr(1), "");
  look(reference + std::string(1, '\0') + "." + x, "what follows a NUL");
  look(reference + " ", "a blank behind");
  look(" " + reference, "a blank before");
  look(x + "." + reference, "");
  std::vector<std::string> unlike;
  for (const auto& one : accepted) {
    if (std::find(unlike.begin(), unlike.end(), one) == unlike.end()) unlike.push_back(one);
  }
  std::erase_if(
      refused, [&](const auto& one) { return std::find(unlike.begin(), unlike.end(), one) != unlike.end(); });
  refused.erase(std::unique(refused.begin(), refused.end()), refused.end());
  if (unlike.empty()) return "accepts names of no shape that this sentence has words for";
  return fmt::format("accepts {}{}", listed(unlike),
                     refused.empty() ? "" : ", but not " + listed(refused, "or"));
}

std::string in_quotes(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::map<std::uint32_t, std::vector<std::string>> steps_of(const Dfa& dfa, const Alphabet& alphabet,
                                                           std::uint32_t state) {
  std::map<std::uint32_t, std::vector<std::string>> out;
  for (Letter a = 0; a < dfa.letters; ++a) {
    const std::uint32_t to = dfa.step(state, a);
    if (!is_dead(dfa, to)) out[to].push_back(shown(alphabet[a].octets));
  }
  return out;
}

std::string sentence_of(const Dfa& dfa, const Alphabet& alphabet, Side side, const std::string& name) {
  if (!difference(dfa, constant(dfa.letters, 0))) return "accepts no name";
  // The empty name cannot be asked about.
  const auto refused = shortest_words(
      dfa, dfa, [](bool accepted, bool) { return !accepted; }, 2);
  if (refused.empty() || (refused.size() == 1 && refused.front().empty())) return "accepts every name";
  const Reader reader(dfa, alphabet);
  const std::string out =
      side == Side::references ? of_references(reader, alphabet, name) : of_presented(reader, alphabet, name);
  constexpr std::size_t kCountable = 12;
  const auto all = accepted_words(dfa, kCountable + 1);
  if (all.size() > kCountable) return out;
  std::vector<std::string> names;
  for (const auto& word : all) names.push_back(shown(alphabet.spell(word)));
  return fmt::format("accepts {} and nothing else", listed(names));
}

std::string text_of(const Dfa& dfa, const Alphabet& alphabet) {
  std::string out;
  for (std::uint32_t q = 0; q < dfa.size(); ++q) {
    if (is_dead(dfa, q)) continue;
    std::string steps;
    for (const auto& [to, symbols] : steps_of(dfa, alphabet, q)) {
      steps += fmt::format("{}{} -> {}", steps.empty() ? "" : "; ", fmt::join(symbols, " "), to);
    }
    out += fmt::format("{:>3}  {:<7}  {}\n", q, dfa.accepting[q] ? "accepts" : "", steps);
    while (out.size() > 1 && out[out.size() - 2] == ' ') out.erase(out.size() - 2, 1);
  }
  return out;
}

std::string dot_of(const Dfa& dfa, const Alphabet& alphabet, const std::string& title) {
  std::string out = fmt::format(
      "digraph learned {{\n  rankdir=LR;\n  label={};\n  node [shape=circle];\n  begin [shape=point];\n",
      in_quotes(title));
  for (std::uint32_t q = 0; q < dfa.size(); ++q) {
    if (!is_dead(dfa, q)) out += fmt::format("  {}{};\n", q, dfa.accepting[q] ? " [shape=doublecircle]" : "");
  }
  out += "  begin -> 0;\n";
  for (std::uint32_t q = 0; q < dfa.size(); ++q) {
    if (is_dead(dfa, q)) continue;
    for (const auto& [to, symbols] : steps_of(dfa, alphabet, q)) {
      out += fmt::format("  {} -> {} [label={}];\n", q, to,
                         in_quotes(fmt::format("{}", fmt::join(symbols, " "))));
    }
  }
  return out + "}\n";
}

}  // namespace mxident::harness::learn
