#include "certificate_facts.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>

#include "openssl_ptr.hpp"

namespace mxident {
namespace {

std::string text_of(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::int64_t seconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? static_cast<std::int64_t>(timegm(&parts)) : 0;
}

std::string hex(std::string_view octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : octets) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 0xf];
  }
  return out;
}

std::string sha256(std::string_view octets) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(octets.data(), octets.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) return {};
  return hex({reinterpret_cast<const char*>(digest.data()), size});
}

std::string key_of(const X509* certificate) {
  const EVP_PKEY* const key = X509_get0_pubkey(certificate);
  const char* const name = key != nullptr ? EVP_PKEY_get0_type_name(key) : nullptr;
  return name != nullptr ? name : "";
}

std::string serial_of(const X509* certificate) {
  const ASN1_INTEGER* const serial = X509_get0_serialNumber(certificate);
  const auto* const octets = reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial));
  return hex({octets, static_cast<std::size_t>(ASN1_STRING_length(serial))});
}

}  // namespace

std::optional<CertificateFacts> certificate_facts(std::string_view der) {
  const X509Ptr certificate = parse_x509(der);
  if (certificate == nullptr) {
    ERR_clear_error();
    return std::nullopt;
  }
  CertificateFacts out;
  out.subject = text_of(X509_get_subject_name(certificate.get()));
  out.issuer = text_of(X509_get_issuer_name(certificate.get()));
  out.serial = serial_of(certificate.get());
  out.not_before = seconds_of(X509_get0_notBefore(certificate.get()));
  out.not_after = seconds_of(X509_get0_notAfter(certificate.get()));
  out.key = key_of(certificate.get());
  out.sha256 = sha256(der);
  ERR_clear_error();
  return out;
}

}  // namespace mxident
