// Words of ASCII: names, ids and what programs print. Other octets are left as they are, whatever the locale.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace mxident::harness {

inline std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// The last line of what a program printed that is not empty, 200 octets of it at most.
inline std::string last_line(std::string_view text) {
  const std::size_t end = text.find_last_not_of("\r\n");
  if (end == std::string_view::npos) return "";
  const std::size_t before = text.rfind('\n', end);
  const std::size_t at = before == std::string_view::npos ? 0 : before + 1;
  return std::string(text.substr(at, std::min<std::size_t>(200, end + 1 - at)));
}

/// Without what stands in `set` at both ends.
inline std::string_view trimmed(std::string_view text, std::string_view set = " \t\r\n") {
  const std::size_t begin = text.find_first_not_of(set);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(set) - begin + 1);
}

}  // namespace mxident::harness
