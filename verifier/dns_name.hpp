// Host names as octets: classes of characters, labels, comparison. Internal to the verifier.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mxident::dns_name {

inline constexpr std::size_t kMaxName = 253;  ///< in text, without final dot (RFC 1035 2.3.4)
inline constexpr std::size_t kMaxLabel = 63;

/// Classes of octets that a name may hold, as bits.
enum Class : std::uint8_t {
  kLetterDigit = 0,  ///< no bit: needs no attention
  kHyphen = 1,
  kDot = 2,
  kUnderscore = 4,
  kStar = 8,
  kBad = 16,  ///< ASCII that no host name holds
  kNul = 32,
  kNonAscii = 64,
};

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
/// ASCII only: case of other octets is never folded (RFC 9525 6.3, D28).
constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> result{};
  for (std::size_t i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    result[i] = i > 127 ? kNonAscii : is_letter(c) || is_digit(c) ? kLetterDigit : kBad;
  }
  result['-'] = kHyphen;
  result['.'] = kDot;
  result['_'] = kUnderscore;
  result['*'] = kStar;
  result[0] = kNul;
  return result;
}
inline constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

/// Union of the classes of all octets.
inline std::uint8_t classes_of(std::string_view name) {
  std::uint8_t result = 0;
  for (const char c : name) result |= kClasses[static_cast<unsigned char>(c)];
  return result;
}

/// Classes of all octets, and whether every label has 1 to kMaxLabel of them; in one go, as most names are
/// plain.
struct Scan {
  std::uint8_t classes = 0;
  bool labels_fit = true;
};
inline Scan scan(std::string_view name) {
  Scan result;
  std::size_t start = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const std::uint8_t octet_class = kClasses[static_cast<unsigned char>(name[i])];
    result.classes |= octet_class;
    if (octet_class == kDot) {
      result.labels_fit &= i - start - 1 < kMaxLabel;  // an empty label wraps around
      start = i + 1;
    }
  }
  result.labels_fit &= name.size() - start - 1 < kMaxLabel;
  return result;
}

/// Eight octets, in the order of the machine.
inline std::uint64_t word_at(std::string_view text, std::size_t offset) {
  std::uint64_t word = 0;
  std::memcpy(&word, text.data() + offset, sizeof word);
  return word;
}
inline constexpr std::uint64_t kEachOctet = 0x0101010101010101;  ///< times an octet: a word of it

/// Caseless in ASCII. `folded` is lower case already. Most names are equal in all octets or differ within a
/// few, so words are compared first, and without a call.
inline bool equal_fold(std::string_view name, std::string_view folded) {
  if (name.size() != folded.size()) return false;
  constexpr std::uint64_t kCase = kEachOctet * ('a' - 'A');
  std::size_t same = 0;
  for (; same + sizeof kCase <= name.size(); same += sizeof kCase) {
    const std::uint64_t difference = word_at(name, same) ^ word_at(folded, same);
    if ((difference & ~kCase) != 0) return false;  // by more than case
    if (difference != 0) break;
  }
  while (same < name.size() && lower(name[same]) == folded[same]) ++same;
  return same == name.size();
}

/// Caseless in ASCII, for two texts of which none is folded.
bool equal_ignoring_case(std::string_view a, std::string_view b);
/// Labels of a name without final dot; an empty text has none.
std::size_t label_count(std::string_view name);
/// No label empty or longer than kMaxLabel.
inline bool labels_fit(std::string_view name) {
  return scan(name).labels_fit;
}
/// The label starts as an A-label does ("xn--").
bool is_a_label(std::string_view label);

/// Takes the left-most label off `name`, with its dot.
inline std::string_view take_label(std::string_view& name) {
  const std::size_t dot = name.find('.');
  const std::string_view label = name.substr(0, dot);
  name = dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
  return label;
}

/// What follows the left-most label; empty for a single label.
inline std::string_view parent(std::string_view name) {
  take_label(name);
  return name;
}

}  // namespace mxident::dns_name
