// What the tests of this folder share.
#pragma once

#include <openssl/x509.h>

#include <string>
#include <string_view>
#include <vector>

#include "certs/mint.hpp"
#include "certs/openssl_ptr.hpp"

namespace mxident::certs::test {

using X509Ptr = OpensslPtr<X509, X509_free>;

/// A literal with all its octets, NUL included.
template <std::size_t Size>
Octets raw(const char (&text)[Size]) {
  return Octets(text, Size - 1);
}

inline Octets from_hex(std::string_view hex) {
  Octets out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

inline std::string to_hex(const Octets& octets) {
  std::string out;
  for (const char c : octets) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += kDigits[static_cast<unsigned char>(c) >> 4U];
    out += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

/// Null where libcrypto does not read it, or where octets are left behind it.
inline X509Ptr parse(const Octets& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* end = at + der.size();
  X509Ptr out(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  return at == end ? std::move(out) : nullptr;
}

inline Attribute attribute(const char* oid, Octets octets, StringType type = StringType::utf8) {
  return {oid, {std::move(octets), type}};
}
inline Attribute cn(Octets octets, StringType type = StringType::utf8) {
  return attribute("2.5.4.3", std::move(octets), type);
}
inline GeneralName dns(Octets octets) {
  return {NameType::dns, std::move(octets), {}};
}

/// A request for mx.example.test with that CN and dNSName.
inline CertificateRequest ordinary(const char* host = "mx.example.test") {
  CertificateRequest out;
  out.spec.subject = {{cn(host)}};
  out.spec.san = {dns(host)};
  return out;
}

inline KeyPool& keys() {
  static KeyPool pool;
  return pool;
}

inline const Authority& authority() {
  static const Authority made = Authority::make(keys());
  return made;
}

inline Chain mint_one(const CertificateRequest& request) {
  return mint({{"mx", request}}, authority(), keys()).at("mx");
}
inline Chain mint_one(const CertificateSpec& spec) {
  CertificateRequest request;
  request.spec = spec;
  return mint_one(request);
}

}  // namespace mxident::certs::test
