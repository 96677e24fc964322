// What a client of the zoo thinks of a certificate: its own chain check and its own name comparison, with a
// hook for each bug. Shares no code with the verifier.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <string>
#include <vector>

#include "harness/adequacy/bugs.hpp"

namespace mxident::harness::zoo {

/// What the client knows of the host that it speaks to. Names in lower case without final dot.
struct Situation {
  std::string host;                   ///< MX host; empty if the next hop is an address literal
  std::string address;                ///< octets of the address literal; empty otherwise
  std::string peer;                   ///< octets of the address that it connected to
  std::string domain;                 ///< of the recipient; empty for an address literal
  std::string alias;                  ///< target of the host's CNAME; empty without one
  std::string banner;                 ///< name in the greeting
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
};
Names read_names(X509* certificate);

/// dies, spins: the bug ends the program here, or keeps it busy for ever.
enum class Answer { no, yes, dies, spins };

/// Whether `names` prove who the server is.
Answer names_agree(BugId bug, const Names& names, const Situation& situation);

/// Whether the chain is good for a server at `time`, seconds since 1970.
bool chain_holds(BugId bug, const std::vector<X509*>& sent, X509_STORE* trust, std::int64_t time);

/// True for bugs of chain_holds; they accept more than the correct client, never less.
bool sits_in_chain(BugId bug);

/// Both together.
Answer certificate_agrees(BugId bug, const std::vector<X509*>& sent, X509_STORE* trust, std::int64_t time,
                          const Situation& situation);

}  // namespace mxident::harness::zoo
