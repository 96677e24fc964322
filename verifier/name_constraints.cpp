#include "name_constraints.hpp"

#include <algorithm>
#include <vector>

#include "certificate.hpp"
#include "dns_match.hpp"
#include "dns_name.hpp"
#include "match.hpp"

namespace mxident {
namespace {

using namespace dns_name;

// The work of one path, names times subtrees; libcrypto has the same bound.
constexpr std::size_t kMaxComparisons = std::size_t{1} << 20;
constexpr std::uint8_t kDnsNameTag = 0x82;

struct DnsSubtrees {
  std::vector<std::string_view> permitted, excluded;
  bool readable = true;
};

// GeneralSubtrees: the dNSName bases. Their minimum and maximum are libcrypto's business.
bool read_subtrees(std::string_view content, std::vector<std::string_view>& bases) {
  der::Reader reader(content);
  while (!reader.at_end()) {
    std::string_view subtree, base;
    std::uint8_t tag = 0;
    if (!reader.read(der::kSequence, subtree)) return false;
    der::Reader fields(subtree);
    if (!fields.read_any(tag, base)) return false;
    if (tag == kDnsNameTag) bases.push_back(base);
  }
  return !reader.failed();
}

DnsSubtrees read_name_constraints(std::string_view value) {
  DnsSubtrees result;
  der::Reader outer(value);
  std::string_view content, trees;
  result.readable = outer.read(der::kSequence, content) && outer.at_end();
  der::Reader fields(content);
  if (fields.peek() == 0xa0)
    result.readable &= fields.read(0xa0, trees) && read_subtrees(trees, result.permitted);
  if (fields.peek() == 0xa1)
    result.readable &= fields.read(0xa1, trees) && read_subtrees(trees, result.excluded);
  result.readable &= fields.at_end() && !fields.failed();
  return result;
}

DnsSubtrees constraints_of(const CertificateView& certificate) {
  DnsSubtrees result;
  der::Reader extensions(certificate.extensions);
  for (Extension extension; next_extension(extensions, extension);) {
    if (extension.oid == kOidNameConstraints) return read_name_constraints(extension.value);
  }
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

bool in_subtree(std::string_view pattern, std::string_view base, Wildcards wildcards) {
  const bool below_only = !base.empty() && base.front() == '.';
  if (below_only) base.remove_prefix(1);
  const std::size_t wanted = label_count(base) + (below_only ? 1 : 0);
  if (label_count(pattern) < wanted) return false;
  while (!base.empty()) {
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

bool all_processable(const DnsSubtrees& trees) {
  return std::all_of(trees.permitted.begin(), trees.permitted.end(), is_processable) &&
         std::all_of(trees.excluded.begin(), trees.excluded.end(), is_processable);
}

bool complies(std::string_view name, const DnsSubtrees& trees) {
  for (const auto base : trees.excluded) {
    if (overlaps_subtree(name, base)) return false;
  }
  for (const auto base : trees.permitted) {
    if (inside_subtree(name, base)) return true;
  }
  return trees.permitted.empty();
}

// The names of one certificate that dNSName constraints govern. A CN only as far as it could identify a host.
std::vector<std::string_view> governed_names(const PresentedNames& names, Switch common_name) {
  std::vector<std::string_view> result;
  for (const auto& identifier : names.identifiers) {
    if (identifier.type == PresentedType::dns) result.push_back(identifier.octets);
  }
  if (common_name == Switch::on) {
    for (const auto& name : names.common_names) {
      const std::uint8_t classes = classes_of(name.octets);
      const bool host_like = (classes & (kBad | kNul | kNonAscii)) == 0 && (classes & kDot) != 0;
      if (name.decodable && host_like) result.push_back(name.octets);
    }
  }
  return result;
}

}  // namespace

bool overlaps_subtree(std::string_view pattern, std::string_view base) {
  return in_subtree(pattern, base, Wildcards::open);
}

bool inside_subtree(std::string_view pattern, std::string_view base) {
  return in_subtree(pattern, base, Wildcards::literal);
}

std::optional<ConstraintViolation> check_dns_constraints(std::span<const std::string> path,
                                                         Switch common_name) {
  std::size_t comparisons = 0;
  for (std::size_t issuer = path.size(); issuer-- > 1;) {
    const auto certificate = view_certificate(path[issuer]);
    if (!certificate) return ConstraintViolation{Reason::chain_unreadable_certificate, issuer};
    const DnsSubtrees trees = constraints_of(*certificate);
    if (!trees.readable) return ConstraintViolation{Reason::chain_name_constraint_syntax, issuer};
    if (trees.permitted.empty() && trees.excluded.empty()) continue;
    const bool processable = all_processable(trees);
    for (std::size_t depth = 0; depth < issuer; ++depth) {
      const auto below = view_certificate(path[depth]);
      if (!below) return ConstraintViolation{Reason::chain_unreadable_certificate, depth};
      // Self-issued intermediates are exempt (RFC 5280 6.1.3 (b)).
      if (depth > 0 && below->subject_tlv == below->issuer_tlv) continue;
      const auto names = read_presented_names(path[depth]);
      if (!names) return ConstraintViolation{Reason::chain_unreadable_certificate, depth};
      const auto governed = governed_names(*names, depth == 0 ? common_name : Switch::off);
      if (!processable && !governed.empty())
        return ConstraintViolation{Reason::chain_name_constraint_syntax, issuer};
      comparisons += governed.size() * (trees.permitted.size() + trees.excluded.size());
      if (comparisons > kMaxComparisons)
        return ConstraintViolation{Reason::chain_name_constraint_syntax, issuer};
      for (const auto name : governed) {
        if (!complies(name, trees)) return ConstraintViolation{Reason::chain_name_constraint, depth};
      }
    }
  }
  return std::nullopt;
}

}  // namespace mxident
