// Certificates made with OpenSSL's own functions, with test keys made for each: self-signed, or below an
// authority. Valid for an hour from 1970 or from now on.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>
#include <string>

struct TestCertificate {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  std::unique_ptr<X509, decltype(&X509_free)> x509{X509_new(), X509_free};

  struct Names {
    const char* common_name = "mx";
    const char* san = nullptr;          ///< in the words of x509v3_config(5), as are the others
    const char* constraints = nullptr;  ///< makes it an authority
  };

  TestCertificate(const Names& names, std::time_t from, const TestCertificate* issuer = nullptr) {
    X509* const made = x509.get();
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), issuer == nullptr ? 1 : 2);
    ASN1_TIME_set(X509_getm_notBefore(made), from);
    ASN1_TIME_set(X509_getm_notAfter(made), from + 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(names.common_name), -1, -1, 0);
    X509_set_issuer_name(made, X509_get_subject_name(issuer == nullptr ? made : issuer->x509.get()));
    X509_set_pubkey(made, key.get());
    add(NID_subject_alt_name, names.san);
    add(NID_name_constraints, names.constraints);
    if (names.constraints != nullptr) {
      add(NID_basic_constraints, "critical,CA:TRUE");
      add(NID_key_usage, "critical,keyCertSign");
    }
    X509_sign(made, issuer == nullptr ? key.get() : issuer->key.get(), EVP_sha256());
  }
  /// Self-signed.
  TestCertificate(const char* san, std::time_t from) : TestCertificate(Names{"mx", san, nullptr}, from) {}

  std::string der() const {
    unsigned char* octets = nullptr;
    const int size = i2d_X509(x509.get(), &octets);
    std::string out(reinterpret_cast<const char*>(octets), size > 0 ? static_cast<std::size_t>(size) : 0);
    OPENSSL_free(octets);
    return out;
  }

 private:
  void add(int nid, const char* value) {
    if (value == nullptr) return;
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, nid, value), X509_EXTENSION_free);
    X509_add_ext(x509.get(), extension.get(), -1);
  }
};
