#include "text.hpp"

namespace mxident::probe {

std::string printable(std::string_view text, std::size_t limit) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  const std::string_view shown = text.substr(0, limit);
  out.reserve(shown.size() + 3);
  for (const char c : shown) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet < 0x7f && c != '\\') {
      out += c;
    } else {
      out += "\\x";
      out += kHex[octet >> 4];
      out += kHex[octet & 15];
    }
  }
  if (shown.size() < text.size()) out += "...";
  return out;
}

}  // namespace mxident::probe
