#include "dns_name.hpp"

#include <algorithm>

namespace mxident::dns_name {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::size_t label_count(std::string_view name) {
  if (name.empty()) return 0;
  return static_cast<std::size_t>(std::count(name.begin(), name.end(), '.')) + 1;
}

bool is_a_label(std::string_view label) {
  return label.size() >= 4 && equal_fold(label.substr(0, 4), "xn--");
}

}  // namespace mxident::dns_name
