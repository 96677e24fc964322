// Presented identifiers: from the DER of a certificate, over the full length of each value (rules section 14,
// step 3).
#include <array>
#include <utility>

#include "address.hpp"
#include "certificate.hpp"
#include "dns_name.hpp"
#include "presented.hpp"

namespace mxident {
namespace {

// Context tags of GeneralName (RFC 5280 4.2.1.6).
enum GeneralNameTag : std::uint8_t {
  kOtherName = 0xa0,
  kRfc822Name = 0x81,
  kDnsName = 0x82,
  kX400Address = 0xa3,
  kDirectoryName = 0xa4,
  kEdiPartyName = 0xa5,
  kUri = 0x86,
  kIpAddress = 0x87,
  kRegisteredId = 0x88,
};

constexpr std::size_t kMaxPrintable = 300;

void append_utf8(std::string& text, std::uint32_t c) {
  const auto octet = [&](std::uint32_t value) { text += static_cast<char>(value); };
  if (c < 0x80) {
    octet(c);
  } else if (c < 0x800) {
    octet(0xc0 | c >> 6);
    octet(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    octet(0xe0 | c >> 12);
    octet(0x80 | (c >> 6 & 0x3f));
    octet(0x80 | (c & 0x3f));
  } else {
    octet(0xf0 | c >> 18);
    octet(0x80 | (c >> 12 & 0x3f));
    octet(0x80 | (c >> 6 & 0x3f));
    octet(0x80 | (c & 0x3f));
  }
}

// Host names and patterns: nothing to escape.
bool is_host_text(std::string_view text) {
  return (dns_name::classes_of(text) & (dns_name::kBad | dns_name::kNul | dns_name::kNonAscii)) == 0;
}

bool is_scalar(std::uint32_t c) {
  return c < 0xd800 || (c > 0xdfff && c <= 0x10ffff);
}

bool is_ascii(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) > 127) return false;
  }
  return true;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i++]);
    if (first < 0x80) continue;
    const std::size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || text.size() - i < more) return false;
    std::uint32_t c = first & (0x3fU >> more);
    for (std::size_t k = 0; k < more; ++k) {
      const auto octet = static_cast<unsigned char>(text[i++]);
      if ((octet & 0xc0) != 0x80) return false;
      c = c << 6 | (octet & 0x3f);
    }
    constexpr std::array<std::uint32_t, 4> kSmallest{0, 0x80, 0x800, 0x10000};
    if (c < kSmallest[more] || !is_scalar(c)) return false;
  }
  return true;
}

// Code units of `width` octets, big-endian. False: a broken unit or no character.
bool decode_wide(std::string_view octets, std::size_t width, std::string& text) {
  if (octets.size() % width != 0) return false;
  for (std::size_t i = 0; i < octets.size(); i += width) {
    std::uint32_t c = 0;
    for (std::size_t k = 0; k < width; ++k) c = c << 8 | static_cast<unsigned char>(octets[i + k]);
    if (!is_scalar(c)) return false;
    append_utf8(text, c);
  }
  return true;
}

// RFC 5280 4.1.2.4: the tag says how to read the octets.
PresentedCommonName decode_common_name(std::uint8_t tag, std::string_view octets) {
  PresentedCommonName result;
  switch (tag) {
    case der::kUtf8String:
      result.octets = octets;
      result.decodable = is_utf8(octets);
      break;
    case der::kPrintableString:  // a wildcard is none of its characters, yet common: any ASCII is taken
    case der::kIa5String:
    case der::kNumericString:
    case der::kVisibleString:
      result.octets = octets;
      result.decodable = is_ascii(octets);
      break;
    case der::kT61String:  // in practice Latin-1
      result.decodable = decode_wide(octets, 1, result.octets);
      break;
    case der::kBmpString:
      result.decodable = decode_wide(octets, 2, result.octets);
      break;
    case der::kUniversalString:
      result.decodable = decode_wide(octets, 4, result.octets);
      break;
    default:
      result.decodable = false;
      break;
  }
  if (!result.decodable) result.octets = octets;
  return result;
}

// False: the subject is no Name. Beyond kMaxPresented names, `too_many` is set and the rest is not read.
bool read_common_names(std::string_view subject, PresentedNames& names, bool& too_many) {
  der::Reader rdns(subject);
  while (!rdns.at_end()) {
    std::string_view rdn;
    if (!rdns.read(der::kSet, rdn)) return false;
    const std::size_t first = names.common_names.size();
    der::Reader attributes(rdn);
    while (!attributes.at_end()) {
      std::string_view attribute, oid, value;
      if (!attributes.read(der::kSequence, attribute)) return false;
      der::Reader fields(attribute);
      std::uint8_t tag = 0;
      if (!fields.read(der::kOid, oid) || !fields.read_any(tag, value) || !fields.at_end()) return false;
      if (oid != kOidCommonName) continue;
      if (names.common_names.size() == kMaxPresented) {
        too_many = true;
        return true;
      }
      names.common_names.push_back(decode_common_name(tag, value));
    }
    if (names.common_names.size() > first + 1) {
      for (std::size_t i = first; i < names.common_names.size(); ++i)
        names.common_names[i].only_one_in_rdn = false;
    }
  }
  return !rdns.failed();
}

