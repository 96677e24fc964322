#include "path_search.hpp"

#include <openssl/x509v3.h>

#include <algorithm>

namespace mxident {
namespace {

// A server chooses what it sends, and every signature costs; the bound is that of Go's path builder.
constexpr int kMaxSignatures = 100;
constexpr int kMaxPaths = 32;
constexpr std::size_t kMaxAnchors = 200;

bool has_name(const X509* certificate, const X509_NAME* name) {
  return X509_NAME_cmp(X509_get_subject_name(certificate), name) == 0;
}

// By its signature where its key identifiers say otherwise.
bool is_self_signed(X509* certificate) {
  if (X509_self_signed(certificate, 0) == 1) return true;
  EVP_PKEY* const key = X509_get0_pubkey(certificate);
  return key != nullptr && has_name(certificate, X509_get_issuer_name(certificate)) &&
         X509_verify(certificate, key) == 1;
}

// The name fits, the key identifier does not.
bool has_other_identifier(X509* issuer, X509* certificate) {
  const int fault = X509_check_issued(issuer, certificate);
  return fault == X509_V_ERR_AKID_SKID_MISMATCH || fault == X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH;
}

class PathSearch {
 public:
  PathSearch(std::span<X509* const> sent, std::span<const X509Ptr> anchors, PartialChain partial,
             const std::function<bool(CertificatePath)>& found)
      : sent_(sent), anchors_(anchors), partial_(partial), found_(found) {}

  bool run() {
    path_.push_back(sent_.front());
    return extend();
  }

 private:
  bool may_end_in(X509* anchor) const { return partial_ == PartialChain::accept || is_self_signed(anchor); }
  bool is_anchor(X509* certificate) const {
    return std::any_of(anchors_.begin(), anchors_.end(),
                       [&](const X509Ptr& anchor) { return X509_cmp(anchor.get(), certificate) == 0; });
  }
  bool on_path(X509* certificate) const {
    return std::any_of(path_.begin(), path_.end(),
                       [&](X509* other) { return X509_cmp(other, certificate) == 0; });
  }
  bool exhausted() const { return signatures_ <= 0 || paths_ <= 0; }

  bool has_issued(X509* issuer, X509* certificate) {
    if (!has_name(issuer, X509_get_issuer_name(certificate)) || exhausted()) return false;
    --signatures_;
    EVP_PKEY* const key = X509_get0_pubkey(issuer);
    return key != nullptr && X509_verify(certificate, key) == 1;
  }

  bool complete() {
    --paths_;
    return found_(path_);
  }

  bool step(X509* issuer) {
    if (on_path(issuer) || !has_issued(issuer, path_.back())) return false;
    path_.push_back(issuer);
    const bool done = extend();
    path_.pop_back();
    return done;
  }

  bool extend() {
    X509* const top = path_.back();
    if (exhausted()) return false;
    if (is_anchor(top) && may_end_in(top) && complete()) return true;
    for (const X509Ptr& anchor : anchors_) {
      if (step(anchor.get())) return true;
    }
    for (X509* const certificate : sent_) {
      if (!is_anchor(certificate) && step(certificate)) return true;
    }
    return false;
  }

  std::span<X509* const> sent_;
  std::span<const X509Ptr> anchors_;
  PartialChain partial_;
  const std::function<bool(CertificatePath)>& found_;
  std::vector<X509*> path_;
  int signatures_ = kMaxSignatures;
  int paths_ = kMaxPaths;
};

std::vector<X509*> issuers_of(std::span<X509* const> sent, std::span<const X509Ptr> anchors) {
  std::vector<X509*> issuers(sent.begin() + 1, sent.end());
  for (const X509Ptr& anchor : anchors) issuers.push_back(anchor.get());
  return issuers;
}

}  // namespace

std::vector<X509Ptr> anchors_within_reach(std::span<X509* const> sent, X509_STORE* store) {
  std::vector<X509Ptr> anchors;
  const StoreCtxPtr context(X509_STORE_CTX_new());
  if (context == nullptr || X509_STORE_CTX_init(context.get(), store, nullptr, nullptr) != 1) return anchors;
  std::vector<X509_NAME*> wanted;
  const auto want = [&](X509_NAME* name) {
    const auto same = [name](X509_NAME* other) { return X509_NAME_cmp(name, other) == 0; };
    if (std::none_of(wanted.begin(), wanted.end(), same)) wanted.push_back(name);
  };
  want(X509_get_subject_name(sent.front()));  // which may be trusted itself
  for (X509* const certificate : sent) want(X509_get_issuer_name(certificate));
  for (std::size_t i = 0; i < wanted.size() && anchors.size() < kMaxAnchors; ++i) {
    const X509StackPtr found(X509_STORE_CTX_get1_certs(context.get(), wanted[i]));
    for (int k = 0; found != nullptr && k < sk_X509_num(found.get()); ++k) {
      X509* const anchor = sk_X509_value(found.get(), k);
      X509_up_ref(anchor);
      anchors.emplace_back(anchor);
      want(X509_get_issuer_name(anchor));  // an anchor need not be a root
    }
  }
  return anchors;
}

bool is_own_anchor(X509* certificate, std::span<const X509Ptr> anchors) {
  const bool self_issued = has_name(certificate, X509_get_issuer_name(certificate));
  EVP_PKEY* const key = X509_get0_pubkey(certificate);
  return self_issued && key != nullptr &&
         std::any_of(anchors.begin(), anchors.end(),
                     [&](const X509Ptr& anchor) { return X509_cmp(anchor.get(), certificate) == 0; }) &&
         X509_verify(certificate, key) == 1;
}

bool has_rivals(std::span<X509* const> sent, std::span<const X509Ptr> anchors) {
  const std::vector<X509*> issuers = issuers_of(sent, anchors);
  for (std::size_t i = 0; i < issuers.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (has_name(issuers[i], X509_get_subject_name(issuers[k])) && X509_cmp(issuers[i], issuers[k]) != 0)
        return true;
    }
  }
  return false;
}

bool has_misleading_identifier(std::span<X509* const> sent, std::span<const X509Ptr> anchors) {
  const std::vector<X509*> issuers = issuers_of(sent, anchors);
  const auto misleads = [&](X509* certificate) {
    return std::any_of(issuers.begin(), issuers.end(),
                       [&](X509* issuer) { return has_other_identifier(issuer, certificate); });
  };
  return misleads(sent.front()) || std::any_of(issuers.begin(), issuers.end(), misleads);
}

bool search_paths(std::span<X509* const> sent, std::span<const X509Ptr> anchors, PartialChain partial,
                  const std::function<bool(CertificatePath)>& found) {
  return PathSearch(sent, anchors, partial, found).run();
}

}  // namespace mxident
