// What a scenario or a client needs for itself alone, and so which of them may be up together.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "harness/driver/clients.hpp"
#include "harness/scenario/scenario.hpp"

namespace mxident::harness {

struct Claims {
  std::vector<std::string> addresses;  ///< stated ones: one live world in all may have each
  std::vector<std::string> domains;    ///< of recipients and policies
  std::vector<std::string> hosts;      ///< of servers, and every other owner of a DNS record
  /// Domains and hosts: what the world of a scenario answers for in a resolver of many worlds.
  std::vector<std::string> names() const;
};

/// In lower case, without final dots.
Claims claims_of(const Scenario& scenario);

/// Throws InputError where two columns claim an address, a domain or a host, with the manifests and modes.
void check_claims(std::span<const ClientColumn> columns);

/// What of the scenario the column's daemon has for itself, as a sentence; empty: nothing.
std::string claimed_by(const ClientColumn& column, const Claims& scenario);

}  // namespace mxident::harness
