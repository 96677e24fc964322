#include "harness/adequacy/name_cases.hpp"

#include <fmt/format.h>

#include "harness/world/world_builder.hpp"
#include "verifier/match.hpp"

namespace mxident::harness::zoo {
namespace {

constexpr PolicyId kPolicies[] = {PolicyId::rfc2818, PolicyId::rfc6125, PolicyId::rfc7817, PolicyId::rfc9525,
                                  PolicyId::nexthop};

bool is_about_names(const Scenario& scenario) {
  if (scenario.servers.size() != 1 || mail_hosts(scenario).size() != 1) return false;
  const auto& spec = scenario.servers.front().spec;
  return spec.starttls == mocks::Starttls::offered && spec.certificates_by_sni.empty() &&
         spec.addresses.size() <= 1 && spec.replies.empty() && !spec.certificate.empty();
}

bool names_match(const std::string& der, const std::string& text, const NameRules& rules) {
  const auto presented = read_presented_names(der);
  const auto reference = make_reference(text, ReferenceOrigin::configured, rules).reference;
  return presented && reference && match(*presented, {&*reference, 1}, rules).verdict == MatchVerdict::match;
}

std::string hex(const std::string& octets) {
  std::string out;
  for (const char octet : octets) out += fmt::format("{:02x}", static_cast<unsigned char>(octet));
  return out;
}

}  // namespace

std::size_t write_name_cases(const std::vector<Scenario>& scenarios, std::ostream& out) {
  certs::KeyPool keys;
  const certs::Authority authority = certs::Authority::make(keys);
  std::size_t count = 0;
  for (const auto& scenario : scenarios) {
    if (!is_about_names(scenario)) continue;
    const BuiltWorld built = build_world(scenario, 1, mocks::Placement::namespaced, authority, keys);
    const std::string& der = built.spec.certificates.at(built.spec.servers.front().certificate).leaf.der;
    for (const PolicyId id : kPolicies) {
      const auto expected = expectation(scenario, id);
      if (!expected || (*expected != Expected::accept && *expected != Expected::reject)) continue;
      const bool literal = built.domain.starts_with("[");
      const std::string reference =
          literal || id == PolicyId::nexthop ? built.domain : preferred_host(scenario);
      const bool wanted = *expected == Expected::accept;
      if (!wanted && names_match(der, reference, policy(id).rules)) continue;  // rejected for another reason
      out << fmt::format("{} {} {} {} {}\n", scenario.id, to_string(id), to_string(*expected), reference,
                         hex(der));
      ++count;
    }
  }
  return count;
}

}  // namespace mxident::harness::zoo
