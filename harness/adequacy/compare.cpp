#include <arpa/inet.h>
#include <fnmatch.h>

#include <algorithm>
#include <regex>

#include "harness/adequacy/certificate.hpp"

namespace mxident::harness::zoo {
namespace {

constexpr std::size_t kManyNames = 64;
constexpr std::ptrdiff_t kManyStars = 10;

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
  return shape == bug && wanted.size() >= before.size() + behind.size() && wanted.starts_with(before) &&
         wanted.ends_with(behind);
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

/// The comparison of the correct client. Octets that no host name has cannot be equal to a reference.
bool plainly_matches(const std::string& presented, const std::string& reference) {
  return presented == reference || wildcard_covers(presented, reference);
}

/// A dNSName, or text that a bug takes for one, against a host name in lower case.
bool dns_matches(BugId bug, const std::string& octets, const std::string& reference) {
  if (reference.empty()) return false;
  if (bug == BugId::case_sensitive) return plainly_matches(octets, reference);
  const std::string presented = lower(octets);
  if (bug == BugId::refuses_wildcards) return presented == reference;
  if (plainly_matches(presented, reference)) return true;
  const std::string behind = behind_label(reference);
  switch (bug) {
    case BugId::partial_wildcard_after_text:
    case BugId::partial_wildcard_before_text:
    case BugId::partial_wildcard_within_text:
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
      return false;
  }
}

bool any_matches(BugId bug, const std::vector<std::string>& presented, const std::string& reference) {
  return std::any_of(presented.begin(), presented.end(),
                     [&](const auto& p) { return dns_matches(bug, p, reference); });
}

std::vector<std::string> references_of(BugId bug, const Situation& at) {
  if (bug == BugId::recipient_domain_only) return {at.domain.empty() ? at.host : at.domain};
  std::vector<std::string> out{at.host};
  switch (bug) {
    case BugId::recipient_domain_too:
      out.push_back(at.domain);
      break;
    case BugId::ehlo_name:
      out.push_back(at.ehlo);
      break;
    case BugId::second_ehlo_name:
      out.push_back(at.ehlo_tls);
      break;
    case BugId::banner_name:
      out.push_back(at.banner);
      break;
    case BugId::alias_target:
      out.push_back(at.alias);
      break;
    case BugId::reverse_name:
      out.insert(out.end(), at.reverse.begin(), at.reverse.end());
      break;
    case BugId::any_mx_host:
      out.insert(out.end(), at.mx_hosts.begin(), at.mx_hosts.end());
      break;
    default:
      break;
  }
  return out;
}

/// Names that the bug reads out of other places than dNSName entries.
std::vector<std::string> other_names(BugId bug, const Names& names) {
  std::vector<std::string> out;
  switch (bug) {
    case BugId::cn_beats_san:
    case BugId::cn_only:
      return names.common;
    case BugId::cn_fallback:
      return names.dns.empty() ? names.common : out;
    case BugId::nul_ends_common_name:
      for (const auto& name : names.common) out.push_back(up_to(name, '\0'));
      return names.dns.empty() ? out : std::vector<std::string>{};
    case BugId::email_name:
      for (const auto& name : names.email) out.push_back(name.substr(name.find('@') + 1));
      return out;
    case BugId::uri_host:
      for (const auto& name : names.uri) {
        const std::size_t from = name.find("://");
        if (from != std::string::npos)
          out.push_back(name.substr(from + 3, name.find_first_of("/:", from + 3) - from - 3));
      }
      return out;
    case BugId::srv_name:
      for (const auto& name : names.srv)
        out.push_back(name.substr(std::min(name.size(), name.find('.') + 1)));
      return out;
    case BugId::directory_name:
      return names.directory;
    case BugId::organization:
      return names.organization;
    case BugId::domain_components: {
      std::string joined;
      for (const auto& part : names.components) joined = joined.empty() ? part : part + "." + joined;
      return {joined};
    }
    case BugId::subject_as_text:
      for (std::size_t at = 0; (at = names.subject_text.find("CN=", at)) != std::string::npos; at += 3) {
        out.push_back(names.subject_text.substr(at + 3, names.subject_text.find_first_of("/,", at) - at - 3));
      }
      return out;
    case BugId::san_as_text: {
      std::string all;
      for (const auto& name : names.as_text) all += name + ", ";
      for (const auto& part : split(all, ",")) {
        const std::string entry = trimmed(part);
        if (entry.starts_with("DNS:")) out.push_back(entry.substr(4));
      }
      return out;
    }
    default:
      return out;
  }
}

std::string address_text(const std::string& octets) {
  char out[INET6_ADDRSTRLEN] = "";
  inet_ntop(octets.size() == 4 ? AF_INET : AF_INET6, octets.data(), out, sizeof out);
  return out;
}

bool has(const std::vector<std::string>& list, const std::string& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

bool address_agrees(BugId bug, const Names& names, const Situation& at) {
  if (bug == BugId::refuses_addresses || bug == BugId::cn_only) return false;
  if (bug == BugId::address_goes_unchecked || has(names.ip, at.address)) return true;
  if (bug == BugId::address_text_in_dns_name) return has(names.dns, address_text(at.address));
  if (bug == BugId::address_text_in_common_name) return has(names.common, address_text(at.address));
  if (bug == BugId::reverse_name) {
    return std::any_of(at.reverse.begin(), at.reverse.end(),
                       [&](const auto& name) { return any_matches(bug, names.dns, name); });
  }
  if (bug != BugId::address_by_shorter_length) return false;
  return std::any_of(names.ip.begin(), names.ip.end(), [&](const auto& ip) {
    const std::size_t both = std::min(ip.size(), at.address.size());
    return both > 0 && ip.compare(0, both, at.address, 0, both) == 0;
  });
}

/// Which SAN entries are there for a client that reads one of them.
Names as_read(BugId bug, const Names& names) {
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

bool host_agrees(BugId bug, const Names& names, const Situation& at) {
  const std::vector<std::string> others = other_names(bug, names);
  const std::vector<std::string> dns = bug == BugId::cn_only ? std::vector<std::string>{} : names.dns;
  for (const auto& reference : references_of(bug, at)) {
    if (any_matches(bug, others, reference)) return true;
    if (any_matches(bug, dns, reference))
      return bug != BugId::cn_must_match_too || any_matches(bug, names.common, reference);
  }
  if (bug == BugId::peer_address) return has(names.ip, at.peer);
  if (bug == BugId::address_octets_as_text) return has(names.ip, at.host);
  return false;
}

}  // namespace

Answer names_agree(BugId bug, const Names& names, const Situation& situation) {
  if (bug == BugId::no_name_check) return Answer::yes;
  if (bug == BugId::crash_without_common_name && names.common.empty()) return Answer::dies;
  if (bug == BugId::crash_on_many_names && names.as_text.size() >= kManyNames) return Answer::dies;
  if (bug == BugId::hang_on_many_stars) {
    for (const auto& name : names.dns) {
      if (std::count(name.begin(), name.end(), '*') >= kManyStars) return Answer::spins;
    }
  }
  if (names.broken) return Answer::no;
  if (bug == BugId::refuses_several_names && names.as_text.size() != 1) return Answer::no;
  const Names read = as_read(bug, names);
  const bool agrees =
      situation.address.empty() ? host_agrees(bug, read, situation) : address_agrees(bug, read, situation);
  return agrees ? Answer::yes : Answer::no;
}

}  // namespace mxident::harness::zoo
