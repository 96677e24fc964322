#include "harness/adequacy/announced.hpp"

#include <openssl/evp.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "certs/openssl_ptr.hpp"
#include "mocks/world.hpp"

namespace mxident::harness::zoo {
namespace {

using State = TlsaAnswer::State;

constexpr std::string_view kDigits = "0123456789",
                           kIdOctets = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool is_of(std::string_view octets, std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most && text.find_first_not_of(octets) == std::string_view::npos;
}

/// The usual form of a record; what an odd one is worth is left to clients that read it.
bool has_id(std::string_view record) {
  constexpr std::string_view kBegin = "v=STSv1; id=";
  return record.starts_with(kBegin) &&
         is_of(kIdOctets, record.substr(kBegin.size(), record.find(';', kBegin.size()) - kBegin.size()), 32);
}

mocks::ZoneState zone_of(const mocks::DnsSpec& dns, const std::string& name) {
  auto state = mocks::ZoneState::insecure;
  std::size_t longest = 0;
  for (const auto& [apex, zone] : dns.zones) {
    const std::string folded = fold_host(apex);
    const bool inside = name == folded || name.ends_with("." + folded);
    if (!inside || folded.size() < longest) continue;
    longest = folded.size();
    state = zone;
  }
  return state;
}

std::vector<DnsLine> lines_at(const mocks::DnsSpec& dns, const std::string& owner) {
  std::vector<DnsLine> out;
  for (const auto& text : dns.lines) {
    const auto line = split_dns_line(text);
    if (line && fold_host(line->owner) == owner) out.push_back(*line);
  }
  return out;
}

std::string octets_of(const std::vector<std::string>& data) {
  std::string hex, out;
  for (std::size_t i = 3; i < data.size(); ++i) hex += data[i];
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return out;
}

/// The name behind CNAMEs; "": they do not end.
std::string target_of(const mocks::DnsSpec& dns, std::string name) {
  for (std::size_t step = 0; step <= dns.lines.size(); ++step) {
    const auto lines = lines_at(dns, name);
    const auto alias =
        std::find_if(lines.begin(), lines.end(), [](const auto& line) { return line.type == "CNAME"; });
    if (alias == lines.end() || alias->data.empty()) return name;
    name = fold_host(alias->data[0]);
  }
  return "";
}

TlsaAnswer records_at(const mocks::DnsSpec& dns, const std::string& asked) {
  TlsaAnswer out;
  const std::string owner = target_of(dns, asked);
  bool is_secure = true;
  for (const auto& name : {asked, owner}) {
    const auto zone = zone_of(dns, name);
    if (zone == mocks::ZoneState::bogus || zone == mocks::ZoneState::expired) out.state = State::failed;
    is_secure = is_secure && zone == mocks::ZoneState::secure;
  }
  for (const auto& line : lines_at(dns, owner)) {
    if (line.type == "SERVFAIL" || (line.type == "TLSA" && line.data == std::vector<std::string>{"SERVFAIL"}))
      out.state = State::failed;
    if (line.type != "TLSA" || line.data.size() < 4) continue;
    out.records.push_back(
        {std::stoi(line.data[0]), std::stoi(line.data[1]), std::stoi(line.data[2]), octets_of(line.data)});
  }
  if (out.state != State::failed && !out.records.empty())
    out.state = is_secure ? State::secure : State::insecure;
  return out;
}

bool is_usable(const TlsaRecord& record) {
  const std::size_t wanted = record.matching == 1 ? 32 : record.matching == 2 ? 64 : record.data.size();
  return (record.usage == 2 || record.usage == 3) && (record.selector == 0 || record.selector == 1) &&
         record.matching >= 0 && record.matching <= 2 && record.data.size() == wanted && !record.data.empty();
}

std::vector<TlsaRecord> usable(BugId bug, const TlsaAnswer& answer) {
  std::vector<TlsaRecord> out;
  std::copy_if(answer.records.begin(), answer.records.end(), std::back_inserter(out), is_usable);
  if (bug == BugId::dane_first_record_only && !out.empty()) out.resize(1);
  return out;
}

bool matches(BugId bug, const TlsaRecord& record, X509* certificate) {
  const bool whole = record.selector == 0 && bug != BugId::dane_selector_ignored;
  unsigned char* der = nullptr;
  const int size =
      whole ? i2d_X509(certificate, &der) : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) return false;
  std::string octets(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  if (record.matching != 0) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_Digest(octets.data(), octets.size(), digest, &length,
               record.matching == 1 ? EVP_sha256() : EVP_sha512(), nullptr);
    octets.assign(reinterpret_cast<char*>(digest), length);
  }
  return octets == record.data;
}

bool names_one_of(const std::vector<X509*>& sent, const Situation& situation,
                  const std::vector<std::string>& references) {
  const Names names = read_names(sent);
  return std::any_of(references.begin(), references.end(), [&](const auto& reference) {
    Situation one = situation;
    one.host = reference;
    return names_agree(BugId::none, names, one) == Answer::yes;
  });
}

using HeldCertificate = certs::OpensslPtr<X509, X509_free>;

/// The certificate that a record gives in full; null: it gives none.
HeldCertificate held_certificate(const TlsaRecord& record) {
  if (record.selector != 0 || record.matching != 0) return nullptr;
  const auto* at = reinterpret_cast<const unsigned char*>(record.data.data());
  return HeldCertificate(d2i_X509(nullptr, &at, static_cast<long>(record.data.size())));
}

/// A chain to this certificate, which the records make an anchor.
bool leads_to(const std::vector<X509*>& sent, X509* anchor, std::int64_t time) {
  const certs::OpensslPtr<X509_STORE, X509_STORE_free> store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), anchor);
  X509_VERIFY_PARAM_set_flags(X509_STORE_get0_param(store.get()), X509_V_FLAG_PARTIAL_CHAIN);
  return chain_holds(BugId::none, sent, store.get(), time);
}

