#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "harness/input/values.hpp"
#include "harness/report/verify_report.hpp"
#include "harness/text/checktls.hpp"
#include "harness/text/printable.hpp"
#include "verifier/certificate_facts.hpp"
#include "verifier/net/text.hpp"

namespace mxident::harness::cli {
namespace {

using probe::Answer;
using probe::LayerState;

constexpr std::size_t kMaxNamesShown = 12, kMaxCertificatesShown = 10;

class Text {
 public:
  template <typename... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

std::string certificate_names(const probe::SessionReport& session) {
  if (session.certificates.empty()) return "none: no TLS was reached";
  if (!session.presented) return "the certificate cannot be read";
  std::vector<std::string> names;
  for (const auto& name : session.presented->common_names) {
    names.push_back("CN=" + printable(PresentedType::common_name, name.octets));
  }
  for (const auto& name : session.presented->identifiers) {
    names.push_back(fmt::format("{}:{}", to_string(name.type()), printable(name.type(), name.octets())));
  }
  if (names.empty()) return "none";
  const std::size_t all = names.size();
  names.resize(std::min(all, kMaxNamesShown));
  std::string out = fmt::format("{}", fmt::join(names, ", "));
  if (all > kMaxNamesShown) out += fmt::format(" and {} more", all - kMaxNamesShown);
  return out;
}

std::string claimed_names(const probe::SessionReport& session) {
  std::vector<std::string> claims;
  const auto add = [&](std::string_view what, const std::string& name) {
    if (!name.empty()) claims.push_back(fmt::format("{} {}", name, what));
  };
  add("(banner)", session.banner_name);
  add("(EHLO)", session.ehlo_name);
  if (session.ehlo_name_after_tls != session.ehlo_name) add("(EHLO under TLS)", session.ehlo_name_after_tls);
  return claims.empty() ? "none" : fmt::format("{}", fmt::join(claims, ", "));
}

const probe::PolicyVerdict* find(const std::vector<probe::PolicyVerdict>& policies, PolicyId id) {
  for (const auto& one : policies) {
    if (one.policy == id) return &one;
  }
  return nullptr;
}

bool is_signed(const probe::SrvResult& srv) {
  return srv.state == probe::DnsState::secure;
}

void names_block(Text& text, const probe::DomainExamination& examination, const probe::HostExamination& host,
                 const probe::AddressExamination& address) {
  const auto& session = address.session;
  const std::string certificate = certificate_names(session), claimed = claimed_names(session);
  const std::size_t width =
      std::min<std::size_t>(60, std::max({host.host.size(), certificate.size(), claimed.size()}));
  if (examination.srv) {
    text.line("  The names");
    text.line("    domain       {:{}}  counts, also in an SRV-ID", examination.domain, width);
    text.line("    SRV target   {:{}}  {}", host.host, width,
              is_signed(*examination.srv) ? "counts: the SRV record is signed"
                                          : "does not count: anybody may have named it");
  } else if (host.expected != host.host) {
    text.line("  The names");
    text.line("    host         {:{}}  does not count: it is only how the server is found", host.host, width);
    text.line("    --name       {:{}}  counts: it has to be proved", host.expected, width);
  } else {
    text.line("  The three names");
    text.line("    MX host      {:{}}  counts: it has to be proved (under nexthop: the domain)", host.host,
              width);
  }
  text.line("    certificate  {:{}}  counts: one of these has to prove it", certificate, width);
  text.line("    server says  {:{}}  does not count: anybody may say this (RFC 3207 4.2, RFC 9525 6.1.1)",
            claimed, width);
  const probe::PolicyVerdict* const strict = find(address.policies, PolicyId::rfc9525);
  if (strict == nullptr || !session.presented || strict->judgement.name == Checked::not_checked) return;
  const auto& names = strict->judgement.names;
  if (names.verdict == MatchVerdict::match) {
    text.line("  {}", checktls_match(host.expected, names.presented));
  } else {
    text.line("  {}", checktls_mismatch(*session.presented, host.expected));
  }
}

std::string named(const std::string& subject) {
  return subject.empty() ? "no subject" : one_line(subject);
}

// The dates that matter to a fault of the chain, and who has to issue anew.
std::string fault_details(const ChainResult& chain, const probe::SessionReport& session) {
  for (const auto& der : session.certificates) {
    const auto facts = certificate_facts(der);
    if (!facts || facts->subject != chain.subject) continue;
    if (chain.reason == Reason::chain_expired) {
      return fmt::format(": expired {} (issuer {})", format_rfc3339(facts->not_after), named(facts->issuer));
    }
    if (chain.reason == Reason::chain_not_yet_valid) {
      return fmt::format(": valid from {} (issuer {})", format_rfc3339(facts->not_before),
                         named(facts->issuer));
    }
    return fmt::format(" (issuer {})", named(facts->issuer));
  }
  return {};
}

void certificates_block(Text& text, const probe::SessionReport& session) {
  for (std::size_t i = 0; i < std::min(session.certificates.size(), kMaxCertificatesShown); ++i) {
    const auto facts = certificate_facts(session.certificates[i]);
    if (!facts) {
      text.line("    {}  cannot be read", i);
      continue;
    }
    text.line("    {}  {}", i, named(facts->subject));
    text.line("       issuer {}, {} to {}", named(facts->issuer), format_rfc3339(facts->not_before),
              format_rfc3339(facts->not_after));
    text.line("       SHA-256 {}", facts->sha256);
  }
  if (session.certificates.size() > kMaxCertificatesShown) {
    text.line("    and {} more", session.certificates.size() - kMaxCertificatesShown);
  }
}

void chain_block(Text& text, const probe::AddressExamination& address) {
  const auto& session = address.session;
  const probe::PolicyVerdict* const only = find(address.policies, PolicyId::chain_only);
  if (only == nullptr || only->judgement.chain == Checked::not_checked) return;
  const ChainResult& chain = only->judgement.chain_result;
  if (chain.verdict == ChainVerdict::ok) {
    text.line("  Chain ({} sent): ok, which says nothing about the name", session.certificates.size());
  } else {
    text.line("  Chain ({} sent): certificate {} ({}){}: {} ({}){}", session.certificates.size(), chain.depth,
              named(chain.subject), fault_details(chain, session), info(chain.reason).sentence,
              to_string(chain.reason), chain.library_text.empty() ? "" : ", OpenSSL: " + chain.library_text);
  }
  certificates_block(text, session);
}

// "wanted: mx.test (mx-host), not found among the names of the certificate".
std::string wanted_names(const probe::PolicyVerdict& verdict) {
  const auto& judgement = verdict.judgement;
  if (judgement.name == Checked::not_checked || verdict.references.empty()) return {};
  std::vector<std::string> wanted;
  for (const auto& reference : verdict.references) {
    wanted.push_back(fmt::format("{} ({})", probe::printable(reference.text), to_string(reference.origin)));
  }
  const bool found = judgement.names.verdict == MatchVerdict::match;
  return fmt::format("wanted {}: {}", fmt::join(wanted, " or "),
                     found ? "proved by " + judgement.names.presented : "not proved");
}

/// Who would come to the host. Mail programs, which look for SRV records, send no TLS reports.
enum class Asks { sender, mail_program };

Asks asks_of(const probe::DomainExamination& examination) {
  return examination.srv ? Asks::mail_program : Asks::sender;
}

std::string_view plural(Asks asks) {
  return asks == Asks::sender ? "senders" : "mail programs";
}

// What is said of a policy below its first line.
std::string details(const probe::PolicyVerdict& verdict, Asks asks) {
  std::vector<std::string> parts;
  if (std::string wanted = wanted_names(verdict); !wanted.empty()) parts.push_back(std::move(wanted));
  if (verdict.remark) {
    const ReasonInfo& remark = info(*verdict.remark);
    parts.push_back(fmt::format("{} ({}; {})", remark.sentence, remark.id, remark.citation));
  }
  const bool fails = verdict.answer == Answer::reject || verdict.answer == Answer::none;
  const bool reported = fails || verdict.remark == Reason::sts_mode_testing;
  if (asks == Asks::sender && reported && !tls_rpt_type(verdict.reason).empty()) {
    parts.push_back(fmt::format("a sender would report {} (RFC 8460 4.3)", tls_rpt_type(verdict.reason)));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

// One row for policies that say the same for the same reason.
struct PolicyRow {
  std::string policies, says, because, details;
};

std::vector<PolicyRow> policy_rows(const std::vector<probe::PolicyVerdict>& policies, Asks asks) {
  std::vector<PolicyRow> rows;
  for (const auto& one : policies) {
    const ReasonInfo& reason = info(one.reason);
    PolicyRow row{std::string(to_string(one.policy)),
                  fmt::format("{:<9} {:<11} {:<11}", to_string(one.answer), to_string(one.judgement.chain),
                              to_string(one.judgement.name)),
                  fmt::format("{} ({}; {})", reason.sentence, reason.id, reason.citation),
                  details(one, asks)};
    const bool same = !rows.empty() && rows.back().says == row.says && rows.back().because == row.because &&
                      rows.back().details == row.details;
    if (same) {
      rows.back().policies += " " + row.policies;
    } else {
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

void policies_block(Text& text, const probe::AddressExamination& address, Asks asks) {
  const std::vector<PolicyRow> rows = policy_rows(address.policies, asks);
  std::size_t width = 6;
  for (const auto& row : rows) width = std::max(width, row.policies.size());
  text.line("  {:<{}}  {:<9} {:<11} {:<11} {}", "Policy", width, "says", "chain", "name", "because");
  for (const auto& row : rows) {
    text.line("  {:<{}}  {} {}", row.policies, width, row.says, row.because);
    if (!row.details.empty()) text.line("  {:{}}    {}", "", width, row.details);
  }
}

void summary_line(Text& text, const probe::DomainExamination& examination,
                  const probe::AddressExamination& address) {
  std::vector<std::string_view> takes, clear, refuses;
  for (const auto& one : address.policies) {
    if (one.answer == Answer::accept) takes.push_back(to_string(one.policy));
    if (one.answer == Answer::plaintext) clear.push_back(to_string(one.policy));
    if (one.answer == Answer::reject || one.answer == Answer::none) refuses.push_back(to_string(one.policy));
  }
  if (examination.srv) {
    text.line("  Mail programs are content under: {}",
              takes.empty() ? "none" : fmt::to_string(fmt::join(takes, ", ")));
    if (!refuses.empty()) text.line("  Mail programs turn away under: {}", fmt::join(refuses, ", "));
    return;
  }
  if (!takes.empty()) text.line("  Mail comes under TLS from senders with: {}", fmt::join(takes, ", "));
  if (!clear.empty()) text.line("  Mail comes in clear from senders with:  {}", fmt::join(clear, ", "));
  if (!refuses.empty()) text.line("  No mail comes from senders with:        {}", fmt::join(refuses, ", "));
}

// Digests are short enough to be shown whole.
std::string shortened(const std::string& record) {
  constexpr std::size_t kShown = 140;
  return record.size() > kShown ? record.substr(0, kShown) + "..." : record;
}

void tlsa_lines(Text& text, const probe::HostExamination& host) {
  if (!host.tlsa) return;
  const auto& tlsa = *host.tlsa;
  switch (tlsa.kind) {
    case probe::TlsaResult::Kind::none:
      text.line("  DANE: no secure TLSA records");
      return;
    case probe::TlsaResult::Kind::failed:
      text.line("  DANE: {} ({}): this host may not be used (RFC 7672 2.2)",
                tlsa.error.empty() ? std::string(info(tlsa.reason).sentence) : one_line(tlsa.error),
                to_string(tlsa.reason));
      return;
    case probe::TlsaResult::Kind::unusable:
    case probe::TlsaResult::Kind::usable:
      break;
  }
  text.line("  DANE: {} of {} TLSA records at {} usable", tlsa.usable.size(), tlsa.records.size(),
            tlsa.base_domain);
  for (const auto& record : tlsa.records) {
    const Reason usability = tlsa_usability(record);
    text.line("    {}  {}", shortened(to_string(record)), to_string(usability));
  }
}

void tlsa_advice_lines(Text& text, const probe::HostExamination& host,
                       const std::vector<probe::PolicyVerdict>& policies,
                       const std::vector<std::string>& sent) {
  const probe::PolicyVerdict* const dane = find(policies, PolicyId::dane);
  const bool failed = dane != nullptr && dane->answer == Answer::reject && dane->judgement.dane && host.tlsa;
  if (!failed) return;
  const std::string owner = fmt::format("_{}._tcp.{}.", host.port, host.tlsa->base_domain);
  for (const auto& line : tlsa_advice(host.tlsa->usable, sent, owner)) text.line("  {}", line);
}

void alias_line(Text& text, const std::string& name, const std::vector<std::string>& aliases) {
  if (!aliases.empty()) text.line("  {} is an alias: -> {}", name, fmt::join(aliases, " -> "));
}

bool proves(const PresentedNames& presented, const std::string& name, ReferenceOrigin origin) {
  const NameRules rules;
  const auto made = make_reference(name, origin, rules);
  return made.reference && match(presented, {&*made.reference, 1}, rules).verdict == MatchVerdict::match;
}

/// Says so where the certificate is for what the host's alias leads to, and for that alone.
void alias_proved_line(Text& text, const probe::HostExamination& host,
                       const probe::AddressExamination& address) {
  const auto& presented = address.session.presented;
  if (!presented || proves(*presented, host.expected, ReferenceOrigin::mx_host)) return;
  for (const auto& alias : host.addresses.aliases) {
    if (!proves(*presented, alias, ReferenceOrigin::cname_target)) continue;
    text.line("  The certificate is for {}; what an alias leads to does not count (RFC 9525 6.1.1)", alias);
    return;
  }
}

/// Says so where the policy lists what the name of an MX record is an alias of, and not that name.
void alias_listed_lines(Text& text, const probe::DomainExamination& examination) {
  const StsPolicy& policy = *examination.sts->policy;
  for (const auto& host : examination.hosts) {
    if (sts_pattern_for(policy, host.host)) continue;
    for (const auto& alias : host.addresses.aliases) {
      if (!sts_pattern_for(policy, alias)) continue;
      text.line(
          "    its mx lines match {}, which {} is an alias of; the name in the MX record counts (RFC 8461 "
          "4.1)",
          alias, host.host);
      break;
    }
  }
}

// "Without SNI the server presents another certificate: dns:x.test", or that there is no TLS.
std::string other_session(const std::string& how, const probe::SessionReport& other,
                          const probe::SessionReport& first) {
  if (other.certificates.empty())
    return fmt::format("{} there is no TLS: {} ({})", how, one_line(other.error), to_string(other.reason));
  return fmt::format("{} the server presents {} certificate: {}", how,
                     first.certificates.empty() ? "a" : "another", certificate_names(other));
}

void other_sni_lines(Text& text, const probe::AddressExamination& address) {
  for (const auto& [sni, other] : address.other_sessions) {
    if (other.certificates == address.session.certificates) continue;
    const std::string how = sni.empty() ? "Without SNI" : "With SNI " + probe::printable(sni);
    text.line("  {}", other_session(how, other, address.session));
  }
}

void other_policy_lines(Text& text, const std::vector<probe::PolicyVerdict>& policies, Asks asks) {
  const auto rows = policy_rows(policies, asks);
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, row.policies.size());
  for (const auto& row : rows) text.line("    {:{}}  {} {}", row.policies, width, row.says, row.because);
}

void without_sni_lines(Text& text, const probe::AddressExamination& address, Asks asks) {
  if (!address.without_sni) return;
  const auto& [session, policies] = *address.without_sni;
  if (session.certificates == address.session.certificates) return;
  text.line("  {}; {} that send none{} see that", other_session("Without SNI", session, address.session),
            plural(asks), asks == Asks::sender ? " (Postfix outside DANE, Exim)" : "");
  text.line("  To {} without SNI the policies say:", plural(asks));
  other_policy_lines(text, policies, asks);
}

std::string key_of(const probe::SessionReport& session) {
  const auto facts = certificate_facts(session.certificates.front());
  return facts ? facts->key : "unreadable";
}

void other_key_lines(Text& text, const probe::HostExamination& host, const probe::AddressExamination& address,
                     Asks asks) {
  if (!address.other_key) return;
  const auto& [session, policies] = *address.other_key;
  text.line("  The server has a second certificate, whose key is {}, not {}: {}", key_of(session),
            key_of(address.session), certificate_names(session));
  certificates_block(text, session);
  text.line("  To {} that are shown that one the policies say:", plural(asks));
  other_policy_lines(text, policies, asks);
  tlsa_advice_lines(text, host, policies, session.certificates);
}

void address_block(Text& text, const probe::DomainExamination& examination,
                   const probe::HostExamination& host, const probe::AddressExamination& address,
                   const VerifyView& view) {
  const auto& session = address.session;
  text.line("");
  text.line("{} [{}] port {}  {}", host.host, address.address, host.port,
            session.tls_version.empty() ? "no TLS" : session.tls_version + " " + session.cipher);
  if (!session.error.empty()) text.line("  {} ({})", one_line(session.error), to_string(session.reason));
  if (session.hint != probe::TlsHint::none) text.line("  Hint: {}", hint_text(session.hint));
  alias_line(text, host.host, host.addresses.aliases);
  alias_proved_line(text, host, address);
  if (session.layers.connect == LayerState::ok) {
    names_block(text, examination, host, address);
    chain_block(text, address);
  }
  other_sni_lines(text, address);
  without_sni_lines(text, address, asks_of(examination));
  tlsa_lines(text, host);
  tlsa_advice_lines(text, host, address.policies, session.certificates);
  other_key_lines(text, host, address, asks_of(examination));
  policies_block(text, address, asks_of(examination));
  summary_line(text, examination, address);
  if (view.transcript == ShowTranscript::no) return;
  text.line("  Transcript");
  for (const auto& entry : session.transcript) text.line("    {}", entry);
  for (const auto& [sni, other] : address.other_sessions) {
    text.line("  Transcript with SNI {}", sni.empty() ? "none" : probe::printable(sni));
    for (const auto& entry : other.transcript) text.line("    {}", entry);
  }
}

void srv_lines(Text& text, const probe::DomainExamination& examination) {
  const auto& srv = *examination.srv;
  for (const auto& target : srv.targets)
    text.line("  {} SRV {} {} {} {}", srv.owner, target.priority, target.weight, target.port, target.name);
  text.line("  DNSSEC of the SRV lookup: {}", to_string(srv.state));
  if (srv.targets.empty()) return;
  if (srv.turned_down)
    text.line(
        "  Warning: a target \".\" stands beside others: it turns the service down only where it stands "
        "alone "
        "(RFC 2782); what follows is of the other targets");
  text.line(
      "  Names that count: {} as DNS-ID and in an SRV-ID; {} (RFC 6186 6, RFC 7817 3)", examination.domain,
      is_signed(srv) ? "the target, too, for the SRV record is signed"
                     : "the target does not, for anybody may have named it: the SRV record is not signed");
  text.line("  TLSA records of the targets (RFC 7673) are not asked for");
}

void domain_block(Text& text, const probe::DomainExamination& examination, const VerifyView& view) {
  if (!examination.domain.empty()) text.line("{}", probe::printable(examination.domain));
  if (examination.mx) {
    const auto& mx = *examination.mx;
    // Where the domain is its own mail host, that host's lines say it.
    if (mx.kind != probe::MxResult::Kind::implicit) alias_line(text, examination.domain, mx.aliases);
    if (mx.kind == probe::MxResult::Kind::implicit)
      text.line("  No MX record: the domain is its own mail host");
    if (mx.kind == probe::MxResult::Kind::hosts) {
      for (const auto& host : mx.hosts) text.line("  MX {} {}", host.preference, host.name);
      if (mx.null_mx)
        text.line(
            "  Warning: a null MX (\".\") stands beside other hosts, which RFC 7505 3 forbids: a sender may "
            "take it that the domain accepts no mail; what follows is of the other hosts");
    }
    text.line("  DNSSEC of the MX lookup: {}", to_string(mx.state));
  }
  if (examination.srv) srv_lines(text, examination);
  if (!view.dns.empty()) text.line("  {}", view.dns);
  if (!examination.error.empty()) {
    const Reason reason = examination.reason.value_or(Reason::dns_error);
    text.line("  {} ({}; {})", one_line(examination.error), to_string(reason), info(reason).citation);
  }
  if (!examination.sts) return;
  const auto& sts = *examination.sts;
  if (sts.policy) {
    text.line("  MTA-STS: mode {}, max_age {}, mx {}", to_string(sts.policy->mode), sts.policy->max_age,
              fmt::join(sts.policy->patterns, " "));
    alias_listed_lines(text, examination);
  } else {
    text.line("  MTA-STS: {} ({})",
              sts.error.empty() ? std::string(info(sts.reason).sentence) : one_line(sts.error),
              to_string(sts.reason));
  }
}

std::string why_and_how_many(const probe::DomainVerdict& verdict) {
  return fmt::format("{} ({}); of the addresses {} take the mail, {} are refused, {} are not reached",
                     info(verdict.reason).sentence, to_string(verdict.reason), verdict.taken, verdict.refused,
                     verdict.unreached);
}

/// What becomes of the mail where the announced policy cannot be had.
std::string without_policy(const probe::DomainVerdict& verdict) {
  if (verdict.answer == Answer::accept || verdict.answer == Answer::plaintext)
    return fmt::format("senders deliver as if there were none ({})", to_string(verdict.answer));
  return fmt::format("senders go on as if there were none, and that fails as well: {}",
                     why_and_how_many(verdict));
}

void conclusion(Text& text, const probe::DomainExamination& examination, const VerifyView& view) {
  const auto one = std::find_if(examination.verdicts.begin(), examination.verdicts.end(),
                                [&](const auto& verdict) { return verdict.policy == view.asked; });
  text.line("");
  if (one == examination.verdicts.end()) return;
  if (view.asked == PolicyId::mta_sts && examination.sts && examination.sts->broken()) {
    text.line("NOT OK: the domain announces an MTA-STS policy that cannot be had ({}): {}",
              to_string(examination.sts->reason), without_policy(*one));
    return;
  }
  text.line("{}: {} under {}: {}", view.exit_code == 0 ? "OK" : "NOT OK", to_string(one->answer),
            to_string(one->policy), why_and_how_many(*one));
}

}  // namespace

std::vector<std::string> tlsa_advice(std::span<const TlsaRecord> published, std::span<const std::string> sent,
                                     const std::string& owner) {
  std::vector<std::string> out;
  for (const auto& record : published) {
    const std::string mistake = tlsa_mistake(record, sent);
    if (!mistake.empty()) out.push_back(fmt::format("TLSA {}: {}", shortened(to_string(record)), mistake));
  }
  if (!sent.empty()) out.emplace_back("what the server presents would satisfy:");
  for (std::size_t i = 0; i < std::min(sent.size(), kMaxCertificatesShown); ++i) {
    const auto record = tlsa_for(i == 0 ? TlsaFor::server : TlsaFor::issuer, sent[i]);
    const auto facts = certificate_facts(sent[i]);
    if (record && facts)
      out.push_back(fmt::format("  {} IN TLSA {}  ; {}", owner, to_string(*record), named(facts->subject)));
  }
  return out;
}

std::string verify_text(const probe::DomainExamination& examination, const VerifyView& view) {
  Text text;
  domain_block(text, examination, view);
  for (const auto& host : examination.hosts) {
    if (host.by_address.empty()) {
      text.line("");
      text.line("{}", host.host);
      alias_line(text, host.host, host.addresses.aliases);
      const Reason reason = host.addresses.reason.value_or(Reason::dns_no_address);
      const std::string& error = host.addresses.error;
      text.line("  {} ({})", error.empty() ? std::string(info(reason).sentence) : one_line(error),
                to_string(reason));
      continue;
    }
    for (const auto& address : host.by_address) address_block(text, examination, host, address, view);
  }
  conclusion(text, examination, view);
  return text.take();
}

}  // namespace mxident::harness::cli
