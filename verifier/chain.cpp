#include "chain.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "certificate.hpp"
#include "chain_check.hpp"
#include "chain_failure.hpp"
#include "match.hpp"
#include "name_constraints.hpp"
#include "openssl_ptr.hpp"

namespace mxident {

struct TrustStore::Impl {
  StorePtr store{X509_STORE_new()};
  std::size_t certificates = 0;
};

namespace {

constexpr std::size_t kMaxExtensions = 200;
constexpr int kMaxAttempts = 8;

std::string der_of(X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) return {};
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* at = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate, &at);
  return der;
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
void check_path(X509_STORE_CTX* context, const CheckedChain& options, ChainResult& result) {
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

// A view of certificates that others own.
struct FreeStackOnly {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using X509ViewPtr = std::unique_ptr<STACK_OF(X509), FreeStackOnly>;

X509ViewPtr view_of(const std::vector<X509*>& certificates) {
  X509ViewPtr view(sk_X509_new_reserve(nullptr, static_cast<int>(certificates.size())));
  for (X509* const certificate : certificates) sk_X509_push(view.get(), certificate);
  return view;
}

void set_parameters(X509_STORE_CTX* context, const CheckedChain& options) {
  X509_VERIFY_PARAM* const param = X509_STORE_CTX_get0_param(context);
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
  X509_STORE_CTX_set_verify_cb(context, overrule);
}

// Issuers of the path for which another certificate of the same name was sent.
std::vector<X509*> replaceable_issuers(X509_STORE_CTX* context, const std::vector<X509*>& sent) {
  std::vector<X509*> result;
  const STACK_OF(X509)* const chain = X509_STORE_CTX_get0_chain(context);
  for (int i = 1; i < sk_X509_num(chain); ++i) {
    X509* const issuer = sk_X509_value(chain, i);
    const auto is_other = [issuer](X509* other) {
      return other != issuer && X509_cmp(other, issuer) != 0 &&
             X509_NAME_cmp(X509_get_subject_name(other), X509_get_subject_name(issuer)) == 0;
    };
    const bool was_sent = std::find(sent.begin() + 1, sent.end(), issuer) != sent.end();
    if (was_sent && std::any_of(sent.begin() + 1, sent.end(), is_other)) result.push_back(issuer);
  }
  return result;
}

// libcrypto follows one path only. Where it fails and an issuer of it was sent in another form as well
// (cross-signed, renewed), the others are tried; `attempts` bounds the work.
ChainResult search(const std::vector<X509*>& sent, X509_STORE* store, const CheckedChain& options,
                   int& attempts) {
  --attempts;
  const X509ViewPtr view = view_of(sent);
  const StoreCtxPtr context(X509_STORE_CTX_new());
  if (context == nullptr || X509_STORE_CTX_init(context.get(), store, sent.front(), view.get()) != 1) {
    return fail(Reason::chain_rejected, 0, sent.front());
  }
  set_parameters(context.get(), options);
  ChainResult result;
  if (X509_verify_cert(context.get()) == 1) {
    result.verdict = ChainVerdict::ok;
    result.reason = Reason::chain_ok;
    check_path(context.get(), options, result);
    if (result.verdict == ChainVerdict::ok) return result;
  } else {
    result = failure_of(context.get(), view.get(), store);
  }
  for (X509* const issuer : replaceable_issuers(context.get(), sent)) {
    if (attempts <= 0) break;
    std::vector<X509*> others = sent;
    others.erase(std::find(others.begin() + 1, others.end(), issuer));
    ChainResult other = search(others, store, options, attempts);
    if (other.verdict == ChainVerdict::ok) return other;
  }
  return result;
}

// rfc2818 lets a CN count most often: with any other rules it counts at most there.
CheckedChain safe_for_any_names(const ChainOptions& options, std::string_view leaf) {
  CheckedChain out{options, Switch::off};
  const auto presented = read_presented_names(leaf);
  if (presented) out.constrain_common_name = uses_common_name(*presented, policy(PolicyId::rfc2818).rules);
  return out;
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

ChainResult check_chain(std::span<const std::string> sent, const TrustStore& trust,
                        const CheckedChain& options) {
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
  return check_chain(stack.get(), trust, options);
}

ChainResult check_chain(const STACK_OF(X509) * sent, const TrustStore& trust, const CheckedChain& options) {
  const int count = sent == nullptr ? 0 : sk_X509_num(sent);
  if (count <= 0) return fail(Reason::chain_empty, 0, nullptr);
  if (static_cast<std::size_t>(count) > options.max_certificates) {
    return fail(Reason::chain_too_many_certificates, static_cast<int>(options.max_certificates), nullptr);
  }
  std::vector<X509*> certificates;
  certificates.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) certificates.push_back(sk_X509_value(sent, i));
  int attempts = kMaxAttempts;
  ChainResult result = search(certificates, trust.impl().store.get(), options, attempts);
  ERR_clear_error();  // libcrypto leaves its errors behind in this thread's queue
  return result;
}

ChainResult verify_chain(std::span<const std::string> sent, const TrustStore& trust,
                         const ChainOptions& options) {
  return check_chain(sent, trust, safe_for_any_names(options, sent.empty() ? std::string_view() : sent[0]));
}

ChainResult verify_chain(const STACK_OF(X509) * sent, const TrustStore& trust, const ChainOptions& options) {
  const bool empty = sent == nullptr || sk_X509_num(sent) <= 0;
  return check_chain(sent, trust,
                     safe_for_any_names(options, empty ? std::string() : der_of(sk_X509_value(sent, 0))));
}

}  // namespace mxident