bool is_in_time(X509* leaf, std::int64_t time) {
  std::time_t at = static_cast<std::time_t>(time);
  return X509_cmp_time(X509_get0_notBefore(leaf), &at) < 0 &&
         X509_cmp_time(X509_get0_notAfter(leaf), &at) > 0;
}

bool covers(BugId bug, std::string pattern, const std::string& host) {
  pattern = fold_host(pattern);
  if (!pattern.starts_with("*.")) return pattern == host;
  const std::string base = pattern.substr(1);
  if (bug == BugId::sts_wildcard_bare_domain && host == base.substr(1)) return true;
  if (bug == BugId::sts_wildcard_suffix && host.ends_with(base.substr(1))) return true;
  if (host.size() <= base.size() || !host.ends_with(base)) return false;
  return bug == BugId::sts_wildcard_many_labels || host.find('.') == host.size() - base.size();
}

Demand sts_demand(BugId bug, const Announced& domain, const std::string& name) {
  if (!domain.sts || bug == BugId::sts_ignored) return Demand::nothing;
  const std::string& mode = domain.sts->mode;
  if (mode == "none" && bug == BugId::sts_none_enforced) return Demand::proof;
  const bool enforced = mode == "enforce" || (mode == "testing" && bug == BugId::sts_testing_enforced);
  if (!enforced) return Demand::nothing;
  const auto& patterns = domain.sts->patterns;
  const auto end =
      bug == BugId::sts_first_line_only && !patterns.empty() ? patterns.begin() + 1 : patterns.end();
  const bool listed = bug == BugId::sts_patterns_ignored ||
                      std::any_of(patterns.begin(), end, [&](const auto& p) { return covers(bug, p, name); });
  return listed ? Demand::proof : Demand::passed_over;
}

Demand dane_demand(BugId bug, const Announced& domain, const TlsaAnswer& host) {
  const TlsaAnswer& asked = bug == BugId::dane_record_at_domain ? domain.at_domain : host;
  if (bug == BugId::dane_ignored) return Demand::nothing;
  if (asked.state == State::failed)
    return bug == BugId::dane_failure_is_none ? Demand::nothing : Demand::passed_over;
  const bool counts =
      asked.state == State::secure || (bug == BugId::dane_insecure_trusted && asked.state == State::insecure);
  if (!counts) return Demand::nothing;
  if (!usable(bug, asked).empty()) return Demand::proof;
  return bug == BugId::dane_unusable_is_none ? Demand::nothing : Demand::encryption;
}

}  // namespace

TlsaAnswer tlsa_of(const mocks::DnsSpec& dns, const std::string& host) {
  const std::string name = fold_host(host), target = target_of(dns, name);
  const auto zone = zone_of(dns, target);
  if (zone == mocks::ZoneState::bogus || zone == mocks::ZoneState::expired) return {State::failed, {}};
  for (const auto& base : {target, name}) {
    TlsaAnswer out = records_at(dns, "_25._tcp." + base);
    if (out.state != State::none) return out;
  }
  return {};
}

