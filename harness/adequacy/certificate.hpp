// What a client of the zoo thinks of a certificate: its own chain check and its own name comparison, with a
// hook for each bug. Shares no code with the verifier.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/adequacy/bugs.hpp"

namespace mxident::harness::zoo {

/// What the client knows of the host that it speaks to. Names in lower case without final dot.
struct Situation {
  std::string host;                   ///< MX host; empty if the next hop is an address literal
  std::string stated;                 ///< the MX host as its record spells it, without final dot
  std::string address;                ///< octets of the address literal; empty otherwise
  std::string peer;                   ///< octets of the address that it connected to
  std::string domain;                 ///< of the recipient; empty for an address literal
  std::string alias;                  ///< target of the host's CNAME; empty without one
  std::vector<std::string> aliases;   ///< all on the way from the host to its address
  std::string banner;                 ///< name in the greeting
  std::vector<std::string> greeting;  ///< all words of the greeting
  std::vector<std::string> ready;     ///< all words of the answer to STARTTLS
  std::string ehlo;                   ///< name in the EHLO reply
  std::string ehlo_tls;               ///< the same under TLS, if it was heard
  std::vector<std::string> mx_hosts;  ///< all of the domain
  std::vector<std::string> reverse;   ///< PTR names of the address
};

/// Names of a certificate, by slot.
struct Names {
  std::vector<std::string> dns, ip, email, uri, srv, directory, common, organization, components;
  std::vector<std::string> as_text;  ///< SAN entries as text, "DNS:x", in the order of the certificate
  std::string subject_text;          ///< "/O=Example/CN=x"
  bool broken = false;               ///< the SAN cannot be read, or is there twice
  bool has_san = false;              ///< there is the extension, whatever it holds
  /// Where only bugs look: other attributes of the subject, its emailAddress, strings of otherNames, the
  /// issuer's CN, issuerAltName, the dNSNames of all SANs, Netscape's extension.
  std::vector<std::string> attributes, subject_email, other, issuer_common, issuer_dns, all_dns, netscape;
  std::vector<std::string> sent_dns;  ///< dNSNames of all certificates that came
};
Names read_names(X509* certificate);
/// Of the leaf, which is the first of those that came.
Names read_names(const std::vector<X509*>& sent);

/// dies, spins: the bug ends the program here, or keeps it busy for ever.
enum class Answer { no, yes, dies, spins };

/// Whether `names` prove who the server is.
Answer names_agree(BugId bug, const Names& names, const Situation& situation);

// What bugs think of a name and of its place in the certificate; the correct client asks none of these.

/// spelling.cpp: `presented` is another way to write `reference`, which is in lower case.
bool spelt_alike(BugId bug, const std::string& presented, const std::string& reference);
/// places.cpp: names that the bug reads out of other places than dNSName entries.
std::vector<std::string> other_names(BugId bug, const Names& names);
bool address_passes(BugId bug, const Names& names, const Situation& situation);
/// nullopt: the bug does not decide before anything is compared.
std::optional<Answer> answer_at_first_sight(BugId bug, const Names& names);
/// references.cpp: names that the server may have.
std::vector<std::string> references_of(BugId bug, const Situation& situation);
/// The comparison of the correct client, for text in lower case.
bool plainly_matches(const std::string& presented, const std::string& reference);

/// Whether the chain is good for a server at `time`, seconds since 1970.
bool chain_holds(BugId bug, const std::vector<X509*>& sent, X509_STORE* trust, std::int64_t time);

// issuers.cpp: chains as bugs see them.

/// Names alone lead from the leaf up to a trust anchor.
bool names_lead_up(const std::vector<X509*>& sent, X509_STORE* trust);
/// Signatures do so, and nothing else counts: any certificate issues any other.
bool signatures_lead_up(const std::vector<X509*>& sent, X509_STORE* trust);
/// Signatures of certificates that say to be authorities do so, and all of them are valid at `time`.
bool authorities_lead_up(const std::vector<X509*>& sent, X509_STORE* trust, std::int64_t time);
/// The bug refuses this chain, which is good.
bool refuses_chain(BugId bug, const std::vector<X509*>& sent);
/// The bug lets this violation of name constraints pass.
bool overlooks_constraints(BugId bug, const std::vector<X509*>& chain);
bool certify_each_other(const std::vector<X509*>& sent);

/// Both together.
Answer certificate_agrees(BugId bug, const std::vector<X509*>& sent, X509_STORE* trust, std::int64_t time,
                          const Situation& situation);

}  // namespace mxident::harness::zoo
