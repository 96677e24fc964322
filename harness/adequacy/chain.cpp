#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "harness/adequacy/certificate.hpp"

namespace mxident::harness::zoo {
namespace {

struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
struct FreeContext {
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};

/// The bug that lets this error of libcrypto pass.
BugId bug_behind(int error) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return BugId::expired_accepted;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return BugId::early_accepted;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return BugId::self_signed_accepted;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return BugId::unknown_ca_accepted;
    case X509_V_ERR_INVALID_PURPOSE:
      return BugId::usage_ignored;
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
      return BugId::path_length_ignored;
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
      return BugId::critical_ignored;
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
      return BugId::constraints_ignored;
    default:
      return BugId::none;
  }
}

thread_local BugId bug_of_this_check = BugId::none;

int overlook(int ok, X509_STORE_CTX* context) {
  if (ok != 0) return ok;
  const BugId behind = bug_behind(X509_STORE_CTX_get_error(context));
  if (behind == BugId::none || behind != bug_of_this_check) return 0;
  X509_STORE_CTX_set_error(context, X509_V_OK);
  return 1;
}

/// Signatures from the leaf up to a trust anchor, and nothing else: any certificate issues any other.
bool signatures_lead_up(const std::vector<X509*>& sent, X509_STORE* trust) {
  X509* at = sent.front();
  for (std::size_t step = 0; step <= sent.size(); ++step) {
    const X509_NAME* wanted = X509_get_issuer_name(at);
    const auto signs = [&](X509* issuer) {
      return X509_NAME_cmp(X509_get_subject_name(issuer), wanted) == 0 &&
             X509_verify(at, X509_get0_pubkey(issuer)) == 1;
    };
    STACK_OF(X509)* const anchors = X509_STORE_get1_all_certs(trust);
    bool anchored = false;
    for (int i = 0; i < sk_X509_num(anchors); ++i) anchored = anchored || signs(sk_X509_value(anchors, i));
    sk_X509_pop_free(anchors, X509_free);
    if (anchored) return true;
    const auto next =
        std::find_if(sent.begin() + 1, sent.end(), [&](X509* other) { return other != at && signs(other); });
    if (next == sent.end()) return false;
    at = *next;
  }
  return false;
}

std::string dns_text(const GENERAL_NAME& name) {
  if (name.type != GEN_DNS) return {};
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(name.d.dNSName)),
          static_cast<std::size_t>(ASN1_STRING_length(name.d.dNSName))};
}

/// A wildcard may stand for a host that an issuer excludes, which libcrypto does not look for
/// (CVE-2025-61727).
bool wildcard_hides_excluded(X509* leaf, X509* issuer) {
  auto* const limits =
      static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(issuer, NID_name_constraints, nullptr, nullptr));
  bool hides = false;
  for (int i = 0; limits != nullptr && i < sk_GENERAL_SUBTREE_num(limits->excludedSubtrees); ++i) {
    const std::string excluded = dns_text(*sk_GENERAL_SUBTREE_value(limits->excludedSubtrees, i)->base);
    const std::size_t dot = excluded.find('.');
    if (dot == std::string::npos) continue;
    const Names names = read_names(leaf);
    hides =
        hides || std::find(names.dns.begin(), names.dns.end(), "*" + excluded.substr(dot)) != names.dns.end();
  }
  NAME_CONSTRAINTS_free(limits);
  return hides;
}

}  // namespace

bool sits_in_chain(BugId bug) {
  return bug >= BugId::constraints_ignored && bug <= BugId::critical_ignored;
}

bool chain_holds(BugId bug, const std::vector<X509*>& sent, X509_STORE* trust, std::int64_t time) {
  if (sent.empty()) return false;
  if (bug == BugId::authority_flag_ignored) return signatures_lead_up(sent, trust);
  const std::unique_ptr<STACK_OF(X509), FreeStack> others(sk_X509_new_null());
  for (X509* certificate : sent) sk_X509_push(others.get(), certificate);
  const std::unique_ptr<X509_STORE_CTX, FreeContext> context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), trust, sent.front(), others.get()) != 1) return false;
  X509_VERIFY_PARAM* const param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_time(param, static_cast<std::time_t>(time));
  X509_VERIFY_PARAM_set_auth_level(param, 1);
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_TRUSTED_FIRST);
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  bug_of_this_check = bug;
  X509_STORE_CTX_set_verify_cb(context.get(), overlook);
  bool holds = X509_verify_cert(context.get()) == 1;
  const STACK_OF(X509)* const chain = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 1; holds && bug != BugId::constraints_ignored && i < sk_X509_num(chain); ++i) {
    holds = !wildcard_hides_excluded(sent.front(), sk_X509_value(chain, i));
  }
  ERR_clear_error();
  return holds;
}

Answer certificate_agrees(BugId bug, const std::vector<X509*>& sent, X509_STORE* trust, std::int64_t time,
                          const Situation& situation) {
  if (!chain_holds(bug, sent, trust, time)) return Answer::no;
  return names_agree(bug, read_names(sent.front()), situation);
}

}  // namespace mxident::harness::zoo