// otherName: only SRVName identifies a server; its string is an IA5String (RFC 4985 2), another type spoils
// the entry.
std::optional<PresentedIdentifier> read_other_name(std::string_view content) {
  der::Reader fields(content);
  std::string_view oid, wrapper, value;
  std::uint8_t tag = 0;
  if (!fields.read(der::kOid, oid) || !fields.read(0xa0, wrapper) || !fields.at_end()) return std::nullopt;
  der::Reader inner(wrapper);
  if (!inner.read_any(tag, value) || !inner.at_end()) return std::nullopt;
  if (oid != kOidSrvName) return PresentedIdentifier(PresentedType::other, std::string(value));
  return PresentedIdentifier(PresentedType::srv, std::string(tag == der::kIa5String ? value : ""));
}

std::optional<PresentedIdentifier> read_general_name(der::Reader& reader) {
  std::uint8_t tag = 0;
  std::string_view content;
  if (!reader.read_any(tag, content)) return std::nullopt;
  const auto as = [content](PresentedType type) { return PresentedIdentifier(type, std::string(content)); };
  switch (tag) {
    case kOtherName:
      return read_other_name(content);
    case kDnsName:
      return as(PresentedType::dns);
    case kRfc822Name:
      return as(PresentedType::email);
    case kUri:
      return as(PresentedType::uri);
    case kIpAddress:
      return as(PresentedType::ip);
    case kX400Address:
    case kDirectoryName:
    case kEdiPartyName:
    case kRegisteredId:
      return as(PresentedType::other);
    default:
      return std::nullopt;
  }
}

PresentedNames::San read_alternative_names(std::string_view value,
                                           std::vector<PresentedIdentifier>& identifiers) {
  using Read = PresentedNames::San;
  der::Reader outer(value);
  std::string_view content;
  if (!outer.read(der::kSequence, content) || !outer.at_end()) return Read::malformed;
  if (content.empty()) return Read::empty;
  der::Reader reader(content);
  while (!reader.at_end()) {
    if (identifiers.size() == kMaxPresented) return Read::too_many;
    auto identifier = read_general_name(reader);
    if (!identifier) return Read::malformed;
    identifiers.push_back(std::move(*identifier));
  }
  return reader.failed() ? Read::malformed : Read::present;
}

}  // namespace

PresentedIdentifier::PresentedIdentifier(PresentedType type, std::string octets)
    : octets_(std::move(octets)), type_(type) {
  if (type != PresentedType::dns) return;
  const dns_name::Scan seen = dns_name::scan(octets_);
  octet_classes_ = seen.classes;
  labels_fit_ = seen.labels_fit;
  plain_dns_ =
      !octets_.empty() && octets_.back() != '.' && (seen.classes & (dns_name::kStar | dns_name::kNul)) == 0;
}

std::optional<PresentedNames> read_presented_names(std::string_view der) {
  const auto view = view_certificate(der);
  PresentedNames names;
  bool too_many = false;
  if (!view || !read_common_names(view->subject, names, too_many)) return std::nullopt;
  der::Reader extensions(view->extensions);
  for (Extension extension; next_extension(extensions, extension);) {
    if (extension.oid != kOidSubjectAltName) continue;
    if (names.san != PresentedNames::San::absent) {
      names.san = PresentedNames::San::repeated;
      return names;
    }
    names.san = read_alternative_names(extension.value, names.identifiers);
  }
  if (extensions.failed()) return std::nullopt;
  if (too_many) names.san = PresentedNames::San::too_many;
  return names;
}

std::string_view to_string(PresentedType type) {
  constexpr auto kWords =
      std::to_array<std::string_view>({"dns", "ip", "uri", "srv", "email", "cn", "other"});
  return kWords[static_cast<std::size_t>(type)];
}

std::string printable(PresentedType type, std::string_view octets) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  if (type == PresentedType::ip) {
    text = address_text(octets);
    if (!text.empty()) return text;
  } else if (octets.size() <= kMaxPrintable && is_host_text(octets)) {
    return std::string(octets);
  }
  for (const char c : octets) {
    if (text.size() > kMaxPrintable) return text + "...";
    const auto octet = static_cast<unsigned char>(c);
    const bool prints = octet >= 0x20 && octet < 0x7f && c != '\\' && type != PresentedType::ip;
    if (prints) {
      text += c;
    } else {
      text += "\\x";
      text += kHex[octet >> 4];
      text += kHex[octet & 0xf];
    }
  }
  return text;
}

}  // namespace mxident
