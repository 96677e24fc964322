#include "chain.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "certificate.hpp"
#include "name_constraints.hpp"
#include "openssl_ptr.hpp"

namespace mxident {

struct TrustStore::Impl {
  StorePtr store{X509_STORE_new()};
  std::size_t certificates = 0;
};

namespace {

constexpr std::size_t kMaxSubject = 300;
constexpr std::size_t kMaxExtensions = 200;

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

std::string der_of(X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) return {};
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* at = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate, &at);
  return der;
}

bool allows_tls_servers(X509* certificate) {
  // Without the extension all bits are set. anyExtendedKeyUsage counts (D21).
  return (X509_get_extended_key_usage(certificate) & (XKU_SSL_SERVER | XKU_ANYEKU)) != 0;
}

// Key usage as far as a TLS server or its issuers need it; absent means any.
bool key_usage_suffices(X509* certificate, int depth) {
  const std::uint32_t usage = X509_get_key_usage(certificate);  // all bits when absent
  if (depth > 0) return (usage & KU_KEY_CERT_SIGN) != 0;
  return (usage & (KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT)) != 0;
}

// libcrypto refuses anyExtendedKeyUsage for servers and calls a certificate expired in its very last second;
// both are right by our rules (D21; RFC 5280 4.1.2.5 includes notAfter).
int overrule(int ok, X509_STORE_CTX* context) {
  if (ok != 0) return ok;
  X509* const certificate = X509_STORE_CTX_get_current_cert(context);
  if (certificate == nullptr) return 0;
  switch (X509_STORE_CTX_get_error(context)) {
    case X509_V_ERR_CERT_HAS_EXPIRED: {
      const std::time_t now = X509_VERIFY_PARAM_get_time(X509_STORE_CTX_get0_param(context));
      return ASN1_TIME_cmp_time_t(X509_get0_notAfter(certificate), now) == 0 ? 1 : 0;
    }
    case X509_V_ERR_INVALID_PURPOSE: {
      const int depth = X509_STORE_CTX_get_error_depth(context);
      const std::uint32_t usage = X509_get_extended_key_usage(certificate);  // all bits when absent
      const bool any = usage != UINT32_MAX && (usage & XKU_ANYEKU) != 0;
      const bool is_ca = depth == 0 || X509_check_ca(certificate) == 1;
      return any && is_ca && key_usage_suffices(certificate, depth) ? 1 : 0;
    }
    default:
      return 0;
  }
}

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

ChainResult fail(Reason reason, int depth, X509* certificate, std::string_view text = {}) {
  ChainResult result;
  result.reason = reason;
  result.depth = depth;
  result.subject = subject_of(certificate);
  result.library_text = text;
  return result;
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

ChainResult failure_of(X509_STORE_CTX* context, const STACK_OF(X509) * sent, X509_STORE* store) {
  const int error = X509_STORE_CTX_get_error(context);
  const int depth = X509_STORE_CTX_get_error_depth(context);
  X509* const certificate = X509_STORE_CTX_get_current_cert(context);
  ChainResult result = fail(reason_of(error), depth, certificate, X509_verify_cert_error_string(error));
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

// RFC 5280 4.2: no extension twice. libcrypto looks only at those that it knows.
bool has_extension_twice(const CertificateView& certificate, bool& malformed) {
  std::vector<std::string_view> oids;
  der::Reader extensions(certificate.extensions);
  for (Extension extension; next_extension(extensions, extension);) {
    if (oids.size() == kMaxExtensions) {
      malformed = true;
      return false;
    }
    oids.push_back(extension.oid);
  }
  malformed = extensions.failed();
  std::sort(oids.begin(), oids.end());
  return std::adjacent_find(oids.begin(), oids.end()) != oids.end();
}

// What libcrypto does not look at, over the path that it built. Fills `result`.
void check_path(X509_STORE_CTX* context, const ChainOptions& options, ChainResult& result) {
  const STACK_OF(X509)* const chain = X509_STORE_CTX_get0_chain(context);
  const auto reject = [&](Reason reason, std::size_t depth) {
    auto path = std::move(result.path);
    result = fail(reason, static_cast<int>(depth), sk_X509_value(chain, static_cast<int>(depth)));
    result.path = std::move(path);
  };
  for (int i = 0; i < sk_X509_num(chain); ++i) result.path.push_back(der_of(sk_X509_value(chain, i)));
  for (std::size_t depth = 0; depth < result.path.size(); ++depth) {
    const auto view = view_certificate(result.path[depth]);
    if (!view) return reject(Reason::chain_unreadable_certificate, depth);
    bool malformed = false;
    if (has_extension_twice(*view, malformed) || malformed) {
      return reject(Reason::chain_malformed_extension, depth);
    }
    // D22, and for the leaf: libcrypto also takes the server gated usages of old.
    const bool anchor = depth > 0 && depth + 1 == result.path.size();
    if (!anchor && !allows_tls_servers(sk_X509_value(chain, static_cast<int>(depth)))) {
      return reject(Reason::chain_eku, depth);
    }
  }
  if (const auto violation = check_dns_constraints(result.path, options.constrain_common_name)) {
    reject(violation->reason, violation->depth);
  }
}

}  // namespace

TrustStore::TrustStore() : impl_(std::make_unique<Impl>()) {}
TrustStore::~TrustStore() = default;
TrustStore::TrustStore(TrustStore&&) noexcept = default;
TrustStore& TrustStore::operator=(TrustStore&&) noexcept = default;

std::size_t TrustStore::size() const {
  return impl_->certificates;
}

std::size_t TrustStore::add_pem(std::string_view pem, std::string& error) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::size_t count = 0;
  for (;;) {
    const X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr) break;
    if (X509_STORE_add_cert(impl_->store.get(), certificate.get()) != 1) {
      error = "certificate " + std::to_string(count + 1) + " cannot be a trust anchor";
      ERR_clear_error();
      return count;
    }
    ++count;
    ++impl_->certificates;
  }
  const unsigned long last = ERR_peek_last_error();
  if (ERR_GET_REASON(last) != PEM_R_NO_START_LINE) {
    error = "PEM block " + std::to_string(count + 1) + " is no certificate";
  } else if (count == 0) {
    error = "no PEM certificate found";
  }
  ERR_clear_error();
  return count;
}

