// How names may be spelt for a client with a bug: what a correct client takes for octets that no host name
// has.
#include <fnmatch.h>
#include <idn2.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <regex>

#include "harness/adequacy/certificate.hpp"

namespace mxident::harness::zoo {
namespace {

constexpr std::size_t kMaxPattern = 100;
constexpr std::size_t kBuffer = 64;

bool is_within(const std::string& octets, char octet) {
  return octets.find(octet) != std::string::npos;
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::string with_all(std::string text, std::initializer_list<const char*> from, const std::string& to) {
  for (const char* part : from) text = with(std::move(text), part, to);
  return text;
}

template <class Test>
std::string without(std::string text, Test test) {
  text.erase(std::remove_if(text.begin(), text.end(), test), text.end());
  return text;
}

/// Each octet as `change` makes it.
template <class Change>
std::string each(std::string text, Change change) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [&](char c) { return static_cast<char>(change(static_cast<unsigned char>(c))); });
  return text;
}

/// Numbers as a comparison of "natural" order takes them.
std::string without_zeros(const std::string& text) {
  static const std::regex kZeros("(^|[^0-9])0+([0-9])");
  return std::regex_replace(text, kZeros, "$1$2");
}

bool expression_matches(const std::string& pattern, const std::string& text) {
  if (pattern.size() > kMaxPattern) return false;
  try {
    return std::regex_match(text, std::regex(pattern, std::regex::extended));
  } catch (const std::regex_error&) {
    return false;
  }
}

/// Escapes of `prefix` and `digits` digits to `base`, such as \x31.
std::string unescaped(const std::string& text, const std::string& prefix, std::size_t digits, int base) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::string number = text.substr(std::min(text.size(), at + prefix.size()), digits);
    char* end = nullptr;
    const long value = std::strtol(number.c_str(), &end, base);
    if (text.compare(at, prefix.size(), prefix) == 0 && number.size() == digits &&
        end == number.c_str() + digits) {
      out += static_cast<char>(value);
      at += prefix.size() + digits;
    } else {
      out += text[at++];
    }
  }
  return out;
}

/// "a{b,c}d" is "abd" or "acd".
bool list_has(const std::string& list, const std::string& text) {
  const std::size_t open = list.find('{'), close = list.find('}');
  if (open == std::string::npos || close == std::string::npos || close < open) return false;
  for (std::size_t at = open + 1; at <= close;) {
    const std::size_t end = std::min(list.find(',', at), close);
    if (plainly_matches(list.substr(0, open) + list.substr(at, end - at) + list.substr(close + 1), text))
      return true;
    at = end + 1;
  }
  return false;
}

/// The A-labels of `reference` in UTF-8; empty if it has none.
std::string in_unicode(const std::string& reference) {
  char* text = nullptr;
  if (reference.find("xn--") == std::string::npos ||
      idn2_to_unicode_8z8z(reference.c_str(), &text, 0) != IDN2_OK)
    return {};
  std::string out = text;
  idn2_free(text);
  return out;
}

std::string trimmed_as_in_c(std::string text) {
  const auto blank = [](char c) { return std::strchr(" \t\r\n\v\f", c) != nullptr && c != '\0'; };
  while (!text.empty() && blank(text.back())) text.pop_back();
  while (!text.empty() && blank(text.front())) text.erase(0, 1);
  return text;
}

/// What stands behind the first `from`, up to the first of `to`.
std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  const std::size_t begin = at == std::string::npos ? 0 : at + from.size();
  return text.substr(begin, text.find_first_of(to, begin) - begin);
}

unsigned char fold_by_bit(unsigned char c) {
  return c | 0x20U;
}

