#include <fnmatch.h>

#include <algorithm>
#include <regex>

#include "harness/adequacy/certificate.hpp"

namespace mxident::harness::zoo {
namespace {

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::vector<std::string> split(const std::string& text, const std::string& separators) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
    if (end > at) out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::string up_to(const std::string& text, char end) {
  return text.substr(0, text.find(end));
}

/// What stands behind the first label, with its dot; empty if there is but one.
std::string behind_label(const std::string& name) {
  const std::size_t dot = name.find('.');
  return dot == std::string::npos ? "" : name.substr(dot);
}

std::string last_two_labels(const std::string& name) {
  const std::size_t last = name.rfind('.');
  const std::size_t before = last == std::string::npos || last == 0 ? last : name.rfind('.', last - 1);
  return before == std::string::npos ? name : name.substr(before + 1);
}

/// RFC 9525 6.3: the wildcard is the whole left-most label and stands for one label; two labels at least
/// follow.
bool wildcard_covers(const std::string& presented, const std::string& reference) {
  if (presented.size() < 3 || presented.compare(0, 2, "*.") != 0) return false;
  const std::string rest = presented.substr(1);
  return rest.find('*') == std::string::npos && std::count(rest.begin(), rest.end(), '.') >= 2 &&
         reference.find('.') != 0 && behind_label(reference) == rest;
}

/// One wildcard in the first label with text before it, behind it, or both.
bool fragment_covers(BugId bug, const std::string& presented, const std::string& reference) {
  const std::string label = up_to(presented, '.'), wanted = up_to(reference, '.');
  const std::size_t star = label.find('*');
  if (star == std::string::npos || label.size() == 1 || behind_label(presented) != behind_label(reference))
    return false;
  const std::string before = label.substr(0, star), behind = label.substr(star + 1);
  const BugId shape = behind.empty()   ? BugId::partial_wildcard_after_text
                      : before.empty() ? BugId::partial_wildcard_before_text
                                       : BugId::partial_wildcard_within_text;
  if (!wanted.starts_with(before) || !wanted.ends_with(behind)) return false;
  const bool overlap = wanted.size() < before.size() + behind.size();
  return overlap ? bug == BugId::partial_wildcard_overlap : bug == shape;
}

bool inner_wildcard_covers(const std::string& presented, const std::string& reference) {
  const auto ours = split(presented, "."), theirs = split(reference, ".");
  return ours.size() == theirs.size() &&
         std::equal(ours.begin(), ours.end(), theirs.begin(),
                    [](const auto& a, const auto& b) { return a == "*" || a == b; });
}

bool expression_covers(const std::string& presented, const std::string& reference) {
  if (contains(presented, "*") || presented.size() > 100) return false;
  try {
    return std::regex_match(reference, std::regex(presented, std::regex::extended));
  } catch (const std::regex_error&) {
    return false;
  }
}

bool database_covers(const std::string& presented, const std::string& reference) {
  const std::string pattern = replaced(replaced(presented, "%", "*"), "_", "?");
  return pattern != presented && !contains(presented, "*") &&
         fnmatch(pattern.c_str(), reference.c_str(), 0) == 0;
}

std::string folded(std::string text) {
  text = replaced(replaced(std::move(text), "\xe2\x84\xaa", "k"), "\xc5\xbf", "s");
  for (char c = 'a'; c <= 'z'; ++c) {  // FULLWIDTH LATIN SMALL LETTER A is U+FF41
    text = replaced(std::move(text), std::string("\xef\xbd") + static_cast<char>(0x81 + (c - 'a')),
                    std::string(1, c));
  }
  return text;
}

std::string trimmed(const std::string& text) {
  constexpr const char* kBlanks = " \t\r\n";
  const std::size_t from = text.find_first_not_of(kBlanks);
  return from == std::string::npos ? "" : text.substr(from, text.find_last_not_of(kBlanks) - from + 1);
}

/// Bugs that refuse a name that matches.
bool refuses_name(BugId bug, const std::string& presented, const std::string& reference) {
  const bool wildcard = presented != reference;
  switch (bug) {
    case BugId::wildcard_spares_a_labels:
      return wildcard && reference.starts_with("xn--");
    case BugId::wildcard_wants_three_labels:
      return wildcard && std::count(presented.begin(), presented.end(), '.') != 2;
    case BugId::digit_label_refused:
      return reference.front() >= '0' && reference.front() <= '9';
    default:
      return false;
  }
}

/// A dNSName, or text that a bug takes for one, against a host name in lower case.
bool dns_matches(BugId bug, const std::string& octets, const std::string& reference) {
  if (reference.empty()) return false;
  if (bug == BugId::case_sensitive) return plainly_matches(octets, reference);
  if (bug == BugId::turkish_lower_case && contains(octets, "I")) return false;
  const std::string presented = lower(octets);
  if (bug == BugId::refuses_wildcards) return presented == reference;
  if (plainly_matches(presented, reference)) return !refuses_name(bug, presented, reference);
  const std::string behind = behind_label(reference);
  switch (bug) {
    case BugId::partial_wildcard_after_text:
    case BugId::partial_wildcard_before_text:
    case BugId::partial_wildcard_within_text:
    case BugId::partial_wildcard_overlap:
      return fragment_covers(bug, presented, reference);
    case BugId::multi_label_wildcard:
      return presented.starts_with("*.") && reference.ends_with(presented.substr(1)) &&
             !contains(presented.substr(1), "*");
    case BugId::bare_domain_wildcard:
      return presented == "*." + reference;
    case BugId::inner_wildcard:
      return inner_wildcard_covers(presented, reference);
    case BugId::lonely_wildcard:
      return presented == "*";
    case BugId::glob:
      return fnmatch(presented.c_str(), reference.c_str(), 0) == 0;
    case BugId::regular_expression:
      return expression_covers(presented, reference);
    case BugId::database_pattern:
      return database_covers(presented, reference);
    case BugId::nul_ends_dns_name:
      return plainly_matches(up_to(presented, '\0'), reference);
    case BugId::presented_begins_with_reference:
      return presented.starts_with(reference);
    case BugId::reference_begins_with_presented:
      return !presented.empty() && reference.starts_with(presented);
    case BugId::reference_ends_with_presented:
      return !presented.empty() && reference.ends_with(presented);
    case BugId::presented_ends_with_reference:
      return presented.ends_with(reference);
    case BugId::substring:
      return contains(presented, reference);
    case BugId::parent_domain:
      return "." + presented == behind;
    case BugId::first_label:
      return up_to(presented, '.') == up_to(reference, '.');
    case BugId::last_labels:
      return last_two_labels(presented) == last_two_labels(reference);
    case BugId::trims_blanks:
      return plainly_matches(trimmed(presented), reference);
    case BugId::splits_at_blanks: {
      const auto parts = split(presented, " ,;\r\n");
      return std::find(parts.begin(), parts.end(), reference) != parts.end();
    }
    case BugId::folds_unicode:
      return plainly_matches(folded(presented), reference);
    default:
      return spelt_alike(bug, presented, reference);
  }
}

bool any_matches(BugId bug, const std::vector<std::string>& presented, const std::string& reference) {
  return std::any_of(presented.begin(), presented.end(),
                     [&](const auto& p) { return dns_matches(bug, p, reference); });
}

/// Which SAN entries are there for a client that reads some of them.
Names as_read(BugId bug, const Names& names) {
  if (bug == BugId::stops_at_other_type) {
    Names out = names;
    const auto other = std::find_if(names.as_text.begin(), names.as_text.end(),
                                    [](const auto& entry) { return !entry.starts_with("DNS:"); });
    out.dns.resize(static_cast<std::size_t>(other - names.as_text.begin()));
    return out;
  }
  const bool first = bug == BugId::first_name_only, last = bug == BugId::last_name_only;
  if ((!first && !last) || names.as_text.size() < 2) return names;
  const std::string kept = first ? names.as_text.front() : names.as_text.back();
  Names out = names;
  const auto keep = [&](std::vector<std::string>& list, const char* prefix) {
    if (!kept.starts_with(prefix)) return list.clear();
    if (!list.empty()) list = {first ? list.front() : list.back()};
  };
  keep(out.dns, "DNS:");
  keep(out.ip, "IP Address");
  return out;
}

bool address_agrees(BugId bug, const Names& names, const Situation& at) {
  if (bug == BugId::refuses_addresses || bug == BugId::cn_only) return false;
  if (std::find(names.ip.begin(), names.ip.end(), at.address) != names.ip.end()) return true;
  if (bug == BugId::reverse_name || bug == BugId::literal_banner) {
    const auto references = bug == BugId::reverse_name ? at.reverse : std::vector<std::string>{at.banner};
    return std::any_of(references.begin(), references.end(),
                       [&](const auto& name) { return any_matches(bug, names.dns, name); });
  }
  return address_passes(bug, names, at);
}

bool host_agrees(BugId bug, const Names& names, const Situation& at) {
  const std::vector<std::string> others = other_names(bug, names);
  const std::vector<std::string> dns = bug == BugId::cn_only ? std::vector<std::string>{} : names.dns;
  for (const auto& reference : references_of(bug, at)) {
    if (any_matches(bug, others, reference)) return true;
    if (bug == BugId::below_the_domain && !at.domain.empty() &&
        std::any_of(dns.begin(), dns.end(),
                    [&](const auto& name) { return lower(name).ends_with("." + at.domain); }))
      return true;
    if (any_matches(bug, dns, reference))
      return bug != BugId::cn_must_match_too || any_matches(bug, names.common, reference);
  }
  const auto has_address = [&](const std::string& octets) {
    return std::find(names.ip.begin(), names.ip.end(), octets) != names.ip.end();
  };
  if (bug == BugId::peer_address) return has_address(at.peer);
  if (bug == BugId::address_octets_as_text) return has_address(at.host);
  return false;
}

}  // namespace

// Octets that no host name has cannot be equal to a reference.
bool plainly_matches(const std::string& presented, const std::string& reference) {
  return presented == reference || wildcard_covers(presented, reference);
}

Answer names_agree(BugId bug, const Names& names, const Situation& situation) {
  if (bug == BugId::no_name_check) return Answer::yes;
  if (const auto answer = answer_at_first_sight(bug, names)) return *answer;
  if (names.broken) {
    const bool reads_on = any_matches(bug, other_names(bug, names), situation.host) &&
                          (bug == BugId::broken_san_common_name || bug == BugId::two_sans_merged);
    return reads_on ? Answer::yes : Answer::no;
  }
  if (bug == BugId::refuses_several_names && names.as_text.size() != 1) return Answer::no;
  const Names read = as_read(bug, names);
  const bool agrees =
      situation.address.empty() ? host_agrees(bug, read, situation) : address_agrees(bug, read, situation);
  return agrees ? Answer::yes : Answer::no;
}

}  // namespace mxident::harness::zoo
