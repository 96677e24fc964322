// References: from text that the client configured or looked up to what can be compared (rules section 14,
// step 2).
#include <idn2.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "address.hpp"
#include "dns_name.hpp"
#include "reference.hpp"

namespace mxident {
namespace {

using namespace dns_name;

// A bound before any conversion: 253 octets of A-labels never come from more than this many octets of UTF-8.
constexpr std::size_t kMaxReferenceText = 2048;

using IdnText = std::unique_ptr<std::uint8_t, void (*)(void*)>;

// IDNA 2008 lookup of one label or, with UTS 46 mapping, of a whole name. nullopt: refused.
std::optional<std::string> to_ascii(std::string_view text, int flags) {
  const std::string terminated(text);
  std::uint8_t* raw = nullptr;
  const int status = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(terminated.c_str()), &raw, flags);
  const IdnText owner(raw, idn2_free);
  if (status != IDN2_OK || raw == nullptr) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(raw));
}

// A U-label: strict, no mapping, no repair (RFC 5891 5.4); hyphens at its edges are refused too (D10).
std::optional<std::string> u_label_to_a_label(std::string_view label) {
  if (label.front() == '-' || label.back() == '-') return std::nullopt;
  auto ascii = to_ascii(label, IDN2_NO_TR46);
  if (!ascii || ascii->find('.') != std::string::npos || ascii->size() > kMaxLabel) return std::nullopt;
  return ascii;
}

// A part that inet_aton would take for a number: decimal, octal or hexadecimal (D12).
bool is_number(std::string_view label) {
  if (label.size() > 2 && label[0] == '0' && lower(label[1]) == 'x') {
    return std::all_of(label.begin() + 2, label.end(),
                       [](char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); });
  }
  return !label.empty() && std::all_of(label.begin(), label.end(), is_digit);
}

bool is_odd_address(std::string_view name) {
  while (!name.empty()) {
    if (!is_number(take_label(name))) return false;
  }
  return true;
}

Reason append_label(std::string& name, std::string_view label, const NameRules& rules) {
  if (label.empty()) return Reason::reference_bad_label;
  const std::uint8_t classes = classes_of(label);
  if ((classes & kStar) != 0) return Reason::reference_wildcard;
  if ((classes & (kNul | kBad)) != 0) return Reason::reference_bad_character;
  if ((classes & kUnderscore) != 0 && rules.underscore == Switch::off) return Reason::reference_underscore;
  if (!name.empty()) name += '.';
  if ((classes & kNonAscii) != 0) {
    const auto ascii = u_label_to_a_label(label);
    if (!ascii) return Reason::reference_idn;
    name += *ascii;
    return Reason::reference_ok;
  }
  if (label.size() > kMaxLabel) return Reason::reference_bad_label;
  for (const char c : label) name += lower(c);
  return Reason::reference_ok;
}

