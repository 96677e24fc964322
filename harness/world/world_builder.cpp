#include "harness/world/world_builder.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <optional>

#include "harness/catalogue/read_certificate.hpp"
#include "harness/input/values.hpp"
#include "harness/scenario/placeholders.hpp"

namespace mxident::harness {
namespace {

using Addresses = std::map<std::string, std::vector<std::string>>;

std::string hex(const certs::Octets& octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(octets.size() * 2);
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    out += kDigits[octet >> 4];
    out += kDigits[octet & 15];
  }
  return out;
}

certs::Octets digest(const certs::Octets& octets, const EVP_MD* algorithm) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(octets.data(), octets.size(), out, &size, algorithm, nullptr) != 1) {
    throw BuildError("libcrypto could not compute a digest");
  }
  return {reinterpret_cast<const char*>(out), size};
}

/// A server that says nothing is silent for less time than the impatient clients wait, so that what they do
/// then is seen, and a run does not wait for each of them.
constexpr std::chrono::milliseconds kSilence{3000};

std::vector<mocks::SmtpServerSpec> server_specs(const Scenario& scenario) {
  std::vector<mocks::SmtpServerSpec> out;
  for (const auto& server : scenario.servers) out.push_back(server.spec);
  return out;
}

/// Texts with the addresses of one block, which are planned when a text wants one.
class AddressFiller {
 public:
  AddressFiller(const Scenario& scenario, std::uint32_t block, mocks::Placement placement)
      : scenario_(scenario), block_(block), placement_(placement) {}

  std::optional<std::string> find(std::string_view host) const {
    if (!addresses_) {
      addresses_ = mocks::Internet::plan_addresses(server_specs(scenario_), block_, placement_);
    }
    const std::string wanted = fold_host(host);
    for (const auto& [name, list] : *addresses_) {
      if (fold_host(name) == wanted && !list.empty()) return list.front();
    }
    return std::nullopt;
  }

  std::string fill(const std::string& text) const {
    if (text.find('{') == std::string::npos) return text;
    return replace_placeholders(text, [&](const Placeholder& found) -> std::optional<std::string> {
      return found.kind == "address" ? find(found.argument) : std::nullopt;
    });
  }

  void fill_name(certs::DistinguishedName& name) const {
    for (auto& rdn : name) {
      for (auto& attribute : rdn) attribute.value.octets = fill(attribute.value.octets);
    }
  }

  void fill_certificate(certs::CertificateSpec& spec) const {
    fill_name(spec.subject);
    if (!spec.san) return;
    for (auto& name : *spec.san) {
      fill_name(name.directory);
      if (name.type != certs::NameType::ip) {
        name.value = fill(name.value);
      } else if (is_address_placeholder(name.value)) {
        const auto octets = parse_address(fill(name.value));
        if (!octets) throw BuildError("no address for " + name.value);
        name.value = *octets;
      }
    }
  }

  /// RFC 5321 4.1.3: an IPv6 address in a literal is marked as one.
  std::string fill_domain(const std::string& domain) const {
    std::string out = fill(domain);
    if (out != domain && out.starts_with("[") && !out.starts_with("[IPv6:") &&
        out.find(':') != std::string::npos) {
      out.insert(1, "IPv6:");
    }
    return out;
  }

 private:
  const Scenario& scenario_;
  std::uint32_t block_;
  mocks::Placement placement_;
  mutable std::optional<Addresses> addresses_;
};

bool holds_brace(const certs::DistinguishedName& name) {
  return std::any_of(name.begin(), name.end(), [](const certs::Rdn& rdn) {
    return std::any_of(rdn.begin(), rdn.end(), [](const certs::Attribute& attribute) {
      return attribute.value.octets.find('{') != std::string::npos;
    });
  });
}

/// False only if fill_certificate would change nothing.
bool may_name_address(const certs::CertificateSpec& spec) {
  if (holds_brace(spec.subject)) return true;
  return spec.san && std::any_of(spec.san->begin(), spec.san->end(), [](const certs::GeneralName& name) {
           return name.value.find('{') != std::string::npos || holds_brace(name.directory);
         });
}

certs::CertificateRequests requests_of(const Scenario& scenario, const AddressFiller& addresses) {
  certs::CertificateRequests requests = scenario.certificates;
  for (auto& [id, request] : requests) addresses.fill_certificate(request.spec);
  return requests;
}

/// DER of a certificate and of its SubjectPublicKeyInfo.
struct Identity {
  const certs::Octets* der;
  const certs::Octets* spki;
};

