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

bool is_about_constraints(int error) {
  switch (error) {
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
      return true;
    default:
      return false;
  }
}

bool is_about_trust(int error) {
  switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return true;
    default:
      return false;
  }
}

/// One issuer more than the path length of some issuer allows, and not two.
bool is_one_too_many(STACK_OF(X509) * chain) {
  for (int i = 1; i < sk_X509_num(chain); ++i) {
    const long allowed = X509_get_pathlen(sk_X509_value(chain, i));
    if (allowed >= 0 && i - 1 > allowed + 1) return false;
  }
  return true;
}

std::vector<X509*> in_order(const STACK_OF(X509) * chain) {
  std::vector<X509*> out;
  for (int i = 0; i < (chain != nullptr ? sk_X509_num(chain) : 0); ++i)
    out.push_back(sk_X509_value(chain, i));
  return out;
}

bool has_basic_constraints(X509* certificate) {
  return X509_get_ext_by_NID(certificate, NID_basic_constraints, -1) >= 0;
}

/// Whether the bug lets this error of libcrypto pass.
bool overlooks(BugId bug, int error, X509_STORE_CTX* context) {
  const int depth = X509_STORE_CTX_get_error_depth(context);
  X509* const at = X509_STORE_CTX_get_current_cert(context);
  const bool other_purpose = error == X509_V_ERR_INVALID_PURPOSE && depth == 0 && at != nullptr;
  switch (bug) {
    case BugId::expired_accepted:
      return error == X509_V_ERR_CERT_HAS_EXPIRED;
    case BugId::early_accepted:
      return error == X509_V_ERR_CERT_NOT_YET_VALID;
    case BugId::intermediate_expired:
      return error == X509_V_ERR_CERT_HAS_EXPIRED && depth > 0;
    case BugId::intermediate_early:
      return error == X509_V_ERR_CERT_NOT_YET_VALID && depth > 0;
    case BugId::self_signed_accepted:
      return error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT;
    case BugId::unknown_ca_accepted:
      return is_about_trust(error);
    case BugId::bad_signature_accepted:
      return error == X509_V_ERR_CERT_SIGNATURE_FAILURE;
    case BugId::usage_ignored:
      return error == X509_V_ERR_INVALID_PURPOSE;
    case BugId::client_usage:
      return other_purpose && (X509_get_extended_key_usage(at) & XKU_SSL_CLIENT) != 0;
    case BugId::email_usage:
      return other_purpose && (X509_get_extended_key_usage(at) & XKU_SMIME) != 0;
    case BugId::no_basic_constraints:
      return error == X509_V_ERR_INVALID_CA && at != nullptr && !has_basic_constraints(at);
    case BugId::path_length_ignored:
      return error == X509_V_ERR_PATH_LENGTH_EXCEEDED;
    case BugId::path_length_off_by_one:
      return error == X509_V_ERR_PATH_LENGTH_EXCEEDED && is_one_too_many(X509_STORE_CTX_get0_chain(context));
    case BugId::critical_ignored:
      return error == X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION;
    case BugId::critical_in_issuer_ignored:
      return error == X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION && depth > 0;
    case BugId::policies_ignored:
      return error == X509_V_ERR_NO_EXPLICIT_POLICY;
    case BugId::constraints_ignored:
      return is_about_constraints(error);
    case BugId::excluded_ignored:
      return error == X509_V_ERR_EXCLUDED_VIOLATION;
    case BugId::permitted_ignored:
      return error == X509_V_ERR_PERMITTED_VIOLATION;
    case BugId::constraint_by_case:
    case BugId::constraint_by_ending:
      return error == (bug == BugId::constraint_by_case ? X509_V_ERR_EXCLUDED_VIOLATION
                                                        : X509_V_ERR_PERMITTED_VIOLATION) &&
             overlooks_constraints(bug, in_order(X509_STORE_CTX_get0_chain(context)));
    default:
      return is_about_constraints(error) &&
             overlooks_constraints(bug, in_order(X509_STORE_CTX_get0_chain(context)));
  }
}

thread_local BugId bug_of_this_check = BugId::none;

int overlook(int ok, X509_STORE_CTX* context) {
  if (ok != 0) return ok;
  if (!overlooks(bug_of_this_check, X509_STORE_CTX_get_error(context), context)) return 0;
  X509_STORE_CTX_set_error(context, X509_V_OK);
  return 1;
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

/// RFC 5280 6.1.4 (k), which libcrypto is lenient of. A trust anchor is good whatever it says of itself.
bool may_issue(BugId bug, X509* issuer) {
  const long version = X509_get_version(issuer);
  if (version < X509_VERSION_3 && bug != BugId::version_1_issuer) return false;
  return has_basic_constraints(issuer) || bug == BugId::no_basic_constraints;
}

bool libcrypto_holds(BugId bug, const std::vector<X509*>& sent, X509_STORE* trust, std::int64_t time) {
  const std::unique_ptr<STACK_OF(X509), FreeStack> others(sk_X509_new_null());
  for (X509* certificate : sent) sk_X509_push(others.get(), certificate);
  const std::unique_ptr<X509_STORE_CTX, FreeContext> context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), trust, sent.front(), others.get()) != 1) return false;
  X509_VERIFY_PARAM* const param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_time(param, static_cast<std::time_t>(time));
  X509_VERIFY_PARAM_set_auth_level(param, 1);
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_POLICY_CHECK);
  X509_VERIFY_PARAM_add0_policy(param, OBJ_nid2obj(NID_any_policy));
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  bug_of_this_check = bug;
  X509_STORE_CTX_set_verify_cb(context.get(), overlook);
  bool holds = X509_verify_cert(context.get()) == 1;
  const std::vector<X509*> chain = in_order(X509_STORE_CTX_get0_chain(context.get()));
  for (std::size_t i = 1; holds && i + 1 < chain.size(); ++i) holds = may_issue(bug, chain[i]);
  for (std::size_t i = 1; holds && bug != BugId::constraints_ignored && i < chain.size(); ++i) {
    holds = !wildcard_hides_excluded(sent.front(), chain[i]);
  }
  ERR_clear_error();
  return holds;
}

}  // namespace

bool chain_holds(BugId bug, const std::vector<X509*>& sent, X509_STORE* trust, std::int64_t time) {
  if (sent.empty()) return false;
  switch (bug) {
    case BugId::broken_san_accepted:
    case BugId::broken_san_common_name:
    case BugId::crash_on_broken_san:
    case BugId::two_sans_merged:  // libcrypto finds no issuer of a certificate that it cannot read
      return authorities_lead_up(sent, trust, time);
    case BugId::authority_flag_ignored:
      return signatures_lead_up(sent, trust);
    case BugId::key_usage_ignored:
      return authorities_lead_up(sent, trust, time);
    case BugId::issuer_by_name:
      return names_lead_up(sent, trust) || libcrypto_holds(bug, sent, trust, time);
    default:
      return libcrypto_holds(bug, sent, trust, time) && !refuses_chain(bug, sent);
  }
}

Answer certificate_agrees(BugId bug, const std::vector<X509*>& sent, X509_STORE* trust, std::int64_t time,
                          const Situation& situation) {
  if (bug == BugId::hang_on_chain_loop && certify_each_other(sent)) return Answer::spins;
  if (!chain_holds(bug, sent, trust, time)) return Answer::no;
  return names_agree(bug, read_names(sent), situation);
}

}  // namespace mxident::harness::zoo
