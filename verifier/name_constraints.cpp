#include "name_constraints.hpp"

#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "dns_name.hpp"
#include "match.hpp"
#include "openssl_ptr.hpp"
#include "service_match.hpp"

namespace mxident {
namespace {

using namespace dns_name;

// The work of one path, names times subtrees; libcrypto has the same bound.
constexpr std::size_t kMaxComparisons = std::size_t{1} << 20;
constexpr std::uint8_t kMailboxTag = 0x81;
constexpr std::uint8_t kDnsNameTag = 0x82;
constexpr std::uint8_t kUriTag = 0x86;
constexpr std::uint8_t kIpAddressTag = 0x87;

// GeneralSubtrees, of which there has to be one at least (SIZE (1..MAX)): the bases of the forms that we hold
// names against. What minimum and maximum say, and the other forms, are libcrypto's business.
bool read_subtrees(std::string_view content, Bases& bases) {
  if (content.empty()) return false;
  der::Reader reader(content);
  while (!reader.at_end()) {
    std::string_view subtree, base;
    std::uint8_t tag = 0;
    if (!reader.read(der::kSequence, subtree)) return false;
    der::Reader fields(subtree);
    if (!fields.read_any(tag, base) || !fields.skip_optional(0x80) || !fields.skip_optional(0x81) ||
        !fields.at_end()) {
      return false;
    }
    if (tag == kMailboxTag) bases.mail.push_back(base);
    if (tag == kDnsNameTag) bases.dns.push_back(base);
    if (tag == kUriTag) bases.uri.push_back(base);
    if (tag == kIpAddressTag) bases.ip.push_back(base);
  }
  return !reader.failed();
}

// One list or the other has to be there (RFC 5280 4.2.1.10): an authority that wrote neither meant something
// that is lost.
Subtrees read_name_constraints(std::string_view value) {
  Subtrees result;
  der::Reader outer(value);
  std::string_view content, trees;
  result.readable = outer.read(der::kSequence, content) && outer.at_end() && !content.empty();
  der::Reader fields(content);
  if (fields.peek() == 0xa0) {
    result.readable &= fields.read(0xa0, trees) && read_subtrees(trees, result.permitted);
  }
  if (fields.peek() == 0xa1) {
    result.readable &= fields.read(0xa1, trees) && read_subtrees(trees, result.excluded);
  }
  result.readable &= fields.at_end() && !fields.failed();
  return result;
}

// One label of a pattern against one of a subtree. Fragments on both sides of wildcards have to agree.
bool label_can_be(std::string_view pattern, std::string_view label) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos)
    return pattern.size() == label.size() && equal_ignoring_case(pattern, label);
  const std::string_view head = pattern.substr(0, star);
  const std::string_view tail = pattern.substr(pattern.rfind('*') + 1);
  return label.size() >= head.size() + tail.size() &&
         equal_ignoring_case(head, label.substr(0, head.size())) &&
         equal_ignoring_case(tail, label.substr(label.size() - tail.size()));
}

std::string_view take_last_label(std::string_view& name) {
  const std::size_t dot = name.rfind('.');
  const std::string_view label = dot == std::string_view::npos ? name : name.substr(dot + 1);
  name = dot == std::string_view::npos ? std::string_view{} : name.substr(0, dot);
  return label;
}

enum class Wildcards { open, literal };

bool in_subtree(std::string_view pattern, std::string_view base, Wildcards wildcards, StarSpan span) {
  const bool below_only = !base.empty() && base.front() == '.';
  if (below_only) base.remove_prefix(1);
  const std::size_t wanted = label_count(base) + (below_only ? 1 : 0);
  const bool long_star = span == StarSpan::any_labels && (pattern == "*" || pattern.starts_with("*."));
  if (!long_star && label_count(pattern) < wanted) return false;
  while (!base.empty()) {
    if (long_star && pattern == "*") return true;
    const std::string_view label = take_last_label(pattern);
    const std::string_view of_base = take_last_label(base);
    const bool fits =
        wildcards == Wildcards::open ? label_can_be(label, of_base) : equal_ignoring_case(label, of_base);
    if (!fits) return false;
  }
  return true;
}

// A base that we can hold names against: empty, or a host name, possibly behind one dot. Whatever else it
// says, such as a final dot or a wildcard, would be lost, and with it what the authority meant to exclude.
bool is_processable(std::string_view base) {
  if (base.empty()) return true;
  if (base.front() == '.') base.remove_prefix(1);
  const Scan form = scan(base);
  return form.labels_fit && (form.classes & ~(kHyphen | kDot | kUnderscore)) == 0;
}

