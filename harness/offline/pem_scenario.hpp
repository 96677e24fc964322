// A real chain as certificates of a scenario, to be minted again: no private key is needed, and nothing of it
// but what decides whether a client takes it comes through.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

namespace mxident::harness::cli {

struct PemScenario {
  std::vector<std::string> common_names, san;  ///< of the server's own; san: "TYPE:VALUE"
  std::string chain;  ///< "expired", "self-signed"; empty: nothing is wrong that it says itself
  nlohmann::ordered_json certificates;  ///< by id, the server's own is "mx"; without its subject and names
  std::vector<std::string> remarks;     ///< what was filled in, and what cannot be kept
};

inline constexpr std::size_t kMaxPemChain = 20;
inline constexpr std::size_t kMaxPemText = 100;

/// Certificates of a text (DER, in its order, some of them twice) told apart by who issued whom: one chain
/// for each server, its own certificate first. What issued nobody's belongs to the server that is the only
/// one. Throws InputError, naming `file` and the certificate, and where there are more than kMaxPemText.
std::vector<std::vector<std::string>> chains_in(std::span<const std::string> certificates,
                                                const std::string& file);

/// `chain`: DER, the server's own first. `now` in seconds since 1970. Throws InputError, naming `file` and
/// the certificate.
PemScenario pem_scenario(std::span<const std::string> chain, const std::string& file, std::int64_t now);

}  // namespace mxident::harness::cli
