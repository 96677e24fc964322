// Text in the encodings of ASN.1's string types.
#include <array>
#include <cstdint>

#include "certs/mint.hpp"

namespace mxident::certs {
namespace {

/// Reads one character at `at` and moves `at` behind it (RFC 3629; no surrogates, shortest form only).
char32_t next_character(const std::string& utf8, std::size_t& at) {
  const auto octet = [&](std::size_t i) -> std::uint32_t { return static_cast<unsigned char>(utf8[i]); };
  const std::uint32_t first = octet(at);
  const std::size_t start = at;
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xc2 ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
  constexpr std::array<std::uint32_t, 5> kFirstMask{0, 0x7f, 0x1f, 0x0f, 0x07};
  constexpr std::array<std::uint32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  std::uint32_t character = first & kFirstMask[length];
  bool valid = length != 0 && utf8.size() - at >= length;
  for (std::size_t i = 1; valid && i < length; ++i) {
    valid = (octet(start + i) & 0xc0U) == 0x80;
    character = (character << 6U) | (octet(start + i) & 0x3fU);
  }
  const bool surrogate = character >= 0xd800 && character < 0xe000;
  if (!valid || surrogate || character < kSmallest[length] || character > 0x10ffff) {
    throw MintError("text is not UTF-8 at octet " + std::to_string(start) +
                    "; give the octets as hex to have them as they are");
  }
  at += length;
  return character;
}

}  // namespace

Octets encode_text(const std::string& utf8, StringType type) {
  if (type != StringType::bmp && type != StringType::universal) return utf8;
  const unsigned width = type == StringType::bmp ? 2 : 4;
  Octets out;
  out.reserve(utf8.size() * width);
  for (std::size_t at = 0; at < utf8.size();) {
    const std::size_t start = at;
    const char32_t character = next_character(utf8, at);
    if (width == 2 && character > 0xffff) {
      throw MintError("the character at octet " + std::to_string(start) + " has no place in a BMPString");
    }
    for (unsigned i = width; i-- != 0;) out.push_back(static_cast<char>((character >> (8U * i)) & 0xffU));
  }
  return out;
}

}  // namespace mxident::certs
