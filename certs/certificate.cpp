#include "certs/certificate.hpp"

#include <openssl/evp.h>

#include <algorithm>

#include "certs/der.hpp"
#include "certs/names.hpp"
#include "certs/openssl_ptr.hpp"

namespace mxident::certs {
namespace {

// RFC 5280 4.2.1.
constexpr const char* kSubjectKeyIdentifier = "2.5.29.14";
constexpr const char* kKeyUsage = "2.5.29.15";
constexpr const char* kSubjectAltName = "2.5.29.17";
constexpr const char* kBasicConstraints = "2.5.29.19";
constexpr const char* kNameConstraints = "2.5.29.30";
constexpr const char* kAuthorityKeyIdentifier = "2.5.29.35";
constexpr const char* kExtendedKeyUsage = "2.5.29.37";
constexpr const char* kServerAuth = "1.3.6.1.5.5.7.3.1";

constexpr std::uint16_t kDigitalSignature = 1U << 0U;
constexpr std::uint16_t kKeyCertSign = 1U << 5U;
constexpr std::uint16_t kCrlSign = 1U << 6U;

constexpr std::string_view kTrue("\x01\x01\xff", 3);  // BOOLEAN TRUE; FALSE is the default and never written

Octets basic_constraints(const CertificateSpec& spec) {
  const Octets path_length = spec.path_length ? der::integer(*spec.path_length) : Octets();
  return der::sequence({spec.ca ? kTrue : std::string_view(), path_length});
}

Octets key_purposes(const std::vector<std::string>& purposes) {
  Octets content;
  for (const auto& purpose : purposes) content += der::oid(purpose);
  return der::sequence({content});
}

Octets subtrees(unsigned tag, const std::vector<GeneralName>& names) {
  if (names.empty()) return {};
  Octets content;  // minimum 0 is the default and never written (RFC 5280 4.2.1.10)
  for (const auto& name : names) content += der::sequence({general_name_der(name)});
  return der::tlv(der::context_constructed(tag), {content});
}

std::vector<Extension> default_extensions(const CertificateSpec& spec, const Octets& subject_key_identifier,
                                          const Octets& authority_key_identifier) {
  std::vector<Extension> out;
  out.reserve(8 + spec.extensions.size());
  out.push_back({kBasicConstraints, true, basic_constraints(spec)});
  const std::uint16_t usage =
      spec.key_usage.value_or(spec.ca ? kKeyCertSign | kCrlSign : static_cast<int>(kDigitalSignature));
  if (usage != 0) out.push_back({kKeyUsage, true, der::named_bits(usage)});
  const std::vector<std::string> purposes = spec.extended_key_usage.value_or(
      spec.ca ? std::vector<std::string>{} : std::vector<std::string>{kServerAuth});
  if (!purposes.empty()) out.push_back({kExtendedKeyUsage, false, key_purposes(purposes)});
  if (spec.san)
    out.push_back({kSubjectAltName, spec.san_critical, der::sequence({general_names_content(*spec.san)})});
  if (spec.name_constraints) {
    const auto& constraints = *spec.name_constraints;
    out.push_back({kNameConstraints, constraints.critical,
                   der::sequence({subtrees(0, constraints.permitted), subtrees(1, constraints.excluded)})});
  }
  if (!subject_key_identifier.empty()) {
    out.push_back({kSubjectKeyIdentifier, false, der::tlv(der::kOctetString, {subject_key_identifier})});
  }
  if (!authority_key_identifier.empty()) {
    out.push_back({kAuthorityKeyIdentifier, false,
                   der::sequence({der::tlv(der::context(0), {authority_key_identifier})})});
  }
  return out;
}

/// The extensions that the certificate gets: defaults, less those left out, overlaid by the ones given whole.
std::vector<Extension> all_extensions(const CertificateSpec& spec, std::vector<Extension> extensions) {
  const auto same_oid = [](const std::string& oid) {
    return [&oid](const Extension& extension) { return extension.oid == oid; };
  };
  for (const auto& oid : spec.without) std::erase_if(extensions, same_oid(oid));
  const auto defaults = static_cast<std::ptrdiff_t>(extensions.size());
  std::vector<std::string> replaced;
  for (const auto& extension : spec.extensions) {
    const auto end = extensions.begin() + defaults;
    const auto place = std::find_if(extensions.begin(), end, same_oid(extension.oid));
    const bool first = std::find(replaced.begin(), replaced.end(), extension.oid) == replaced.end();
    if (place != end && first) {
      *place = extension;
      replaced.push_back(extension.oid);
    } else {
      extensions.push_back(extension);
    }
  }
  return extensions;
}

Octets extension_der(const Extension& extension) {
  return der::sequence({der::oid(extension.oid), extension.critical ? kTrue : std::string_view(),
                        der::tlv(der::kOctetString, {extension.der})});
}

Octets stable_serial(std::initializer_list<std::string_view> parts) {
  static const OpensslPtr<EVP_MD, EVP_MD_free> digest(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  const Octets input = der::sequence(parts);
  Octets serial(32, '\0');
  if (!digest || EVP_Digest(input.data(), input.size(), reinterpret_cast<unsigned char*>(serial.data()),
                            nullptr, digest.get(), nullptr) != 1) {
    throw MintError("libcrypto cannot compute SHA-256");
  }
  serial.resize(16);
  // Positive and without a leading zero octet (RFC 5280 4.1.2.2, X.690 8.3.2).
  serial[0] = static_cast<char>((static_cast<unsigned char>(serial[0]) & 0x3fU) | 0x40U);
  return serial;
}

}  // namespace

Certificate issue(const CertificateSpec& spec, const Certificate* issuer, const Key& key,
                  std::string_view id) {
  const Key& signer = issuer != nullptr ? issuer->key : key;
  Octets subject = name_der(spec.subject);
  const Octets& issuer_name = issuer != nullptr ? issuer->subject_der : subject;
  Octets key_identifier = spec.subject_key_identifier.value_or(key.key_identifier());
  // Self-signed: no authority key identifier, as RFC 5280 4.2.1.1 allows.
  const auto extensions = all_extensions(
      spec, default_extensions(spec, key_identifier, issuer != nullptr ? issuer->key_identifier : ""));

  const Octets validity = der::sequence({der::time(spec.validity.from), der::time(spec.validity.to)});
  Octets extension_list;
  Octets said;  // what the serial number is drawn from: no key identifier, for keys differ from run to run
  for (const auto& extension : extensions) {
    Octets encoded = extension_der(extension);
    extension_list += encoded;
    if (extension.oid != kSubjectKeyIdentifier && extension.oid != kAuthorityKeyIdentifier) said += encoded;
  }
  if (!extensions.empty())
    extension_list = der::tlv(der::context_constructed(3), {der::sequence({extension_list})});
  const Octets serial =
      spec.serial ? *spec.serial : stable_serial({id, issuer_name, subject, validity, said});

  const Octets version =
      spec.version > 1 ? der::tlv(der::context_constructed(0), {der::integer(spec.version - 1)}) : Octets();
  const Octets tbs = der::sequence({version, der::tlv(der::kInteger, {serial}), signer.signature_algorithm(),
                                    issuer_name, validity, subject, key.spki(), extension_list});
  Octets whole = der::sequence({tbs, signer.signature_algorithm(), der::bit_string(signer.sign(tbs))});
  return {std::move(whole), std::move(subject), key, std::move(key_identifier)};
}

}  // namespace mxident::certs
