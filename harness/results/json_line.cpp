#include "harness/results/json_line.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace mxident::harness {
namespace {

std::string text_of(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// What stands behind a backslash; 0: the octet stands for itself.
char escape_of(char c) {
  switch (c) {
    case '\r':
      return 'r';
    case '\n':
      return 'n';
    case '"':
    case '\\':
      return c;
    default:
      return 0;
  }
}

/// Lines of SMTP and of programs; the library has an answer for all else.
bool is_line_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 0x20 && c < 0x7f) || c == '\r' || c == '\n'; });
}

}  // namespace

void JsonLine::name(std::string_view name) {
  begin();
  text_ += '"';
  text_ += name;
  text_ += "\":";
  first_ = true;
}

void JsonLine::value(std::string_view text) {
  if (!is_line_text(text)) return plain(text_of(text));
  begin();
  text_ += '"';
  for (const char c : text) {
    const char escape = escape_of(c);
    if (escape != 0) text_ += '\\';
    text_ += escape != 0 ? escape : c;
  }
  text_ += '"';
}

void JsonLine::value(double number) {
  plain(text_of(number));
}

void JsonLine::value(const std::vector<std::string>& texts) {
  open('[');
  for (const auto& text : texts) value(text);
  close(']');
}

void JsonLine::value(const nlohmann::ordered_json& any) {
  plain(text_of(any));
}

}  // namespace mxident::harness
