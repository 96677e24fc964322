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
#include "path_search.hpp"
#include "profile.hpp"

namespace mxident {

struct TrustStore::Impl {
  StorePtr store{X509_STORE_new()};
  std::size_t certificates = 0;
};

namespace {

constexpr std::size_t kMaxExtensions = 200;

/// Where a certificate stands in its path; a server's own may be the anchor as well.
enum class Place { server, intermediate, anchor };

// libcrypto refuses anyExtendedKeyUsage for servers, heeds Netscape's certificate type, which RFC 5280 does
// not know, and calls a certificate expired in its very last second; all are right by our rules (D21; RFC
// 5280 4.1.2.5 includes notAfter).
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
      const bool netscape = (X509_get_extension_flags(certificate) & EXFLAG_NSCERT) != 0;
      const bool is_ca = depth == 0 || X509_check_ca(certificate) == 1;
      return (any || netscape) && is_ca && key_usage_suffices(certificate, depth) ? 1 : 0;
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

// Policies and mappings have one entry at least, and inhibitAnyPolicy is no negative number (RFC
// 5280 4.2.1.4, 4.2.1.5, 4.2.1.14). libcrypto takes empty policies, and reads the other two only beside
// policies.
bool is_malformed_policy(const Extension& extension) {
  const bool list = extension.oid == kOidPolicies || extension.oid == kOidPolicyMappings;
  if (!list && extension.oid != kOidInhibitAnyPolicy) return false;
  der::Reader value(extension.value);
  std::string_view content;
  if (!value.read(list ? der::kSequence : der::kInteger, content) || content.empty() || !value.at_end())
    return true;
  return !list && static_cast<signed char>(content.front()) < 0;
}

// An extension holds one value (RFC 5280 4.2: its DER encoding); libcrypto passes over what follows it.
bool is_malformed_usage(const Extension& extension) {
  if (extension.oid != kOidBasicConstraints && extension.oid != kOidKeyUsage &&
      extension.oid != kOidExtendedKeyUsage) {
    return false;
  }
  der::Reader value(extension.value);
  std::string_view content;
  return !value.read(extension.oid == kOidKeyUsage ? der::kBitString : der::kSequence, content) ||
         !value.at_end();
}

bool has_malformed_usage(const CertificateView& certificate) {
  der::Reader extensions(certificate.extensions);
  for (Extension extension; next_extension(extensions, extension);) {
    if (is_malformed_usage(extension)) return true;
  }
  return false;
}

bool has_malformed_policy(const CertificateView& certificate) {
  der::Reader extensions(certificate.extensions);
  for (Extension extension; next_extension(extensions, extension);) {
    if (is_malformed_policy(extension)) return true;
  }
  return false;
}

// A certificate of version 1 or 2 has no extensions and so cannot say that it is an authority's; none is of a
// version above 3 (RFC 5280 4.1.2.1, 4.1.2.8, 4.1.2.9, 6.1.4 (k)). libcrypto reads the extensions of any.
std::optional<Reason> fault_of_version(const CertificateView& certificate, Place place) {
  if (place == Place::intermediate && certificate.version != 3) return Reason::chain_not_a_ca;
  if (certificate.has_extensions && certificate.version != 3) return Reason::chain_malformed_extension;
  const bool unique_ids_too_early = certificate.has_unique_ids && certificate.version == 1;
  if (certificate.version > 3 || unique_ids_too_early) return Reason::chain_rejected;
  return std::nullopt;
}

// What libcrypto does not look at in a certificate of the path that it built.
std::optional<Reason> fault_of(X509* certificate, std::string_view der, Place place) {
  const auto view = view_certificate(der);
  if (!view) return Reason::chain_unreadable_certificate;
  if (const auto fault = fault_of_version(*view, place)) return fault;
  bool malformed = false;
  if (has_extension_twice(*view, malformed) || malformed || has_malformed_usage(*view)) {
    return Reason::chain_malformed_extension;
  }
  // What an anchor says of policies does not count (D33).
  if (place != Place::anchor && has_malformed_policy(*view)) return Reason::chain_malformed_extension;
  // D22, anchors included; libcrypto also takes the server gated usages of old.
  if (!allows_tls_servers(certificate)) return Reason::chain_eku;
  return std::nullopt;
}

// The depth of the first intermediate beyond the limit; libcrypto would count self-issued ones as well.
std::optional<std::size_t> too_deep(const STACK_OF(X509) * chain, int max_intermediates) {
  int intermediates = 0;
  for (int depth = 1; depth + 1 < sk_X509_num(chain); ++depth) {
    const bool self_issued = (X509_get_extension_flags(sk_X509_value(chain, depth)) & EXFLAG_SI) != 0;
    if (!self_issued && ++intermediates > max_intermediates) return static_cast<std::size_t>(depth);
  }
  return std::nullopt;
}

// What libcrypto does not look at, over the path that it built. Fills `result`.
void check_path(X509_STORE_CTX* context, const CheckedChain& options, ChainResult& result) {
  const STACK_OF(X509)* const chain = X509_STORE_CTX_get0_chain(context);
  const auto reject = [&](Reason reason, std::size_t depth, std::string_view text = {}) {
    auto path = std::move(result.path);
    result = fail(reason, static_cast<int>(depth), sk_X509_value(chain, static_cast<int>(depth)), text);
    result.path = std::move(path);
  };
  for (int i = 0; i < sk_X509_num(chain); ++i) result.path.push_back(der_of(sk_X509_value(chain, i)));
  if (const auto depth = too_deep(chain, options.max_intermediates)) {
    return reject(Reason::chain_too_deep, *depth);
  }
  for (std::size_t depth = 0; depth < result.path.size(); ++depth) {
    const bool last = depth + 1 == result.path.size();
    const Place place = depth == 0 ? Place::server : last ? Place::anchor : Place::intermediate;
    const auto fault = fault_of(sk_X509_value(chain, static_cast<int>(depth)), result.path[depth], place);
    if (fault) return reject(*fault, depth);
  }
  if (const auto violation = check_name_constraints(result.path, options.scope)) {
    return reject(violation->reason, violation->depth);
  }
  if (const auto violation = check_profile(result.path, options.profile)) {
    const ProfileRule& rule = *violation->rule;
    std::string text(rule.id);
    text.append(": ").append(rule.sentence).append(" (").append(rule.citation).append(")");
    reject(Reason::chain_profile, violation->depth, text);
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
  X509_VERIFY_PARAM_set_depth(param, static_cast<int>(options.max_certificates));  // check_path() counts
  X509_VERIFY_PARAM_set_auth_level(param, options.security_level);
  // A policy is wanted only where an authority demands one, and then any will do (RFC 5280 6.1.1 (c), 6.1.5
  // (g)); without an initial set libcrypto would take none.
  X509_VERIFY_PARAM_add0_policy(param, OBJ_nid2obj(NID_any_policy));
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_POLICY_CHECK);
  if (options.partial == PartialChain::accept) X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_hostflags(param, options.scope.common_name == Switch::on
                                             ? X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT
                                             : X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  X509_STORE_CTX_set_verify_cb(context, overrule);
}

ChainResult verify_with(X509_STORE_CTX* context, X509_STORE* store, const STACK_OF(X509) * sent,
                        const CheckedChain& options) {
  set_parameters(context, options);
  ChainResult result;
  if (X509_verify_cert(context) != 1) return failure_of(context, sent, store);
  result.verdict = ChainVerdict::ok;
  result.reason = Reason::chain_ok;
  check_path(context, options, result);
  return result;
}

// The path that libcrypto follows by itself: one, and if it fails no other.
ChainResult follow(const std::vector<X509*>& sent, X509_STORE* store, const CheckedChain& options) {
  const X509ViewPtr view = view_of(sent);
  const StoreCtxPtr context(X509_STORE_CTX_new());
  if (context == nullptr || X509_STORE_CTX_init(context.get(), store, sent.front(), view.get()) != 1) {
    return fail(Reason::chain_rejected, 0, sent.front());
  }
  return verify_with(context.get(), store, view.get(), options);
}

// Issuers are those of the path and no others, where names alone would leave a choice.
int follows_path(X509_STORE_CTX* context, X509* certificate, X509* issuer) {
  if (X509_cmp(certificate, issuer) == 0) return X509_check_issued(issuer, certificate) == X509_V_OK ? 1 : 0;
  const auto& path = *static_cast<const CertificatePath*>(X509_STORE_CTX_get_app_data(context));
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if (X509_cmp(path[i], certificate) == 0) return X509_cmp(path[i + 1], issuer) == 0 ? 1 : 0;
  }
  return 0;
}

ChainResult follow_path(CertificatePath path, const CheckedChain& options) {
  const X509ViewPtr view = view_of({path.begin(), path.end()});
  const StorePtr store(X509_STORE_new());
  const StoreCtxPtr context(X509_STORE_CTX_new());
  if (store == nullptr || context == nullptr || X509_STORE_add_cert(store.get(), path.back()) != 1) {
    return fail(Reason::chain_rejected, 0, path.front());
  }
  X509_STORE_set_check_issued(store.get(), follows_path);
  if (X509_STORE_CTX_init(context.get(), store.get(), path.front(), view.get()) != 1) {
    return fail(Reason::chain_rejected, 0, path.front());
  }
  X509_STORE_CTX_set_app_data(context.get(), &path);
  CheckedChain whole = options;
  whole.partial = PartialChain::accept;  // the search has chosen where the path ends
  return verify_with(context.get(), store.get(), view.get(), whole);
}

// Where the one path fails and an issuer of it is known in another form as well, sent or trusted
// (cross-signed, renewed, an old key and a new one) or under another key identifier, every other path is
// tried: one valid path suffices (RFC 5280 6.1).
ChainResult search(const std::vector<X509*>& sent, X509_STORE* store, const CheckedChain& options) {
  ChainResult result = follow(sent, store, options);
  if (result.verdict == ChainVerdict::ok) return result;
  const std::vector<X509Ptr> anchors = anchors_within_reach(sent, store);
  if (options.partial == PartialChain::refuse && is_own_anchor(sent.front(), anchors)) {
    CheckedChain whole = options;
    whole.partial = PartialChain::accept;
    return follow({sent.front()}, store, whole);
  }
  if (!has_rivals(sent, anchors) && !has_misleading_identifier(sent, anchors)) return result;
  search_paths(sent, anchors, options.partial, [&](CertificatePath path) {
    ChainResult other = follow_path(path, options);
    const bool ok = other.verdict == ChainVerdict::ok;
    // What is wrong on a path says more than that there seems to be none.
    if (ok || result.reason == Reason::chain_unknown_ca) result = std::move(other);
    return ok;
  });
  return result;
}

// rfc2818 lets a CN count most often: with any other rules it counts at most there.
CheckedChain safe_for_any_names(const ChainOptions& options, std::string_view leaf) {
  CheckedChain out{options, {}};
  if (const auto presented = read_presented_names(leaf)) {
    out.scope = constraint_scope(*presented, policy(PolicyId::rfc2818).rules);
  }
  return out;
}

}  // namespace

ConstraintScope constraint_scope(const PresentedNames& presented, const NameRules& rules) {
  return {uses_common_name(presented, rules), rules.multi_label_wildcards, rules.single_label_references};
}

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

std::vector<TrustStore::Certificate> TrustStore::certificates() const {
  std::vector<Certificate> result;
  const X509StackPtr all(X509_STORE_get1_all_certs(impl_->store.get()));
  for (int i = 0; all != nullptr && i < sk_X509_num(all.get()); ++i) {
    X509* const certificate = sk_X509_value(all.get(), i);
    result.push_back({der_of(certificate), subject_of(certificate)});
  }
  return result;
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
  ChainResult result = search(certificates, trust.impl().store.get(), options);
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
