// Which addresses the parts of a world have.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "mocks/world.hpp"

namespace mxident::mocks {

/// Name under which a policy host stands in plans, zones and World::addresses.
std::string policy_host(const StsSpec& sts);

/// Lower case, no final dot: the form in which hosts are compared.
std::string plain_host(const std::string& host);

struct AddressPlan {
  std::map<std::string, std::vector<std::string>>
      hosts;                          ///< servers as their specs name them, and policy hosts
  std::vector<std::string> resolver;  ///< IPv4 first, then IPv6 (namespaced)
  std::vector<std::string> authority;
};

/// Servers have 127.X.Y.1 upwards and fd6d:7864:X:Y::1 upwards, `.53` and `.54` belong to the name servers,
/// policy hosts have `.200` upwards. Outside, servers and then policy hosts have the block's address upwards.
/// Throws WorldError: a block that is no block, more hosts than fit, an
/// address that is none, an address or a host that is there twice.
AddressPlan plan_world(const std::vector<SmtpServerSpec>& servers, const std::vector<StsSpec>& sts,
                       std::uint32_t block, Placement placement);

inline constexpr std::uint32_t kMaxDirectories = 500;

/// Of the directory with that number: behind those of all worlds.
std::string directory_address(std::uint32_t number);

}  // namespace mxident::mocks
