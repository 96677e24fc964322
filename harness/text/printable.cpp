#include "harness/text/printable.hpp"

#include <fmt/format.h>
#include <openssl/asn1.h>

namespace mxident::harness {
namespace {

struct CodePoint {
  unsigned long value = 0;
  std::size_t octets = 0;  ///< 0: no UTF-8
};

CodePoint first_code_point(std::string_view text) {
  unsigned long value = 0;
  const auto* octets = reinterpret_cast<const unsigned char*>(text.data());
  const int n = UTF8_getc(octets, static_cast<int>(text.size() < 8 ? text.size() : 8), &value);
  const bool surrogate = value >= 0xd800 && value < 0xe000;
  if (n <= 0 || value > 0x10ffff || surrogate) return {};
  return {value, static_cast<std::size_t>(n)};
}

/// Controls beyond ASCII, and marks that change the direction of what stands beside them or end a line.
bool is_hidden(unsigned long value) {
  return (value >= 0x80 && value < 0xa0) || value == 0xad || value == 0x061c ||
         (value >= 0x200b && value <= 0x200f) || (value >= 0x2028 && value <= 0x202e) ||
         (value >= 0x2060 && value <= 0x206f) || value == 0xfeff || (value & 0xfffe) == 0xfffe;
}

enum class Backslash { doubled, as_it_is };

std::string escaped(std::string_view octets, bool (*stays)(const CodePoint&),
                    Backslash backslash = Backslash::doubled) {
  std::string out;
  out.reserve(octets.size());
  for (std::size_t at = 0; at < octets.size();) {
    const CodePoint point = first_code_point(octets.substr(at));
    const std::size_t length = point.octets ? point.octets : 1;
    const std::string_view here = octets.substr(at, length);
    at += length;
    if (here == "\\" && backslash == Backslash::doubled) {
      out += "\\\\";
    } else if (point.octets && stays(point)) {
      out += here;
    } else {
      for (const char c : here) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace

std::string printable(std::string_view octets) {
  return escaped(octets, [](const CodePoint& point) {
    return point.value >= 0x20 && point.value != 0x7f && !is_hidden(point.value);
  });
}

std::string printable_ascii(std::string_view octets) {
  return escaped(octets, [](const CodePoint& point) { return point.value >= 0x20 && point.value < 0x7f; });
}

std::string visible(std::string_view octets) {
  return escaped(
      octets,
      [](const CodePoint& point) {
        const bool layout = point.value == '\n' || point.value == '\t';
        return layout || (point.value >= 0x20 && point.value != 0x7f && !is_hidden(point.value));
      },
      Backslash::as_it_is);
}

std::string one_line(std::string_view octets) {
  std::string out = visible(octets);
  for (char& c : out) c = c == '\n' || c == '\t' ? ' ' : c;
  return out;
}

std::string_view markup_entity(char c) {
  switch (c) {
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '&':
      return "&amp;";
    default:
      return {};
  }
}

std::string markup_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (const std::string_view entity = markup_entity(c); !entity.empty()) {
      out += entity;
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

}  // namespace mxident::harness
