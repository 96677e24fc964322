// The experiments of a fingerprint: one after another, certificates that are valid for one name only, and
// STARTTLS that is missing, refused or broken.
#pragma once

#include <string>
#include <vector>

#include "harness/scenario/scenario.hpp"

namespace mxident::harness {

/// A name that a certificate is valid for, and nothing else.
enum class ProbedName {
  mx_host,
  recipient_domain,
  cname_head,
  cname_tail,
  ehlo_name,
  banner_name,
  ptr_name,
  address,
  parent_domain,
  sts_pattern,
  nothing
};

struct NameProbe {
  ProbedName name;
  std::string title;  ///< "MX host"
  Scenario scenario;
};

/// Everything that is not about names: chain faults and STARTTLS behaviours, with the right name.
struct BehaviourProbe {
  std::string key, title;  ///< "unknown-ca", "chain ends in an unknown CA"
  Scenario scenario;
};

std::vector<NameProbe> name_probes();
std::vector<BehaviourProbe> behaviour_probes();

}  // namespace mxident::harness