bool pattern_covers(BugId bug, const std::string& presented, const std::string& reference) {
  switch (bug) {
    case BugId::reference_expression:
      return expression_matches(reference, presented);
    case BugId::wildcard_expression:
      return presented.starts_with("*.") && expression_matches("[^.]+" + presented.substr(1), reference);
    case BugId::question_mark:
      return !is_within(presented, '*') && !is_within(presented, '[') &&
             fnmatch(presented.c_str(), reference.c_str(), 0) == 0;
    case BugId::bracket_set:
      return !is_within(presented, '*') && !is_within(presented, '?') &&
             fnmatch(presented.c_str(), reference.c_str(), 0) == 0;
    case BugId::brace_list:
      return list_has(presented, reference);
    case BugId::leading_dot:
      return presented.size() > 1 && presented.front() == '.' && reference.ends_with(presented);
    case BugId::star_before_text:
      return presented.size() > 1 && presented.front() == '*' && presented[1] != '.' &&
             reference.ends_with(presented.substr(1));
    default:
      return false;
  }
}

/// The presented name as the bug reads it.
std::string as_spelt(BugId bug, const std::string& name) {
  switch (bug) {
    case BugId::backslash_dropped:
      return with(name, "\\", "");
    case BugId::decimal_escape:
      return unescaped(name, "\\", 3, 10);
    case BugId::hex_escape:
      return unescaped(name, "\\x", 2, 16);
    case BugId::percent_escape:
      return unescaped(name, "%", 2, 16);
    case BugId::quotes_dropped:
      return with_all(name, {"\"", "'"}, "");
    case BugId::nul_dropped:
      return without(name, [](char c) { return c == '\0'; });
    case BugId::after_nul:
      return name.substr(name.rfind('\0') + 1);
    case BugId::controls_dropped:
      return without(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    case BugId::blanks_dropped:
      return with(name, " ", "");
    case BugId::form_feed_trimmed:
      return trimmed_as_in_c(name);
    case BugId::doubled_dot:
      return with(name, "..", ".");
    case BugId::port_dropped:
      return name.substr(0, name.find(':'));
    case BugId::user_dropped:
      return between(name, "@", "");
    case BugId::scheme_dropped:
      return between(name, "://", ":/");
    case BugId::path_dropped:
      return name.substr(0, name.find('/'));
    case BugId::high_bit:
      return each(name, [](unsigned char c) { return c & 0x7fU; });
    case BugId::dotless_i:
      return with_all(name, {"\xc4\xb1", "\xc4\xb0"}, "i");
    case BugId::sharp_s:
      return with_all(name, {"\xc3\x9f", "\xe1\xba\x9e"}, "ss");
    case BugId::ignorable_dropped:
      return with_all(name, {"\xc2\xad", "\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d", "\xef\xbb\xbf"}, "");
    case BugId::ideographic_dot:
      return with_all(name, {"\xe3\x80\x82", "\xef\xbc\x8e", "\xef\xbd\xa1"}, ".");
    case BugId::accents_dropped:
      return with_all(with_all(name, {"\xc3\xa9", "\xc3\xa8", "\xc3\xaa", "\xc3\xab"}, "e"),
                      {"\xc3\xa4", "\xc3\xa1", "\xc3\xa0", "\xc3\xa2", "\xc3\xa5"}, "a");
    case BugId::length_in_an_octet:
      return name.substr(0, name.size() % 256);
    default:
      return name;
  }
}

}  // namespace

bool spelt_alike(BugId bug, const std::string& presented, const std::string& reference) {
  if (pattern_covers(bug, presented, reference)) return true;
  switch (bug) {
    case BugId::case_bit:
      return each(presented, fold_by_bit) == each(reference, fold_by_bit);
    case BugId::underscore_is_hyphen:
      return with(presented, "_", "-") == with(reference, "_", "-");
    case BugId::hyphen_dropped:
      return with(presented, "-", "") == with(reference, "-", "");
    case BugId::zeros_dropped:
      return without_zeros(presented) == without_zeros(reference);
    case BugId::cut_at_64:
      return presented.substr(0, kBuffer) == reference.substr(0, kBuffer);
    case BugId::u_label_presented:
      return !presented.empty() && presented == in_unicode(reference);
    case BugId::empty_name:
      return presented.empty();
    case BugId::short_name:
      return !presented.empty() && presented == reference.substr(0, reference.find('.'));
    default:
      return plainly_matches(as_spelt(bug, presented), reference);
  }
}

}  // namespace mxident::harness::zoo
