// A certificate in DER: its names by our reader and by libcrypto, its chain, and every policy's match.
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "verifier/chain.hpp"
#include "verifier/dane.hpp"
#include "verifier/match.hpp"
#include "verifier/name_constraints.hpp"
#include "verifier/openssl_ptr.hpp"
#include "verifier/profile.hpp"

namespace {

using namespace mxident;

struct FreeNames {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

// Where both readers take the extension they see the same dNSNames.
void compare_with_libcrypto(X509* certificate, const PresentedNames& names) {
  const std::unique_ptr<GENERAL_NAMES, FreeNames> theirs(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (theirs == nullptr || names.san != PresentedNames::San::present) return;
  std::size_t next = 0;
  for (int i = 0; i < sk_GENERAL_NAME_num(theirs.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(theirs.get(), i);
    if (name->type != GEN_DNS) continue;
    while (next < names.identifiers.size() && names.identifiers[next].type() != PresentedType::dns) ++next;
    const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                                static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    if (next == names.identifiers.size() || names.identifiers[next].octets() != text) std::abort();
    ++next;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string der(reinterpret_cast<const char*>(data), size);
  static const TrustStore nobody;
  const auto reference = make_reference("mx.example.test", ReferenceOrigin::mx_host, NameRules{}).reference;
  const auto names = read_presented_names(der);
  if (names) {
    for (const auto& row : all_policies()) match(*names, {&*reference, 1}, row.rules, Explain::yes);
    if (const X509Ptr certificate = parse_x509(der)) compare_with_libcrypto(certificate.get(), *names);
  }
  const std::vector<std::string> chain{der, der};
  check_name_constraints(chain, {Switch::on, Switch::on, Switch::on});
  check_profile(chain, Profile::webpki);
  ChainOptions options;
  options.time = 1767225600;
  const std::vector<std::string> sent{der};
  if (verify_chain(sent, nobody, options).verdict == ChainVerdict::ok) std::abort();
  ERR_clear_error();
  return 0;
}
