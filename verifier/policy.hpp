// Policies: what a client demands of TLS, chain and names, and the switches of its name rules.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mxident {

/// The named policies. Each one is a row of a table in policy.cpp; to_string gives the kebab-case id.
enum class PolicyId {
  no_tls,         ///< never asks for TLS
  opportunistic,  ///< RFC 3207, RFC 7435: TLS if offered, nothing checked, clear text otherwise
  encrypt,        ///< TLS required, chain and names not checked
  chain_only,     ///< TLS and a trusted chain required, names not checked
  rfc2818,        ///< RFC 2818 3.1 names on the MX host
  rfc6125,        ///< RFC 6125 6 names on the MX host
  rfc7817,        ///< RFC 7817 3 names on the configured host
  rfc9525,        ///< RFC 9525 6 names on the MX host
  nexthop,        ///< RFC 9525 rules with the recipient domain as reference
  mta_sts,        ///< RFC 8461
  dane,           ///< RFC 7672
};
inline constexpr std::size_t kPolicyCount = 11;

std::string_view to_string(PolicyId id);
std::optional<PolicyId> policy_from_string(std::string_view text);

enum class TlsDemand { never, if_offered, required };
enum class ChainDemand { not_checked, required };
enum class NameDemand { not_checked, required };

/// When a subject common name may stand in for a dNSName (rules D1, D2).
enum class CommonNameUse {
  never,            ///< RFC 9525 2, RFC 8461 4.2
  last_resort,      ///< RFC 6125 6.4.4: no DNS-ID, SRV-ID or URI-ID presented
  unless_dns_name,  ///< RFC 2818 3.1, RFC 7672 3.2.3: no dNSName presented
};
/// Which CN counts when there are several (D20).
enum class CommonNameChoice { most_specific, each_single_valued_rdn };
enum class Switch { off, on };

/// How strictly the certificates of a path are held to the duties of those who issue them
/// (docs/decisions.md, "Profiles"). Each holds what the one before it holds.
enum class Profile {
  mail,    ///< what a relying party has to check
  strict,  ///< also what RFC 5280 asks of conforming authorities
  webpki,  ///< also what the CA/Browser Forum asks of the web's authorities
};
std::string_view to_string(Profile profile);
std::optional<Profile> profile_from_string(std::string_view text);

/// Switches of the name rules. Defaults are those of RFC 9525 with the project's decisions
/// (docs/decisions.md, D1-D28).
struct NameRules {
  CommonNameUse common_name = CommonNameUse::never;
  CommonNameChoice common_name_choice = CommonNameChoice::each_single_valued_rdn;
  Switch ip_blocks_common_name = Switch::on;   ///< D2
  Switch wildcards = Switch::on;               ///< RFC 9525 6.3
  Switch partial_wildcards = Switch::off;      ///< "mx*.x", "*1.x", "m*1.x" (D3)
  Switch inner_wildcards = Switch::off;        ///< "mx1.*.x", "*.*.x" (D3)
  Switch multi_label_wildcards = Switch::off;  ///< D4
  std::size_t labels_after_wildcard =
      2;  ///< D6; 1 allows "*.com", 0 allows "*"; counted after the last wildcard
  Switch public_suffix_guard = Switch::off;  ///< D5; needs a callback
  Switch ip_ids = Switch::on;
  Switch srv_ids = Switch::off;    ///< RFC 9525 3: no mail transfer specification uses SRV-ID ...
  Switch uri_ids = Switch::off;    ///< ... or URI-ID
  Switch underscore = Switch::on;  ///< D9
  Switch single_label_references = Switch::off;  ///< D23
  Switch uts46_mapping = Switch::off;            ///< D16; only for names that a person typed
};

/// Which names the client wants proved.
enum class ReferenceSelection { none, mx_host, recipient_domain, configured, address, mta_sts, dane };

/// A policy, complete. `policy(id)` gives the named ones; a refined one starts from there.
struct Policy {
  PolicyId id = PolicyId::rfc9525;
  TlsDemand tls = TlsDemand::required;
  ChainDemand chain = ChainDemand::required;
  NameDemand names = NameDemand::required;
  ReferenceSelection references = ReferenceSelection::mx_host;
  NameRules rules;
  Profile profile = Profile::mail;
};

const Policy& policy(PolicyId id);
/// What it demands, in one sentence, and the section it rests on.
struct PolicyInfo {
  std::string_view sentence;
  std::string_view citation;
};
PolicyInfo describe(PolicyId id);
const std::array<Policy, kPolicyCount>& all_policies();

}  // namespace mxident
