#include "harness/explore/matrix/spec.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/explore/matrix/setting.hpp"
#include "harness/explore/matrix/shape.hpp"
#include "harness/input/json_input.hpp"
#include "harness/input/values.hpp"

namespace mxident::harness::matrix {
namespace {

constexpr JsonLimits kLimits{.octets = 1u << 20, .depth = 16};

// Every shape in every slot for every reference; what servers and chains do is crossed with the shapes that
// tell comparisons apart. Implicit TLS is left out: no MX client looks for it.
constexpr std::string_view kAll = R"({
  "title": "Everything",
  "products": [
    {"servers": ["offered"], "chains": ["good"]},
    {"shapes": ["exact", "sibling", "star-first", "nul-before-name"],
     "servers": ["injected", "tls-1-2", "ehlo-*", "sni-*"], "chains": ["good"]},
    {"shapes": ["exact", "sibling"], "servers": ["offered"], "chains": ["expired", "not-yet", "unknown-ca", "self"]},
    {"shapes": ["exact"], "slots": ["dns"], "servers": ["hidden", "refused-*", "closed"], "chains": ["good"]}
  ]
})";

bool is_pattern(const std::string& word) {
  return word.find_first_of("*?[") != std::string::npos;
}

/// Indices that a word means: a value, a pattern of values, or a family of shapes.
std::vector<std::size_t> indices_of(Dimension dimension, const JsonNode& node) {
  const std::string word = node.non_empty_string();
  std::vector<std::size_t> out;
  std::vector<std::string> known;
  for (std::size_t i = 0; i < value_count(dimension); ++i) {
    const std::string& name = value_of(dimension, i).name;
    known.push_back(name);
    const bool of_family = dimension == Dimension::shape && shapes()[i].family == word;
    if (name == word || of_family || (is_pattern(word) && fnmatch(word.c_str(), name.c_str(), 0) == 0))
      out.push_back(i);
    if (dimension == Dimension::shape) known.push_back(shapes()[i].family);
  }
  if (!out.empty()) return out;
  const std::string_view key = kDimensionKeys[static_cast<std::size_t>(dimension)];
  if (is_pattern(word)) node.fail(fmt::format("found \"{}\", which fits none of the {}", word, key));
  const auto near = nearest(word, known);
  node.fail(fmt::format("found \"{}\", wanted one of the {} of docs/matrix.md, or a pattern{}", word, key,
                        near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
}

std::vector<std::uint8_t> read_dimension(Dimension dimension, const std::optional<JsonNode>& node) {
  std::set<std::size_t> indices;
  if (!node) {
    for (std::size_t i = 0; i < value_count(dimension); ++i) indices.insert(i);
  } else {
    std::set<std::string> words;
    for (const auto& element : node->array()) {
      if (!words.insert(element.string()).second)
        element.fail(fmt::format("found \"{}\" twice", element.string()));
      for (const std::size_t index : indices_of(dimension, element)) indices.insert(index);
    }
    if (indices.empty())
      node->fail("found an empty list, wanted at least one value; leave the key out for all");
  }
  std::vector<std::uint8_t> out;
  for (const std::size_t index : indices) out.push_back(static_cast<std::uint8_t>(index));
  return out;
}

Product read_product(const JsonNode& node) {
  node.object({kDimensionKeys.begin(), kDimensionKeys.end()});
  Product out;
  for (std::size_t i = 0; i < kDimensions; ++i) {
    out.values[i] = read_dimension(static_cast<Dimension>(i), node.find(std::string(kDimensionKeys[i])));
  }
  return out;
}

std::string read_parent(const JsonNode& node) {
  const std::string parent = node.string();
  if (const std::string problem = host_problem(parent); !problem.empty()) node.fail(problem);
  if (parent.size() > kMaxParentOctets) {
    node.fail(
        fmt::format("found a name of {} octets, wanted at most {}, so that names below it are no longer than "
                    "255 octets on "
                    "the wire (RFC 1035 2.3.4)",
                    parent.size(), kMaxParentOctets));
  }
  return parent;
}

Spec spec_of(const nlohmann::json& json, const std::string& file) {
  const JsonNode root(json, file);
  root.object({"title", "parent", "products"});
  if (const auto title = root.find("title")) static_cast<void>(title->non_empty_string());
  Spec out;
  if (const auto parent = root.find("parent")) out.parent = read_parent(*parent);
  const auto products = root.at("products");
  for (const auto& product : products.array()) out.products.push_back(read_product(product));
  if (out.products.empty()) products.fail("found an empty list, wanted at least one product");
  return out;
}

}  // namespace

std::string_view all_text() {
  return kAll;
}

Spec parse_spec(std::string_view text, const std::string& file) {
  return spec_of(parse_json(text, file, kLimits), file);
}

Spec read_spec(const std::string& all_or_file) {
  if (all_or_file == "all") return parse_spec(kAll, "(all)");
  return spec_of(read_json_file(all_or_file, kLimits), all_or_file);
}

}  // namespace mxident::harness::matrix
