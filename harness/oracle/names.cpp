#include "harness/oracle/names.hpp"

#include <arpa/inet.h>
#include <idn2.h>

#include <algorithm>

#include "harness/oracle/automaton.hpp"
#include "harness/oracle/choices.hpp"
#include "harness/text/ascii.hpp"

namespace mxident::harness::oracle {
namespace {

std::vector<std::string> labels_of(const std::string& name) {
  std::vector<std::string> out(1);
  for (const char c : name) {
    if (c == '.') {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

bool is_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool all_digits(const std::string& label) {
  return !label.empty() && label.find_first_not_of("0123456789") == std::string::npos;
}

/// IDNA 2008 look-up; with `map`, the mapping of UTS 46 is allowed before it (RFC 5895 leaves that to the
/// user interface).
std::optional<std::string> to_alabels(const std::string& text, bool map) {
  if (text.find('\0') != std::string::npos) return std::nullopt;  // the library would read no further
  char* out = nullptr;
  const int flags = map ? IDN2_NONTRANSITIONAL : IDN2_NO_TR46;
  if (idn2_lookup_u8(reinterpret_cast<const unsigned char*>(text.c_str()),
                     reinterpret_cast<unsigned char**>(&out), flags) != IDN2_OK) {
    return std::nullopt;
  }
  std::string result(out);
  idn2_free(out);
  return result;
}

/// An A-label by its prefix alone. Of one with a star nothing can be said.
bool is_undecodable(const std::string& label) {
  if (harness::lower(label.substr(0, 4)) != "xn--" || label.find('*') != std::string::npos) return false;
  char* out = nullptr;
  if (idn2_to_unicode_8z8z(label.c_str(), &out, 0) != IDN2_OK) return true;
  idn2_free(out);
  return false;
}

/// Letters, digits, hyphen, and underscore where it is admitted; lengths of RFC 1035 2.3.4. `stars` are let
/// through.
bool host_syntax(const std::string& name, Choices& choices, bool stars) {
  if (name.empty() || name.size() > 253) return false;
  for (const auto& label : labels_of(name)) {
    if (label.empty() || label.size() > 63) return false;
    for (const char c : label) {
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (letter || c == '-' || (c == '*' && stars)) continue;
      if (c == '_' && choices.ask(&Rules::underscore)) continue;
      return false;
    }
    const bool edge = label.front() == '-' || label.back() == '-';
    if (edge && !choices.ask(&Rules::edge_hyphen)) return false;
  }
  return true;
}

/// A host reference in the form that is compared; nullopt: refused.
std::optional<std::string> reference_name(const std::string& text, Choices& choices) {
  std::string name = text;
  if (name.size() > 1 && name.back() == '.') {
    if (!choices.ask(&Rules::strip_reference_dot)) return std::nullopt;
    name.pop_back();
  }
  if (!is_ascii(name)) {
    // Nobody may register a U-label with a hyphen at its edge (RFC 5891 4.2.3.1); that a look-up refuses it
    // is not said (5.4).
    for (const auto& label : labels_of(name)) {
      const bool edge = !label.empty() && (label.front() == '-' || label.back() == '-');
      if (edge && !is_ascii(label) && !choices.ask(&Rules::edge_hyphen)) return std::nullopt;
    }
    auto mapped = to_alabels(name, false);
    if (!mapped && to_alabels(name, true) && choices.ask(&Rules::map_reference))
      mapped = to_alabels(name, true);
    if (!mapped) return std::nullopt;
    name = *mapped;
  }
  if (!host_syntax(name, choices, false)) return std::nullopt;
  const auto labels = labels_of(name);
  if (all_digits(labels.back()) && !choices.ask(&Rules::numeric_top)) return std::nullopt;
  if (labels.size() == 1 && !choices.ask(&Rules::single_label)) return std::nullopt;
  return name;
}

/// The pattern's stars under the rules: the automaton to use, or nullopt if the entry has to be left out.
std::optional<std::pair<Automaton::Star, Automaton::Least>> star_rule(const std::vector<std::string>& labels,
                                                                      Choices& choices) {
  using Star = Automaton::Star;
  using Least = Automaton::Least;
  const auto stars = [](const std::string& label) { return std::count(label.begin(), label.end(), '*'); };
  if (std::all_of(labels.begin(), labels.end(), [&](const auto& l) { return stars(l) == 0; }))
    return {{Star::literal, Least::one}};
  if (!choices.ask(&Rules::wildcard)) return std::nullopt;
  std::size_t after = 0;  // labels after the last one that holds a star
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (stars(labels[i]) == 0) {
      ++after;
      continue;
    }
    after = 0;
    if (i > 0 && !choices.ask(&Rules::inner)) return std::nullopt;
    if (labels[i] == "*") continue;
    if (stars(labels[i]) > 1 && !choices.ask(&Rules::several_stars_in_label)) return std::nullopt;
    if (!choices.ask(&Rules::partial)) return std::nullopt;
    if (harness::lower(labels[i].substr(0, 4)) == "xn--" && !choices.ask(&Rules::star_in_alabel))
      return std::nullopt;
  }
  if (after == 0 && !choices.ask(&Rules::star_in_top_label)) return std::nullopt;
  if (after == 1 && !choices.ask(&Rules::short_wildcard)) return std::nullopt;
  const bool whole_first = labels[0] == "*";
  // "*www" for "www" is open; a whole label's star never stands for nothing.
  if (!whole_first)
    return {{Star::within_label, choices.ask(&Rules::empty_fragment) ? Least::zero : Least::one}};
  return {{choices.ask(&Rules::multi_label) ? Star::across_labels : Star::within_label, Least::one}};
}

bool dns_equal(const std::string& presented, const std::string& reference, Choices& choices) {
  std::string pattern = presented;
  if (pattern.size() > 1 && pattern.back() == '.') {
    if (!choices.ask(&Rules::presented_dot)) return false;
    pattern.pop_back();
  }
  if (!is_ascii(pattern) || !host_syntax(pattern, choices, true)) return false;
  const auto rule = star_rule(labels_of(pattern), choices);
  if (!rule) return false;
  Automaton automaton;
  if (!automaton.compile(pattern, rule->first, rule->second) || !automaton.accepts(reference)) return false;
  for (const auto& label : labels_of(pattern)) {
    if (is_undecodable(label) && !choices.ask(&Rules::undecodable_alabel)) return false;
  }
  if (rule->first != Automaton::Star::within_label) return true;
  // A fragment that stands for a part of an A-label stands for no text that anyone could read (RFC 6125 7.2).
  const auto ours = labels_of(pattern), theirs = labels_of(reference);
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    const bool fragment = ours[i] != "*" && ours[i].find('*') != std::string::npos;
    if (fragment && harness::lower(theirs[i].substr(0, 4)) == "xn--" && !choices.ask(&Rules::star_in_alabel))
      return false;
  }
  return true;
}

bool cn_blocked(const Names& names, Choices& choices) {
  const auto has = [&](Kind kind) {
    return std::any_of(names.san.begin(), names.san.end(), [&](const auto& id) { return id.kind == kind; });
  };
  const bool dns = std::any_of(names.san.begin(), names.san.end(), [&](const auto& id) {
    return id.kind == Kind::dns && !is_odd_dns_name(id.octets);
  });
  if (dns && choices.ask(&Rules::dns_blocks_cn)) return true;
  if (!dns && has(Kind::dns) && choices.ask(&Rules::odd_dns_blocks_cn)) return true;
  if ((has(Kind::srv) || has(Kind::uri)) && choices.ask(&Rules::service_blocks_cn)) return true;
  if (has(Kind::ip) && choices.ask(&Rules::ip_blocks_cn)) return true;
  return names.has_san && names.san.empty() && choices.ask(&Rules::bare_san_blocks_cn);
}

bool cn_matches(const Names& names, const std::string& reference, Choices& choices) {
  if (names.common_names.empty() || !choices.ask(&Rules::cn_used) || cn_blocked(names, choices)) return false;
  const auto fits = [&](const std::string& cn) {
    if (is_ascii(cn)) return !address_octets(cn) && dns_equal(cn, reference, choices);
    const auto mapped = to_alabels(cn, true);
    return mapped && dns_equal(*mapped, reference, choices) && choices.ask(&Rules::unicode_cn);
  };
  if (choices.ask(&Rules::last_cn_only)) {
    const auto& last = names.common_names.back();
    if (last.size() == 1) return fits(last[0]);
    // Which one of several in an RDN, which is a set, is the most specific?
    return std::any_of(last.begin(), last.end(), fits) && choices.ask(&Rules::any_cn_of_several);
  }
  if (names.common_names.size() == 1)
    return names.common_names[0].size() == 1 && fits(names.common_names[0][0]);
  if (!choices.ask(&Rules::any_cn_of_several)) {
    return false;  // a client may also look at none, or at one of them: all that is sure is that it may
                   // refuse
  }
  return std::any_of(names.common_names.begin(), names.common_names.end(),
                     [&](const auto& rdn) { return rdn.size() == 1 && fits(rdn[0]); });
}

bool matches(const Names& names, const Reference& reference, Choices& choices) {
  if (reference.kind == RefKind::address) {
    const auto octets = address_octets(reference.text);
    return octets && std::any_of(names.san.begin(), names.san.end(),
                                 [&](const auto& id) { return id.kind == Kind::ip && id.octets == *octets; });
  }
  const auto name = reference_name(reference.text, choices);
  if (!name) return false;
  const bool in_san = std::any_of(names.san.begin(), names.san.end(), [&](const auto& id) {
    return id.kind == Kind::dns && dns_equal(id.octets, *name, choices);
  });
  return in_san || cn_matches(names, *name, choices);
}

void refine(Answer& answer, Switch stated, Switch usual) {
  if (stated != usual) answer = stated == Switch::on ? Answer::yes : Answer::no;
}

}  // namespace

bool is_odd_dns_name(const std::string& octets) {
  if (octets.empty() || octets.size() > 253) return true;
  for (const auto& label : labels_of(octets)) {
    if (label.empty() || label.size() > 63) return true;
  }
  return octets.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._*") !=
         std::string::npos;
}

std::optional<std::string> address_octets(const std::string& text) {
  unsigned char octets[16];
  if (inet_pton(AF_INET, text.c_str(), octets) == 1) return std::string(reinterpret_cast<char*>(octets), 4);
  if (inet_pton(AF_INET6, text.c_str(), octets) == 1) return std::string(reinterpret_cast<char*>(octets), 16);
  return std::nullopt;
}

Rules rules_for(const Policy& policy) {
  Rules out;
  switch (policy.id) {
    case PolicyId::rfc2818:
      out.cn_used = Answer::yes;
      out.service_blocks_cn = Answer::no;
      out.ip_blocks_cn = Answer::open;
      out.last_cn_only = Answer::yes;
      out.unicode_cn = Answer::open;
      out.partial = Answer::yes;
      out.inner = Answer::open;  // "any component" is the letter, and nobody's practice
      out.several_stars_in_label = Answer::open;
      out.star_in_alabel = Answer::open;
      break;
    case PolicyId::rfc6125:
      out.cn_used = Answer::open;                 // 6.4.4: a client MAY look at it as a last resort
      out.wildcard = Answer::open;                // 6.4.3: it MAY match them
      out.several_stars_in_label = Answer::open;  // 6.4.3 (3) counts no stars
      out.star_in_alabel = Answer::open;          // 6.4.3 (3): SHOULD NOT
      out.partial = Answer::open;
      break;
    case PolicyId::rfc7817:
      out.cn_used = Answer::open;  // 3: MAY be supported
      break;
    case PolicyId::dane:
      out.cn_used = Answer::yes;
      out.service_blocks_cn = Answer::no;
      out.multi_label = Answer::open;
      break;
    default:
      break;
  }
  const NameRules& usual = mxident::policy(policy.id).rules;
  const NameRules& stated = policy.rules;
  if (stated.common_name != usual.common_name) {
    out.cn_used = stated.common_name == CommonNameUse::never ? Answer::no : Answer::yes;
    out.service_blocks_cn = stated.common_name == CommonNameUse::last_resort ? Answer::yes : Answer::no;
  }
  if (stated.common_name_choice != usual.common_name_choice) {
    out.last_cn_only =
        stated.common_name_choice == CommonNameChoice::most_specific ? Answer::yes : Answer::no;
    out.any_cn_of_several = Answer::yes;
  }
  refine(out.ip_blocks_cn, stated.ip_blocks_common_name, usual.ip_blocks_common_name);
  refine(out.wildcard, stated.wildcards, usual.wildcards);
  refine(out.partial, stated.partial_wildcards, usual.partial_wildcards);
  refine(out.inner, stated.inner_wildcards, usual.inner_wildcards);
  refine(out.multi_label, stated.multi_label_wildcards, usual.multi_label_wildcards);
  refine(out.underscore, stated.underscore, usual.underscore);
  refine(out.single_label, stated.single_label_references, usual.single_label_references);
  if (stated.labels_after_wildcard != usual.labels_after_wildcard) {
    out.short_wildcard = stated.labels_after_wildcard >= 2 ? Answer::no : Answer::yes;
  }
  return out;
}

Verdict check_names(const Names& names, const std::vector<Reference>& references, const Rules& rules) {
  return Choices::all(rules, [&](Choices& choices) {
    return std::any_of(references.begin(), references.end(),
                       [&](const auto& r) { return matches(names, r, choices); });
  });
}

}  // namespace mxident::harness::oracle
