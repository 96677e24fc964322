// A small DER writer (ITU-T X.690). It writes what it is told, right or wrong: content octets are never
// looked at.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "certs/spec.hpp"

namespace mxident::certs::der {

/// Identifier octet: class, the constructed bit and a tag number below 31.
using Tag = unsigned char;

inline constexpr Tag kBoolean = 0x01;
inline constexpr Tag kInteger = 0x02;
inline constexpr Tag kBitString = 0x03;
inline constexpr Tag kOctetString = 0x04;
inline constexpr Tag kNull = 0x05;
inline constexpr Tag kObjectIdentifier = 0x06;
inline constexpr Tag kUtcTime = 0x17;
inline constexpr Tag kGeneralizedTime = 0x18;
inline constexpr Tag kSequence = 0x30;
inline constexpr Tag kSet = 0x31;

/// Context-specific tags [n]: `context` is primitive, `context_constructed` holds whole elements.
constexpr Tag context(unsigned number) {
  return static_cast<Tag>(0x80U | number);
}
constexpr Tag context_constructed(unsigned number) {
  return static_cast<Tag>(0xa0U | number);
}

/// One element: the parts are its content, one after the other. Length in the shortest form (X.690 10.1).
Octets tlv(Tag tag, std::initializer_list<std::string_view> parts);
Octets sequence(std::initializer_list<std::string_view> parts);

/// SET OF: the elements in ascending order of their encodings (X.690 11.6).
Octets set_of(std::vector<Octets> elements);

/// INTEGER of a value that is not negative.
Octets integer(std::uint64_t value);

/// Content octets of an OBJECT IDENTIFIER in dotted decimal. Throws MintError where the text is none.
Octets oid_content(std::string_view dotted);
Octets oid(std::string_view dotted);

/// BIT STRING of whole octets.
Octets bit_string(std::string_view octets);
/// BIT STRING of a named bit list: bit n of `bits` is named bit n; trailing zero bits are left out
/// (X.690 11.2.2).
Octets named_bits(std::uint16_t bits);

/// UTCTime for the years 1950 to 2049, else GeneralizedTime (RFC 5280 4.1.2.5). Seconds since 1970 UTC.
/// Throws MintError outside of the years 0 to 9999.
Octets time(std::int64_t seconds);

}  // namespace mxident::certs::der
