#include "harness/guide/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/text/wrap.hpp"

namespace mxident::harness {
namespace {

constexpr std::size_t kColumn = 18;  ///< where text begins behind its heading

}  // namespace

void Page::say(std::string key, std::string heading, std::string_view text) {
  if (!text.empty()) sections.push_back({std::move(key), std::move(heading), {std::string(text)}, false});
}

void Page::list(std::string key, std::string heading, std::vector<std::string> items) {
  if (!items.empty()) sections.push_back({std::move(key), std::move(heading), std::move(items), true});
}

std::string text_of(const Page& page, std::size_t width, std::size_t shown) {
  std::string out = fmt::format("{} {}\n", page.kind, page.id);
  for (const auto& section : page.sections) {
    std::string heading = "  " + section.heading;
    heading.resize(std::max(heading.size() + 1, kColumn), ' ');
    if (section.heading.empty()) heading = "  ";
    const std::size_t column = section.heading.empty() ? 2 : kColumn;
    for (std::size_t i = 0; i < section.items.size(); ++i) {
      if (i == shown) {
        out += fmt::format("{:{}}and {} more\n", "", column, section.items.size() - shown);
        break;
      }
      // What belongs together in a list hangs below its first line.
      out += heading + wrapped(section.items[i], width, section.list ? column + 2 : column, heading.size()) +
             "\n";
      heading = std::string(column, ' ');
    }
  }
  return out;
}

nlohmann::ordered_json json_of(const Page& page) {
  nlohmann::ordered_json out{{"kind", page.kind}, {"id", page.id}};
  for (const auto& section : page.sections) {
    if (section.list) {
      out[section.key] = section.items;
    } else {
      out[section.key] = section.items.front();
    }
  }
  return out;
}

}  // namespace mxident::harness
