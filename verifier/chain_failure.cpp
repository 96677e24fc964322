#include "chain_failure.hpp"

#include <algorithm>
#include <utility>

#include "openssl_ptr.hpp"

namespace mxident {
namespace {

constexpr std::size_t kMaxSubject = 300;

Reason reason_of(int error) {
  switch (error) {
    case X509_V_OK:
      return Reason::chain_ok;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
      return Reason::chain_unknown_ca;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return Reason::chain_self_signed;
    case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
    case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
    case X509_V_ERR_NO_ISSUER_PUBLIC_KEY:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM:
    case X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH:
    case X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY:
      return Reason::chain_bad_signature;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Reason::chain_not_yet_valid;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Reason::chain_expired;
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
      return Reason::chain_too_deep;
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_INVALID_NON_CA:
      return Reason::chain_not_a_ca;
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA:
    case X509_V_ERR_PATHLEN_WITHOUT_KU_KEY_CERT_SIGN:
      return Reason::chain_path_length;
    case X509_V_ERR_INVALID_PURPOSE:
      return Reason::chain_eku;
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_KEYUSAGE_NO_DIGITAL_SIGNATURE:
    case X509_V_ERR_KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA:
      return Reason::chain_key_usage;
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
      return Reason::chain_unknown_critical_extension;
    case X509_V_ERR_INVALID_EXTENSION:
      return Reason::chain_malformed_extension;
    case X509_V_ERR_INVALID_POLICY_EXTENSION:
    case X509_V_ERR_NO_EXPLICIT_POLICY:
      return Reason::chain_policy;
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
      return Reason::chain_name_constraint;
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
      return Reason::chain_name_constraint_syntax;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return Reason::chain_weak;
    default:
      return Reason::chain_rejected;
  }
}

bool has_flag(X509* certificate, std::uint32_t flag) {
  return (X509_get_extension_flags(certificate) & flag) != 0;
}

// Why an issuer that is there was passed over: libcrypto skips it and reports an unknown issuer, which tells
// nobody what is wrong. chain_unknown_ca: it is none.
Reason fault_of_issuer(X509* candidate, X509* certificate) {
  if (X509_NAME_cmp(X509_get_subject_name(candidate), X509_get_issuer_name(certificate)) != 0) {
    return Reason::chain_unknown_ca;
  }
  if (has_flag(candidate, EXFLAG_INVALID)) return Reason::chain_malformed_extension;
  const bool may_not_sign = X509_check_issued(candidate, certificate) == X509_V_ERR_KEYUSAGE_NO_CERTSIGN;
  return may_not_sign ? Reason::chain_key_usage : Reason::chain_unknown_ca;
}

// Looks among what was sent and what is trusted; leaves `result` alone where the issuer is unknown indeed.
void explain_unknown_issuer(X509* certificate, const STACK_OF(X509) * sent, X509_STORE* store,
                            ChainResult& result) {
  if (has_flag(certificate, EXFLAG_INVALID)) {
    result.reason = Reason::chain_malformed_extension;
    return;
  }
  const auto takes_the_blame = [&](X509* candidate) {
    const Reason reason =
        candidate == nullptr ? Reason::chain_unknown_ca : fault_of_issuer(candidate, certificate);
    if (reason == Reason::chain_unknown_ca) return false;
    result = fail(reason, result.depth + 1, candidate, result.library_text);
    return true;
  };
  for (int i = 0; i < sk_X509_num(sent); ++i) {
    if (takes_the_blame(sk_X509_value(sent, i))) return;
  }
  const STACK_OF(X509_OBJECT)* const objects = X509_STORE_get0_objects(store);
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
    if (takes_the_blame(X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i)))) return;
  }
}

// libcrypto names no certificate: it is the uppermost one that constrains policies whose demand is not met.
ChainResult without_policy(X509_STORE_CTX* context, ChainResult result) {
  const STACK_OF(X509)* const chain = X509_STORE_CTX_get0_chain(context);
  int depth = sk_X509_num(chain) - 2;
  while (depth > 0 && X509_get_ext_by_NID(sk_X509_value(chain, depth), NID_policy_constraints, -1) < 0)
    --depth;
  return fail(result.reason, std::max(depth, 0), sk_X509_value(chain, std::max(depth, 0)),
              result.library_text);
}

}  // namespace

std::string subject_of(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (certificate == nullptr || bio == nullptr) return {};
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &text);
  if (length <= 0) return {};
  std::string result(text, static_cast<std::size_t>(length));
  if (result.size() > kMaxSubject) result = result.substr(0, kMaxSubject) + "...";
  return result;
}

bool allows_tls_servers(X509* certificate) {
  // Without the extension all bits are set. anyExtendedKeyUsage counts (D21).
  return (X509_get_extended_key_usage(certificate) & (XKU_SSL_SERVER | XKU_ANYEKU)) != 0;
}

bool key_usage_suffices(X509* certificate, int depth) {
  const std::uint32_t usage = X509_get_key_usage(certificate);  // all bits when absent
  if (depth > 0) return (usage & KU_KEY_CERT_SIGN) != 0;
  return (usage & (KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT)) != 0;
}

ChainResult fail(Reason reason, int depth, X509* certificate, std::string_view text) {
  ChainResult result;
  result.reason = reason;
  result.depth = depth;
  result.subject = subject_of(certificate);
  result.library_text = text;
  return result;
}

ChainResult failure_of(X509_STORE_CTX* context, const STACK_OF(X509) * sent, X509_STORE* store) {
  const int error = X509_STORE_CTX_get_error(context);
  const int depth = X509_STORE_CTX_get_error_depth(context);
  X509* const certificate = X509_STORE_CTX_get_current_cert(context);
  ChainResult result = fail(reason_of(error), depth, certificate, X509_verify_cert_error_string(error));
  if (error == X509_V_ERR_NO_EXPLICIT_POLICY) return without_policy(context, std::move(result));
  if (certificate == nullptr) return result;
  const bool is_ca = has_flag(certificate, EXFLAG_CA);
  if (result.reason == Reason::chain_eku && allows_tls_servers(certificate)) {
    result.reason = depth == 0 || is_ca ? Reason::chain_key_usage : Reason::chain_not_a_ca;
  } else if (result.reason == Reason::chain_not_a_ca && is_ca && !key_usage_suffices(certificate, depth)) {
    result.reason = Reason::chain_key_usage;
  } else if (result.reason == Reason::chain_unknown_ca) {
    explain_unknown_issuer(certificate, sent, store, result);
  }
  return result;
}

}  // namespace mxident
