#include "lean_provider.hpp"

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

namespace mxident::certs {
namespace {

/// The default provider in a library context of its own: what it offers is offered again, but for some
/// decoders.
OSSL_PROVIDER* whole = nullptr;
/// What the program uses in its place, for as long as it lives.
OSSL_PROVIDER* lean = nullptr;

/// DER of a public key in a certificate (RFC 5280 4.1.2.7), of the kinds that sign. A certificate with
/// another kind of key can prove nothing, and no private key is read: the program makes those that it uses.
bool is_wanted(const OSSL_ALGORITHM& decoder) {
  const std::string_view properties = decoder.property_definition, names = decoder.algorithm_names;
  const auto has = [properties](std::string_view part) {
    return properties.find(part) != std::string_view::npos;
  };
  if (!has("structure=SubjectPublicKeyInfo")) return false;
  constexpr std::string_view kKinds[] = {"RSA", "EC", "ED25519", "ED448", "DSA"};
  return std::any_of(std::begin(kKinds), std::end(kKinds),
                     [names](std::string_view kind) { return names.starts_with(kind); });
}

const OSSL_ALGORITHM* wanted_decoders(const OSSL_ALGORITHM* all) {
  static const std::vector<OSSL_ALGORITHM> wanted = [all] {
    std::vector<OSSL_ALGORITHM> out;
    for (const OSSL_ALGORITHM* one = all; one != nullptr && one->algorithm_names != nullptr; ++one) {
      if (is_wanted(*one)) out.push_back(*one);
    }
    out.push_back({nullptr, nullptr, nullptr, nullptr});
    return out;
  }();
  return wanted.data();
}

/// For each public key that it reads, OpenSSL copies all that it has been given so far. Most of that are
/// ciphers, which only new TLS contexts ask for: they are given anew each time, and not kept.
const OSSL_ALGORITHM* query(void*, int operation, int* no_cache) {
  const OSSL_ALGORITHM* const all = OSSL_PROVIDER_query_operation(whole, operation, no_cache);
  if (operation == OSSL_OP_CIPHER) *no_cache = 1;
  return operation == OSSL_OP_DECODER ? wanted_decoders(all) : all;
}

/// The groups of TLS.
int capabilities(void*, const char* capability, OSSL_CALLBACK* callback, void* argument) {
  return OSSL_PROVIDER_get_capabilities(whole, capability, callback, argument);
}

template <typename Function>
OSSL_DISPATCH dispatch(int id, Function* function) {
  return {id, reinterpret_cast<void (*)()>(function)};
}

int init(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** out, void** context) {
  static const OSSL_DISPATCH kFunctions[] = {dispatch(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query),
                                             dispatch(OSSL_FUNC_PROVIDER_GET_CAPABILITIES, capabilities),
                                             {0, nullptr}};
  *context = OSSL_PROVIDER_get0_provider_ctx(whole);
  *out = kFunctions;
  return 1;
}

}  // namespace

void use_lean_provider() {
  OSSL_LIB_CTX* const context = OSSL_LIB_CTX_new();
  if (context == nullptr) return;
  whole = OSSL_PROVIDER_load(context, "default");
  constexpr const char* kName = "mxident-lean";
  if (whole != nullptr && OSSL_PROVIDER_add_builtin(nullptr, kName, init) == 1)
    lean = OSSL_PROVIDER_load(nullptr, kName);
  if (lean == nullptr) lean = OSSL_PROVIDER_load(nullptr, "default");
}

}  // namespace mxident::certs
