#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include "harness/adequacy/certificate.hpp"

namespace mxident::harness::zoo {
namespace {

struct FreeNames {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

std::string octets_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string utf8_of(const ASN1_STRING* text) {
  unsigned char* out = nullptr;
  const int size = ASN1_STRING_to_UTF8(&out, text);
  if (size < 0) return {};
  std::string copy(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
  OPENSSL_free(out);
  return copy;
}

std::vector<std::string> attributes(const X509_NAME* name, int nid) {
  std::vector<std::string> out;
  for (int i = -1; (i = X509_NAME_get_index_by_NID(name, nid, i)) >= 0;) {
    out.push_back(utf8_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i))));
  }
  return out;
}

/// RFC 4985: the string of an otherName of type id-on-dnsSRV.
std::string srv_of(const OTHERNAME& other) {
  char oid[40];
  OBJ_obj2txt(oid, sizeof oid, other.type_id, 1);
  if (std::string(oid) != "1.3.6.1.5.5.7.8.7" || other.value->type != V_ASN1_IA5STRING) return {};
  return octets_of(other.value->value.ia5string);
}

/// The string of any other otherName.
std::string text_of(const OTHERNAME& other) {
  const int type = other.value->type;
  if (type != V_ASN1_IA5STRING && type != V_ASN1_UTF8STRING) return {};
  return srv_of(other).empty() ? octets_of(other.value->value.asn1_string) : "";
}

/// dNSNames of each extension of this kind, however many there are.
std::vector<std::string> dns_names_of_all(X509* certificate, int nid) {
  std::vector<std::string> out;
  for (int at = -1; (at = X509_get_ext_by_NID(certificate, nid, at)) >= 0;) {
    const std::unique_ptr<GENERAL_NAMES, FreeNames> names(
        static_cast<GENERAL_NAMES*>(X509V3_EXT_d2i(X509_get_ext(certificate, at))));
    for (int i = 0; i < (names ? sk_GENERAL_NAME_num(names.get()) : 0); ++i) {
      const GENERAL_NAME& name = *sk_GENERAL_NAME_value(names.get(), i);
      if (name.type == GEN_DNS) out.push_back(octets_of(name.d.dNSName));
    }
  }
  return out;
}

/// What only bugs look at.
void read_for_bugs(Names& out, X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  for (int i = 0; i < X509_NAME_entry_count(subject); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(subject, i);
    const int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
    const bool has_a_bug_of_its_own = nid == NID_commonName || nid == NID_organizationName ||
                                      nid == NID_organizationalUnitName || nid == NID_domainComponent ||
                                      nid == NID_pkcs9_emailAddress;
    if (!has_a_bug_of_its_own) out.attributes.push_back(utf8_of(X509_NAME_ENTRY_get_data(entry)));
  }
  out.subject_email = attributes(subject, NID_pkcs9_emailAddress);
  out.issuer_common = attributes(X509_get_issuer_name(certificate), NID_commonName);
  out.issuer_dns = dns_names_of_all(certificate, NID_issuer_alt_name);
  out.all_dns = dns_names_of_all(certificate, NID_subject_alt_name);
  ASN1_IA5STRING* const netscape = static_cast<ASN1_IA5STRING*>(
      X509_get_ext_d2i(certificate, NID_netscape_ssl_server_name, nullptr, nullptr));
  if (netscape != nullptr) out.netscape.push_back(octets_of(netscape));
  ASN1_IA5STRING_free(netscape);
}

void add(Names& out, const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_DNS:
      out.dns.push_back(octets_of(name.d.dNSName));
      out.as_text.push_back("DNS:" + out.dns.back());
      break;
    case GEN_EMAIL:
      out.email.push_back(octets_of(name.d.rfc822Name));
      out.as_text.push_back("email:" + out.email.back());
      break;
    case GEN_URI:
      out.uri.push_back(octets_of(name.d.uniformResourceIdentifier));
      out.as_text.push_back("URI:" + out.uri.back());
      break;
    case GEN_IPADD:
      out.ip.push_back(octets_of(name.d.iPAddress));
      out.as_text.emplace_back("IP Address");
      break;
    case GEN_DIRNAME:
      for (auto& text : attributes(name.d.directoryName, NID_commonName))
        out.directory.push_back(std::move(text));
      out.as_text.emplace_back("DirName");
      break;
    case GEN_OTHERNAME:
      out.other.push_back(text_of(*name.d.otherName));
      out.srv.push_back(srv_of(*name.d.otherName));
      out.as_text.emplace_back("othername");
      break;
    default:
      out.as_text.emplace_back("other");
  }
}

/// False if the SAN is BER of another form than DER, such as strings in pieces, which libcrypto reads all the
/// same.
bool is_distinguished(X509* certificate, const GENERAL_NAMES* names) {
  X509_EXTENSION* const extension =
      X509_get_ext(certificate, X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1));
  unsigned char* again = nullptr;
  const int size = i2d_GENERAL_NAMES(names, &again);
  const std::string wanted(reinterpret_cast<const char*>(again), static_cast<std::size_t>(std::max(size, 0)));
  OPENSSL_free(again);
  return octets_of(X509_EXTENSION_get_data(extension)) == wanted;
}

}  // namespace

Names read_names(X509* certificate) {
  Names out;
  const X509_NAME* subject = X509_get_subject_name(certificate);
  out.common = attributes(subject, NID_commonName);
  out.organization = attributes(subject, NID_organizationName);
  for (auto& text : attributes(subject, NID_organizationalUnitName))
    out.organization.push_back(std::move(text));
  out.components = attributes(subject, NID_domainComponent);
  for (int i = 0; i < X509_NAME_entry_count(subject); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(subject, i);
    char name[40];
    const int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
    OBJ_obj2txt(name, sizeof name, X509_NAME_ENTRY_get_object(entry), 0);
    out.subject_text += std::string("/") + (nid == NID_undef ? name : OBJ_nid2sn(nid)) + "=" +
                        utf8_of(X509_NAME_ENTRY_get_data(entry));
  }
  int found = -1;
  const std::unique_ptr<GENERAL_NAMES, FreeNames> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, &found, nullptr)));
  out.broken = names == nullptr && found != -1;
  out.has_san = names != nullptr || found != -1;
  read_for_bugs(out, certificate);
  if (names && !is_distinguished(certificate, names.get())) out.broken = true;
  for (int i = 0; i < (names ? sk_GENERAL_NAME_num(names.get()) : 0); ++i) {
    add(out, *sk_GENERAL_NAME_value(names.get(), i));
  }
  ERR_clear_error();
  return out;
}

Names read_names(const std::vector<X509*>& sent) {
  Names out = read_names(sent.front());
  for (X509* certificate : sent) {
    for (auto& name : dns_names_of_all(certificate, NID_subject_alt_name))
      out.sent_dns.push_back(std::move(name));
  }
  ERR_clear_error();
  return out;
}

}  // namespace mxident::harness::zoo
