// From a scenario to the specification of its world: addresses allotted, certificates minted, placeholders
// filled.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <stdexcept>
#include <string>

#include "certs/mint.hpp"
#include "harness/scenario/scenario.hpp"
#include "mocks/world.hpp"

namespace mxident::harness {

struct BuiltWorld {
  mocks::WorldSpec spec;
  std::string domain;  ///< recipient domain, or the address literal with its address
};

/// A placeholder that nothing can be put in for; the loader refuses scenarios that have one.
class BuildError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The certificates of scenarios, minted once for all their cells: only where one of them names an address,
/// which differs from block to block, each block has its own. Keeps the latest scenarios. Not thread-safe.
class CertificateStock {
 public:
  static constexpr std::size_t kKept = 1024;  ///< scenarios; a chain of each is some 10 kB

  /// Both outlive the stock, as do the scenarios that are asked for.
  CertificateStock(const certs::Authority& authority, certs::KeyPool& keys)
      : authority_(authority), keys_(keys) {}

  /// By id. Throws certs::MintError, BuildError.
  std::map<std::string, certs::Chain> of(const Scenario& scenario, std::uint32_t block,
                                         mocks::Placement placement);
  const certs::Authority& authority() const { return authority_; }

 private:
  const certs::Authority& authority_;
  certs::KeyPool& keys_;
  std::map<const Scenario*, std::map<std::string, certs::Chain>> minted_;
  std::deque<const Scenario*> order_;  ///< of minting, the oldest first
};

/// The world of a scenario in a block of addresses (see mocks::Internet::plan_addresses). `profile` is that
/// of the client's mode; it does not touch a server whose TLS versions the scenario states. Throws
/// certs::MintError, BuildError.
BuiltWorld build_world(const Scenario& scenario, std::uint32_t block, mocks::Placement placement,
                       CertificateStock& certificates, const mocks::ServerProfile& profile = {});

/// The same, with certificates of its own.
BuiltWorld build_world(const Scenario& scenario, std::uint32_t block, mocks::Placement placement,
                       const certs::Authority& authority, certs::KeyPool& keys,
                       const mocks::ServerProfile& profile = {});

/// Only the certificates, by id, with the addresses of `block`.
std::map<std::string, certs::Chain> mint_certificates(const Scenario& scenario, std::uint32_t block,
                                                      mocks::Placement placement,
                                                      const certs::Authority& authority,
                                                      certs::KeyPool& keys);

}  // namespace mxident::harness
