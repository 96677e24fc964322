#include "certs/der.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "certs/mint.hpp"

namespace mxident::certs::der {
namespace {

char octet(std::uint64_t value) {
  return static_cast<char>(value & 0xffU);
}

void append_length(Octets& out, std::size_t length) {
  if (length < 0x80) {
    out.push_back(octet(length));
    return;
  }
  unsigned octets = 0;
  for (std::size_t rest = length; rest != 0; rest >>= 8U) ++octets;
  out.push_back(octet(0x80U | octets));
  while (octets-- != 0) out.push_back(octet(length >> (8U * octets)));
}

void append_base128(Octets& out, std::uint64_t arc) {
  unsigned groups = 1;
  for (std::uint64_t rest = arc >> 7U; rest != 0; rest >>= 7U) ++groups;
  while (groups-- != 0) out.push_back(octet(((arc >> (7U * groups)) & 0x7fU) | (groups != 0 ? 0x80U : 0U)));
}

}  // namespace

Octets tlv(Tag tag, std::initializer_list<std::string_view> parts) {
  std::size_t length = 0;
  for (const auto part : parts) length += part.size();
  Octets out;
  out.reserve(length + 10);
  out.push_back(octet(tag));
  append_length(out, length);
  for (const auto part : parts) out.append(part);
  return out;
}

Octets sequence(std::initializer_list<std::string_view> parts) {
  return tlv(kSequence, parts);
}

Octets set_of(std::vector<Octets> elements) {
  // Octets compare as unsigned in std::string; no element is a true prefix of another, as lengths stand in
  // front.
  std::sort(elements.begin(), elements.end());
  Octets content;
  for (const auto& element : elements) content += element;
  return tlv(kSet, {content});
}

Octets integer(std::uint64_t value) {
  Octets content;
  unsigned octets = 1;
  for (std::uint64_t rest = value >> 8U; rest != 0; rest >>= 8U) ++octets;
  if (((value >> (8U * (octets - 1))) & 0x80U) != 0) content.push_back('\0');  // else it would be negative
  while (octets-- != 0) content.push_back(octet(value >> (8U * octets)));
  return tlv(kInteger, {content});
}

Octets oid_content(std::string_view dotted) {
  const auto bad = [&] {
    return MintError("'" + Octets(dotted) + "' is no object identifier; wanted dotted decimal like 2.5.4.3");
  };
  Octets out;
  std::uint64_t first = 0;
  std::size_t index = 0;
  const char* at = dotted.data();
  const char* const end = at + dotted.size();
  while (true) {
    std::uint64_t arc = 0;
    const auto [next, error] = std::from_chars(at, end, arc);
    const bool padded = next - at > 1 && *at == '0';
    if (error != std::errc{} || padded) throw bad();
    if (index == 0) {
      if (arc > 2) throw bad();
      first = arc;
    } else if (index == 1) {
      // The first two arcs share one number (X.690 8.19.4).
      if ((first < 2 && arc > 39) || arc > UINT64_MAX - 80) throw bad();
      append_base128(out, first * 40 + arc);
    } else {
      append_base128(out, arc);
    }
    ++index;
    if (next == end) break;
    if (*next != '.') throw bad();
    at = next + 1;
  }
  if (index < 2) throw bad();
  return out;
}

Octets oid(std::string_view dotted) {
  return tlv(kObjectIdentifier, {oid_content(dotted)});
}

Octets bit_string(std::string_view octets) {
  constexpr std::string_view kNoUnusedBits("\0", 1);
  return tlv(kBitString, {kNoUnusedBits, octets});
}

Octets named_bits(std::uint16_t bits) {
  Octets content(1, '\0');
  unsigned last = 0;
  for (unsigned bit = 0; bit < 16; ++bit) {
    if (((bits >> bit) & 1U) == 0) continue;
    content.resize(2 + bit / 8, '\0');
    content[1 + bit / 8] = octet(static_cast<unsigned char>(content[1 + bit / 8]) | (0x80U >> (bit % 8)));
    last = bit;
  }
  if (bits != 0) content[0] = octet(7 - last % 8);
  return tlv(kBitString, {content});
}

Octets time(std::int64_t seconds) {
  using namespace std::chrono;
  constexpr std::int64_t kYear0 = -62167219200;      // 0000-01-01T00:00:00Z
  constexpr std::int64_t kYear10000 = 253402300800;  // 10000-01-01T00:00:00Z
  if (seconds < kYear0 || seconds >= kYear10000) {
    throw MintError("time " + std::to_string(seconds) + " lies outside of the years 0 to 9999");
  }
  const sys_seconds point{std::chrono::seconds(seconds)};
  const auto day = floor<days>(point);
  const year_month_day date(day);
  const hh_mm_ss clock(point - day);
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  const bool utc_time = year >= 1950 && year < 2050;
  Octets digits;
  const auto append_two = [&digits](auto value) {
    digits.push_back(static_cast<char>('0' + value / 10));
    digits.push_back(static_cast<char>('0' + value % 10));
  };
  if (!utc_time) append_two(year / 100);
  append_two(year % 100);
  append_two(static_cast<unsigned>(date.month()));
  append_two(static_cast<unsigned>(date.day()));
  append_two(clock.hours().count());
  append_two(clock.minutes().count());
  append_two(clock.seconds().count());
  digits.push_back('Z');
  return tlv(utc_time ? kUtcTime : kGeneralizedTime, {digits});
}

}  // namespace mxident::certs::der
