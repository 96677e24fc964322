// A policy applied to one host: what it comes to, given what DNS and MTA-STS publish. Pure, and the one place
// that knows: deliveries, `verify` and `check` all ask here.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dane.hpp"
#include "policy.hpp"
#include "reference.hpp"
#include "sts.hpp"

namespace mxident {

/// What is known of a host before anybody connects to it. Views: what they point to has to outlive it.
struct Published {
  std::string_view domain{};   ///< recipient domain, or its address literal; empty: not known
  std::string_view host{};     ///< MX host, relay, or the address of a literal; empty: not known
  std::string_view address{};  ///< that is dialled; empty: not known
  /// Who says what the host is called. What DNS says is a name, even if it reads like an address (RFC 5321
  /// 5.1); an address is a reference only where the operator or the sender wrote one (RFC 9525 6.1.1).
  enum class HostSource { dns, configured } host_source = HostSource::dns;
  /// Names that the operator wants proved: ReferenceSelection::configured means these (or a configured host);
  /// beside another selection each of them may be proved as well.
  std::span<const std::string> configured{};
  const StsPolicy* sts = nullptr;        ///< nullptr: no policy ...
  Reason sts_reason = Reason::sts_none;  ///< ... for this reason
  enum class Tlsa { not_applicable, none, found, failed } tlsa = Tlsa::not_applicable;
  Reason tlsa_reason = Reason::dane_none;      ///< why the look-up failed
  std::span<const TlsaRecord> tlsa_records{};  ///< secure ones, usable or not
  DanePath dane_path;
};

/// What then holds for the host.
struct Applied {
  Policy policy;
  std::vector<ReferenceIdentifier> references;
  std::vector<TlsaRecord> tlsa;  ///< usable ones; some if and only if the policy is PolicyId::dane
  std::string sni;               ///< empty: none (an address has no place there, RFC 6066 3)
  std::optional<Reason> remark;  ///< why less than the policy's name says holds, or why it proves less
  /// Why the host may not be connected to under this policy; no_reference: a name is wanted that nobody gave.
  std::optional<Reason> refused;
  /// The policy's objection to the host whatever it presents (sts-mx-not-listed). It comes before anything
  /// that the certificate may lack (RFC 8461 4).
  std::optional<Reason> veto;
  /// report: failures are reported and the mail goes all the same (RFC 8461 5, mode testing).
  enum class Effect { enforce, report } effect = Effect::enforce;
  /// What a sender obeys: `policy`, or opportunistic TLS where it only reports.
  const Policy& obeyed() const;
};

Applied apply(const Policy& asked, const Published& published);

}  // namespace mxident
