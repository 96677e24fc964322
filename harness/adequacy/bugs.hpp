// The zoo: one small SMTP client, and the bugs of history that it can be given one at a time.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "harness/text/words.hpp"

namespace mxident::harness::zoo {

/// Where a bug sits: in what the client thinks of a certificate and names, or in how it speaks.
enum class BugPlace { judgement, dialogue };

// One row for each bug: enumerator, id, place, outcome that a catalogue has to show in some cell, sentence.
// To add one: a row here, and where the client does the right thing, `is(BugId::...)` and the wrong one
// (names in compare.cpp and names.cpp, chains in chain.cpp, the session in client.cpp). A bug of the dialogue
// is run in every scenario unless has_occasion() of adequacy.cpp says what it needs to show.
#define MXIDENT_ZOO_BUGS(X)                                                                                  \
  X(no_name_check, "no-name-check", judgement, lax, "checks the chain and no name")                          \
  X(cn_beats_san, "cn-beats-san", judgement, lax, "takes the subject CN although there is a SAN")            \
  X(cn_fallback, "cn-fallback", judgement, lax, "takes the subject CN where there is no dNSName")            \
  X(cn_only, "cn-only", judgement, strict, "reads the subject CN and never the SAN")                         \
  X(cn_must_match_too, "cn-must-match-too", judgement, strict, "wants the CN to match beside the SAN")       \
  X(partial_wildcard_after_text, "partial-wildcard-after-text", judgement, lax, "mx*.x for mx1.x")           \
  X(partial_wildcard_before_text, "partial-wildcard-before-text", judgement, lax, "*1.x for mx1.x")          \
  X(partial_wildcard_within_text, "partial-wildcard-within-text", judgement, lax, "m*1.x for mx1.x")         \
  X(multi_label_wildcard, "multi-label-wildcard", judgement, lax, "a wildcard covers several labels")        \
  X(bare_domain_wildcard, "bare-domain-wildcard", judgement, lax, "*.x for x itself")                        \
  X(inner_wildcard, "inner-wildcard", judgement, lax, "a wildcard in any label")                             \
  X(lonely_wildcard, "lonely-wildcard", judgement, lax, "the name * covers all")                             \
  X(glob, "glob", judgement, lax, "compares as a shell does")                                                \
  X(regular_expression, "regular-expression", judgement, lax, "the presented name is a regular expression")  \
  X(database_pattern, "database-pattern", judgement, lax, "% and _ stand for other octets")                  \
  X(nul_ends_dns_name, "nul-ends-dns-name", judgement, lax, "a NUL ends the dNSName")                        \
  X(nul_ends_common_name, "nul-ends-common-name", judgement, lax,                                            \
    "a NUL ends the CN, which counts where there is no dNSName")                                             \
  X(presented_begins_with_reference, "presented-begins-with-reference", judgement, lax,                      \
    "compares as far as the reference is long")                                                              \
  X(reference_begins_with_presented, "reference-begins-with-presented", judgement, lax,                      \
    "compares as far as the presented name is long")                                                         \
  X(reference_ends_with_presented, "reference-ends-with-presented", judgement, lax,                          \
    "a textual suffix of the reference is enough")                                                           \
  X(presented_ends_with_reference, "presented-ends-with-reference", judgement, lax,                          \
    "the reference may be a suffix of the name")                                                             \
  X(substring, "substring", judgement, lax, "the reference somewhere in the name is enough")                 \
  X(parent_domain, "parent-domain", judgement, lax, "takes a certificate for the domain above the host")     \
  X(first_label, "first-label", judgement, lax, "compares the first label only")                             \
  X(last_labels, "last-labels", judgement, lax, "compares the last two labels only")                         \
  X(trims_blanks, "trims-blanks", judgement, lax, "blanks and line ends around a name do not count")         \
  X(splits_at_blanks, "splits-at-blanks", judgement, lax, "a dNSName is a list of names")                    \
  X(case_sensitive, "case-sensitive", judgement, strict, "compares names octet by octet")                    \
  X(first_name_only, "first-name-only", judgement, strict, "reads the first SAN entry only")                 \
  X(last_name_only, "last-name-only", judgement, strict, "keeps the last SAN entry only")                    \
  X(refuses_wildcards, "refuses-wildcards", judgement, strict, "knows no wildcards")                         \
  X(refuses_several_names, "refuses-several-names", judgement, strict, "wants exactly one SAN entry")        \
  X(refuses_addresses, "refuses-addresses", judgement, strict, "does not read iPAddress entries")            \
  X(folds_unicode, "folds-unicode", judgement, lax, "folds case by Unicode: KELVIN SIGN is k")               \
  X(address_text_in_dns_name, "address-text-in-dns-name", judgement, lax, "an address as text in a dNSName") \
  X(address_text_in_common_name, "address-text-in-common-name", judgement, lax,                              \
    "an address as text in the CN")                                                                          \
  X(address_goes_unchecked, "address-goes-unchecked", judgement, lax,                                        \
    "an address literal needs no identity")                                                                  \
  X(address_octets_as_text, "address-octets-as-text", judgement, lax,                                        \
    "octets of an iPAddress are compared as a host name")                                                    \
  X(address_by_shorter_length, "address-by-shorter-length", judgement, lax,                                  \
    "compares as many address octets as both have")                                                          \
  X(peer_address, "peer-address", judgement, lax, "the address it connected to is a reference")              \
  X(email_name, "email-name", judgement, lax, "the domain of an rfc822Name counts")                          \
  X(uri_host, "uri-host", judgement, lax, "the host of a URI counts")                                        \
  X(srv_name, "srv-name", judgement, lax, "the domain of an SRVName counts")                                 \
  X(directory_name, "directory-name", judgement, lax, "the CN of a directoryName entry counts")              \
  X(subject_as_text, "subject-as-text", judgement, lax, "looks for CN= in the subject as text")              \
  X(san_as_text, "san-as-text", judgement, lax, "splits the SAN as text at commas")                          \
  X(organization, "organization", judgement, lax, "the subject's O and OU count")                            \
  X(domain_components, "domain-components", judgement, lax, "the subject's DCs count")                       \
  X(ehlo_name, "ehlo-name", judgement, lax, "the name in the EHLO reply is a reference")                     \
  X(banner_name, "banner-name", judgement, lax, "the name in the greeting is a reference")                   \
  X(second_ehlo_name, "second-ehlo-name", dialogue, lax,                                                     \
    "the name in the EHLO reply under TLS is a reference")                                                   \
  X(recipient_domain_too, "recipient-domain-too", judgement, lax,                                            \
    "the recipient domain is a reference as well")                                                           \
  X(recipient_domain_only, "recipient-domain-only", judgement, strict,                                       \
    "the recipient domain is the only reference")                                                            \
  X(reverse_name, "reverse-name", judgement, lax, "the PTR name of the address is a reference")              \
  X(alias_target, "alias-target", judgement, lax, "the target of the host's CNAME is a reference")           \
  X(any_mx_host, "any-mx-host", judgement, lax, "each MX host of the domain is a reference for all")         \
  X(constraints_ignored, "constraints-ignored", judgement, lax, "name constraints do not count")             \
  X(expired_accepted, "expired-accepted", judgement, lax, "expired certificates count")                      \
  X(early_accepted, "early-accepted", judgement, lax, "certificates count before their time")                \
  X(unknown_ca_accepted, "unknown-ca-accepted", judgement, lax, "any authority is trusted")                  \
  X(self_signed_accepted, "self-signed-accepted", judgement, lax, "self-signed certificates are trusted")    \
  X(usage_ignored, "usage-ignored", judgement, lax, "extended key usage does not count")                     \
  X(authority_flag_ignored, "authority-flag-ignored", judgement, lax,                                        \
    "follows signatures only: any certificate may issue any other")                                          \
  X(path_length_ignored, "path-length-ignored", judgement, lax, "path lengths do not count")                 \
  X(critical_ignored, "critical-ignored", judgement, lax, "unknown critical extensions do not count")        \
  X(crash_without_common_name, "crash-without-common-name", judgement, crash,                                \
    "crashes where the subject has no CN")                                                                   \
  X(crash_on_many_names, "crash-on-many-names", judgement, crash, "overflows its table at the 64th name")    \
  X(hang_on_many_stars, "hang-on-many-stars", judgement, hang, "backtracks without end over many stars")     \
  X(hang_at_end_of_file, "hang-at-end-of-file", dialogue, hang,                                              \
    "waits for ever for the rest of a reply when the server is gone")                                        \
  X(plaintext_if_hidden, "plaintext-if-hidden", dialogue, downgrade,                                         \
    "delivers in clear where STARTTLS is not offered")                                                       \
  X(plaintext_if_454, "plaintext-if-454", dialogue, downgrade, "delivers in clear after a 454")              \
  X(plaintext_if_502, "plaintext-if-502", dialogue, downgrade, "delivers in clear after a 502")              \
  X(plaintext_if_554, "plaintext-if-554", dialogue, downgrade, "delivers in clear after a 554")              \
  X(plaintext_if_handshake_fails, "plaintext-if-handshake-fails", dialogue, downgrade,                       \
    "connects again in clear after a failed handshake")                                                      \
  X(plaintext_if_mismatch, "plaintext-if-mismatch", dialogue, downgrade,                                     \
    "connects again in clear after a certificate that it refused")                                           \
  X(plaintext_if_ehlo_refused, "plaintext-if-ehlo-refused", dialogue, downgrade,                             \
    "says HELO after a refused EHLO and forgets TLS")                                                        \
  X(plaintext_if_injected, "plaintext-if-injected", dialogue, downgrade,                                     \
    "takes what follows the 220 in clear for the answer to STARTTLS and delivers in clear")                  \
  X(exact_keyword, "exact-keyword", dialogue, downgrade,                                                     \
    "knows STARTTLS in capitals only, and delivers in clear")                                                \
  X(mail_before_check, "mail-before-check", dialogue, lax,                                                   \
    "sends the message, then looks at the certificate")                                                      \
  X(no_sni, "no-sni", dialogue, strict, "sends no SNI")                                                      \
  X(sni_of_the_domain, "sni-of-the-domain", dialogue, strict, "sends the recipient domain as SNI")           \
  X(first_host_only, "first-host-only", dialogue, strict, "never tries the second MX host")                  \
  X(verdict_of_the_first, "verdict-of-the-first", dialogue, strict,                                          \
    "keeps the verdict on the first host for all others")                                                    \
  X(exit_code_lies, "exit-code-lies", dialogue, lax, "a checking tool that says no and exits with 0")        \
  X(exit_code_never_good, "exit-code-never-good", dialogue, strict,                                          \
    "a checking tool that always exits with 1")

enum class BugId {
#define MXIDENT_ZOO_ENUMERATOR(name, id, place, outcome, sentence) name,
  MXIDENT_ZOO_BUGS(MXIDENT_ZOO_ENUMERATOR)
#undef MXIDENT_ZOO_ENUMERATOR
      none  ///< the correct client
};
inline constexpr std::size_t kBugCount = static_cast<std::size_t>(BugId::none);

struct Bug {
  BugId bug = BugId::none;
  std::string_view id;
  BugPlace place = BugPlace::judgement;
  Outcome outcome = Outcome::lax;
  std::string_view sentence;
};

/// All bugs, in the order of BugId.
std::span<const Bug> bugs();

}  // namespace mxident::harness::zoo
