#include "harness/sandbox/trust_store.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string_view>
#include <system_error>

#include "harness/sandbox/io.hpp"

namespace mxident::harness::sandbox {
namespace {

struct Root {
  std::string pem, der;
  unsigned long name_hash = 0;
};

/// Every certificate of a PEM text.
void append_roots(const std::string& text, std::vector<Root>& roots) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
  bool found = false;
  for (;;) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
    if (!certificate) break;
    found = true;
    Root root;
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_X509(out.get(), certificate.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    root.pem.assign(data, static_cast<std::size_t>(size));
    root.der.resize(static_cast<std::size_t>(i2d_X509(certificate.get(), nullptr)));
    auto* der = reinterpret_cast<unsigned char*>(root.der.data());
    i2d_X509(certificate.get(), &der);
    root.name_hash = X509_NAME_hash_ex(X509_get_subject_name(certificate.get()), nullptr, nullptr, nullptr);
    roots.push_back(std::move(root));
  }
  if (!found) throw SetupError("the trust given to the sandbox holds no PEM certificate");
}

void append_number(std::string& out, std::uint64_t value, int octets) {
  for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size(), 2);
  out += text;
}

/// A Java key store of trusted certificates. The format is that of sun.security.provider.JavaKeyStore:
/// numbers are big-endian, and the end is the SHA-1 of password (UTF-16), a fixed phrase and content.
std::string java_key_store(const std::vector<Root>& roots) {
  constexpr std::uint64_t kMagic = 0xFEEDFEED, kVersion = 2, kTrustedCertificate = 2;
  constexpr std::uint64_t kEntryDate =
      1577836800000;  // 2020-01-01 in milliseconds: the same file in every run
  std::string store;
  append_number(store, kMagic, 4);
  append_number(store, kVersion, 4);
  append_number(store, roots.size(), 4);
  for (std::size_t i = 0; i < roots.size(); ++i) {
    append_number(store, kTrustedCertificate, 4);
    append_text(store, fmt::format("mxident-{}", i));
    append_number(store, kEntryDate, 8);
    append_text(store, "X.509");
    append_number(store, roots[i].der.size(), 4);
    store += roots[i].der;
  }
  std::string digested;
  for (const char c : std::string_view("changeit")) {
    digested.push_back('\0');
    digested.push_back(c);
  }
  digested += "Mighty Aphrodite";
  digested += store;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(digested.data(), digested.size(), digest.data(), &size, EVP_sha1(), nullptr);
  store.append(reinterpret_cast<const char*>(digest.data()), size);
  return store;
}

/// Removes what an earlier call wrote, but for the files that keep their inodes.
void clear(const std::string& directory) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename();
    if (name != kBundleName && name != "java") std::filesystem::remove(entry.path(), ignored);
  }
}

}  // namespace

void write_trust_store(const std::string& directory, const std::vector<std::string>& root_pems) {
  std::vector<Root> roots;
  for (const std::string& text : root_pems) append_roots(text, roots);
  clear(directory);
  make_directories(directory + "/java");
  std::string bundle;
  std::map<unsigned long, int> used;
  for (std::size_t i = 0; i < roots.size(); ++i) {
    const std::string name = fmt::format("mxident-{}.pem", i);
    write_file(directory + "/" + name, roots[i].pem);
    // OpenSSL looks roots up as HASH.0, HASH.1, ... (openssl-rehash(1)).
    const std::string link =
        fmt::format("{}/{:08x}.{}", directory, roots[i].name_hash, used[roots[i].name_hash]++);
    if (::symlink(name.c_str(), link.c_str()) != 0) throw SetupError("cannot make the link " + link, errno);
    bundle += roots[i].pem;
  }
  write_file(directory + "/" + kBundleName, bundle);
  write_file(directory + "/" + kJavaName, java_key_store(roots));
}

}  // namespace mxident::harness::sandbox
