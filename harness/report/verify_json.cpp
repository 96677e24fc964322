#include <array>
#include <nlohmann/json.hpp>

#include "harness/input/values.hpp"
#include "harness/report/verify_report.hpp"
#include "harness/text/printable.hpp"
#include "verifier/certificate_facts.hpp"
#include "verifier/net/text.hpp"

namespace mxident::harness::cli {
namespace {

using nlohmann::ordered_json;
using probe::LayerState;

constexpr std::array<std::pair<const char*, LayerState probe::Layers::*>, 8> kLayerNames{{
    {"connect", &probe::Layers::connect},
    {"smtp", &probe::Layers::smtp},
    {"starttls", &probe::Layers::starttls},
    {"handshake", &probe::Layers::handshake},
    {"chain", &probe::Layers::chain},
    {"name", &probe::Layers::name},
    {"policy", &probe::Layers::policy},
    {"delivery", &probe::Layers::delivery},
}};

ordered_json reason_json(Reason reason) {
  const ReasonInfo& row = info(reason);
  ordered_json out{{"reason", row.id}, {"citation", row.citation}, {"sentence", row.sentence}};
  if (!tls_rpt_type(reason).empty()) out["tls_rpt"] = tls_rpt_type(reason);
  return out;
}

ordered_json mx_json(const probe::MxResult& mx) {
  constexpr std::array<const char*, 4> kKinds{"hosts", "implicit", "null-mx", "none"};
  ordered_json out{{"kind", kKinds[static_cast<std::size_t>(mx.kind)]}, {"dnssec", to_string(mx.state)}};
  out["aliases"] = mx.aliases;
  out["hosts"] = ordered_json::array();
  for (const auto& host : mx.hosts)
    out["hosts"].push_back({{"preference", host.preference}, {"name", host.name}});
  out["null_mx"] = mx.null_mx;
  return out;
}

ordered_json srv_json(const probe::SrvResult& srv) {
  ordered_json out{{"owner", srv.owner}, {"dnssec", to_string(srv.state)}};
  out["targets"] = ordered_json::array();
  for (const auto& target : srv.targets)
    out["targets"].push_back({{"priority", target.priority},
                              {"weight", target.weight},
                              {"port", target.port},
                              {"name", target.name}});
  out["turned_down"] = srv.turned_down;
  return out;
}

ordered_json sts_json(const probe::StsFetchResult& sts) {
  ordered_json out = reason_json(sts.reason);
  if (!sts.error.empty()) out["detail"] = one_line(sts.error);
  if (!sts.id.empty()) out["id"] = sts.id;
  if (sts.policy) {
    out["mode"] = to_string(sts.policy->mode);
    out["max_age"] = sts.policy->max_age;
    out["mx"] = sts.policy->patterns;
  }
  return out;
}

ordered_json tlsa_json(const probe::TlsaResult& tlsa) {
  constexpr std::array<const char*, 4> kKinds{"none", "unusable", "usable", "failed"};
  ordered_json out{{"kind", kKinds[static_cast<std::size_t>(tlsa.kind)]}, {"reason", to_string(tlsa.reason)}};
  out["base_domain"] = tlsa.base_domain;
  out["records"] = ordered_json::array();
  for (const auto& record : tlsa.records) {
    out["records"].push_back(
        {{"record", to_string(record)}, {"usability", to_string(tlsa_usability(record))}});
  }
  return out;
}

ordered_json certificate_names(const std::optional<PresentedNames>& presented) {
  ordered_json out = ordered_json::array();
  if (!presented) return out;
  for (const auto& name : presented->common_names) {
    out.push_back({{"type", "cn"}, {"value", printable(PresentedType::common_name, name.octets)}});
  }
  for (const auto& name : presented->identifiers) {
    out.push_back({{"type", to_string(name.type())}, {"value", printable(name.type(), name.octets())}});
  }
  return out;
}

/// Without what senders would report where the hosts are asked by mail programs, which report nothing.
ordered_json reason_json(Reason reason, const probe::DomainExamination& examination) {
  ordered_json out = reason_json(reason);
  if (examination.srv) out.erase("tls_rpt");
  return out;
}

ordered_json verdict_json(const probe::PolicyVerdict& verdict, const probe::DomainExamination& examination) {
  ordered_json out{{"policy", to_string(verdict.policy)}, {"answer", to_string(verdict.answer)}};
  out.update(reason_json(verdict.reason, examination));
  if (verdict.remark) out["because"] = to_string(*verdict.remark);
  out["references"] = ordered_json::array();
  for (const auto& reference : verdict.references) {
    out["references"].push_back({{"name", reference.text}, {"origin", to_string(reference.origin)}});
  }
  const auto& judgement = verdict.judgement;
  out["chain"] = to_string(judgement.chain);
  out["name"] = to_string(judgement.name);
  if (judgement.chain == Checked::failed && verdict.reason == judgement.chain_result.reason) {
    const auto& chain = judgement.chain_result;
    out["chain_fault"] = {{"reason", to_string(chain.reason)},
                          {"depth", chain.depth},
                          {"subject", one_line(chain.subject)},
                          {"library", chain.library_text}};
  }
  if (judgement.name == Checked::not_checked) return out;
  out["presented"] = judgement.names.presented;
  out["attempts"] = ordered_json::array();
  for (const auto& attempt : judgement.names.attempts) {
    out["attempts"].push_back({{"reference", verdict.references.at(attempt.reference).text},
                               {"type", to_string(attempt.presented_type)},
                               {"presented", attempt.presented},
                               {"reason", to_string(attempt.reason)}});
  }
  return out;
}

ordered_json session_json(const probe::SessionReport& session) {
  ordered_json out;
  out["layers"] = ordered_json::object();
  for (const auto& [name, member] : kLayerNames) out["layers"][name] = layer_word(session.layers.*member);
  out["reason"] = to_string(session.reason);
  if (!session.error.empty()) out["error"] = one_line(session.error);
  out["names"] = {{"certificate", certificate_names(session.presented)},
                  {"banner", session.banner_name},
                  {"ehlo", session.ehlo_name},
                  {"ehlo_after_tls", session.ehlo_name_after_tls}};
  out["capabilities"] = session.capabilities;
  out["capabilities_after_tls"] = session.capabilities_after_tls;
  out["tls"] = {{"version", session.tls_version},
                {"cipher", session.cipher},
                {"alert", session.alert},
                {"certificates", session.certificates.size()}};
  if (session.hint != probe::TlsHint::none) out["hint"] = hint_text(session.hint);
  return out;
}

ordered_json otherwise_json(const probe::DomainExamination& examination,
                            const probe::AddressExamination& address,
                            const std::optional<probe::AddressExamination::Otherwise>& other,
                            const VerifyView& view) {
  if (!other) return nullptr;
  const auto& session = other->session;
  ordered_json out{{"same_certificate", session.certificates == address.session.certificates}};
  out.update(session_json(session));
  out["chain"] = certificates_json(session.certificates);
  out["policies"] = ordered_json::array();
  for (const auto& verdict : other->policies) out["policies"].push_back(verdict_json(verdict, examination));
  if (view.transcript == ShowTranscript::yes) out["transcript"] = session.transcript;
  return out;
}

ordered_json address_json(const probe::DomainExamination& examination, const probe::HostExamination& host,
                          const probe::AddressExamination& address, const VerifyView& view) {
  ordered_json out{{"address", address.address}, {"port", host.port}};
  out.update(session_json(address.session));
  out["names"][examination.srv ? "srv_target" : "mx_host"] = host.host;
  if (host.expected != host.host) out["names"]["expected"] = host.expected;
  out["chain"] = certificates_json(address.session.certificates);
  out["policies"] = ordered_json::array();
  for (const auto& verdict : address.policies) out["policies"].push_back(verdict_json(verdict, examination));
  out["other_sni"] = ordered_json::array();
  for (const auto& [sni, session] : address.other_sessions) {
    ordered_json other{{"sni", sni}};
    other.update(session_json(session));
    if (view.transcript == ShowTranscript::yes) other["transcript"] = session.transcript;
    out["other_sni"].push_back(std::move(other));
  }
  out["without_sni"] = otherwise_json(examination, address, address.without_sni, view);
  out["other_key"] = otherwise_json(examination, address, address.other_key, view);
  if (view.transcript == ShowTranscript::yes) out["transcript"] = address.session.transcript;
  return out;
}

ordered_json host_json(const probe::DomainExamination& examination, const probe::HostExamination& host,
                       const VerifyView& view) {
  ordered_json out{{"host", host.host}, {"preference", host.preference}};
  const auto& unreached = host.addresses.reason;
  out["reason"] = unreached ? ordered_json(to_string(*unreached)) : ordered_json(nullptr);
  if (!host.addresses.error.empty()) out["error"] = one_line(host.addresses.error);
  out["aliases"] = host.addresses.aliases;
  out["dnssec"] = to_string(host.addresses.state);
  out["tlsa"] = host.tlsa ? tlsa_json(*host.tlsa) : ordered_json(nullptr);
  out["addresses"] = ordered_json::array();
  for (const auto& address : host.by_address)
    out["addresses"].push_back(address_json(examination, host, address, view));
  return out;
}

}  // namespace

std::string_view layer_word(LayerState state) {
  switch (state) {
    case LayerState::ok:
      return "ok";
    case LayerState::failed:
      return "failed";
    case LayerState::not_checked:
      return "not-checked";
    case LayerState::not_reached:
      return "not-reached";
    case LayerState::unknown:
      break;
  }
  return "unknown";
}

ordered_json certificates_json(std::span<const std::string> certificates) {
  ordered_json out = ordered_json::array();
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    const auto facts = certificate_facts(certificates[i]);
    if (!facts) {
      out.push_back(nullptr);
      continue;
    }
    out.push_back({{"subject", one_line(facts->subject)},
                   {"issuer", one_line(facts->issuer)},
                   {"serial", facts->serial},
                   {"key", facts->key},
                   {"not_before", format_rfc3339(facts->not_before)},
                   {"not_after", format_rfc3339(facts->not_after)},
                   {"sha256", facts->sha256}});
    const auto record = tlsa_for(i == 0 ? TlsaFor::server : TlsaFor::issuer, certificates[i]);
    if (record) out.back()["tlsa"] = to_string(*record);
  }
  return out;
}

