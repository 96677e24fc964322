// The oracle's model of the name rules: a second opinion, built in another way than the verifier and sharing
// no code with it. Presented identifiers come from what the mint was told, not from DER; each DNS pattern
// becomes an automaton that reads the reference; questions that the standards leave open are answered both
// ways.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/policy.hpp"

namespace mxident::harness::oracle {

enum class Kind { dns, ip, uri, srv, email, other };

struct Identifier {
  Kind kind = Kind::dns;
  std::string octets;
};

/// What a certificate presents.
struct Names {
  bool has_san = false;
  std::vector<Identifier> san;
  std::vector<std::vector<std::string>> common_names;  ///< one entry an RDN that holds any; values in UTF-8
};

enum class RefKind { host, address };

struct Reference {
  RefKind kind = RefKind::host;
  std::string text;  ///< UTF-8 as the scenario writes it, or address text
};

/// Answers that a rule set gives to a question of the rules; `open`: the standard allows both.
enum class Answer : std::uint8_t { no, yes, open };

/// The rules of one policy, as answers. Sections: shared rule catalogue 1.2, 1.3 and decisions D1 to D28.
struct Rules {
  Answer cn_used = Answer::no;
  Answer dns_blocks_cn = Answer::yes;
  Answer odd_dns_blocks_cn = Answer::open;   ///< a dNSName that is no name of a host
  Answer unicode_cn = Answer::no;            ///< a common name in U-labels stands for its A-labels
  Answer service_blocks_cn = Answer::yes;    ///< SRV-ID or URI-ID
  Answer ip_blocks_cn = Answer::open;        ///< D2
  Answer bare_san_blocks_cn = Answer::open;  ///< empty SAN
  Answer last_cn_only = Answer::no;          ///< RFC 2818 3.1: the most specific one
  Answer any_cn_of_several = Answer::open;   ///< D20
  Answer wildcard = Answer::yes;
  Answer partial = Answer::no;  ///< "*" as a part of the left-most label
  Answer inner = Answer::no;    ///< "*" in another label
  Answer several_stars_in_label = Answer::no;
  Answer star_in_alabel = Answer::no;         ///< a fragment inside an A-label of either side
  Answer empty_fragment = Answer::open;       ///< a fragment's star may stand for no octet
  Answer multi_label = Answer::no;            ///< D4
  Answer short_wildcard = Answer::open;       ///< one label after the last "*", as in "*.com" (D6)
  Answer star_in_top_label = Answer::open;    ///< none, as in "*" and "*.example.*"
  Answer strip_reference_dot = Answer::open;  ///< D7
  Answer presented_dot = Answer::open;        ///< D8: an entry with final dot may match
  Answer underscore = Answer::open;           ///< D9
  Answer edge_hyphen = Answer::open;          ///< D10
  Answer numeric_top = Answer::open;          ///< D11
  Answer single_label = Answer::open;         ///< D23
  Answer undecodable_alabel = Answer::open;   ///< "xn--" before what is no Punycode (RFC 5891 5.3)
  Answer map_reference = Answer::open;        ///< D16: upper-case U-labels and the like
};

/// Own table of rules for a policy; a refinement replaces what it states.
Rules rules_for(const Policy& policy);

enum class Verdict { match, mismatch, open };

/// One matching pair is enough.
Verdict check_names(const Names& names, const std::vector<Reference>& references, const Rules& rules);

/// Not in the preferred name syntax that RFC 5280 4.2.1.6 wants, stars and underscores aside.
bool is_odd_dns_name(const std::string& octets);

/// Address octets of text without brackets; nullopt if it is none.
std::optional<std::string> address_octets(const std::string& text);

}  // namespace mxident::harness::oracle
