#include "harness/input/json_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/text/printable.hpp"

namespace mxident::harness {
namespace {

using nlohmann::json;

std::string join_place(const std::string& file, const std::string& place, const std::string& problem) {
  // All three may quote the file: what a terminal would obey, and further lines, are no part of the sentence.
  return one_line(place.empty() ? fmt::format("{}: {}", file, problem)
                                : fmt::format("{}: {}: {}", file, place, problem));
}

std::string line_and_column(std::string_view text, std::size_t octet) {
  const std::string_view before = text.substr(0, std::min(octet, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t last = before.rfind('\n');
  const std::size_t column = last == std::string_view::npos ? before.size() + 1 : before.size() - last;
  return fmt::format("line {}, column {}", line, column);
}

/// Reads text and lets others see how far it came: nlohmann tells its listener the place of nothing but
/// syntax errors.
struct Watched {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  const char* at;
  const char** seen;

  reference operator*() const { return *at; }
  Watched& operator++() {
    *seen = ++at;
    return *this;
  }
  bool operator==(const Watched& other) const { return at == other.at; }
  bool operator!=(const Watched& other) const { return at != other.at; }
};

std::string shortened(std::string text, std::size_t most) {
  if (text.size() > most) text = text.substr(0, most - 3) + "...";
  return text;
}

/// Builds the document and refuses repeated keys and deep nesting on the way, where nlohmann's own builder is
/// silent.
class StrictBuilder : public json::json_sax_t {
 public:
  StrictBuilder(json& root, std::size_t max_depth) : inner_(root, false), max_depth_(max_depth) {}

  bool null() override { return inner_.null(); }
  bool boolean(bool value) override { return inner_.boolean(value); }
  bool number_integer(number_integer_t value) override { return inner_.number_integer(value); }
  bool number_unsigned(number_unsigned_t value) override { return inner_.number_unsigned(value); }
  bool number_float(number_float_t value, const string_t& text) override {
    return inner_.number_float(value, text);
  }
  bool string(string_t& value) override { return inner_.string(value); }
  bool binary(binary_t& value) override { return inner_.binary(value); }
  bool start_object(std::size_t size) override {
    keys_.emplace_back();
    return deeper() && inner_.start_object(size);
  }
  bool key(string_t& name) override {
    if (!keys_.back().insert(name).second)
      return stop(fmt::format("the key \"{}\" stands twice in one object", name));
    return inner_.key(name);
  }
  bool end_object() override {
    keys_.pop_back();
    --depth_;
    return inner_.end_object();
  }
  bool start_array(std::size_t size) override { return deeper() && inner_.start_array(size); }
  bool end_array() override {
    --depth_;
    return inner_.end_array();
  }
  bool parse_error(std::size_t position, const std::string& token, const json::exception& error) override {
    position_ = position;
    const std::string what = error.what();
    const std::size_t colon = what.find("syntax error");
    return stop(colon == std::string::npos ? fmt::format("the number {} is too large", shortened(token, 60))
                                           : shortened(what.substr(colon), 300));
  }

  const std::string& problem() const { return problem_; }
  std::size_t position() const { return position_; }  ///< of a syntax error, beginning with 1

 private:
  bool deeper() {
    return ++depth_ <= max_depth_ || stop(fmt::format("nested deeper than {} levels", max_depth_));
  }
  bool stop(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  nlohmann::detail::json_sax_dom_parser<json> inner_;
  std::vector<std::set<std::string>> keys_;
  std::size_t depth_ = 0, max_depth_, position_ = 0;
  std::string problem_;
};

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string describe(const json& value) {
  if (value.is_null()) return "null";
  return fmt::format("{} {}", value.type_name(),
                     shortened(value.dump(-1, ' ', true, json::error_handler_t::replace), 60));
}

std::string escape_pointer(const std::string& key) {
  std::string out;
  for (const char c : key) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

}  // namespace

InputError::InputError(std::string file, std::string place, std::string problem)
    : std::runtime_error(join_place(file, place, problem)),
      file_(std::move(file)),
      place_(std::move(place)) {}

json parse_json(std::string_view text, const std::string& file, const JsonLimits& limits) {
  if (text.size() > limits.octets) {
    throw InputError(file, "", fmt::format("{} octets found, at most {} wanted", text.size(), limits.octets));
  }
  // To nlohmann a NUL octet is the end, and nobody would look at what stands behind it.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)
    throw InputError(file, line_and_column(text, nul), "found a NUL octet, wanted text");
  json root;
  StrictBuilder builder(root, limits.depth);
  const char* const begin = text.data();
  const char* seen = begin;
  if (!json::sax_parse(Watched{begin, &seen}, Watched{begin + text.size(), &seen}, &builder)) {
    const std::size_t position =
        builder.position() > 0 ? builder.position() : static_cast<std::size_t>(seen - begin);
    throw InputError(file, line_and_column(text, position - 1), builder.problem());
  }
  return root;
}

std::string read_text_file(const std::filesystem::path& file, std::size_t limit) {
  std::ifstream in(file, std::ios::binary);
  std::error_code error;
  if (!in || std::filesystem::is_directory(file, error))
    throw InputError(file.string(), "", "cannot be read as a file");
  std::string text;
  std::string buffer(1 << 16, '\0');
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    text.append(buffer, 0, static_cast<std::size_t>(in.gcount()));
    if (text.size() > limit) throw InputError(file.string(), "", fmt::format("larger than {} octets", limit));
  }
  return text;
}

json read_json_file(const std::filesystem::path& file, const JsonLimits& limits) {
  return parse_json(read_text_file(file, limits.octets), file.string(), limits);
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::optional<std::string> best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 2) + 1;
  for (const auto& candidate : candidates) {
    const std::size_t distance = edit_distance(word.substr(0, 64), candidate);
    // Where no letter stays, the one is no misspelling of the other.
    if (distance < best_distance && distance < std::max(word.size(), candidate.size())) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

JsonNode::JsonNode(const json& value, std::string file, std::string pointer)
    : value_(&value), file_(std::move(file)), pointer_(std::move(pointer)) {}

void JsonNode::fail(const std::string& problem) const {
  throw InputError(file_, pointer_.empty() ? "/" : pointer_, problem);
}

bool JsonNode::is_object() const {
  return value_->is_object();
}
bool JsonNode::is_array() const {
  return value_->is_array();
}
bool JsonNode::is_string() const {
  return value_->is_string();
}

const JsonNode& JsonNode::object(const std::vector<std::string>& known_keys) const {
  if (!value_->is_object()) fail(fmt::format("found {}, wanted an object", describe(*value_)));
  for (const auto& [key, unused] : value_->items()) {
    if (std::find(known_keys.begin(), known_keys.end(), key) != known_keys.end()) continue;
    const auto near = nearest(key, known_keys);
    fail(fmt::format("unknown key \"{}\"{}", key, near ? fmt::format(", did you mean \"{}\"?", *near) : ""));
  }
  return *this;
}

JsonNode JsonNode::child(const std::string& key, const json& value) const {
  return JsonNode(value, file_, pointer_ + "/" + escape_pointer(key));
}

JsonNode JsonNode::at(const std::string& key) const {
  if (auto found = find(key)) return *found;
  fail(fmt::format("the key \"{}\" is missing", key));
}

std::optional<JsonNode> JsonNode::find(const std::string& key) const {
  if (!value_->is_object()) fail(fmt::format("found {}, wanted an object", describe(*value_)));
  const auto it = value_->find(key);
  if (it == value_->end()) return std::nullopt;
  return child(key, *it);
}

std::vector<JsonNode> JsonNode::array() const {
  if (!value_->is_array()) fail(fmt::format("found {}, wanted an array", describe(*value_)));
  std::vector<JsonNode> out;
  for (std::size_t i = 0; i < value_->size(); ++i) out.push_back(child(std::to_string(i), (*value_)[i]));
  return out;
}

std::vector<std::pair<std::string, JsonNode>> JsonNode::members() const {
  if (!value_->is_object()) fail(fmt::format("found {}, wanted an object", describe(*value_)));
  std::vector<std::pair<std::string, JsonNode>> out;
  for (const auto& [key, value] : value_->items()) out.emplace_back(key, child(key, value));
  return out;
}

std::string JsonNode::string() const {
  if (!value_->is_string()) fail(fmt::format("found {}, wanted a string", describe(*value_)));
  return value_->get<std::string>();
}

std::string JsonNode::non_empty_string() const {
  std::string text = string();
  if (text.empty()) fail("found an empty string, wanted some text");
  return text;
}

bool JsonNode::boolean() const {
  if (!value_->is_boolean()) fail(fmt::format("found {}, wanted true or false", describe(*value_)));
  return value_->get<bool>();
}

std::int64_t JsonNode::integer(std::int64_t min, std::int64_t max) const {
  const bool fits = value_->is_number_integer() &&
                    (!value_->is_number_unsigned() ||
                     value_->get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX)) &&
                    value_->get<std::int64_t>() >= min && value_->get<std::int64_t>() <= max;
  if (!fits) fail(fmt::format("found {}, wanted a whole number from {} to {}", describe(*value_), min, max));
  return value_->get<std::int64_t>();
}

std::vector<std::string> JsonNode::strings() const {
  std::vector<std::string> out;
  for (const auto& element : array()) out.push_back(element.string());
  return out;
}

}  // namespace mxident::harness