Identity identity_of(const std::string& id, const std::map<std::string, certs::Chain>& chains,
                     const certs::Authority& authority) {
  const certs::Certificate* found = id == "root"           ? &authority.root
                                    : id == "intermediate" ? &authority.intermediate
                                    : id == "unknown-ca"   ? &authority.unknown_root
                                                           : nullptr;
  if (found == nullptr) {
    const auto chain = chains.find(id);
    if (chain == chains.end()) throw BuildError("no certificate \"" + id + "\" for a placeholder");
    found = &chain->second.leaf;
  }
  return {&found->der, &found->key.spki()};
}

std::string digest_text(const Placeholder& wanted, const Identity& identity) {
  const certs::Octets& octets = wanted.kind.starts_with("spki") ? *identity.spki : *identity.der;
  if (wanted.kind.ends_with("-sha256")) return hex(digest(octets, EVP_sha256()));
  if (wanted.kind.ends_with("-sha512")) return hex(digest(octets, EVP_sha512()));
  return hex(octets);
}

void apply(const mocks::ServerProfile& profile, mocks::SmtpServerSpec& spec) {
  if (profile.tls_max) spec.tls_max = *profile.tls_max;
  if (profile.tls_min) spec.tls_min = *profile.tls_min;
  spec.tls_min = std::min(spec.tls_min, spec.tls_max);
  if (profile.security_level) spec.security_level = *profile.security_level;
}

}  // namespace

std::map<std::string, certs::Chain> CertificateStock::of(const Scenario& scenario, std::uint32_t block,
                                                         mocks::Placement placement) {
  const auto known = minted_.find(&scenario);
  if (known != minted_.end()) return known->second;
  auto out = mint_certificates(scenario, block, placement, authority_, keys_);
  if (std::any_of(scenario.certificates.begin(), scenario.certificates.end(),
                  [](const auto& entry) { return may_name_address(entry.second.spec); })) {
    return out;
  }
  if (order_.size() == kKept) {
    minted_.erase(order_.front());
    order_.pop_front();
  }
  order_.push_back(&scenario);
  return minted_.emplace(&scenario, std::move(out)).first->second;
}

BuiltWorld build_world(const Scenario& scenario, std::uint32_t block, mocks::Placement placement,
                       CertificateStock& certificates, const mocks::ServerProfile& profile) {
  const AddressFiller addresses(scenario, block, placement);
  BuiltWorld out;
  out.domain = addresses.fill_domain(scenario.domain);
  out.spec.certificates = certificates.of(scenario, block, placement);
  for (const auto& server : scenario.servers) {
    mocks::SmtpServerSpec spec = server.spec;
    if (!server.states_tls_versions) apply(profile, spec);
    spec.banner = addresses.fill(spec.banner);
    spec.ehlo = addresses.fill(spec.ehlo);
    if (spec.ehlo_after_tls) spec.ehlo_after_tls = addresses.fill(*spec.ehlo_after_tls);
    for (auto& later : spec.then) {
      if (!server.states_tls_versions) apply(profile, later);
      later.banner = spec.banner;
      later.ehlo = spec.ehlo;
      later.ehlo_after_tls = spec.ehlo_after_tls;
    }
    if (spec.starttls == mocks::Starttls::silent) out.spec.idle_limit = kSilence;
    out.spec.servers.push_back(std::move(spec));
  }
  out.spec.dns.zones = scenario.dns.zones;
  for (const auto& line : scenario.dns.lines) {
    out.spec.dns.lines.push_back(
        replace_placeholders(line, [&](const Placeholder& found) -> std::optional<std::string> {
          if (found.kind == "address") return addresses.find(found.argument);
          return digest_text(found,
                             identity_of(found.argument, out.spec.certificates, certificates.authority()));
        }));
  }
  out.spec.sts = scenario.mta_sts;
  out.spec.clock = scenario.clock.value_or(0);
  return out;
}

BuiltWorld build_world(const Scenario& scenario, std::uint32_t block, mocks::Placement placement,
                       const certs::Authority& authority, certs::KeyPool& keys,
                       const mocks::ServerProfile& profile) {
  CertificateStock certificates(authority, keys);
  return build_world(scenario, block, placement, certificates, profile);
}

std::map<std::string, certs::Chain> mint_certificates(const Scenario& scenario, std::uint32_t block,
                                                      mocks::Placement placement,
                                                      const certs::Authority& authority,
                                                      certs::KeyPool& keys) {
  return certs::mint(requests_of(scenario, AddressFiller(scenario, block, placement)), authority, keys);
}

}  // namespace mxident::harness
