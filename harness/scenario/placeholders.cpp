#include "harness/scenario/placeholders.hpp"

namespace mxident::harness {
namespace {

/// Calls `literal` and `placeholder` for the pieces of a text in order.
template <typename Literal, typename Found>
void split(std::string_view text, Literal literal, Found placeholder) {
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    literal(text.substr(0, open));
    if (open == std::string_view::npos) return;
    text.remove_prefix(open);
    const std::size_t close = text.find('}');
    const std::size_t colon = text.find(':');
    if (close == std::string_view::npos || colon == std::string_view::npos || colon > close) {
      placeholder(
          Placeholder{{}, std::string(text.substr(1, close == std::string_view::npos ? close : close - 1))},
          text.substr(0, 1));
      text.remove_prefix(1);
      continue;
    }
    placeholder(Placeholder{std::string(text.substr(1, colon - 1)),
                            std::string(text.substr(colon + 1, close - colon - 1))},
                text.substr(0, close + 1));
    text.remove_prefix(close + 1);
  }
}

}  // namespace

std::vector<Placeholder> find_placeholders(std::string_view text) {
  std::vector<Placeholder> out;
  split(
      text, [](std::string_view) {},
      [&](Placeholder found, std::string_view) { out.push_back(std::move(found)); });
  return out;
}

std::string replace_placeholders(std::string_view text,
                                 const std::function<std::optional<std::string>(const Placeholder&)>& value) {
  std::string out;
  split(
      text, [&](std::string_view literal) { out += literal; },
      [&](const Placeholder& found, std::string_view as_written) {
        out += value(found).value_or(std::string(as_written));
      });
  return out;
}

}  // namespace mxident::harness
