#include "profile.hpp"

#include <algorithm>
#include <array>

#include "dns_name.hpp"
#include "name_constraints.hpp"

namespace mxident {
namespace {

std::optional<Extension> extension_of(const CertificateView& view, std::string_view oid) {
  der::Reader extensions(view.extensions);
  for (Extension extension; next_extension(extensions, extension);) {
    if (extension.oid == oid) return extension;
  }
  return std::nullopt;
}

// basicConstraints with cA TRUE (RFC 5280 4.2.1.9).
bool is_authority(const CertificateView& view) {
  const auto extension = extension_of(view, kOidBasicConstraints);
  if (!extension) return false;
  der::Reader outer(extension->value);
  std::string_view content, flag;
  if (!outer.read(der::kSequence, content)) return false;
  der::Reader fields(content);
  return fields.peek() == der::kBoolean && fields.read(der::kBoolean, flag) &&
         flag != std::string_view("", 1);
}

// Bit 5 of the key usage (RFC 5280 4.2.1.3): content is the number of unused bits, then the bits.
bool has_key_cert_sign(const CertificateView& view) {
  const auto extension = extension_of(view, kOidKeyUsage);
  std::string_view bits;
  if (!extension || !der::Reader(extension->value).read(der::kBitString, bits)) return false;
  return bits.size() > 1 && (static_cast<unsigned char>(bits[1]) & 0x04U) != 0;
}

bool starts_with_dot(std::string_view base) {
  return base.starts_with('.');
}

// RFC 1034 3.5 with RFC 1123 2.1, a wildcard as the whole left-most label allowed.
bool has_preferred_syntax(std::string_view name) {
  using namespace dns_name;
  if (name.starts_with("*.")) name.remove_prefix(2);
  const Scan form = scan(name);
  if (!form.labels_fit || name.size() > kMaxName || (form.classes & ~(kHyphen | kDot)) != 0) return false;
  while (!name.empty()) {
    const std::string_view label = take_label(name);
    if (label.front() == '-' || label.back() == '-') return false;
  }
  return true;
}

bool constraint_leading_dot(const PathCertificate& c) {
  const Subtrees trees = subtrees_of(c.view);
  return std::any_of(trees.permitted.dns.begin(), trees.permitted.dns.end(), starts_with_dot) ||
         std::any_of(trees.excluded.dns.begin(), trees.excluded.dns.end(), starts_with_dot);
}
bool constraints_outside_authority(const PathCertificate& c) {
  return extension_of(c.view, kOidNameConstraints) && !is_authority(c.view);
}
bool san_not_critical(const PathCertificate& c) {
  const auto san = extension_of(c.view, kOidSubjectAltName);
  return san && !san->critical && c.view.subject.empty();
}
bool dns_name_syntax(const PathCertificate& c) {
  return std::any_of(c.names.identifiers.begin(), c.names.identifiers.end(), [](const auto& identifier) {
    return identifier.type() == PresentedType::dns && !has_preferred_syntax(identifier.octets());
  });
}
bool issuer_without_name(const PathCertificate& c) {
  return c.depth > 0 && c.view.subject.empty();
}
bool issuer_basic_constraints(const PathCertificate& c) {
  const auto extension = extension_of(c.view, kOidBasicConstraints);
  return c.depth > 0 && (!extension || !extension->critical);
}
bool signs_without_authority(const PathCertificate& c) {
  return has_key_cert_sign(c.view) && !is_authority(c.view);
}
// A copy of one SAN value, character for character. What names no host ("Mail Server"), a host beside
// addresses only and the domain above all names are let pass: x509-limbo's own valid cases carry them.
bool common_name_outside_san(const PathCertificate& c) {
  const auto& common_names = c.names.common_names;
  if (c.depth > 0 || common_names.empty()) return false;
  if (common_names.size() > 1 || !common_names.front().decodable) return true;
  const std::string& wanted = common_names.front().octets;
  bool has_address = false, has_name = false, all_below = true;
  for (const auto& identifier : c.names.identifiers) {
    const PresentedType type = identifier.type();
    const std::string& octets = identifier.octets();
    const std::string value = type == PresentedType::ip ? printable(type, octets) : octets;
    if (value == wanted) return false;
    has_address |= type == PresentedType::ip;
    if (type != PresentedType::dns) continue;
    has_name = true;
    all_below &= octets.ends_with("." + wanted);
  }
  const std::string_view last_label = std::string_view(wanted).substr(wanted.rfind('.') + 1);
  const bool has_dot = wanted.find('.') != std::string::npos;
  const bool is_host = has_dot && !last_label.empty() && !dns_name::is_digit(last_label.front());
  return is_host ? has_name && !all_below : has_address || has_dot;
}
bool san_critical(const PathCertificate& c) {
  const auto san = extension_of(c.view, kOidSubjectAltName);
  return san && san->critical && !c.view.subject.empty();
}
bool authority_as_server(const PathCertificate& c) {
  return c.depth == 0 && is_authority(c.view);
}
bool version_other_than_three(const PathCertificate& c) {
  return c.view.version != 3;
}

constexpr std::array<ProfileRule, 11> kRules{{
    {"constraint-leading-dot", Profile::strict, "RFC 5280 4.2.1.10",
     "a dNSName constraint begins with a dot, which only URI constraints may (D17)", constraint_leading_dot},
    {"constraints-outside-authority", Profile::strict, "RFC 5280 4.2.1.10",
     "name constraints stand in a certificate that is no authority's", constraints_outside_authority},
    {"san-not-critical", Profile::strict, "RFC 5280 4.2.1.6",
     "the subject is empty and the subject alternative name not critical (D27)", san_not_critical},
    {"dns-name-syntax", Profile::strict, "RFC 5280 4.2.1.6",
     "a dNSName is not in preferred name syntax, as one with an underscore (D8, D9, D10, D15)",
     dns_name_syntax},
    {"issuer-without-name", Profile::strict, "RFC 5280 4.1.2.6", "an authority's subject is empty",
     issuer_without_name},
    {"issuer-basic-constraints", Profile::strict, "RFC 5280 4.2.1.9",
     "an authority's basic constraints are missing or not critical", issuer_basic_constraints},
    {"signs-without-authority", Profile::strict, "RFC 5280 4.2.1.9",
     "the key usage allows to sign certificates, the basic constraints do not", signs_without_authority},
    {"common-name-outside-san", Profile::webpki, "CA/Browser Forum 7.1.4.3",
     "the common name is a host or an address and no copy of a subject alternative name",
     common_name_outside_san},
    {"san-critical", Profile::webpki, "CA/Browser Forum 7.1.2.7.12",
     "the subject alternative name is critical beside a subject", san_critical},
    {"authority-as-server", Profile::webpki, "CA/Browser Forum 7.1.2.7.8",
     "the server's certificate is an authority's", authority_as_server},
    {"version-other-than-three", Profile::webpki, "CA/Browser Forum 7.1.1",
     "the certificate is of another version than 3", version_other_than_three},
}};

}  // namespace

std::span<const ProfileRule> profile_rules() {
  return kRules;
}

std::optional<ProfileViolation> check_profile(std::span<const std::string> path, Profile profile) {
  if (profile == Profile::mail) return std::nullopt;
  for (std::size_t depth = 0; depth < path.size(); ++depth) {
    const auto view = view_certificate(path[depth]);
    auto names = read_presented_names(path[depth]);
    if (!view || !names) continue;  // the path was read before
    const PathCertificate certificate{*view, std::move(*names), depth};
    for (const auto& rule : kRules) {
      if (rule.from <= profile && rule.broken(certificate)) return ProfileViolation{&rule, depth};
    }
  }
  return std::nullopt;
}

}  // namespace mxident
