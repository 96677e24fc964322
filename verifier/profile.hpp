// Duties of authorities that a profile holds a path to, beyond what a relying party has to check
// (docs/decisions.md, "Profiles"). Internal to the verifier.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "certificate.hpp"
#include "policy.hpp"
#include "presented.hpp"

namespace mxident {

/// One certificate of a path.
struct PathCertificate {
  CertificateView view;
  PresentedNames names;
  std::size_t depth = 0;  ///< 0 the server's own
};

struct ProfileRule {
  std::string_view id;  ///< kebab-case, never changes
  Profile from;         ///< the mildest profile that holds it
  std::string_view citation;
  std::string_view sentence;  ///< what the certificate does
  bool (*broken)(const PathCertificate& certificate);
};
std::span<const ProfileRule> profile_rules();

struct ProfileViolation {
  const ProfileRule* rule = nullptr;
  std::size_t depth = 0;
};
/// `path`: DER, leaf first, trust anchor last.
std::optional<ProfileViolation> check_profile(std::span<const std::string> path, Profile profile);

}  // namespace mxident
