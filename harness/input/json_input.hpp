// JSON that people write: strict reading with errors that name the place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mxident::harness {

/// Bad input: one sentence with the place, what was found and what was wanted. The command ends with exit
/// code 2.
class InputError : public std::runtime_error {
 public:
  /// `place` is a JSON pointer, "line L, column C", or empty.
  InputError(std::string file, std::string place, std::string problem);
  const std::string& file() const { return file_; }
  const std::string& place() const { return place_; }

 private:
  std::string file_, place_;
};

/// Limits of a JSON file: size in octets and depth of nesting.
struct JsonLimits {
  std::size_t octets = 4u << 20;
  std::size_t depth = 64;
};

/// Parses text. Throws InputError with line and column for syntax errors, repeated keys and exceeded limits.
nlohmann::json parse_json(std::string_view text, const std::string& file, const JsonLimits& limits = {});
/// Reads and parses a file. Throws InputError, also when it cannot be read.
nlohmann::json read_json_file(const std::filesystem::path& file, const JsonLimits& limits = {});
/// Reads a whole file. Throws InputError when it cannot be read or is larger than `limit`.
std::string read_text_file(const std::filesystem::path& file, std::size_t limit = 64u << 20);

/// The candidate nearest to `word` by edit distance, if one is near enough to be meant.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

/// A JSON value with its place. All accessors throw InputError.
class JsonNode {
 public:
  JsonNode(const nlohmann::json& value, std::string file, std::string pointer = {});

  const nlohmann::json& value() const { return *value_; }
  const std::string& file() const { return file_; }
  const std::string& pointer() const { return pointer_; }
  [[noreturn]] void fail(const std::string& problem) const;

  bool is_object() const;
  bool is_array() const;
  bool is_string() const;
  /// Fails unless this is an object whose keys are all known; an unknown one is named with the nearest known
  /// key.
  const JsonNode& object(const std::vector<std::string>& known_keys) const;
  JsonNode at(const std::string& key) const;                   ///< required member
  std::optional<JsonNode> find(const std::string& key) const;  ///< optional member
  std::vector<JsonNode> array() const;                         ///< elements
  std::vector<std::pair<std::string, JsonNode>> members() const;
  std::string string() const;
  std::string non_empty_string() const;
  bool boolean() const;
  std::int64_t integer(std::int64_t min, std::int64_t max) const;
  std::vector<std::string> strings() const;  ///< array of strings

 private:
  JsonNode child(const std::string& key, const nlohmann::json& value) const;
  const nlohmann::json* value_;
  std::string file_, pointer_;
};

}  // namespace mxident::harness
