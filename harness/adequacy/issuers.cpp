// Chains as clients with a bug see them: other ways from a leaf to a trust anchor, and other limits on them.
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "harness/adequacy/certificate.hpp"

namespace mxident::harness::zoo {
namespace {

constexpr std::size_t kLongChain = 3;

struct FreeConstraints {
  void operator()(NAME_CONSTRAINTS* limits) const { NAME_CONSTRAINTS_free(limits); }
};
using ConstraintsPtr = std::unique_ptr<NAME_CONSTRAINTS, FreeConstraints>;

ConstraintsPtr constraints_of(X509* issuer) {
  return ConstraintsPtr(
      static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(issuer, NID_name_constraints, nullptr, nullptr)));
}

bool named_as_issuer(X509* issuer, X509* subject) {
  return X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_issuer_name(subject)) == 0;
}

bool signed_by(X509* issuer, X509* subject) {
  return named_as_issuer(issuer, subject) && X509_verify(subject, X509_get0_pubkey(issuer)) == 1;
}

/// From the leaf up to a trust anchor, each step to a certificate that `signs` the one below.
bool leads_up(const std::vector<X509*>& sent, X509_STORE* trust, bool (*signs)(X509* issuer, X509* subject)) {
  X509* at = sent.front();
  for (std::size_t step = 0; step <= sent.size(); ++step) {
    STACK_OF(X509)* const anchors = X509_STORE_get1_all_certs(trust);
    bool anchored = false;
    for (int i = 0; i < sk_X509_num(anchors); ++i)
      anchored = anchored || signs(sk_X509_value(anchors, i), at);
    sk_X509_pop_free(anchors, X509_free);
    if (anchored) return true;
    const auto next = std::find_if(sent.begin() + 1, sent.end(),
                                   [&](X509* other) { return other != at && signs(other, at); });
    if (next == sent.end()) return false;
    at = *next;
  }
  return false;
}

bool is_self_issued(X509* certificate) {
  return named_as_issuer(certificate, certificate);
}

bool has_unknown_extension(X509* leaf) {
  for (int i = 0; i < X509_get_ext_count(leaf); ++i) {
    if (OBJ_obj2nid(X509_EXTENSION_get_object(X509_get_ext(leaf, i))) == NID_undef) return true;
  }
  return false;
}

bool has_critical_san(X509* leaf) {
  const int at = X509_get_ext_by_NID(leaf, NID_subject_alt_name, -1);
  return at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(leaf, at)) == 1;
}

bool has_generalized_time(X509* certificate) {
  return ASN1_STRING_type(X509_get0_notAfter(certificate)) == V_ASN1_GENERALIZEDTIME;
}

/// All subtrees are of `type`, and there is one.
bool all_of_type(const STACK_OF(GENERAL_SUBTREE) * trees, int type, bool& any) {
  for (int i = 0; i < (trees != nullptr ? sk_GENERAL_SUBTREE_num(trees) : 0); ++i) {
    if (sk_GENERAL_SUBTREE_value(trees, i)->base->type != type) return false;
    any = true;
  }
  return true;
}

/// No issuer limits anything but names of `type`, so that the violation is one of them.
bool only_of_type(const std::vector<X509*>& chain, int type) {
  bool any = false;
  for (std::size_t i = 1; i < chain.size(); ++i) {
    const ConstraintsPtr limits = constraints_of(chain[i]);
    if (limits && !(all_of_type(limits->permittedSubtrees, type, any) &&
                    all_of_type(limits->excludedSubtrees, type, any)))
      return false;
  }
  return any;
}

