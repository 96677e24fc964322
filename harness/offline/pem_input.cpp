#include "harness/offline/pem_input.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <memory>

#include "harness/input/json_input.hpp"

namespace mxident::harness::cli {
namespace {

constexpr std::size_t kMaxBlocks = 10000;

struct Free {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(char* text) const { OPENSSL_free(text); }
  void operator()(unsigned char* octets) const { OPENSSL_free(octets); }
};

bool is_certificate(std::string_view label) {
  return label == PEM_STRING_X509 || label == PEM_STRING_X509_OLD || label == PEM_STRING_X509_TRUSTED;
}

}  // namespace

std::vector<std::string> certificates_from(std::string_view text, const std::string& file) {
  if (!text.empty() && text.front() == 0x30) return {std::string(text)};
  const std::unique_ptr<BIO, Free> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  std::vector<std::string> certificates;
  for (std::size_t block = 1;; ++block) {
    char *label = nullptr, *header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    if (PEM_read_bio(bio.get(), &label, &header, &data, &size) != 1) {
      const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
      ERR_clear_error();
      if (!at_end)
        throw InputError(file, fmt::format("PEM block {}", block),
                         "is damaged, wanted base64 between its lines");
      break;
    }
    const std::unique_ptr<char, Free> owned_label(label), owned_header(header);
    const std::unique_ptr<unsigned char, Free> owned_data(data);
    if (!is_certificate(label)) continue;  // keys and comments may stand beside the certificates
    if (block > kMaxBlocks) throw InputError(file, "", fmt::format("more than {} PEM blocks", kMaxBlocks));
    certificates.emplace_back(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
  }
  if (certificates.empty())
    throw InputError(file, "", "no certificate found, wanted PEM, the server's own first");
  return certificates;
}

}  // namespace mxident::harness::cli
