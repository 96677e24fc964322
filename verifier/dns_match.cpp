#include "dns_match.hpp"

namespace mxident {
namespace {

using namespace dns_name;

bool starts_with_fold(std::string_view text, std::string_view folded_prefix) {
  return text.size() >= folded_prefix.size() &&
         equal_fold(text.substr(0, folded_prefix.size()), folded_prefix);
}

// `pattern` up to its first and from its last wildcard agrees with `reference`: whoever wrote it meant this
// name.
bool could_mean(std::string_view pattern, std::string_view reference) {
  const std::string_view head = pattern.substr(0, pattern.find('*'));
  const std::string_view tail = pattern.substr(pattern.rfind('*') + 1);
  return reference.size() >= head.size() + tail.size() &&
         equal_fold(head, reference.substr(0, head.size())) &&
         equal_fold(tail, reference.substr(reference.size() - tail.size()));
}

Closeness close_if(bool close, Closeness otherwise) {
  return close ? Closeness::close : otherwise;
}

bool has_edge_hyphen(std::string_view label) {
  return label.front() == '-' || label.back() == '-';
}

// Checks that stand between a wildcard which fits and a match. `suffix` is what follows the last wildcard
// label.
Comparison guarded_match(Reason match, std::string_view suffix, std::string_view covered,
                         const NameRules& rules, const PublicSuffixTest& is_public_suffix) {
  if (label_count(suffix) < rules.labels_after_wildcard)
    return {Reason::wildcard_too_few_labels, Closeness::close};
  while (!covered.empty()) {
    if (has_edge_hyphen(take_label(covered))) return {Reason::wildcard_odd_label, Closeness::close};
  }
  if (rules.public_suffix_guard == Switch::on && is_public_suffix && is_public_suffix(suffix)) {
    return {Reason::wildcard_public_suffix, Closeness::close};
  }
  return {match, Closeness::match};
}

// "*.example.com" or "*": one wildcard, the whole left-most label.
Comparison compare_whole_label(std::string_view pattern, std::string_view reference, const NameRules& rules,
                               const PublicSuffixTest& is_public_suffix) {
  const std::string_view suffix = pattern.substr(pattern.size() > 1 ? 2 : 1);
  std::string_view rest = reference;
  const std::string_view label = take_label(rest);
  if (equal_fold(suffix, rest)) {
    return guarded_match(Reason::match_wildcard, rest, label, rules, is_public_suffix);
  }
  const bool below = rest.size() > suffix.size() &&
                     (suffix.empty() || rest[rest.size() - suffix.size() - 1] == '.') &&
                     equal_fold(suffix, rest.substr(rest.size() - suffix.size()));
  if (below) {
    if (rules.multi_label_wildcards == Switch::off)
      return {Reason::wildcard_spans_one_label, Closeness::close};
    const std::string_view covered =
        reference.substr(0, reference.size() - suffix.size() - (suffix.empty() ? 0 : 1));
    return guarded_match(Reason::match_multi_label_wildcard,
                         reference.substr(reference.size() - suffix.size()), covered, rules,
                         is_public_suffix);
  }
  if (equal_fold(suffix, reference)) return {Reason::wildcard_needs_a_label, Closeness::close};
  if (label_count(suffix) < rules.labels_after_wildcard)
    return {Reason::wildcard_too_few_labels, Closeness::flawed};
  return {Reason::no_presented_identifier_matches, Closeness::plain};
}

// What the wildcards of a pattern look like.
struct Shape {
  bool several = false;           // more than one in all
  bool several_in_label = false;  // more than one in the same label
  bool partial = false;           // beside other characters in its label
  bool inner = false;             // in another label than the left-most
  bool in_a_label = false;        // a partial one inside "xn--"
  std::string_view suffix;        // what follows the last label with a wildcard
};

Shape shape_of(std::string_view pattern) {
  Shape shape;
  std::size_t total = 0;
  bool first = true;
  for (std::string_view rest = pattern; !rest.empty(); first = false) {
    const std::string_view label = take_label(rest);
    std::size_t stars = 0;
    for (const char c : label) stars += c == '*' ? 1 : 0;
    if (stars == 0) continue;
    total += stars;
    shape.several_in_label |= stars > 1;
    shape.partial |= label.size() > stars;
    shape.inner |= !first;
    shape.in_a_label |= label.size() > stars && is_a_label(label);
    shape.suffix = rest;
  }
  shape.several = total > 1;
  return shape;
}

// A label with at most one wildcard, which stands for one character or more and, as a fragment, not within an
// A-label.
bool label_fits(std::string_view pattern, std::string_view label) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return equal_fold(pattern, label);
  const std::string_view head = pattern.substr(0, star);
  const std::string_view tail = pattern.substr(star + 1);
  if (label.size() <= head.size() + tail.size()) return false;
  if (pattern.size() > 1 && is_a_label(label)) return false;
  return equal_fold(head, label.substr(0, head.size())) &&
         equal_fold(tail, label.substr(label.size() - tail.size()));
}

bool all_labels_fit(std::string_view pattern, std::string_view reference) {
  if (label_count(pattern) != label_count(reference)) return false;
  while (!pattern.empty()) {
    if (!label_fits(take_label(pattern), take_label(reference))) return false;
  }
  return true;
}

// A wildcard at the edge of its label stands for a hyphen at the edge of the other's (D10).
bool covers_edge_hyphen(std::string_view pattern, std::string_view reference) {
  while (!pattern.empty()) {
    const std::string_view label = take_label(pattern), other = take_label(reference);
    if (label.front() == '*' && other.front() == '-') return true;
    if (label.back() == '*' && other.back() == '-') return true;
  }
  return false;
}

// Shapes that only old rules allow (D3): fragments of labels, other labels than the left-most.
Comparison compare_old_shape(std::string_view pattern, std::string_view reference, const NameRules& rules,
                             const PublicSuffixTest& is_public_suffix) {
  const Shape shape = shape_of(pattern);
  const Closeness nearness = close_if(could_mean(pattern, reference), Closeness::flawed);
  if (shape.several_in_label) return {Reason::wildcard_several, nearness};
  if (shape.inner && rules.inner_wildcards == Switch::off) {
    return {shape.several ? Reason::wildcard_several : Reason::wildcard_not_leftmost, nearness};
  }
  if (shape.partial && rules.partial_wildcards == Switch::off)
    return {Reason::wildcard_partial_label, nearness};
  if (shape.in_a_label) return {Reason::wildcard_in_a_label, nearness};
  if (all_labels_fit(pattern, reference)) {
    if (covers_edge_hyphen(pattern, reference)) return {Reason::wildcard_odd_label, Closeness::close};
    return guarded_match(Reason::match_partial_wildcard, shape.suffix, {}, rules, is_public_suffix);
  }
  if (shape.partial && nearness == Closeness::close && reference.find("xn--") != std::string_view::npos) {
    return {Reason::wildcard_in_a_label, Closeness::close};
  }
  return {Reason::no_presented_identifier_matches, Closeness::plain};
}

Comparison compare_wildcard(std::string_view pattern, std::string_view reference, const NameRules& rules,
                            const PublicSuffixTest& is_public_suffix) {
  if (rules.wildcards == Switch::off) {
    return {Reason::wildcards_off, close_if(could_mean(pattern, reference), Closeness::flawed)};
  }
  const bool whole_label = pattern[0] == '*' && (pattern.size() == 1 || pattern[1] == '.') &&
                           pattern.find('*', 1) == std::string_view::npos;
  return whole_label ? compare_whole_label(pattern, reference, rules, is_public_suffix)
                     : compare_old_shape(pattern, reference, rules, is_public_suffix);
}

}  // namespace