bool TrustStore::add_der(std::string_view der) {
  const X509Ptr certificate = parse_x509(der);
  const bool added =
      certificate != nullptr && X509_STORE_add_cert(impl_->store.get(), certificate.get()) == 1;
  if (added) ++impl_->certificates;
  ERR_clear_error();
  return added;
}

void TrustStore::add_system_default() {
  X509_STORE_set_default_paths(impl_->store.get());
  ERR_clear_error();
}

ChainResult verify_chain(std::span<const std::string> sent, const TrustStore& trust,
                         const ChainOptions& options) {
  if (sent.size() > options.max_certificates) {
    return fail(Reason::chain_too_many_certificates, static_cast<int>(options.max_certificates), nullptr);
  }
  const X509StackPtr stack(sk_X509_new_null());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    X509Ptr certificate = parse_x509(sent[i]);
    if (certificate == nullptr || sk_X509_push(stack.get(), certificate.get()) == 0) {
      ERR_clear_error();
      return fail(Reason::chain_unreadable_certificate, static_cast<int>(i), nullptr);
    }
    static_cast<void>(certificate.release());
  }
  return verify_chain(stack.get(), trust, options);
}

ChainResult verify_chain(const STACK_OF(X509) * sent, const TrustStore& trust, const ChainOptions& options) {
  const int count = sent == nullptr ? 0 : sk_X509_num(sent);
  if (count <= 0) return fail(Reason::chain_empty, 0, nullptr);
  if (static_cast<std::size_t>(count) > options.max_certificates) {
    return fail(Reason::chain_too_many_certificates, static_cast<int>(options.max_certificates), nullptr);
  }
  X509* const leaf = sk_X509_value(sent, 0);
  X509_STORE* const store = trust.impl().store.get();
  const StoreCtxPtr context(X509_STORE_CTX_new());
  // X509_STORE_CTX_init only reads the stack, though its prototype does not say so.
  if (context == nullptr ||
      X509_STORE_CTX_init(context.get(), store, leaf, const_cast<STACK_OF(X509)*>(sent)) != 1) {
    ERR_clear_error();
    return fail(Reason::chain_rejected, 0, leaf);
  }
  X509_VERIFY_PARAM* const param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_trust(param, X509_TRUST_SSL_SERVER);
  X509_VERIFY_PARAM_set_time(param, static_cast<std::time_t>(options.time));
  X509_VERIFY_PARAM_set_depth(param, options.max_intermediates);
  X509_VERIFY_PARAM_set_auth_level(param, options.security_level);
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_TRUSTED_FIRST);
  if (options.partial == PartialChain::accept) X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_hostflags(param, options.constrain_common_name == Switch::on
                                             ? X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT
                                             : X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  X509_STORE_CTX_set_verify_cb(context.get(), overrule);
  const int status = X509_verify_cert(context.get());
  ChainResult result;
  if (status == 1) {
    result.verdict = ChainVerdict::ok;
    result.reason = Reason::chain_ok;
    check_path(context.get(), options, result);
  } else {
    result = failure_of(context.get(), sent, store);
  }
  ERR_clear_error();  // libcrypto leaves its errors behind in this thread's queue
  return result;
}

}  // namespace mxident
