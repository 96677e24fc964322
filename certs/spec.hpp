// What a certificate is to say, before it is written: the input of the mint.
//
// Everything here may be wrong on purpose. Nothing is validated or normalised: octets go into the DER as they
// stand.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mxident::certs {

/// Content octets of a DER value. Mostly text, but any octet may occur, NUL included.
using Octets = std::string;

/// ASN.1 string types that a directory attribute can have (RFC 5280 4.1.2.4, and IA5String for DC and
/// e-mail).
enum class StringType { utf8, printable, ia5, bmp, t61, universal };

/// A string with its ASN.1 type. `octets` are content octets, already in the encoding of `type`.
struct DirectoryString {
  Octets octets;
  StringType type = StringType::utf8;
};

struct Attribute {
  std::string oid;  ///< dotted decimal, e.g. "2.5.4.3" for commonName
  DirectoryString value;
};

/// A relative distinguished name; more than one attribute makes it multi-valued.
using Rdn = std::vector<Attribute>;
using DistinguishedName = std::vector<Rdn>;

enum class NameType { dns, ip, email, uri, srv, xmpp, smtputf8, dirname, rid, der };

/// One GeneralName (RFC 5280 4.2.1.6). `value` by type: dns, email, uri: IA5 content octets; ip: address
/// octets (4, 16 or a wrong number; address and mask inside name constraints); srv (IA5), xmpp, smtputf8
/// (UTF8): the string inside the otherName; rid: dotted decimal; der: a whole GeneralName, tag and length
/// included, copied as it is.
struct GeneralName {
  NameType type = NameType::dns;
  Octets value;
  DistinguishedName directory;  ///< for NameType::dirname
};

enum class KeyType { p256, p384, ed25519, rsa2048, rsa1024 };

/// Seconds since 1970-01-01 UTC, both ends included (RFC 5280 4.1.2.5).
struct Validity {
  std::int64_t from = 1577836800;  ///< 2020-01-01T00:00:00Z
  std::int64_t to = 4102444799;    ///< 2099-12-31T23:59:59Z
};

struct NameConstraints {
  std::vector<GeneralName> permitted;
  std::vector<GeneralName> excluded;
  bool critical = true;
};

/// A whole extension.
struct Extension {
  std::string oid;
  bool critical = false;
  Octets der;  ///< content of extnValue
};

/// One certificate. Only what is odd about it needs saying.
struct CertificateSpec {
  DistinguishedName subject;
  unsigned version = 3;  ///< as people count: 1 is never written, being the default (RFC 5280 4.1.2.1)
  std::optional<std::vector<GeneralName>> san;  ///< missing: no extension; empty: an empty SEQUENCE
  bool san_critical = false;
  Validity validity;
  /// OIDs; missing: serverAuth for an end certificate, no extension for a CA; empty: no extension.
  std::optional<std::vector<std::string>> extended_key_usage;
  /// Bit n is bit n of KeyUsage (RFC 5280 4.2.1.3); missing: digitalSignature, or keyCertSign + cRLSign for a
  /// CA; 0: no extension.
  std::optional<std::uint16_t> key_usage;
  KeyType key = KeyType::p256;
  bool ca = false;
  std::optional<unsigned> path_length;
  std::optional<NameConstraints> name_constraints;
  /// Big-endian content octets of the INTEGER; missing: drawn from all that is said here but the key, so that
  /// it is stable.
  std::optional<Octets> serial;
  /// Missing: SHA-1 of the key (RFC 5280 4.2.1.2 (1)); empty: no extension, nor the authorityKeyIdentifier of
  /// what it issues.
  std::optional<Octets> subject_key_identifier;
  /// The first one with the OID of a default extension takes its place, others follow behind in their order.
  std::vector<Extension> extensions;
  std::vector<std::string> without;  ///< OIDs of default extensions that are left out
};

/// A certificate of a scenario: what it says, who signs it and what the server sends.
struct CertificateRequest {
  CertificateSpec spec;
  /// "intermediate" (default), "root", "self", "unknown-ca", or the id of another request (one without `ca`
  /// then issues what it may not issue).
  std::string issuer = "intermediate";
  /// What goes on the wire, in order: "leaf" (or the own id), "intermediate", "root", "unknown-ca", or other
  /// ids. Missing: the certificate and its issuers up to, but without, the root.
  std::optional<std::vector<std::string>> sends;
};

/// By id. An id may not be one of the reserved words above.
using CertificateRequests = std::map<std::string, CertificateRequest>;

}  // namespace mxident::certs