bool dns_name::is_pattern(std::string_view name) {
  return (classes_of(name) & (kStar | kBad | kNul | kNonAscii)) == kStar;
}

Comparison compare_dns(std::string_view pattern, std::string_view reference, const NameRules& rules,
                       const PublicSuffixTest& is_public_suffix) {
  // A reference is a valid name, so whatever equals it is one as well.
  if (equal_fold(pattern, reference)) return {Reason::match_exact, Closeness::match};
  return compare_unequal_dns(pattern, scan(pattern), reference, rules, is_public_suffix);
}

Comparison compare_unequal_dns(std::string_view pattern, const Scan& seen, std::string_view reference,
                               const NameRules& rules, const PublicSuffixTest& is_public_suffix) {
  if (pattern.empty()) return {Reason::presented_empty, Closeness::flawed};
  const auto [classes, labels_are_fit] = seen;
  if ((classes & (kNul | kNonAscii | kBad)) != 0) {
    if ((classes & kNul) != 0) {
      return {Reason::presented_embedded_nul,
              close_if(starts_with_fold(pattern, reference), Closeness::flawed)};
    }
    return {(classes & kNonAscii) != 0 ? Reason::presented_non_ascii : Reason::presented_bad_character,
            Closeness::flawed};
  }
  if (pattern.size() > kMaxName) return {Reason::presented_too_long, Closeness::flawed};
  if (pattern.back() == '.') {
    const bool close = equal_fold(pattern.substr(0, pattern.size() - 1), reference);
    return {Reason::presented_trailing_dot, close_if(close, Closeness::flawed)};
  }
  if (!labels_are_fit) return {Reason::presented_bad_label, Closeness::flawed};
  if ((classes & kUnderscore) != 0 && rules.underscore == Switch::off) {
    return {Reason::presented_underscore, Closeness::flawed};
  }
  if ((classes & kStar) == 0) return {Reason::no_presented_identifier_matches, Closeness::plain};
  return compare_wildcard(pattern, reference, rules, is_public_suffix);
}

}  // namespace mxident
