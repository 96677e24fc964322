// From options and a reading to the situation of the complaint, and to documents that show it in the sandbox.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/explore/repro/clue.hpp"

namespace mxident::harness::repro {

/// What a person states on the command line; it wins over what a text says.
struct Options {
  std::string mx, ehlo, domain;
  std::vector<std::string> common_names, san;  ///< san: "TYPE:VALUE"
  std::string names_from;                      ///< where the names come from; empty: --cn and --san
  std::string mx_from;                         ///< where mx comes from; empty: --mx
  std::string server_from;  ///< where ehlo and starttls come from; empty: the options of these names
  std::string chain;        ///< "trusted", "expired", "self-signed", "unknown-ca"; empty: not stated
  std::string chain_from;   ///< where it comes from; empty: --chain
  std::string starttls;     ///< "offered", "missing", "refused"; empty: not stated
};

/// A value and where it comes from: "--mx", "CheckTLS, line 12", "filled in".
struct Stated {
  std::string value, origin;
};

inline constexpr std::string_view kFilled =
    "filled in";  ///< the origin of what neither text nor options hold

struct Situation {
  Stated mx, domain, chain, starttls;
  std::optional<Stated> ehlo, banner;
  std::vector<Stated> common_names, san;  ///< san: "dns:x"
  std::vector<std::string> remarks;       ///< what was filled in, and what was found and not used
  std::vector<std::string> programs;      ///< whose words it comes from
};

/// Throws InputError where the host or the certificate's names are not known, naming the options that state
/// them.
Situation situation_of(const Options& options, const Reading& reading);

/// The certificates of a real chain (offline/pem_scenario.hpp) in place of the one that is made of the names.
nlohmann::ordered_json with_chain(nlohmann::ordered_json document,
                                  const nlohmann::ordered_json& certificates);

/// A scenario with everything that the situation holds, and no word of the text but host names.
nlohmann::ordered_json document_of(const Situation& situation, const std::string& id);
/// The same server with a trusted certificate that names its host.
nlohmann::ordered_json twin_of(const Situation& situation, const std::string& id);

}  // namespace mxident::harness::repro
