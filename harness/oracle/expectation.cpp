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

/// The host as a client is told it.
std::string named(const Scenario& scenario, const std::string& host) {
  return !scenario.reference.empty() && host == preferred_host(scenario) ? scenario.reference : host;
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
      return std::vector<Reference>{{RefKind::host, named(scenario, host)}};
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
  // Not every library signs with Ed25519; without a common algorithm there is no handshake.
  // A SAN entry whose octets the scenario states is odd, or it would not: a library may not read it at all.
  const certs::CertificateSpec& spec = request->second.spec;
  const auto san = spec.san.value_or(std::vector<certs::GeneralName>{});
  const bool stated_octets =
      std::any_of(san.begin(), san.end(), [](const auto& name) { return name.type == certs::NameType::der; });
  Expected out = spec.key == certs::KeyType::ed25519 || stated_octets ? Expected::either : Expected::accept;
  const ChainVerdict chain = check_chain(scenario.certificates, id, scenario.clock.value_or(now));
  if (policy.chain == ChainDemand::required) {
    if (chain == ChainVerdict::bad) return Expected::reject;
    if (chain == ChainVerdict::unknown) return std::nullopt;
    if (chain == ChainVerdict::open) out = Expected::either;
    if (policy.profile != Profile::mail && may_break_duties(scenario.certificates)) out = Expected::either;
  } else if (chain == ChainVerdict::unknown) {
    // A certificate so odd that a library may not read it, whatever is demanded of it.
    out = Expected::either;
  }
  if (policy.names == NameDemand::not_checked) return out;
  const auto wanted = references(scenario, policy, host);
  const PresentedBy presented = names_of(request->second.spec);
  if (!wanted) return std::nullopt;
  const auto verdict = check_presented(presented, *wanted, rules_for(policy));
  if (!verdict) return std::nullopt;
  const Expected names = of_verdict(*verdict);
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

/// A line of an EHLO reply that offers STARTTLS: keywords have no case (RFC 5321 2.4), and the first line
/// holds none (4.1.1.1).
bool offers_starttls(const std::string& reply) {
  std::size_t at = reply.find('\n');
  while (at != std::string::npos) {
    const std::size_t end = std::min(reply.find('\n', at + 1), reply.size());
    std::string line = reply.substr(at + 1, end - at - 1);
    if (line.ends_with('\r')) line.pop_back();
    std::transform(line.begin(), line.end(), line.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    if (line == "250-STARTTLS" || line == "250 STARTTLS") return true;
    at = end == reply.size() ? std::string::npos : end;
  }
  return false;
}

/// Whether the replies of its own that a server has mean what the usual ones mean, in other words.
bool says_the_usual(const mocks::SmtpServerSpec& server) {
  return std::all_of(server.replies.begin(), server.replies.end(), [&](const auto& reply) {
    const auto& [verb, override_] = reply;
    const std::string text = override_.text + override_.late;
    if (override_.close_after || override_.delay.count() > 0 || override_.repeat != 1) return false;
    if (verb == "CONNECT") return text.starts_with("220");
    if (verb == "EHLO")
      return text.starts_with("250") && server.starttls == mocks::Starttls::offered && offers_starttls(text);
    if (verb == "EHLO-TLS") return text.starts_with("250");
    if (verb == "STARTTLS")
      return server.starttls == mocks::Starttls::injected
                 ? text.starts_with("220")
                 : text.starts_with("220") && server.starttls == mocks::Starttls::offered;
    return false;
  });
}

std::optional<Expected> at_host(const Scenario& scenario, const Policy& policy, const std::string& host,
                                std::int64_t now) {
  const ScenarioServer* found = server_of(scenario, host);
  if (!found) return std::nullopt;
  const mocks::SmtpServerSpec& server = found->spec;
  if (!says_the_usual(server) || !server.then.empty() || server.sni != mocks::Sni::looked_at)
    return std::nullopt;
  if (server.tls_max < mocks::TlsVersion::tls1_2) return std::nullopt;
  const bool required = policy.tls == TlsDemand::required;
  if (server.starttls == mocks::Starttls::implicit) {
    if (policy.tls == TlsDemand::never) return std::nullopt;
    return with_tls(scenario, policy, host, server, now);
  }
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

/// RFC 8689 4.2.2: a relay that knows the header field delivers all the same; one that does not, does not.
bool names_no_need_of_tls(const Scenario& scenario) {
  return std::any_of(scenario.headers.begin(), scenario.headers.end(), [](const std::string& line) {
    return fold_host(line.substr(0, line.find(':'))) == "tls-required";
  });
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
  return out == Expected::reject && names_no_need_of_tls(scenario) ? Expected::either : out;
}

}  // namespace mxident::harness::oracle