// Address and mask in one; a mask with holes is no network (RFC 4632 3.1).
bool is_network(std::string_view base) {
  if (base.size() != 8 && base.size() != 32) return false;
  bool host_part = false;
  for (const char c : base.substr(base.size() / 2)) {
    const auto octet = static_cast<std::uint8_t>(c);
    const auto inverted = static_cast<std::uint8_t>(~octet);
    const bool ones_first = (inverted & (inverted + 1)) == 0;
    if (!ones_first || (host_part && octet != 0)) return false;
    host_part |= octet != 0xff;
  }
  return true;
}

// A dNSName or CN that some rules could take for a host name or a wildcard. What else stands there can be
// held against no subtree, nor passed over: its authority may speak for some names only.
bool is_name_or_pattern(std::string_view name) {
  const Scan form = scan(name);
  return form.labels_fit && name.size() <= kMaxName && (form.classes & (kBad | kNul | kNonAscii)) == 0;
}

// A mailbox whose host can be told. What else stands there can be held against no subtree.
bool is_mailbox(std::string_view mailbox) {
  const std::size_t at = mailbox.rfind('@');
  return at != std::string_view::npos && at > 0 && is_name_or_pattern(mailbox.substr(at + 1)) &&
         (classes_of(mailbox) & (kNul | kNonAscii)) == 0;
}

// The host alone, or what is below it and not the host itself (RFC 5280 4.2.1.10, of URIs).
bool is_host_or_below(std::string_view host, std::string_view base) {
  const bool below = !base.empty() && base.front() == '.';
  return below
             ? host.size() > base.size() && equal_ignoring_case(host.substr(host.size() - base.size()), base)
             : host.size() == base.size() && equal_ignoring_case(host, base);
}

bool complies(const std::string_view uri, const Bases& permitted, const Bases& excluded) {
  const std::string_view host = host_of_uri(uri);
  const auto covers = [host](std::string_view base) { return is_host_or_below(host, base); };
  if (host.empty() || std::any_of(excluded.uri.begin(), excluded.uri.end(), covers)) return false;
  return permitted.uri.empty() || std::any_of(permitted.uri.begin(), permitted.uri.end(), covers);
}

// The names of one certificate that constraints govern.
struct GovernedNames {
  std::vector<std::string_view> dns, ip, uri;
  bool malformed_dns = false, malformed_ip = false, malformed_mail = false;
};

GovernedNames governed_names(const PresentedNames& names, const ConstraintScope& scope) {
  GovernedNames result;
  for (const auto& identifier : names.identifiers) {
    const std::string_view octets = identifier.octets();
    if (identifier.type() == PresentedType::dns) {
      result.dns.push_back(octets);
      result.malformed_dns |= !is_name_or_pattern(octets);
    } else if (identifier.type() == PresentedType::ip) {
      result.ip.push_back(octets);
      result.malformed_ip |= octets.size() != 4 && octets.size() != 16;
    } else if (identifier.type() == PresentedType::uri) {
      result.uri.push_back(octets);
    } else if (identifier.type() == PresentedType::email) {
      result.malformed_mail |= !is_mailbox(octets);
    }
  }
  if (scope.common_name == Switch::off) return result;
  // Only as far as it could identify a host: "Mail Server" is not outside of anything.
  for (const auto& name : names.common_names) {
    const std::uint8_t classes = classes_of(name.octets);
    const bool several_labels = (classes & (kDot | kStar)) != 0;
    if (name.decodable && is_name_or_pattern(name.octets) &&
        (several_labels || scope.single_labels == Switch::on)) {
      result.dns.push_back(name.octets);
    }
  }
  return result;
}

bool complies(std::string_view name, const Subtrees& trees, StarSpan span) {
  for (const auto base : trees.excluded.dns) {
    if (overlaps_subtree(name, base, span)) return false;
  }
  for (const auto base : trees.permitted.dns) {
    if (inside_subtree(name, base)) return true;
  }
  return trees.permitted.dns.empty();
}

