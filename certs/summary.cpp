#include "certs/summary.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <string_view>

#include "certs/openssl_ptr.hpp"

namespace mxident::certs {
namespace {

using ReadCertificate = OpensslPtr<X509, X509_free>;
using GeneralNames = OpensslPtr<GENERAL_NAMES, GENERAL_NAMES_free>;
using BasicConstraints = OpensslPtr<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>;
using Constraints = OpensslPtr<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free>;
using Purposes = OpensslPtr<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;
using BitString = OpensslPtr<ASN1_BIT_STRING, ASN1_BIT_STRING_free>;
using OctetString = OpensslPtr<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;
using KeyIdentifier = OpensslPtr<AUTHORITY_KEYID, AUTHORITY_KEYID_free>;

std::string hex(std::string_view octets, std::string_view prefix) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(prefix);
  for (const char c : octets) {
    const auto value = static_cast<unsigned char>(c);
    out += kDigits[value >> 4U];
    out += kDigits[value & 0x0fU];
  }
  return out;
}

/// `special` characters get a backslash, so that a value can not pass for several.
std::string escaped(std::string_view octets, std::string_view special = "") {
  std::string out;
  for (const char c : octets) {
    if (c == '\\' || (special.find(c) != std::string_view::npos)) {
      out += '\\';
      out += c;
    } else if (c >= 0x20 && c < 0x7f) {
      out += c;
    } else {
      out += hex({&c, 1}, "\\x");
    }
  }
  return out;
}

std::string_view octets_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string oid_text(const ASN1_OBJECT* object) {
  const int nid = OBJ_obj2nid(object);
  if (nid != NID_undef) return OBJ_nid2sn(nid);
  std::array<char, 256> text{};
  OBJ_obj2txt(text.data(), text.size(), object, 1);
  return text.data();
}

/// Value of an attribute, with its type where that is not one of the two usual ones.
std::string attribute_value(const ASN1_STRING* value) {
  const int type = ASN1_STRING_type(value);
  const bool wide = type == V_ASN1_BMPSTRING || type == V_ASN1_UNIVERSALSTRING;
  std::string text;
  if (wide) {
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, value);
    text = size < 0 ? hex(octets_of(value), "#")
                    : escaped({reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size)}, ",+");
    OPENSSL_free(utf8);
  } else {
    text = escaped(octets_of(value), ",+");
  }
  if (type == V_ASN1_UTF8STRING || type == V_ASN1_PRINTABLESTRING) return text;
  return text + " (" + ASN1_tag2str(type) + ")";
}

std::string name_text(const X509_NAME* name) {
  std::string out;
  int previous_rdn = -1;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const int rdn = X509_NAME_ENTRY_set(entry);
    if (i != 0) out += rdn == previous_rdn ? " + " : ", ";
    previous_rdn = rdn;
    out +=
        oid_text(X509_NAME_ENTRY_get_object(entry)) + "=" + attribute_value(X509_NAME_ENTRY_get_data(entry));
  }
  return out.empty() ? "(empty)" : out;
}

/// Of 4 or 16 octets.
std::string address_text(std::string_view octets) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = octets.size() == 4 ? AF_INET : AF_INET6;
  inet_ntop(family, octets.data(), text.data(), static_cast<socklen_t>(text.size()));
  return text.data();
}

enum class AddressForm { plain, with_mask };

std::string ip_text(std::string_view octets, AddressForm form) {
  const std::size_t size = octets.size();
  if (form == AddressForm::plain && (size == 4 || size == 16)) return address_text(octets);
  if (form == AddressForm::with_mask && (size == 8 || size == 32)) {
    return address_text(octets.substr(0, size / 2)) + "/" + address_text(octets.substr(size / 2));
  }
  return hex(octets, "#") + " (" + std::to_string(size) + " octets)";
}