/// Whether this dNSName of a leaf ends, letter for letter, in a dNSName subtree of one of the issuers.
bool ends_in_subtree(const std::vector<X509*>& chain, STACK_OF(GENERAL_SUBTREE) * NAME_CONSTRAINTS::*list,
                     const std::string& name) {
  for (std::size_t i = 1; i < chain.size(); ++i) {
    const ConstraintsPtr limits = constraints_of(chain[i]);
    const STACK_OF(GENERAL_SUBTREE)* const trees = limits ? (*limits).*list : nullptr;
    for (int k = 0; k < (trees != nullptr ? sk_GENERAL_SUBTREE_num(trees) : 0); ++k) {
      const GENERAL_NAME& base = *sk_GENERAL_SUBTREE_value(trees, k)->base;
      if (base.type != GEN_DNS) continue;
      const std::string limit(reinterpret_cast<const char*>(ASN1_STRING_get0_data(base.d.dNSName)),
                              static_cast<std::size_t>(ASN1_STRING_length(base.d.dNSName)));
      if (name.ends_with(limit)) return true;
    }
  }
  return false;
}

/// Only the leaf's own issuer limits it, and in its eyes all is well.
bool own_issuer_agrees(const std::vector<X509*>& chain) {
  if (chain.size() < 3) return false;
  const ConstraintsPtr limits = constraints_of(chain[1]);
  return !limits || NAME_CONSTRAINTS_check(chain.front(), limits.get()) == X509_V_OK;
}

}  // namespace

bool names_lead_up(const std::vector<X509*>& sent, X509_STORE* trust) {
  return leads_up(sent, trust, named_as_issuer);
}

bool signatures_lead_up(const std::vector<X509*>& sent, X509_STORE* trust) {
  return leads_up(sent, trust, signed_by);
}

bool authorities_lead_up(const std::vector<X509*>& sent, X509_STORE* trust, std::int64_t time) {
  std::time_t now = static_cast<std::time_t>(time);
  return std::all_of(sent.begin(), sent.end(),
                     [&](X509* certificate) {
                       return X509_cmp_time(X509_get0_notBefore(certificate), &now) < 0 &&
                              X509_cmp_time(X509_get0_notAfter(certificate), &now) > 0;
                     }) &&
         leads_up(sent, trust, [](X509* issuer, X509* subject) {
           return (X509_get_extension_flags(issuer) & EXFLAG_CA) != 0 && signed_by(issuer, subject);
         });
}

bool refuses_chain(BugId bug, const std::vector<X509*>& sent) {
  const auto any = [&](auto test) { return std::any_of(sent.begin(), sent.end(), test); };
  switch (bug) {
    case BugId::unknown_extension_refused:
      return has_unknown_extension(sent.front());
    case BugId::sent_root_refused:
      return sent.size() > 1 && is_self_issued(sent.back());
    case BugId::long_chain_refused:
      return sent.size() > kLongChain;
    case BugId::empty_subject_refused:
      return X509_NAME_entry_count(X509_get_subject_name(sent.front())) == 0;
    case BugId::critical_san_refused:
      return has_critical_san(sent.front());
    case BugId::generalized_time_refused:
      return any(has_generalized_time);
    default:
      return false;
  }
}

bool overlooks_constraints(BugId bug, const std::vector<X509*>& chain) {
  const std::vector<std::string> names = read_names(chain.front()).dns;
  switch (bug) {
    case BugId::address_constraints_ignored:
      return only_of_type(chain, GEN_IPADD);
    case BugId::email_constraints_ignored:
      return only_of_type(chain, GEN_EMAIL);
    case BugId::directory_constraints_ignored:
      return only_of_type(chain, GEN_DIRNAME);
    case BugId::upper_constraints_ignored:
      return own_issuer_agrees(chain);
    case BugId::constraint_by_ending:
      return std::all_of(names.begin(), names.end(), [&](const auto& name) {
        return ends_in_subtree(chain, &NAME_CONSTRAINTS::permittedSubtrees, name);
      });
    case BugId::constraint_by_case:
      return std::none_of(names.begin(), names.end(), [&](const auto& name) {
        return ends_in_subtree(chain, &NAME_CONSTRAINTS::excludedSubtrees, name);
      });
    default:
      return false;
  }
}

bool certify_each_other(const std::vector<X509*>& sent) {
  return std::any_of(sent.begin(), sent.end(), [&](X509* one) {
    return std::any_of(sent.begin(), sent.end(), [&](X509* other) {
      return one != other && !is_self_issued(one) && named_as_issuer(one, other) &&
             named_as_issuer(other, one);
    });
  });
}

}  // namespace mxident::harness::zoo
