// The zoo: one small SMTP client, and the bugs of history that it can be given one at a time.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "harness/text/words.hpp"

namespace mxident::harness::zoo {

/// Where a bug sits: in what the client thinks of names, in what it thinks of chains, in how it speaks, or in
/// what it makes of TLSA records and MTA-STS policies.
enum class BugPlace { judgement, chain, dialogue, announcement };

// One row for each bug: enumerator, id, place, outcome that a catalogue has to show in some cell, sentence.
// To add one: a row here, and where the client does the right thing, `is(BugId::...)` and the wrong one
// (names in compare.cpp, spelling.cpp, places.cpp and references.cpp, chains in chain.cpp and issuers.cpp,
// the session in client.cpp, announcements in announced.cpp). A bug of the dialogue is run in every scenario
// unless has_occasion() of occasion.cpp says what it needs to show.
#define MXIDENT_ZOO_BUGS(X)                                                                                  \
  X(no_name_check, "no-name-check", judgement, lax, "checks the chain and no name")                          \
  X(cn_beats_san, "cn-beats-san", judgement, lax, "takes the subject CN although there is a SAN")            \
  X(cn_fallback, "cn-fallback", judgement, lax, "takes the subject CN where there is no dNSName")            \
  X(cn_only, "cn-only", judgement, strict, "reads the subject CN and never the SAN")                         \
  X(cn_must_match_too, "cn-must-match-too", judgement, strict, "wants the CN to match beside the SAN")       \
  X(partial_wildcard_after_text, "partial-wildcard-after-text", judgement, lax, "mx*.x for mx1.x")           \
  X(partial_wildcard_before_text, "partial-wildcard-before-text", judgement, lax, "*1.x for mx1.x")          \
  X(partial_wildcard_within_text, "partial-wildcard-within-text", judgement, lax, "m*1.x for mx1.x")         \
  X(partial_wildcard_overlap, "partial-wildcard-overlap", judgement, lax, "mx*x1.x for mx1.x")               \
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
  X(constraints_ignored, "constraints-ignored", chain, lax, "name constraints do not count")                 \
  X(expired_accepted, "expired-accepted", chain, lax, "expired certificates count")                          \
  X(early_accepted, "early-accepted", chain, lax, "certificates count before their time")                    \
  X(unknown_ca_accepted, "unknown-ca-accepted", chain, lax, "any authority is trusted")                      \
  X(self_signed_accepted, "self-signed-accepted", chain, lax, "self-signed certificates are trusted")        \
  X(usage_ignored, "usage-ignored", chain, lax, "extended key usage does not count")                         \
  X(authority_flag_ignored, "authority-flag-ignored", chain, lax,                                            \
    "follows signatures only: any certificate may issue any other")                                          \
  X(path_length_ignored, "path-length-ignored", chain, lax, "path lengths do not count")                     \
  X(critical_ignored, "critical-ignored", chain, lax, "unknown critical extensions do not count")            \
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
    "a checking tool that always exits with 1")                                                              \
  X(reference_expression, "reference-expression", judgement, lax,                                            \
    "the reference is a regular expression, whose dots stand for any octet (scripts: $name =~ /^$host$/)")   \
  X(wildcard_expression, "wildcard-expression", judgement, lax,                                              \
    "makes [^.]+ of the star and leaves the dots: *.mail.x covers mx-mail.x")                                \
  X(question_mark, "question-mark", judgement, lax, "? stands for one octet")                                \
  X(bracket_set, "bracket-set", judgement, lax, "[12] stands for one octet of a set")                        \
  X(brace_list, "brace-list", judgement, lax, "{mx1,mx2} is a list (glob(3) with GLOB_BRACE)")               \
  X(leading_dot, "leading-dot", judgement, lax,                                                              \
    ".x covers all below x (the form of X509_check_host and of name constraints)")                           \
  X(star_before_text, "star-before-text", judgement, lax, "*x covers all that ends in x")                    \
  X(wildcard_spares_a_labels, "wildcard-spares-a-labels", judgement, strict,                                 \
    "a wildcard never stands for an A-label")                                                                \
  X(wildcard_wants_three_labels, "wildcard-wants-three-labels", judgement, strict,                           \
    "counts two dots in a wildcard, not two at least")                                                       \
  X(backslash_dropped, "backslash-dropped", judgement, lax, "a backslash does not count")                    \
  X(decimal_escape, "decimal-escape", judgement, lax, "reads \\049 as 1, as a zone file does")               \
  X(hex_escape, "hex-escape", judgement, lax, "reads \\x31 as 1, as printed subjects have it")               \
  X(percent_escape, "percent-escape", judgement, lax, "reads %31 as 1, as in a URI")                         \
  X(quotes_dropped, "quotes-dropped", judgement, lax, "quotation marks around a name do not count")          \
  X(nul_dropped, "nul-dropped", judgement, lax, "a NUL within a name does not count")                        \
  X(after_nul, "after-nul", judgement, lax, "what stands behind the last NUL counts")                        \
  X(controls_dropped, "controls-dropped", judgement, lax, "control octets do not count")                     \
  X(blanks_dropped, "blanks-dropped", judgement, lax, "blanks within a name do not count")                   \
  X(form_feed_trimmed, "form-feed-trimmed", judgement, lax,                                                  \
    "trims what isspace() of C takes: vertical tab and form feed")                                           \
  X(doubled_dot, "doubled-dot", judgement, lax, "empty labels do not count")                                 \
  X(port_dropped, "port-dropped", judgement, lax, "what stands behind a colon does not count")               \
  X(user_dropped, "user-dropped", judgement, lax, "what stands before an @ does not count")                  \
  X(scheme_dropped, "scheme-dropped", judgement, lax, "takes the host out of a dNSName that is a URI")       \
  X(path_dropped, "path-dropped", judgement, lax, "what stands behind a slash does not count")               \
  X(case_bit, "case-bit", judgement, lax, "folds case by setting bit 5: NAK is 5, SO is a dot")              \
  X(high_bit, "high-bit", judgement, lax, "reads seven bits of an octet")                                    \
  X(dotless_i, "dotless-i", judgement, lax, "folds case as Turkish does: dotless i and dotted I are i")      \
  X(turkish_lower_case, "turkish-lower-case", judgement, strict,                                             \
    "I has no dot below in a Turkish locale (Java toLowerCase())")                                           \
  X(sharp_s, "sharp-s", judgement, lax, "sharp s is ss (IDNA 2003)")                                         \
  X(ignorable_dropped, "ignorable-dropped", judgement, lax,                                                  \
    "soft hyphen and zero width characters do not count (nameprep)")                                         \
  X(ideographic_dot, "ideographic-dot", judgement, lax, "U+3002, U+FF0E and U+FF61 are dots (IDNA 2003)")    \
  X(accents_dropped, "accents-dropped", judgement, lax, "e with acute is e (iconv //TRANSLIT)")              \
  X(u_label_presented, "u-label-presented", judgement, lax, "a U-label in UTF-8 counts as its A-label")      \
  X(underscore_is_hyphen, "underscore-is-hyphen", judgement, lax, "_ and - are one octet")                   \
  X(hyphen_dropped, "hyphen-dropped", judgement, lax, "hyphens do not count")                                \
  X(zeros_dropped, "zeros-dropped", judgement, lax, "zeros before another digit do not count")               \
  X(cut_at_64, "cut-at-64", judgement, lax, "both names end after 64 octets (X.520 ub-common-name)")         \
  X(length_in_an_octet, "length-in-an-octet", judgement, lax, "keeps the length of a name in one octet")     \
  X(empty_name, "empty-name", judgement, lax, "an empty dNSName is the beginning of any name")               \
  X(reference_keeps_case, "reference-keeps-case", judgement, strict,                                         \
    "folds the presented name and not the reference")                                                        \
  X(digit_label_refused, "digit-label-refused", judgement, strict,                                           \
    "a host that begins with a digit is no host (RFC 952)")                                                  \
  X(short_name, "short-name", judgement, lax, "the first label of the host is name enough")                  \
  X(nameless_accepted, "nameless-accepted", judgement, lax,                                                  \
    "no name in the certificate, nothing to compare")                                                        \
  X(other_types_accepted, "other-types-accepted", judgement, lax, "a SAN without dNSName is not compared")   \
  X(broken_san_common_name, "broken-san-common-name", judgement, lax,                                        \
    "takes the CN where the SAN cannot be read")                                                             \
  X(broken_san_accepted, "broken-san-accepted", judgement, lax,                                              \
    "does not compare where the SAN cannot be read")                                                         \
  X(two_sans_merged, "two-sans-merged", judgement, lax, "takes the names of two SAN extensions")             \
  X(first_of_common_names, "first-of-common-names", judgement, lax,                                          \
    "takes the first of several CNs where there is no dNSName")                                              \
  X(last_of_common_names, "last-of-common-names", judgement, lax,                                            \
    "takes the last of several CNs where there is no dNSName")                                               \
  X(email_attribute, "email-attribute", judgement, lax, "the domain of the subject's emailAddress counts")   \
  X(any_attribute, "any-attribute", judgement, lax, "any attribute of the subject counts")                   \
  X(issuer_common_name, "issuer-common-name", judgement, lax, "the issuer's CN counts")                      \
  X(issuer_alternative_name, "issuer-alternative-name", judgement, lax,                                      \
    "issuerAltName is read as well as subjectAltName")                                                       \
  X(chain_names, "chain-names", judgement, lax, "the names of each certificate that came count")             \
  X(bare_uri, "bare-uri", judgement, lax, "a URI entry that is a bare host counts")                          \
  X(other_name_text, "other-name-text", judgement, lax, "the domain of any otherName counts")                \
  X(netscape_server_name, "netscape-server-name", judgement, lax,                                            \
    "Netscape's ssl-server-name extension counts")                                                           \
  X(stops_at_other_type, "stops-at-other-type", judgement, strict,                                           \
    "stops to read the SAN at an entry that is no dNSName")                                                  \
  X(unknown_entry_refused, "unknown-entry-refused", judgement, strict,                                       \
    "refuses a SAN with an entry that it has no type for")                                                   \
  X(crash_without_san, "crash-without-san", judgement, crash, "dereferences the SAN that is not there")      \
  X(crash_on_broken_san, "crash-on-broken-san", judgement, crash,                                            \
    "dereferences the SAN that could not be read")                                                           \
  X(crash_on_long_name, "crash-on-long-name", judgement, crash, "overflows a buffer of 256 octets")          \
  X(crash_on_odd_address, "crash-on-odd-address", judgement, crash,                                          \
    "takes each iPAddress for 4 or 16 octets")                                                               \
  X(crash_on_empty_name, "crash-on-empty-name", judgement, crash,                                            \
    "looks at the last octet of an empty dNSName")                                                           \
  X(any_address, "any-address", judgement, lax, "any iPAddress entry is good for an address literal")        \
  X(address_without_entry_unchecked, "address-without-entry-unchecked", judgement, lax,                      \
    "an address literal is compared only if there is an iPAddress entry")                                    \
  X(address_in_uri, "address-in-uri", judgement, lax, "the address as host of a URI counts")                 \
  X(bracketed_address, "bracketed-address", judgement, lax,                                                  \
    "the address literal as text in a dNSName counts")                                                       \
  X(wildcard_covers_address, "wildcard-covers-address", judgement, lax,                                      \
    "*.0.2.25 in a dNSName covers 192.0.2.25")                                                               \
  X(mapped_address, "mapped-address", judgement, lax, "an IPv4-mapped IPv6 address is the IPv4 address")     \
  X(address_suffix, "address-suffix", judgement, lax, "compares the last four octets")                       \
  X(address_network, "address-network", judgement, lax, "an iPAddress of address and mask covers a network") \
  X(address_as_ascii, "address-as-ascii", judgement, lax,                                                    \
    "an iPAddress whose octets are the address as text counts")                                              \
  X(address_turned_round, "address-turned-round", judgement, lax,                                            \
    "takes the octets of an address in the order of the machine")                                            \
  X(literal_banner, "literal-banner", judgement, lax,                                                        \
    "the name in the greeting is the reference of an address literal")                                       \
  X(peer_address_text, "peer-address-text", judgement, lax,                                                  \
    "the address that it connected to, as text in a dNSName, counts")                                        \
  X(sender_domain, "sender-domain", judgement, lax,                                                          \
    "the sender's domain, which is the client's own name, is a reference")                                   \
  X(localhost_always, "localhost-always", judgement, lax, "localhost is a reference everywhere")             \
  X(common_host_names, "common-host-names", judgement, lax,                                                  \
    "mail, smtp and mx below the recipient domain are references")                                           \
  X(below_the_domain, "below-the-domain", judgement, lax, "any name below the recipient domain counts")      \
  X(policy_host_name, "policy-host-name", judgement, lax,                                                    \
    "mta-sts below the recipient domain is a reference")                                                     \
  X(own_domain_appended, "own-domain-appended", judgement, lax,                                              \
    "the host with the client's own domain behind it is a reference (search lists)")                         \
  X(alias_on_the_way, "alias-on-the-way", judgement, lax,                                                    \
    "each alias between the host and its address is a reference")                                            \
  X(banner_any_word, "banner-any-word", judgement, lax, "each word of the greeting is a reference")          \
  X(ready_text_name, "ready-text-name", judgement, lax,                                                      \
    "each word of the answer to STARTTLS is a reference")                                                    \
  X(issuer_by_name, "issuer-by-name", chain, lax, "an issuer needs the right name and no signature")         \
  X(bad_signature_accepted, "bad-signature-accepted", chain, lax, "a signature that does not verify counts") \
  X(intermediate_expired, "intermediate-expired", chain, lax, "looks at the end of the leaf's time only")    \
  X(intermediate_early, "intermediate-early", chain, lax, "looks at the begin of the leaf's time only")      \
  X(client_usage, "client-usage", chain, lax, "a certificate for clients will do")                           \
  X(email_usage, "email-usage", chain, lax, "a certificate for e-mail will do, because SMTP is mail")        \
  X(key_usage_ignored, "key-usage-ignored", chain, lax, "an issuer needs no keyCertSign")                    \
  X(no_basic_constraints, "no-basic-constraints", chain, lax, "an issuer without basicConstraints is one")   \
  X(version_1_issuer, "version-1-issuer", chain, lax, "an issuer of version 1 is one")                       \
  X(path_length_off_by_one, "path-length-off-by-one", chain, lax,                                            \
    "one issuer more than the path length allows")                                                           \
  X(excluded_ignored, "excluded-ignored", chain, lax, "excluded subtrees do not count")                      \
  X(permitted_ignored, "permitted-ignored", chain, lax, "permitted subtrees do not count")                   \
  X(address_constraints_ignored, "address-constraints-ignored", chain, lax,                                  \
    "constraints on addresses do not count")                                                                 \
  X(email_constraints_ignored, "email-constraints-ignored", chain, lax,                                      \
    "constraints on e-mail addresses do not count")                                                          \
  X(directory_constraints_ignored, "directory-constraints-ignored", chain, lax,                              \
    "constraints on directory names do not count")                                                           \
  X(upper_constraints_ignored, "upper-constraints-ignored", chain, lax,                                      \
    "only the constraints of the leaf's own issuer count")                                                   \
  X(constraint_by_ending, "constraint-by-ending", chain, lax, "a permitted x.test permits badx.test")        \
  X(constraint_by_case, "constraint-by-case", chain, lax, "an excluded X.test does not exclude x.test")      \
  X(critical_in_issuer_ignored, "critical-in-issuer-ignored", chain, lax,                                    \
    "unknown critical extensions count in the leaf only")                                                    \
  X(unknown_extension_refused, "unknown-extension-refused", chain, strict,                                   \
    "refuses unknown extensions that are not critical")                                                      \
  X(policies_ignored, "policies-ignored", chain, lax,                                                        \
    "passes over the certificate policies that an issuer demands")                                           \
  X(sent_root_refused, "sent-root-refused", chain, strict, "refuses a chain that has the root at its end")   \
  X(long_chain_refused, "long-chain-refused", chain, strict, "takes three certificates at most")             \
  X(empty_subject_refused, "empty-subject-refused", chain, strict, "wants a subject")                        \
  X(critical_san_refused, "critical-san-refused", chain, strict,                                             \
    "does not know subjectAltName where it is critical")                                                     \
  X(generalized_time_refused, "generalized-time-refused", chain, strict, "reads UTCTime only")               \
  X(hang_on_chain_loop, "hang-on-chain-loop", chain, hang,                                                   \
    "walks round two issuers that certify each other")                                                       \
  X(exact_keyword_gives_up, "exact-keyword-gives-up", dialogue, strict,                                      \
    "knows STARTTLS in capitals only, and leaves")                                                           \
  X(last_line_only, "last-line-only", dialogue, strict,                                                      \
    "finds STARTTLS in the last line of the EHLO reply only")                                                \
  X(long_reply_refused, "long-reply-refused", dialogue, strict, "takes a reply of 64 lines at most")         \
  X(small_buffer, "small-buffer", dialogue, strict, "takes a reply of 1024 octets at most")                  \
  X(crash_on_long_reply, "crash-on-long-reply", dialogue, crash,                                             \
    "overflows its table at the 65th line of a reply")                                                       \
  X(crash_on_empty_line, "crash-on-empty-line", dialogue, crash,                                             \
    "takes the first word of a line that has none")                                                          \
  X(bare_code_refused, "bare-code-refused", dialogue, strict, "wants text behind the code of a reply")       \
  X(ready_text_wanted, "ready-text-wanted", dialogue, strict,                                                \
    "wants the word TLS or ready in the answer to STARTTLS")                                                 \
  X(one_line_greeting, "one-line-greeting", dialogue, strict, "reads one line of a greeting")                \
  X(one_line_ready, "one-line-ready", dialogue, strict, "reads one line of the answer to STARTTLS")          \
  X(greeting_wants_esmtp, "greeting-wants-esmtp", dialogue, downgrade,                                       \
    "says HELO, and nothing of TLS, to a server whose greeting lacks ESMTP")                                 \
  X(plaintext_if_451, "plaintext-if-451", dialogue, downgrade,                                               \
    "delivers in clear after a 4xx that is no 454")                                                          \
  X(plaintext_if_500, "plaintext-if-500", dialogue, downgrade, "delivers in clear after a 500")              \
  X(plaintext_if_501, "plaintext-if-501", dialogue, downgrade, "delivers in clear after a 501")              \
  X(plaintext_if_503, "plaintext-if-503", dialogue, downgrade, "delivers in clear after a 503")              \
  X(plaintext_if_530, "plaintext-if-530", dialogue, downgrade, "delivers in clear after a 530 or 538")       \
  X(plaintext_if_other_2xx, "plaintext-if-other-2xx", dialogue, downgrade,                                   \
    "delivers in clear after a 2xx that is no 220")                                                          \
  X(plaintext_if_3xx, "plaintext-if-3xx", dialogue, downgrade, "delivers in clear after a 3xx")              \
  X(plaintext_if_no_reply, "plaintext-if-no-reply", dialogue, downgrade,                                     \
    "connects again in clear if the answer to STARTTLS is none, or no reply")                                \
  X(plaintext_if_second_ehlo_refused, "plaintext-if-second-ehlo-refused", dialogue, downgrade,               \
    "connects again in clear if EHLO is refused under TLS")                                                  \
  X(plaintext_if_mail_refused, "plaintext-if-mail-refused", dialogue, downgrade,                             \
    "connects again in clear if MAIL is refused under TLS")                                                  \
  X(plaintext_in_second_round, "plaintext-in-second-round", dialogue, downgrade,                             \
    "tries all hosts in clear when all have failed")                                                         \
  X(plaintext_at_last_host, "plaintext-at-last-host", dialogue, downgrade,                                   \
    "tries the last host in clear when all have failed")                                                     \
  X(unverified_retry, "unverified-retry", dialogue, lax,                                                     \
    "connects again and does not look at the certificate")                                                   \
  X(unverified_next_host, "unverified-next-host", dialogue, lax,                                             \
    "looks at the certificate of the first host only")                                                       \
  X(unverified_next_address, "unverified-next-address", dialogue, lax,                                       \
    "looks at the certificate of a host's first address only")                                               \
  X(certificate_remembered, "certificate-remembered", dialogue, lax,                                         \
    "a certificate that was right for one host is right for all")                                            \
  X(injected_kept, "injected-kept", dialogue, lax,                                                           \
    "reads in the session under TLS what came in clear behind the 220")                                      \
  X(capabilities_kept, "capabilities-kept", dialogue, lax, "uses under TLS what was offered in clear")       \
  X(envelope_before_check, "envelope-before-check", dialogue, lax,                                           \
    "says MAIL and RCPT, then looks at the certificate")                                                     \
  X(sni_of_the_alias, "sni-of-the-alias", dialogue, strict, "sends the target of the host's CNAME as SNI")   \
  X(sni_of_the_banner, "sni-of-the-banner", dialogue, strict, "sends the name in the greeting as SNI")       \
  X(sni_of_first_host, "sni-of-first-host", dialogue, strict,                                                \
    "sends the first host of the route as SNI to all")                                                       \
  X(sni_own_name, "sni-own-name", dialogue, strict, "sends its own name as SNI")                             \
  X(sni_of_address, "sni-of-address", dialogue, strict, "sends the address as SNI")                          \
  X(implicit_mx_after_failure, "implicit-mx-after-failure", dialogue, lax,                                   \
    "tries the domain's own address when all MX hosts have failed")                                          \
  X(null_mx_ignored, "null-mx-ignored", dialogue, lax,                                                       \
    "tries the domain's own address although its MX is null")                                                \
  X(dane_ignored, "dane-ignored", announcement, lax, "looks no TLSA records up")                             \
  X(dane_unusable_is_none, "dane-unusable-is-none", announcement, downgrade,                                 \
    "takes records that it cannot use for none, and goes in clear")                                          \
  X(dane_failure_is_none, "dane-failure-is-none", announcement, lax,                                         \
    "takes a TLSA look-up that fails for none")                                                              \
  X(dane_insecure_trusted, "dane-insecure-trusted", announcement, strict,                                    \
    "trusts TLSA records of a zone that is not signed")                                                      \
  X(dane_leaf_only, "dane-leaf-only", announcement, strict, "compares DANE-TA records with the leaf only")   \
  X(dane_direct_issuer_only, "dane-direct-issuer-only", announcement, strict,                                \
    "compares DANE-TA records with the leaf's own issuer only")                                              \
  X(dane_first_record_only, "dane-first-record-only", announcement, strict,                                  \
    "looks at the first usable record only")                                                                 \
  X(dane_selector_ignored, "dane-selector-ignored", announcement, strict,                                    \
    "compares the key whatever the selector")                                                                \
  X(dane_ee_name_checked, "dane-ee-name-checked", announcement, strict, "wants the name under DANE-EE")      \
  X(dane_ee_dates_checked, "dane-ee-dates-checked", announcement, strict, "wants the dates under DANE-EE")   \
  X(dane_ta_name_unchecked, "dane-ta-name-unchecked", announcement, lax, "wants no name under DANE-TA")      \
  X(dane_ta_chain_unchecked, "dane-ta-chain-unchecked", announcement, lax,                                   \
    "wants no valid chain to the certificate that a DANE-TA record matches")                                 \
  X(dane_next_hop_refused, "dane-next-hop-refused", announcement, strict,                                    \
    "takes the MX host's name only where the MX record is secure")                                           \
  X(dane_record_at_domain, "dane-record-at-domain", announcement, lax,                                       \
    "looks TLSA records up below the recipient domain")                                                      \
  X(dane_no_sni, "dane-no-sni", announcement, strict, "sends no SNI under DANE")                             \
  X(dane_plaintext_if_hidden, "dane-plaintext-if-hidden", announcement, downgrade,                           \
    "goes in clear where STARTTLS is missing beside TLSA records")                                           \
  X(sts_ignored, "sts-ignored", announcement, lax, "looks no MTA-STS policy up")                             \
  X(sts_patterns_ignored, "sts-patterns-ignored", announcement, lax,                                         \
    "delivers to hosts that the policy does not list")                                                       \
  X(sts_first_line_only, "sts-first-line-only", announcement, strict, "reads the first mx line only")        \
  X(sts_testing_enforced, "sts-testing-enforced", announcement, strict,                                      \
    "enforces a policy that is being tested")                                                                \
  X(sts_none_enforced, "sts-none-enforced", announcement, strict, "enforces a policy of mode none")          \
  X(sts_wildcard_many_labels, "sts-wildcard-many-labels", announcement, lax,                                 \
    "a wildcard in an mx line covers several labels")                                                        \
  X(sts_wildcard_bare_domain, "sts-wildcard-bare-domain", announcement, lax,                                 \
    "a wildcard in an mx line covers the bare domain")                                                       \
  X(sts_wildcard_suffix, "sts-wildcard-suffix", announcement, lax,                                           \
    "a wildcard in an mx line is a textual suffix")                                                          \
  X(sts_pattern_named, "sts-pattern-named", announcement, lax,                                               \
    "any name that the mx lines cover is good in the certificate")                                           \
  X(sts_name_unchecked, "sts-name-unchecked", announcement, lax, "wants the chain and no name")              \
  X(sts_plaintext_if_hidden, "sts-plaintext-if-hidden", announcement, downgrade,                             \
    "goes in clear where STARTTLS is missing under an enforced policy")

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