std::string other_name_text(const OTHERNAME* name) {
  const ASN1_TYPE* value = name->value;
  const int nid = OBJ_obj2nid(name->type_id);
  const char* kind = nid == NID_SRVName                 ? "srv"
                     : nid == NID_XmppAddr              ? "xmpp"
                     : nid == NID_id_on_SmtpUTF8Mailbox ? "smtputf8"
                                                        : nullptr;
  const std::string prefix = kind != nullptr ? kind : "other " + oid_text(name->type_id);
  if (value != nullptr && (value->type == V_ASN1_IA5STRING || value->type == V_ASN1_UTF8STRING)) {
    return prefix + " " + escaped(octets_of(value->value.asn1_string));
  }
  unsigned char* der = nullptr;
  const int size = value != nullptr ? i2d_ASN1_TYPE(value, &der) : 0;
  std::string out = prefix + " #";
  if (size > 0) out += hex({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)}, "");
  OPENSSL_free(der);
  return out;
}

std::string general_name_text(const GENERAL_NAME* name, AddressForm form) {
  switch (name->type) {
    case GEN_DNS:
      return "dns " + escaped(octets_of(name->d.dNSName));
    case GEN_EMAIL:
      return "email " + escaped(octets_of(name->d.rfc822Name));
    case GEN_URI:
      return "uri " + escaped(octets_of(name->d.uniformResourceIdentifier));
    case GEN_IPADD:
      return "ip " + ip_text(octets_of(name->d.iPAddress), form);
    case GEN_DIRNAME:
      return "dirname " + name_text(name->d.directoryName);
    case GEN_RID:
      return "rid " + oid_text(name->d.registeredID);
    case GEN_OTHERNAME:
      return other_name_text(name->d.otherName);
    default:
      break;
  }
  unsigned char* der = nullptr;
  const int size = i2d_GENERAL_NAME(name, &der);
  std::string out = "#";
  if (size > 0) out += hex({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)}, "");
  OPENSSL_free(der);
  return out;
}

std::string time_text(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return hex(octets_of(time), "#");
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900,
                parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return text.data();
}

std::string key_text(X509* certificate) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return "(not readable)";
  std::array<char, 64> group{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1) return group.data();
  const char* type = EVP_PKEY_get0_type_name(key);
  return std::string(type != nullptr ? type : "?") + " " + std::to_string(EVP_PKEY_get_bits(key)) + " bits";
}

/// An extension's content in libcrypto's form; null where it can not be read.
template <class Pointer>
Pointer decoded(X509_EXTENSION* extension) {
  return Pointer(static_cast<typename Pointer::pointer>(X509V3_EXT_d2i(extension)));
}

std::string key_usage_text(X509_EXTENSION* extension) {
  constexpr std::array<const char*, 9> kNames = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                                 "dataEncipherment", "keyAgreement",   "keyCertSign",
                                                 "cRLSign",          "encipherOnly",   "decipherOnly"};
  const auto bits = decoded<BitString>(extension);
  if (!bits) return {};
  std::string out;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (ASN1_BIT_STRING_get_bit(bits.get(), static_cast<int>(i)) == 1) out += std::string(" ") + kNames[i];
  }
  return out.empty() ? " (no bit)" : out;
}

std::string purposes_text(X509_EXTENSION* extension) {
  const auto purposes = decoded<Purposes>(extension);
  if (!purposes) return {};
  std::string out;
  for (int i = 0; i < sk_ASN1_OBJECT_num(purposes.get()); ++i) {
    out.append(" ").append(oid_text(sk_ASN1_OBJECT_value(purposes.get(), i)));
  }
  return out.empty() ? " (empty)" : out;
}

std::string basic_constraints_text(X509_EXTENSION* extension) {
  const auto constraints = decoded<BasicConstraints>(extension);
  if (!constraints) return {};
  std::string out = constraints->ca != 0 ? " ca" : " no ca";
  if (constraints->pathlen != nullptr) {
    out += ", path length " + std::to_string(ASN1_INTEGER_get(constraints->pathlen));
  }
  return out;
}

std::string names_text(X509_EXTENSION* extension) {
  const auto names = decoded<GeneralNames>(extension);
  if (!names) return {};
  std::string out;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    out += "\n  " + general_name_text(sk_GENERAL_NAME_value(names.get(), i), AddressForm::plain);
  }
  return out.empty() ? " (empty)" : out;
}