std::optional<StsAnnounced> sts_of(const std::vector<mocks::StsSpec>& specs, const std::string& domain) {
  for (const auto& spec : specs) {
    const bool simple = spec.policy && spec.certificate.starts_with(kAutoPrefix) && spec.http_status == 200 &&
                        spec.location.empty() && spec.pad_to == 0 && spec.record && has_id(*spec.record);
    if (fold_host(spec.domain) != fold_host(domain) || !simple) continue;
    StsAnnounced out;
    bool has_version = false, has_age = false;
    for (std::size_t at = 0; at < spec.policy->size();) {
      const std::size_t end = std::min(spec.policy->find('\n', at), spec.policy->size());
      std::string line = spec.policy->substr(at, end - at);
      at = end + 1;
      if (line.ends_with('\r')) line.pop_back();
      const std::size_t value = line.find_first_not_of(' ', line.find(':') + 1);
      if (value == std::string::npos) continue;
      if (line == "version: STSv1") has_version = true;
      if (line.starts_with("max_age:")) has_age = is_of(kDigits, line.substr(value), 10);
      if (line.starts_with("mode:") && out.mode.empty()) out.mode = line.substr(value);
      if (line.starts_with("mx:")) out.patterns.push_back(line.substr(value));
    }
    if (has_version && has_age) return out;
  }
  return std::nullopt;
}

Announced announced_of(const mocks::WorldSpec& spec, const std::string& domain) {
  const std::string name = fold_host(domain);
  const bool is_secure = zone_of(spec.dns, name) == mocks::ZoneState::secure;
  return {is_secure, is_secure ? target_of(spec.dns, name) : name, tlsa_of(spec.dns, domain),
          sts_of(spec.sts, domain)};
}

Demand demand_of(BugId bug, PolicyId policy, const Announced& domain, const TlsaAnswer& host,
                 const std::string& name) {
  switch (policy) {
    case PolicyId::dane:
      return dane_demand(bug, domain, host);
    case PolicyId::mta_sts:
      return sts_demand(bug, domain, name);
    default:
      return Demand::proof;
  }
}

bool dane_agrees(BugId bug, const std::vector<X509*>& sent, const Announced& domain, const TlsaAnswer& host,
                 std::int64_t time, const Situation& situation) {
  if (sent.empty()) return false;
  std::vector<std::string> references{situation.host};
  if (!situation.alias.empty()) references.push_back(situation.alias);
  const bool next_hop = domain.is_mx_secure && bug != BugId::dane_next_hop_refused;
  if (next_hop) references.insert(references.end(), {situation.domain, domain.expanded});
  for (const TlsaRecord& record :
       usable(bug, bug == BugId::dane_record_at_domain ? domain.at_domain : host)) {
    if (record.usage == 3) {
      if (!matches(bug, record, sent.front())) continue;
      if (bug == BugId::dane_ee_name_checked && !names_one_of(sent, situation, references)) continue;
      if (bug == BugId::dane_ee_dates_checked && !is_in_time(sent.front(), time)) continue;
      return true;
    }
    // An anchor that the record itself holds need not be sent (RFC 7671 5.2.2).
    const HeldCertificate held = held_certificate(record);
    std::vector<X509*> candidates = sent;
    if (held) candidates.push_back(held.get());
    for (X509* certificate : candidates) {
      if (!matches(bug, record, certificate)) continue;
      if (bug == BugId::dane_leaf_only && certificate != sent.front()) continue;
      if (bug == BugId::dane_direct_issuer_only && sent.size() > 1 && certificate != sent[1]) continue;
      const bool named = bug == BugId::dane_ta_name_unchecked || names_one_of(sent, situation, references);
      if (named && (bug == BugId::dane_ta_chain_unchecked || leads_to(sent, certificate, time))) return true;
    }
  }
  return false;
}

bool names_listed_host(const std::vector<X509*>& sent, const StsAnnounced& policy) {
  const Names names = read_names(sent);
  return std::any_of(names.dns.begin(), names.dns.end(), [&](const auto& name) {
    return std::any_of(policy.patterns.begin(), policy.patterns.end(), [&](const auto& pattern) {
      return name == pattern || covers(BugId::none, pattern, fold_host(name));
    });
  });
}

}  // namespace mxident::harness::zoo
