// Name constraints where libcrypto is silent or too kind: subtrees that say nothing, malformed names,
// wildcards against subtrees (D18), leading dots (D17), the CN (D19), networks with holes. Internal to the
// verifier.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "certificate.hpp"
#include "policy.hpp"
#include "reasons.hpp"

namespace mxident {

/// What a star may stand for, where it is the whole left-most label (D4). Elsewhere it stays in its label.
enum class StarSpan { one_label, any_labels };

/// Some name that `pattern` stands for lies in the subtree `base` (RFC 5280 4.2.1.10). A leading dot means
/// sub-domains only, an empty base everything. Every octet "*" of `pattern` stands for any part of its label.
bool overlaps_subtree(std::string_view pattern, std::string_view base, StarSpan span = StarSpan::one_label);
/// All names that `pattern` stands for lie in the subtree.
bool inside_subtree(std::string_view pattern, std::string_view base);

/// One list of subtrees, by the forms that we hold names against.
struct Bases {
  std::vector<std::string_view> dns, ip, uri, mail;
};
struct Subtrees {
  Bases permitted, excluded;
  bool readable = true;  ///< well-formed, and with one subtree at least wherever a list stands
};
Subtrees subtrees_of(const CertificateView& certificate);

/// Subject and issuer are the same name by RFC 5280 7.1: neither string types nor the case of ASCII letters
/// count.
bool is_self_issued(const CertificateView& certificate);

/// Names that the rules let count although they are no plain dNSName: constraints hold for them as well.
struct ConstraintScope {
  Switch common_name = Switch::off;            ///< the leaf's CN may identify the server (D19)
  Switch multi_label_wildcards = Switch::off;  ///< D4
  Switch single_labels = Switch::off;          ///< a name of one label may be wanted (D23)
};

struct ConstraintViolation {
  Reason reason = Reason::chain_name_constraint;
  std::size_t depth = 0;  ///< certificate that is at fault
};

/// `path`: DER, leaf first, trust anchor last.
std::optional<ConstraintViolation> check_name_constraints(std::span<const std::string> path,
                                                          const ConstraintScope& scope);

}  // namespace mxident