std::string name_constraints_text(X509_EXTENSION* extension) {
  const auto constraints = decoded<Constraints>(extension);
  if (!constraints) return {};
  std::string out;
  const auto list = [&](const char* word, const STACK_OF(GENERAL_SUBTREE) * subtrees) {
    for (int i = 0; i < sk_GENERAL_SUBTREE_num(subtrees); ++i) {
      const GENERAL_SUBTREE* subtree = sk_GENERAL_SUBTREE_value(subtrees, i);
      out += std::string("\n  ") + word + " " + general_name_text(subtree->base, AddressForm::with_mask);
    }
  };
  list("permitted", constraints->permittedSubtrees);
  list("excluded", constraints->excludedSubtrees);
  return out.empty() ? " (empty)" : out;
}

std::string subject_key_text(X509_EXTENSION* extension) {
  const auto identifier = decoded<OctetString>(extension);
  return identifier ? hex(octets_of(identifier.get()), " ") : std::string();
}

std::string authority_key_text(X509_EXTENSION* extension) {
  const auto identifier = decoded<KeyIdentifier>(extension);
  if (!identifier || identifier->keyid == nullptr) return {};
  return hex(octets_of(identifier->keyid), " ");
}

struct KnownExtension {
  int nid;
  const char* title;
  std::string (*text)(X509_EXTENSION*);  ///< begins with a space or LF; empty: not readable
};

constexpr std::array<KnownExtension, 7> kExtensions = {{
    {NID_subject_alt_name, "names", names_text},
    {NID_basic_constraints, "basic constraints", basic_constraints_text},
    {NID_key_usage, "key usage", key_usage_text},
    {NID_ext_key_usage, "extended key usage", purposes_text},
    {NID_name_constraints, "name constraints", name_constraints_text},
    {NID_subject_key_identifier, "subject key identifier", subject_key_text},
    {NID_authority_key_identifier, "authority key identifier", authority_key_text},
}};

std::string extension_line(X509_EXTENSION* extension) {
  const ASN1_OBJECT* object = X509_EXTENSION_get_object(extension);
  const int nid = OBJ_obj2nid(object);
  std::string title = "extension " + oid_text(object);
  std::string text;
  for (const auto& known : kExtensions) {
    if (known.nid != nid) continue;
    title = known.title;
    text = known.text(extension);
    if (text.empty()) title += " (not readable)";
  }
  if (text.empty()) text = hex(octets_of(X509_EXTENSION_get_data(extension)), " #");
  if (X509_EXTENSION_get_critical(extension) != 0) title += " (critical)";
  return title + ":" + text + "\n";
}

}  // namespace

std::string summary(const Octets& der) {
  ERR_set_mark();
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const ReadCertificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  std::string out;
  if (!certificate) {
    out = hex(der, "certificate (not readable): #") + "\n";
  } else {
    X509* const x = certificate.get();
    const ASN1_INTEGER* serial = X509_get0_serialNumber(x);
    const bool negative = ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER;
    out += "subject: " + name_text(X509_get_subject_name(x)) + "\n";
    out += "issuer: " + name_text(X509_get_issuer_name(x)) + "\n";
    out += hex(octets_of(serial), negative ? "serial: -" : "serial: ") + "\n";
    out += "valid: " + time_text(X509_get0_notBefore(x)) + " to " + time_text(X509_get0_notAfter(x)) + "\n";
    out += "key: " + key_text(x) + "\n";
    out += std::string("signature: ") + OBJ_nid2ln(X509_get_signature_nid(x)) + "\n";
    for (int i = 0; i < X509_get_ext_count(x); ++i) out += extension_line(X509_get_ext(x, i));
    const auto read = static_cast<std::size_t>(at - reinterpret_cast<const unsigned char*>(der.data()));
    if (read < der.size()) out += hex(std::string_view(der).substr(read), "octets behind it: #") + "\n";
  }
  ERR_pop_to_mark();
  return out;
}

}  // namespace mxident::certs
