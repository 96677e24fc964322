#include "harness/explore/learn/alphabet.hpp"

#include <algorithm>

#include "harness/text/printable.hpp"

namespace mxident::harness::learn {
namespace {

constexpr std::string_view kAce = "xn--";

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

/// The octets of one character, or "xn--" at the beginning of a label.
std::size_t unit_at(std::string_view label, std::size_t at) {
  if (at == 0 && label.starts_with(kAce)) return kAce.size();
  std::size_t size = 1;
  while (static_cast<unsigned char>(label[at]) >= 0xc0 && at + size < label.size() &&
         (static_cast<unsigned char>(label[at + size]) & 0xc0) == 0x80)
    ++size;
  return size;
}

Role role_of(std::string_view unit) {
  if (unit == kAce) return Role::ace;
  const char c = unit.front();
  if (static_cast<unsigned char>(c) >= 0x80) return Role::non_ascii;
  if (c == '\0') return Role::nul;
  if (c == ' ') return Role::blank;
  if (c == '*') return Role::star;
  if (c == '-') return Role::hyphen;
  if (c == '_') return Role::underscore;
  if (c >= '0' && c <= '9') return Role::digit;
  if (c >= 'A' && c <= 'Z') return Role::upper;
  return Role::letter;
}

char absent_from(std::string_view name, std::string_view candidates) {
  const auto found = std::find_if(candidates.begin(), candidates.end(),
                                  [&](char c) { return name.find(c) == std::string_view::npos; });
  return found == candidates.end() ? candidates.front() : *found;
}

}  // namespace

Alphabet::Alphabet(std::string_view name, Spelling spelling) {
  std::size_t begin = 0;
  while (begin <= name.size()) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    const std::string_view label = name.substr(begin, end - begin);
    const bool whole = begin > 0 && spelling == Spelling::labels && label.find('*') == std::string_view::npos;
    if (whole) {
      // No command line holds a NUL: what stands around it is asked about without it.
      for (std::size_t at = 0; at <= label.size();) {
        const std::size_t next = std::min(label.find('\0', at), label.size());
        if (next > at) add(Role::label, std::string(label.substr(at, next - at)));
        at = next + 1;
      }
    } else {
      for (std::size_t at = 0; at < label.size();) {
        const std::string_view unit = label.substr(at, unit_at(label, at));
        const Role role = role_of(unit);
        add(begin > 0 && role == Role::letter ? Role::label : role, std::string(unit));
        at += unit.size();
      }
    }
    begin = end + 1;
  }
  const auto first = std::find_if(name.begin(), name.end(), is_letter);
  add(Role::other, std::string(1, absent_from(name, "xzqkwvy")));
  add(Role::dot, ".");
  add(Role::star, "*");
  add(Role::hyphen, "-");
  add(Role::digit, std::string(1, absent_from(name, "123456789")));
  if (first != name.end()) add(Role::upper, std::string(1, static_cast<char>(*first - 'a' + 'A')));
  add(Role::underscore, "_");
  add(Role::nul, std::string(1, '\0'));
  add(Role::non_ascii, "\xc3\xbc");
  add(Role::blank, " ");
  add(Role::ace, std::string(kAce));
}

void Alphabet::add(Role role, std::string octets) {
  if (std::any_of(symbols_.begin(), symbols_.end(), [&](const auto& s) { return s.octets == octets; }))
    return;
  symbols_.push_back({role, std::move(octets)});
}

std::optional<Letter> Alphabet::of(Role role) const {
  for (std::size_t i = 0; i < symbols_.size(); ++i) {
    if (symbols_[i].role == role) return static_cast<Letter>(i);
  }
  return std::nullopt;
}

void Alphabet::leave_out(const std::string& octets) {
  std::erase_if(symbols_, [&](const Symbol& symbol) { return symbol.octets == octets; });
}

std::string Alphabet::spell(const Word& word) const {
  std::string out;
  for (const Letter letter : word) out += symbols_[letter].octets;
  return out;
}