// `text` has no address form. Fills `domain` with lower-case A-labels.
Reason normalise_domain(std::string_view text, const NameRules& rules, std::string& domain) {
  const bool dotted = !text.empty() && text.back() == '.';
  if (dotted) text.remove_suffix(1);  // D7: the root dot, once
  if (text.empty()) return Reason::reference_empty;
  if (text.back() == '.') return Reason::reference_trailing_dots;
  std::string mapped;
  if (rules.uts46_mapping == Switch::on && (classes_of(text) & (kNonAscii | kNul)) == kNonAscii) {
    const auto ascii = to_ascii(text, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (!ascii) return Reason::reference_idn;
    mapped = *ascii;
    text = mapped;
    // UTS 46 4 maps ideographic full stops to dots: one of them may be the root dot, too.
    const bool dot_by_mapping = !text.empty() && text.back() == '.';
    if (dot_by_mapping && dotted) return Reason::reference_trailing_dots;
    if (dot_by_mapping) text.remove_suffix(1);
  }
  domain.reserve(text.size());
  for (std::string_view rest = text;;) {
    const std::size_t dot = rest.find('.');
    const Reason reason = append_label(domain, rest.substr(0, dot), rules);
    if (reason != Reason::reference_ok) return reason;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  if (domain.size() > kMaxName) return Reason::reference_too_long;
  if (is_odd_address(domain)) return Reason::reference_odd_address;
  const std::string_view last = std::string_view(domain).substr(domain.rfind('.') + 1);  // npos + 1 is 0
  if (std::all_of(last.begin(), last.end(), is_digit)) return Reason::reference_numeric;
  if (label_count(domain) == 1 && rules.single_label_references == Switch::off) {
    return Reason::reference_single_label;
  }
  return Reason::reference_ok;
}

std::optional<std::string> address_octets(std::string_view text) {
  auto octets = ipv4_octets(text);
  if (!octets) octets = ipv6_octets(text);
  return octets;
}

bool has_prefix_fold(std::string_view text, std::string_view folded) {
  return text.size() >= folded.size() && equal_fold(text.substr(0, folded.size()), folded);
}

ReferenceResult refuse(Reason reason) {
  return {std::nullopt, reason};
}

ReferenceResult address_reference(std::string octets, ReferenceOrigin origin, const NameRules& rules) {
  if (rules.ip_ids == Switch::off) return refuse(Reason::reference_address_off);
  ReferenceIdentifier result;
  result.type = ReferenceType::ip;
  result.origin = origin;
  result.text = address_text(octets);
  result.octets = std::move(octets);
  return {std::move(result), Reason::reference_ok};
}

// RFC 5321 4.1.3 literals, and the brackets that URIs put around IPv6 text.
ReferenceResult bracketed_reference(std::string_view text, ReferenceOrigin origin, const NameRules& rules) {
  if (text.size() < 2 || text.back() != ']') return refuse(Reason::reference_brackets);
  std::string_view inner = text.substr(1, text.size() - 2);
  const bool tagged = has_prefix_fold(inner, "ipv6:");
  if (tagged) inner.remove_prefix(5);
  if (inner.find('%') != std::string_view::npos) return refuse(Reason::reference_zone);
  auto octets = tagged ? ipv6_octets(inner) : address_octets(inner);
  if (!octets) return refuse(Reason::reference_brackets);
  return address_reference(std::move(*octets), origin, rules);
}

bool is_service_label(std::string_view label) {
  return label.size() >= 2 && label.front() == '_' && (classes_of(label.substr(1)) & ~kHyphen) == 0 &&
         label.size() <= kMaxLabel;
}

ReferenceResult srv_reference(std::string_view text, ReferenceOrigin origin, const NameRules& rules) {
  std::string_view domain = text;
  const std::string_view service = take_label(domain);
  // An SRV-ID has no protocol label and no address (RFC 4985 2, RFC 9525 6.4).
  if (!is_service_label(service) || domain.empty() || domain.front() == '_' || address_octets(domain)) {
    return refuse(Reason::reference_bad_service);
  }
  ReferenceIdentifier result;
  result.type = ReferenceType::srv;
  result.origin = origin;
  for (const char c : service) result.service += lower(c);
  const Reason reason = normalise_domain(domain, rules, result.domain);
  if (reason != Reason::reference_ok) return refuse(reason);
  result.text = result.service + "." + result.domain;
  return {std::move(result), Reason::reference_ok};
}

bool is_scheme(std::string_view text) {
  return !text.empty() && is_letter(text.front()) && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

ReferenceResult uri_reference(std::string_view text, ReferenceOrigin origin, const NameRules& rules) {
  const std::size_t colon = text.find(':');
  std::string_view host = text.substr(colon + 1);
  if (host.substr(0, 2) == "//") host.remove_prefix(2);
  if (!is_scheme(text.substr(0, colon)) || address_octets(host)) return refuse(Reason::reference_bad_service);
  ReferenceIdentifier result;
  result.type = ReferenceType::uri;
  result.origin = origin;
  for (const char c : text.substr(0, colon)) result.service += lower(c);
  const Reason reason = normalise_domain(host, rules, result.domain);
  if (reason != Reason::reference_ok) return refuse(reason);
  result.text = result.service + ":" + result.domain;
  return {std::move(result), Reason::reference_ok};
}

// A colon outside of an address: which mistake is it?
Reason colon_fault(std::string_view text) {
  const std::string_view before = text.substr(0, text.find(':'));
  const std::string_view after = text.substr(before.size() + 1);
  if (!after.empty() && std::all_of(after.begin(), after.end(), is_digit)) return Reason::reference_with_port;
  const bool zone = text.find('%') != std::string_view::npos && ipv6_octets(text.substr(0, text.find('%')));
  if (zone) return Reason::reference_zone;
  return is_scheme(before) ? Reason::reference_is_uri : Reason::reference_bad_character;
}

}  // namespace

std::string_view to_string(ReferenceOrigin origin) {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"recipient-domain", "mx-host", "cname-target", "tlsa-base-domain", "configured", "address"});
  return kWords[static_cast<std::size_t>(origin)];
}

ReferenceResult make_reference(std::string_view text, ReferenceOrigin origin, const NameRules& rules) {
  if (text.empty()) return refuse(Reason::reference_empty);
  if (text.size() > kMaxReferenceText) return refuse(Reason::reference_too_long);
  if (text.front() == '[') return bracketed_reference(text, origin, rules);
  const std::string_view undotted = text.back() == '.' ? text.substr(0, text.size() - 1) : text;
  // Addresses first: dotted-quad text also has the form of a host name (RFC 9525 3).
  if (auto octets = address_octets(undotted)) return address_reference(std::move(*octets), origin, rules);
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const Reason fault = colon_fault(text);
    if (fault == Reason::reference_is_uri && rules.uri_ids == Switch::on)
      return uri_reference(text, origin, rules);
    return refuse(fault);
  }
  if (text.front() == '_' && rules.srv_ids == Switch::on) return srv_reference(text, origin, rules);
  ReferenceIdentifier result;
  result.type = ReferenceType::dns;
  result.origin = origin;
  const Reason reason = normalise_domain(text, rules, result.domain);
  if (reason != Reason::reference_ok) return refuse(reason);
  result.text = result.domain;
  return {std::move(result), Reason::reference_ok};
}

}  // namespace mxident
