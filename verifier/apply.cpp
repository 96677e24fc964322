#include "apply.hpp"

#include <algorithm>
#include <utility>

namespace mxident {
namespace {

class Application {
 public:
  Application(const Policy& asked, const Published& published) : published_(published) {
    out_.policy = asked;
  }

  Applied run() {
    const ReferenceSelection selection = out_.policy.references;
    switch (selection) {
      case ReferenceSelection::none:
        break;
      case ReferenceSelection::configured:
        // Without names the host itself is meant, if the operator wrote it.
        if (published_.configured.empty() && published_.host_source == Published::HostSource::configured)
          add_host();
        break;
      case ReferenceSelection::mx_host:
        add_host();
        break;
      case ReferenceSelection::recipient_domain:
        add(published_.domain, ReferenceOrigin::recipient_domain);
        break;
      case ReferenceSelection::address:
        add(published_.address, ReferenceOrigin::address);
        break;
      case ReferenceSelection::mta_sts:
        by_sts();
        break;
      case ReferenceSelection::dane:
        by_dane();
        break;
    }
    finish(selection);
    return std::move(out_);
  }

 private:
  void less(PolicyId id, Reason remark) {
    out_.policy = policy(id);
    out_.remark = remark;
  }
  void add(std::string_view text, ReferenceOrigin origin);
  void add_host();
  void by_sts();
  void by_dane();
  void finish(ReferenceSelection selection);
  std::string sni(ReferenceSelection selection) const;
  std::string host_name(std::string_view text) const;  // fit for SNI; empty if it is none
  bool proves_by_key() const;

  const Published& published_;
  Applied out_;
  std::optional<Reason> unfit_;  // why the first name that cannot be a reference is none
};

std::string Application::host_name(std::string_view text) const {
  const ReferenceResult made = make_reference(text, ReferenceOrigin::configured, out_.policy.rules);
  return made.reference && made.reference->type == ReferenceType::dns ? made.reference->domain
                                                                      : std::string();
}

// A name that cannot be a reference identifies nobody and is left out: another one may still be proved.
void Application::add(std::string_view text, ReferenceOrigin origin) {
  if (text.empty()) return;
  ReferenceResult made = make_reference(text, origin, out_.policy.rules);
  if (made.reference) {
    out_.references.push_back(std::move(*made.reference));
  } else if (!unfit_) {
    unfit_ = made.reason;
  }
}

void Application::add_host() {
  add(published_.host, ReferenceOrigin::mx_host);
  if (out_.references.empty() || out_.references.front().type != ReferenceType::ip) return;
  if (published_.host_source == Published::HostSource::configured) {
    out_.references.front().origin = ReferenceOrigin::address;
  } else {
    out_.references.clear();
    unfit_ = Reason::reference_numeric;
  }
}

void Application::by_sts() {
  if (published_.sts == nullptr) return less(PolicyId::opportunistic, published_.sts_reason);
  if (published_.sts->mode == StsMode::none) return less(PolicyId::opportunistic, Reason::sts_mode_none);
  if (published_.sts->mode == StsMode::testing) {
    out_.effect = Applied::Effect::report;
    out_.remark = Reason::sts_mode_testing;
  }
  add_host();
}

void Application::by_dane() {
  switch (published_.tlsa) {
    case Published::Tlsa::not_applicable:
      return less(PolicyId::opportunistic, Reason::dane_not_applicable);
    case Published::Tlsa::none:
      return less(PolicyId::opportunistic, Reason::dane_none);
    case Published::Tlsa::failed:
      out_.refused = published_.tlsa_reason;
      return;
    case Published::Tlsa::found:
      break;
  }
  out_.tlsa = usable_tlsa(published_.tlsa_records);
  // Secure records that nobody can use still promise TLS (RFC 7672 2.2).
  if (out_.tlsa.empty()) return less(PolicyId::encrypt, Reason::dane_all_unusable);
  if (published_.dane_path.mx == DanePath::Mx::insecure) out_.remark = Reason::mx_insecure;
  out_.references = dane_references(published_.dane_path, out_.policy.rules);
}

// DANE-EE records authenticate a key, whatever the names (RFC 7672 3.1.1).
bool Application::proves_by_key() const {
  constexpr std::uint8_t kDaneEe = 3;
  return std::any_of(out_.tlsa.begin(), out_.tlsa.end(),
                     [](const TlsaRecord& record) { return record.usage == kDaneEe; });
}

void Application::finish(ReferenceSelection selection) {
  out_.sni = sni(selection);
  if (out_.policy.names == NameDemand::not_checked || out_.refused) return;
  for (const auto& name : published_.configured) add(name, ReferenceOrigin::configured);
  if (out_.references.empty() && !proves_by_key()) {
    out_.refused = unfit_.value_or(Reason::no_reference);
    return;
  }
  const bool listed = selection != ReferenceSelection::mta_sts ||
                      sts_pattern_for(*published_.sts, out_.references.front().domain);
  if (!listed) out_.veto = Reason::sts_mx_not_listed;
}

// The name that the client wants proved; the host's where it asks for none, for most senders send that.
std::string Application::sni(ReferenceSelection selection) const {
  if (selection == ReferenceSelection::address) return {};
  if (selection == ReferenceSelection::configured) {
    for (const auto& name : published_.configured) {
      if (std::string fit = host_name(name); !fit.empty()) return fit;
    }
  }
  std::string_view name = published_.host;
  if (selection == ReferenceSelection::recipient_domain && !published_.domain.empty()) {
    name = published_.domain;
  } else if (!out_.tlsa.empty() && !published_.dane_path.base_domain.empty()) {
    name = published_.dane_path.base_domain;  // RFC 7672 8.1
  }
  const ReferenceResult made = make_reference(name, ReferenceOrigin::configured, out_.policy.rules);
  return made.reference ? host_name(name) : std::string(name);
}

}  // namespace

const Policy& Applied::obeyed() const {
  return effect == Effect::report ? mxident::policy(PolicyId::opportunistic) : policy;
}

Applied apply(const Policy& asked, const Published& published) {
  return Application(asked, published).run();
}

}  // namespace mxident