std::optional<Word> Alphabet::read(std::string_view name) const {
  Word out;
  while (!name.empty()) {
    std::optional<Letter> best;
    for (std::size_t i = 0; i < symbols_.size(); ++i) {
      if (name.starts_with(symbols_[i].octets) &&
          (!best || symbols_[i].octets.size() > symbols_[*best].octets.size()))
        best = static_cast<Letter>(i);
    }
    if (!best) return std::nullopt;
    out.push_back(*best);
    name.remove_prefix(symbols_[*best].octets.size());
  }
  return out;
}

std::string_view up_to_nul(std::string_view name) {
  return name.substr(0, name.find('\0'));
}

std::string shown(std::string_view octets) {
  if (octets.empty()) return "\"\"";
  const std::string text = printable(octets);
  return octets.find(' ') == std::string_view::npos ? text : "\"" + text + "\"";
}

std::optional<std::string> unescaped(std::string_view text) {
  const auto digit = [](char c) {
    const std::size_t at = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
    return c == '\0' || at == std::string_view::npos ? -1 : static_cast<int>(at);
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (text.substr(i, 2) != "\\x" || i + 3 >= text.size() || digit(text[i + 2]) < 0 ||
        digit(text[i + 3]) < 0)
      return std::nullopt;
    out += static_cast<char>(digit(text[i + 2]) * 16 + digit(text[i + 3]));
    i += 3;
  }
  return out;
}

std::string_view describe(Role role) {
  switch (role) {
    case Role::letter:
      return "a letter of the name";
    case Role::label:
      return "a part of the name";
    case Role::other:
      return "another letter";
    case Role::dot:
      return "dot";
    case Role::star:
      return "star";
    case Role::hyphen:
      return "hyphen";
    case Role::digit:
      return "digit";
    case Role::upper:
      return "upper case";
    case Role::underscore:
      return "underscore";
    case Role::nul:
      return "NUL";
    case Role::non_ascii:
      return "not ASCII";
    case Role::blank:
      return "blank";
    case Role::ace:
      return "the prefix of A-labels";
  }
  return "";
}

std::vector<Word> hints_around(const Alphabet& alphabet, std::string_view name) {
  const std::string x = alphabet[*alphabet.of(Role::other)].octets, text(name);
  const std::size_t dot = std::min(text.find('.'), text.size());
  const std::string first = text.substr(0, dot), tail = text.substr(dot);
  std::vector<std::string> names{text, std::string(up_to_nul(name)), tail,
                                 tail.substr(std::min<std::size_t>(1, tail.size())), first};
  for (const std::string& label :
       {std::string(x), x + x, std::string("*"), std::string("xn--") + x, first + x, x + first, first + "*",
        "*" + first, x + "-" + x, "-" + x, x + "_" + x}) {
    names.push_back(label + tail);
  }
  for (const std::size_t star : {text.find('*')}) {
    if (star == std::string::npos) break;
    for (const std::string& stead : {std::string(), x, x + x, x + "." + x, x + "-", std::string("xn--") + x})
      names.push_back(text.substr(0, star) + stead + text.substr(star + 1));
  }
  const std::size_t second = text.find('.', std::min(dot + 1, text.size()));
  const std::string above = second == std::string::npos ? "" : text.substr(second);
  for (const std::string& label : {x + "." + x, std::string("*.*"), x + ".*", "*." + x, first + ".*"})
    names.push_back(label + above);
  names.push_back("*" + above);
  names.push_back("*." + text);
  names.push_back(x + "." + text);
  names.push_back("*");
  names.push_back("*" + tail.substr(std::min<std::size_t>(1, tail.size())));
  const std::size_t plain = names.size();
  for (std::size_t i = 0; i < plain; ++i) names.push_back(names[i] + ".");
  for (const std::string& octets :
       {std::string(" "), std::string(1, '\0'), std::string(1, '\0') + x, std::string(1, '\0') + "." + x}) {
    names.push_back(text + octets);
    names.push_back(octets + text);
    if (text.find('*') != std::string::npos) {
      names.push_back(x + tail + octets);
      names.push_back(octets + x + tail);
    }
  }
  std::vector<Word> out;
  for (const auto& one : names) {
    if (auto word = alphabet.read(one)) out.push_back(std::move(*word));
  }
  std::sort(out.begin(), out.end(),
            [](const Word& a, const Word& b) { return a.size() != b.size() ? a.size() < b.size() : a < b; });
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace mxident::harness::learn
