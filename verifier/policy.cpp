#include "policy.hpp"

namespace mxident {
namespace {

// RFC 2818 3.1: any dNSName beats the CN, the most specific CN counts, wildcards also as fragments and in any
// label.
constexpr NameRules rfc2818_rules() {
  NameRules rules;
  rules.common_name = CommonNameUse::unless_dns_name;
  rules.common_name_choice = CommonNameChoice::most_specific;
  rules.ip_blocks_common_name = Switch::off;
  rules.partial_wildcards = Switch::on;
  rules.inner_wildcards = Switch::on;
  rules.labels_after_wildcard = 1;  // its own example "f*.com"
  return rules;
}

// RFC 6125 6.4.4: the CN as a last resort; partial wildcards are a MAY that we leave off (D3).
constexpr NameRules rfc6125_rules() {
  NameRules rules;
  rules.common_name = CommonNameUse::last_resort;
  return rules;
}

// RFC 7817 3: as RFC 6125 without URI-ID; SRV-ID for clients that discover the server by SRV.
constexpr NameRules rfc7817_rules() {
  NameRules rules = rfc6125_rules();
  rules.srv_ids = Switch::on;
  return rules;
}

// RFC 7672 3.2.3: the CN only without any DNS-ID.
constexpr NameRules dane_rules() {
  NameRules rules;
  rules.common_name = CommonNameUse::unless_dns_name;
  return rules;
}

constexpr Policy row(PolicyId id, TlsDemand tls, ChainDemand chain, NameDemand names,
                     ReferenceSelection references, const NameRules& rules = {}) {
  Policy result;
  result.id = id;
  result.tls = tls;
  result.chain = chain;
  result.names = names;
  result.references = references;
  result.rules = rules;
  return result;
}

using enum PolicyId;
constexpr std::array<Policy, kPolicyCount> kPolicies{
    row(no_tls, TlsDemand::never, ChainDemand::not_checked, NameDemand::not_checked,
        ReferenceSelection::none),
    row(opportunistic, TlsDemand::if_offered, ChainDemand::not_checked, NameDemand::not_checked,
        ReferenceSelection::none),
    row(encrypt, TlsDemand::required, ChainDemand::not_checked, NameDemand::not_checked,
        ReferenceSelection::none),
    row(chain_only, TlsDemand::required, ChainDemand::required, NameDemand::not_checked,
        ReferenceSelection::none),
    row(rfc2818, TlsDemand::required, ChainDemand::required, NameDemand::required,
        ReferenceSelection::mx_host, rfc2818_rules()),
    row(rfc6125, TlsDemand::required, ChainDemand::required, NameDemand::required,
        ReferenceSelection::mx_host, rfc6125_rules()),
    row(rfc7817, TlsDemand::required, ChainDemand::required, NameDemand::required,
        ReferenceSelection::mx_host, rfc7817_rules()),
    row(rfc9525, TlsDemand::required, ChainDemand::required, NameDemand::required,
        ReferenceSelection::mx_host),
    row(nexthop, TlsDemand::required, ChainDemand::required, NameDemand::required,
        ReferenceSelection::recipient_domain),
    row(mta_sts, TlsDemand::required, ChainDemand::required, NameDemand::required,
        ReferenceSelection::mta_sts),
    row(dane, TlsDemand::required, ChainDemand::required, NameDemand::required, ReferenceSelection::dane,
        dane_rules()),
};

static_assert([] {
  for (std::size_t i = 0; i < kPolicyCount; ++i) {
    if (kPolicies[i].id != static_cast<PolicyId>(i)) return false;
  }
  return true;
}());

constexpr std::array<std::string_view, kPolicyCount> kIds{"no-tls",  "opportunistic", "encrypt", "chain-only",
                                                          "rfc2818", "rfc6125",       "rfc7817", "rfc9525",
                                                          "nexthop", "mta-sts",       "dane"};

constexpr std::array<std::string_view, 3> kProfiles{"mail", "strict", "webpki"};

constexpr std::array<PolicyInfo, kPolicyCount> kInfos{{
    {"never asks for TLS", "RFC 5321"},
    {"uses TLS where it is offered, checks nothing and delivers in clear otherwise",
     "RFC 3207 4.1, RFC 7435"},
    {"requires TLS; neither chain nor names are checked", "RFC 3207 4.1"},
    {"requires TLS and a trusted chain; names are not checked", "RFC 5280 6"},
    {"requires TLS, a trusted chain and the MX host by the old rules of HTTPS", "RFC 2818 3.1"},
    {"requires TLS, a trusted chain and the MX host; the common name is a last resort", "RFC 6125 6"},
    {"requires TLS, a trusted chain and the configured host, as mail programs do", "RFC 7817 3"},
    {"requires TLS, a trusted chain and the MX host; the common name never counts", "RFC 9525 6"},
    {"requires TLS, a trusted chain and the recipient domain", "RFC 9525 6.1.1"},
    {"does what the domain's MTA-STS policy says, opportunistic without one", "RFC 8461 4"},
    {"does what the host's secure TLSA records say, opportunistic without any", "RFC 7672 2.2"},
}};

}  // namespace

std::string_view to_string(PolicyId id) {
  return kIds[static_cast<std::size_t>(id)];
}

std::optional<PolicyId> policy_from_string(std::string_view text) {
  for (std::size_t i = 0; i < kIds.size(); ++i) {
    if (kIds[i] == text) return static_cast<PolicyId>(i);
  }
  return std::nullopt;
}

std::string_view to_string(Profile profile) {
  return kProfiles[static_cast<std::size_t>(profile)];
}

std::optional<Profile> profile_from_string(std::string_view text) {
  for (std::size_t i = 0; i < kProfiles.size(); ++i) {
    if (kProfiles[i] == text) return static_cast<Profile>(i);
  }
  return std::nullopt;
}

const Policy& policy(PolicyId id) {
  return kPolicies[static_cast<std::size_t>(id)];
}
const std::array<Policy, kPolicyCount>& all_policies() {
  return kPolicies;
}
PolicyInfo describe(PolicyId id) {
  return kInfos[static_cast<std::size_t>(id)];
}

}  // namespace mxident
