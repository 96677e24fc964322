#include "verify.hpp"

#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "chain_check.hpp"
#include "openssl_ptr.hpp"

namespace mxident {
namespace {

const TrustStore& nobody() {
  static const TrustStore empty;
  return empty;
}

Checked checked(ChainVerdict verdict) {
  return verdict == ChainVerdict::ok ? Checked::ok : Checked::failed;
}
Checked checked(MatchVerdict verdict) {
  return verdict == MatchVerdict::match ? Checked::ok : Checked::failed;
}

class Verification {
 public:
  Verification(const Presented& presented, const Demand& demand, const PublicSuffixTest& is_public_suffix)
      : presented_(presented), demand_(demand), is_public_suffix_(is_public_suffix) {}

  Judgement run() {
    collect_references();
    if (demand_.policy.id == PolicyId::dane) {
      by_dane();
    } else {
      by_pkix();
    }
    return std::move(out_);
  }

 private:
  bool wants_chain() const { return demand_.policy.chain == ChainDemand::required; }
  bool wants_names() const { return demand_.policy.names == NameDemand::required; }
  ChainOptions chain_options() const {
    ChainOptions options = demand_.chain;
    options.profile = std::max(options.profile, demand_.policy.profile);
    return options;
  }
  void collect_references();
  std::span<const std::string> certificates();
  const PresentedNames* names();
  void by_dane();
  void by_pkix();
  void check_the_chain();
  void check_the_names();
  void conclude();

  const Presented& presented_;
  const Demand& demand_;
  const PublicSuffixTest& is_public_suffix_;
  std::vector<std::string> encoded_;  // of `parsed`, if nothing else was given
  std::optional<PresentedNames> read_;
  std::vector<ReferenceIdentifier> with_host_;
  std::span<const ReferenceIdentifier> references_;
  std::optional<Reason> refused_host_;
  Judgement out_;
};

void Verification::collect_references() {
  references_ = demand_.references;
  if (demand_.host.empty()) return;
  ReferenceResult made = make_reference(demand_.host, ReferenceOrigin::configured, demand_.policy.rules);
  if (!made.reference) {
    refused_host_ = made.reason;
    return;
  }
  with_host_.push_back(std::move(*made.reference));
  with_host_.insert(with_host_.end(), references_.begin(), references_.end());
  references_ = with_host_;
}

std::span<const std::string> Verification::certificates() {
  if (!presented_.certificates.empty() || presented_.parsed == nullptr) return presented_.certificates;
  if (encoded_.empty()) {
    for (int i = 0; i < sk_X509_num(presented_.parsed); ++i) {
      if (encoded_.size() > demand_.chain.max_certificates) break;
      encoded_.push_back(der_of(sk_X509_value(presented_.parsed, i)));
    }
  }
  return encoded_;
}

const PresentedNames* Verification::names() {
  if (presented_.names != nullptr) return presented_.names;
  if (!read_ && !certificates().empty()) read_ = read_presented_names(certificates().front());
  return read_ ? &*read_ : nullptr;
}

void Verification::by_dane() {
  if (demand_.tlsa.empty()) {
    out_.reason = Reason::dane_none;
    out_.chain = Checked::failed;
    return;
  }
  out_.dane = verify_dane(certificates(), demand_.tlsa, references_, demand_.policy.rules, chain_options(),
                          demand_.explain);
  const DaneResult& dane = *out_.dane;
  out_.reason = dane.reason;
  const bool authenticated = dane.verdict == DaneVerdict::authenticated;
  if (authenticated) out_.verdict = Judgement::Verdict::accept;
  if (authenticated && dane.reason == Reason::dane_ee_match) {
    // The record stands for the whole path, and names are not looked at (RFC 7672 3.1.1).
    out_.chain = Checked::ok;
    return;
  }
  out_.chain_result = dane.chain;
  out_.names = dane.names;
  out_.chain = checked(dane.chain.verdict);
  if (out_.chain == Checked::ok) out_.name = checked(dane.names.verdict);
}

void Verification::check_the_chain() {
  CheckedChain options{chain_options(), {}};
  // Whoever may speak for some names only may not speak for others in a CN (D19).
  const PresentedNames* const presented = wants_names() ? names() : nullptr;
  if (presented != nullptr) {
    options.scope = constraint_scope(*presented, demand_.policy.rules);
  }
  const TrustStore& trust = demand_.trust != nullptr ? *demand_.trust : nobody();
  out_.chain_result = presented_.parsed != nullptr ? check_chain(presented_.parsed, trust, options)
                                                   : check_chain(presented_.certificates, trust, options);
  out_.chain = checked(out_.chain_result.verdict);
}

void Verification::check_the_names() {
  if (const PresentedNames* const presented = names(); presented == nullptr) {
    out_.names.reason = Reason::certificate_unreadable;
  } else if (references_.empty() && refused_host_) {
    out_.names.reason = *refused_host_;
  } else {
    out_.names = match(*presented, references_, demand_.policy.rules, demand_.explain, is_public_suffix_);
  }
  out_.name = checked(out_.names.verdict);
}

void Verification::by_pkix() {
  if (wants_chain()) check_the_chain();
  if (wants_names()) check_the_names();
  if (out_.chain == Checked::failed) {
    out_.reason = out_.chain_result.reason;
  } else if (out_.name == Checked::failed) {
    out_.reason = out_.names.reason;
  } else {
    conclude();
  }
}

void Verification::conclude() {
  out_.verdict = Judgement::Verdict::accept;
  if (wants_names()) {
    out_.reason = out_.names.reason;
  } else if (wants_chain()) {
    out_.reason = Reason::names_not_checked;
  } else {
    const bool required = demand_.policy.tls == TlsDemand::required;
    out_.reason = required ? Reason::chain_not_checked : Reason::nothing_checked;
  }
}

}  // namespace

std::string_view to_string(Checked checked) {
  constexpr std::array<std::string_view, 3> kWords{"ok", "failed", "not-checked"};
  return kWords[static_cast<std::size_t>(checked)];
}

Judgement verify(const Presented& presented, const Demand& demand, const PublicSuffixTest& is_public_suffix) {
  return Verification(presented, demand, is_public_suffix).run();
}

}  // namespace mxident