// What one issuer's subtrees say about one certificate below. Whether addresses lie inside of networks and
// mailboxes inside of domains is libcrypto's business; it takes any mask, though, and passes over an excluded
// network of a wrong length, and takes for a URI's host whatever stands before the first ":" or "/".
std::optional<Reason> violation(const Subtrees& trees, const GovernedNames& names, StarSpan span) {
  const auto usable = [](const auto& permitted, const auto& excluded, auto is_usable) {
    return std::all_of(permitted.begin(), permitted.end(), is_usable) &&
           std::all_of(excluded.begin(), excluded.end(), is_usable);
  };
  const bool dns = !trees.permitted.dns.empty() || !trees.excluded.dns.empty();
  const bool ip = !trees.permitted.ip.empty() || !trees.excluded.ip.empty();
  if (dns && !names.dns.empty() && !usable(trees.permitted.dns, trees.excluded.dns, is_processable)) {
    return Reason::chain_name_constraint_syntax;
  }
  if (ip && !names.ip.empty() && !usable(trees.permitted.ip, trees.excluded.ip, is_network)) {
    return Reason::chain_name_constraint_syntax;
  }
  const bool mail = !trees.permitted.mail.empty() || !trees.excluded.mail.empty();
  if ((dns && names.malformed_dns) || (ip && names.malformed_ip) || (mail && names.malformed_mail)) {
    return Reason::chain_name_constraint;
  }
  const bool uri = !trees.permitted.uri.empty() || !trees.excluded.uri.empty();
  const auto escapes = [&](std::string_view name) {
    return !complies(name, trees.permitted, trees.excluded);
  };
  if (uri && std::any_of(names.uri.begin(), names.uri.end(), escapes)) return Reason::chain_name_constraint;
  if (!dns) return std::nullopt;
  for (const auto name : names.dns) {
    if (!complies(name, trees, span)) return Reason::chain_name_constraint;
  }
  return std::nullopt;
}

bool is_empty(const Bases& bases) {
  return bases.dns.empty() && bases.ip.empty() && bases.uri.empty() && bases.mail.empty();
}

using NamePtr = std::unique_ptr<X509_NAME, FreeWith<X509_NAME_free>>;

NamePtr parse_name(std::string_view tlv) {
  const auto* at = reinterpret_cast<const unsigned char*>(tlv.data());
  return NamePtr(d2i_X509_NAME(nullptr, &at, static_cast<long>(tlv.size())));
}

}  // namespace

Subtrees subtrees_of(const CertificateView& certificate) {
  der::Reader extensions(certificate.extensions);
  for (Extension extension; next_extension(extensions, extension);) {
    if (extension.oid == kOidNameConstraints) return read_name_constraints(extension.value);
  }
  return {};
}

bool is_self_issued(const CertificateView& certificate) {
  if (certificate.subject_tlv == certificate.issuer_tlv) return true;
  const NamePtr subject = parse_name(certificate.subject_tlv);
  const NamePtr issuer = parse_name(certificate.issuer_tlv);
  return subject != nullptr && issuer != nullptr && X509_NAME_cmp(subject.get(), issuer.get()) == 0;
}

bool overlaps_subtree(std::string_view pattern, std::string_view base, StarSpan span) {
  return in_subtree(pattern, base, Wildcards::open, span);
}

bool inside_subtree(std::string_view pattern, std::string_view base) {
  return in_subtree(pattern, base, Wildcards::literal, StarSpan::one_label);
}

std::optional<ConstraintViolation> check_name_constraints(std::span<const std::string> path,
                                                          const ConstraintScope& scope) {
  const StarSpan span =
      scope.multi_label_wildcards == Switch::on ? StarSpan::any_labels : StarSpan::one_label;
  std::size_t comparisons = 0;
  for (std::size_t issuer = path.size(); issuer-- > 1;) {
    const auto certificate = view_certificate(path[issuer]);
    if (!certificate) return ConstraintViolation{Reason::chain_unreadable_certificate, issuer};
    const Subtrees trees = subtrees_of(*certificate);
    if (!trees.readable) return ConstraintViolation{Reason::chain_name_constraint_syntax, issuer};
    if (is_empty(trees.permitted) && is_empty(trees.excluded)) continue;
    for (std::size_t depth = 0; depth < issuer; ++depth) {
      const auto below = view_certificate(path[depth]);
      if (!below) return ConstraintViolation{Reason::chain_unreadable_certificate, depth};
      if (depth > 0 && is_self_issued(*below)) continue;  // RFC 5280 6.1.3 (b)
      const auto names = read_presented_names(path[depth]);
      if (!names) return ConstraintViolation{Reason::chain_unreadable_certificate, depth};
      const GovernedNames governed = governed_names(*names, depth == 0 ? scope : ConstraintScope{});
      comparisons += governed.dns.size() * (trees.permitted.dns.size() + trees.excluded.dns.size()) +
                     governed.uri.size() * (trees.permitted.uri.size() + trees.excluded.uri.size());
      if (comparisons > kMaxComparisons)
        return ConstraintViolation{Reason::chain_name_constraint_syntax, issuer};
      const auto reason = violation(trees, governed, span);
      if (reason == Reason::chain_name_constraint_syntax) return ConstraintViolation{*reason, issuer};
      if (reason) return ConstraintViolation{*reason, depth};
    }
  }
  return std::nullopt;
}

}  // namespace mxident
