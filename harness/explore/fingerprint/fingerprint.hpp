// What a client mode checks at all, found by experiment.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/results/result.hpp"

namespace mxident::harness {

struct ProbeResult {
  std::string key, title;
  std::optional<Decision> decision;  ///< missing: the probe cannot be put to this mode
  std::string note;                  ///< why it is missing, or how the client ended
  std::optional<std::string> sni;
  bool mail_seen = false;  ///< MAIL came, in clear or under TLS
  bool hung = false;
};

struct Fingerprint {
  std::string client, version, mode, policy, title;
  std::vector<ProbeResult> names, behaviours;
};

/// Which name the SNI was: "MX host", "recipient domain", "none", or the name itself.
std::string sni_meaning(const Fingerprint& fingerprint);

/// The card of a mode, for people; and one JSON object, for machines.
std::string card(const Fingerprint& fingerprint);
std::string to_json(const Fingerprint& fingerprint);

}  // namespace mxident::harness
