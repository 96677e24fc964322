#include "harness/oracle/expectation.hpp"

#include <algorithm>

#include "harness/oracle/chain.hpp"
#include "harness/oracle/names.hpp"

namespace mxident::harness::oracle {
namespace {

/// Two answers of which one holds; equal ones are certain.
Expected merge(Expected a, Expected b) {
  return a == b ? a : Expected::either;
}

bool is_literal(const std::string& domain) {
  return domain.size() > 2 && domain.front() == '[';
}

std::string literal_text(const std::string& domain) {
  std::string text = domain.substr(1, domain.size() - 2);
  if (text.size() > 5 && (text.substr(0, 5) == "IPv6:" || text.substr(0, 5) == "ipv6:")) text.erase(0, 5);
  return text;
}

/// The references that a policy asks for at this host; nullopt where the model has none.
std::optional<std::vector<Reference>> references(const Scenario& scenario, const Policy& policy,
                                                 const std::string& host) {
  const bool literal = is_literal(scenario.domain);
  if (literal && scenario.domain.find('{') != std::string::npos)
    return std::nullopt;  // known only to a live world
  switch (policy.references) {
    case ReferenceSelection::none:
      return std::vector<Reference>{};
    case ReferenceSelection::mx_host:
    case ReferenceSelection::configured:
      if (literal) return std::vector<Reference>{{RefKind::address, literal_text(scenario.domain)}};
      return std::vector<Reference>{{RefKind::host, host}};
    case ReferenceSelection::recipient_domain:
      if (literal) return std::vector<Reference>{{RefKind::address, literal_text(scenario.domain)}};
      return std::vector<Reference>{{RefKind::host, scenario.domain}};
    case ReferenceSelection::address:
      if (literal) return std::vector<Reference>{{RefKind::address, literal_text(scenario.domain)}};
      return std::nullopt;
    case ReferenceSelection::mta_sts:
    case ReferenceSelection::dane:
      return std::nullopt;
  }
  return std::nullopt;
}

Expected of_verdict(Verdict verdict) {
  return verdict == Verdict::match      ? Expected::accept
         : verdict == Verdict::mismatch ? Expected::reject
                                        : Expected::either;
}

std::optional<Expected> by_certificate(const Scenario& scenario, const Policy& policy,
                                       const std::string& host, const std::string& id, std::int64_t now) {
  const auto request = scenario.certificates.find(id);
  if (request == scenario.certificates.end()) return std::nullopt;
  Expected out = Expected::accept;
  if (policy.chain == ChainDemand::required) {
    switch (check_chain(scenario.certificates, id, scenario.clock.value_or(now))) {
      case ChainVerdict::good:
        if (policy.profile != Profile::mail && may_break_duties(scenario.certificates))
          out = Expected::either;
        break;
      case ChainVerdict::bad:
        return Expected::reject;
      case ChainVerdict::open:
        out = Expected::either;
        break;
      case ChainVerdict::unknown:
        return std::nullopt;
    }
  }
  if (policy.names == NameDemand::not_checked) return out;
  const auto wanted = references(scenario, policy, host);
  const PresentedBy presented = names_of(request->second.spec);
  if (!wanted || !presented.complete) return std::nullopt;
  const Expected names = of_verdict(check_names(presented.names, *wanted, rules_for(policy)));
  return names == Expected::reject ? names : merge(out, names);
}

/// Whether a client of this policy may ask for this name: SNI carries the reference (RFC 6066 3, RFC 7817 3).
/// A policy that compares no names is free in what it asks for.
bool may_ask_for(const std::string& sni, const Scenario& scenario, const Policy& policy,
                 const std::string& host) {
  if (policy.names == NameDemand::not_checked) return true;
  if (is_literal(scenario.domain)) return false;  // RFC 6066 3: no SNI for an address
  const bool domain = policy.references == ReferenceSelection::recipient_domain &&
                      fold_host(sni) == fold_host(scenario.domain);
  return domain || fold_host(sni) == fold_host(host);
}

/// Certificates that the server may show to a client that sends the right SNI or none: all must agree.
std::optional<Expected> with_tls(const Scenario& scenario, const Policy& policy, const std::string& host,
                                 const mocks::SmtpServerSpec& server, std::int64_t now) {
  std::vector<std::string> ids;
  for (const auto& address : server.addresses)
    ids.push_back(address.certificate.value_or(server.certificate));
  if (ids.empty()) ids.push_back(server.certificate);
  for (const auto& [sni, id] : server.certificates_by_sni) {
    if (may_ask_for(sni, scenario, policy, host)) ids.push_back(id);
  }
  std::optional<Expected> out;
  for (const auto& id : ids) {
    if (id.empty()) return std::nullopt;
    const auto one = by_certificate(scenario, policy, host, id, now);
    if (!one) return std::nullopt;
    out = out ? merge(*out, *one) : *one;
  }
  return out;
}

std::optional<Expected> at_host(const Scenario& scenario, const Policy& policy, const std::string& host,
                                std::int64_t now) {
  const ScenarioServer* found = server_of(scenario, host);
  if (!found) return std::nullopt;
  const mocks::SmtpServerSpec& server = found->spec;
  if (!server.replies.empty()) return std::nullopt;
  if (server.tls_max < mocks::TlsVersion::tls1_2) return std::nullopt;
  const bool required = policy.tls == TlsDemand::required;
  if (server.starttls == mocks::Starttls::implicit) return std::nullopt;
  if (policy.tls == TlsDemand::never) return Expected::plaintext;
  switch (server.starttls) {
    case mocks::Starttls::offered:
      return with_tls(scenario, policy, host, server, now);
    case mocks::Starttls::injected: {
      // RFC 3207 is silent on what to do beyond not believing the octets: going on and giving up are both
      // sound.
      const auto otherwise = with_tls(scenario, policy, host, server, now);
      if (!otherwise || *otherwise == Expected::reject) return otherwise;
      return Expected::either;
    }
    // RFC 3207 4: after a 454 it is the client that decides: go on in clear, wait, or give up. Of other
    // replies it says nothing.
    case mocks::Starttls::refused_454:
    case mocks::Starttls::refused_502:
    case mocks::Starttls::refused_554:
      return required ? Expected::reject : Expected::either;
    case mocks::Starttls::hidden:
      return required ? Expected::reject : Expected::plaintext;
    case mocks::Starttls::garbage:
    case mocks::Starttls::silent:
    case mocks::Starttls::closed:
    case mocks::Starttls::alert:
      return required ? Expected::reject : Expected::either;
    case mocks::Starttls::implicit:
      break;
  }
  return std::nullopt;
}

bool has_dns_trouble(const Scenario& scenario) {
  for (const auto& [zone, state] : scenario.dns.zones) {
    if (state == mocks::ZoneState::bogus || state == mocks::ZoneState::expired) return true;
  }
  return std::any_of(scenario.dns.lines.begin(), scenario.dns.lines.end(), [](const auto& text) {
    const auto line = split_dns_line(text);
    if (!line) return true;
    const std::string& last = line->data.empty() ? line->type : line->data.back();
    return last == "SERVFAIL" || last == "NXDOMAIN" || last == "TIMEOUT" || last == "TRUNCATE";
  });
}

}  // namespace

std::optional<Expected> expect(const Scenario& scenario, const Policy& policy, const std::string& host,
                               std::int64_t now) {
  if (policy.id == PolicyId::mta_sts || policy.id == PolicyId::dane) return std::nullopt;
  if (!host.empty()) return at_host(scenario, policy, host, now);
  if (has_dns_trouble(scenario)) return std::nullopt;
  const auto hosts = mail_hosts(scenario);
  if (hosts.empty()) return Expected::none;  // null MX: no connection (RFC 7505 3)
  // A sender tries the hosts in order until one takes the message (RFC 5321 5.1).
  Expected out = Expected::reject;
  for (const auto& one : hosts) {
    const auto here = at_host(scenario, policy, one, now);
    if (!here) return std::nullopt;
    if (*here == Expected::reject) continue;
    if (out == Expected::either && *here != Expected::either) return Expected::either;
    if (*here != Expected::either) return out == Expected::reject ? *here : Expected::either;
    out = Expected::either;
  }
  return out;
}

}  // namespace mxident::harness::oracle
