// A page about one id: the same content as text for people and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace mxident::harness {

struct Section {
  std::string key;                 ///< member of the JSON object
  std::string heading;             ///< for people; empty: the text stands alone
  std::vector<std::string> items;  ///< one is a sentence; several are a list
  bool list = false;               ///< a list even if it has one item
};

struct Page {
  std::string kind, id;  ///< "reason", "dane-no-match"
  std::vector<Section> sections;

  /// Nothing happens for empty text.
  void say(std::string key, std::string heading, std::string_view text);
  void list(std::string key, std::string heading, std::vector<std::string> items);
};

/// Ends with a line end. At most `shown` items of a list, and how many there are more.
std::string text_of(const Page& page, std::size_t width, std::size_t shown = 12);
/// {"kind", "id", then a member a section}: lists whole.
nlohmann::ordered_json json_of(const Page& page);

}  // namespace mxident::harness