std::string_view hint_text(probe::TlsHint hint) {
  switch (hint) {
    case probe::TlsHint::wants_tls_at_once:
      return "no greeting came: does this port want TLS at once? try --tls implicit";
    case probe::TlsHint::greets_in_clear:
      return "the server greets in clear: try --tls starttls";
    case probe::TlsHint::srv_wants_tls_at_once:
      return "no greeting came: does this port want TLS at once? then its SRV record belongs at "
             "_submissions._tcp (RFC 8314 5.1)";
    case probe::TlsHint::srv_greets_in_clear:
      return "the server greets in clear: its SRV record belongs at _submission._tcp (RFC 6186 3.1)";
    case probe::TlsHint::none:
      break;
  }
  return {};
}

ordered_json verify_json(const probe::DomainExamination& examination, const VerifyView& view) {
  ordered_json out{{"schema", "mxident-verify/1"}, {"time", format_rfc3339(view.time)}};
  out["domain"] = examination.domain.empty() ? ordered_json(nullptr) : ordered_json(examination.domain);
  out["fault"] = nullptr;
  if (examination.reason) {
    out["fault"] = reason_json(*examination.reason, examination);
    out["fault"]["detail"] = one_line(examination.error);
  }
  out["mx"] = examination.mx ? mx_json(*examination.mx) : ordered_json(nullptr);
  out["srv"] = examination.srv ? srv_json(*examination.srv) : ordered_json(nullptr);
  out["mta_sts"] = examination.sts ? sts_json(*examination.sts) : ordered_json(nullptr);
  out["hosts"] = ordered_json::array();
  for (const auto& host : examination.hosts) out["hosts"].push_back(host_json(examination, host, view));
  out["verdicts"] = ordered_json::array();
  for (const auto& one : examination.verdicts) {
    out["verdicts"].push_back({{"policy", to_string(one.policy)},
                               {"answer", to_string(one.answer)},
                               {"reason", to_string(one.reason)},
                               {"taken", one.taken},
                               {"refused", one.refused},
                               {"unreached", one.unreached}});
  }
  out["strongest"] = to_string(examination.strongest);
  out["asked"] = to_string(view.asked);
  out["exit"] = view.exit_code;
  return out;
}

}  // namespace mxident::harness::cli
