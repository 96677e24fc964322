// One line of JSON, written member by member. A cell has some hundred values; a document in memory would be
// made of them only to be printed and thrown away.
#pragma once

#include <concepts>
#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mxident::harness {

/// Text as nlohmann::json::dump() would give it: octets that are no UTF-8 become U+FFFD.
class JsonLine {
 public:
  explicit JsonLine(std::size_t expected_size) { text_.reserve(expected_size); }

  void open(char bracket) {
    begin();
    text_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    text_ += bracket;
    first_ = false;
  }
  /// Of a member whose value comes next. Nothing in it is escaped.
  void name(std::string_view name);

  void value(std::string_view text);
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(const char* text) { value(std::string_view(text)); }
  void value(bool is) { plain(is ? "true" : "false"); }
  void value(double number);
  template <std::integral Number>
  void value(Number number) {
    plain(std::to_string(number));
  }
  void value(std::nullptr_t) { plain("null"); }
  void value(const std::vector<std::string>& texts);
  void value(const nlohmann::ordered_json& any);
  template <typename Value>
  void value(const std::optional<Value>& one) {
    one ? value(*one) : value(nullptr);
  }

  template <typename Value>
  void member(std::string_view its_name, const Value& its_value) {
    name(its_name);
    value(its_value);
  }
  std::string take() { return std::move(text_); }

 private:
  void begin() {
    if (!first_) text_ += ',';
    first_ = false;
  }
  void plain(std::string_view text) {
    begin();
    text_ += text;
  }

  std::string text_;
  bool first_ = true;  ///< nothing stands in front of what comes next that a comma would part it from
};

}  // namespace mxident::harness
