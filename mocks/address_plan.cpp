#include "mocks/address_plan.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstdio>
#include <set>

#include "mocks/loopback_ports.hpp"

namespace mxident::mocks {
namespace {

constexpr std::uint32_t kMaxBlock = 65000;
constexpr unsigned kResolver = 53;
constexpr unsigned kAuthority = 54;
constexpr unsigned kFirstPolicyHost = 200;
constexpr unsigned kLastHost = 254;

std::string ipv4_at(std::uint32_t block, unsigned host) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "127.%u.%u.%u", block >> 8U, block & 255U, host);
  return text.data();
}

/// The host part reads the same in both families: 127.1.2.53 and fd6d:7864:1:2::53.
std::string ipv6_at(std::uint32_t block, unsigned host) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "fd6d:7864:%x:%x::%u", block >> 8U, block & 255U, host);
  return boost::asio::ip::make_address(text.data()).to_string();
}

class Planner {
 public:
  Planner(std::uint32_t block, Placement placement) : block_(block), placement_(placement) {
    if (placement != Placement::outside && (block < 1 || block > kMaxBlock)) {
      throw WorldError("block " + std::to_string(block) + " is not in 1.." + std::to_string(kMaxBlock));
    }
  }

  AddressPlan plan(const std::vector<SmtpServerSpec>& servers, const std::vector<StsSpec>& sts) {
    for (const auto& server : servers) add_server(server);
    for (const auto& policy : sts) {
      auto& addresses = new_host(policy_host(policy));
      if (next_policy_host_ > kLastHost) throw WorldError("more policy hosts than a world has addresses");
      addresses.push_back(placement_ == Placement::loopback  ? kLoopback
                          : placement_ == Placement::outside ? allot_outside(policy.domain)
                                                             : ipv4_at(block_, next_policy_host_++));
    }
    add_roles();
    if (placement_ != Placement::loopback) check_unique();
    return std::move(plan_);
  }

 private:
  std::vector<std::string>& new_host(const std::string& host) {
    if (!names_.insert(plain_host(host)).second) throw WorldError("host " + host + " is there twice");
    return plan_.hosts[host];
  }

  void add_server(const SmtpServerSpec& server) {
    auto& addresses = new_host(server.host);
    const std::vector<ServerAddress> one(1);
    for (const auto& wanted : server.addresses.empty() ? one : server.addresses) {
      if (placement_ == Placement::loopback) {
        addresses.emplace_back(kLoopback);
      } else if (placement_ == Placement::outside) {
        if (wanted.ipv6)
          throw WorldError("server " + server.host + " wants an IPv6 address; outside are IPv4 ones");
        if (!wanted.text.empty())
          throw WorldError("server " + server.host + " states the address " + wanted.text +
                           ", which is within reach in a sandbox only");
        addresses.push_back(allot_outside(server.host));
      } else if (wanted.text.empty()) {
        addresses.push_back(wanted.ipv6 ? allot_ipv6() : allot_ipv4());
      } else {
        addresses.push_back(pinned(server.host, wanted.text));
      }
    }
  }

  static std::string pinned(const std::string& host, const std::string& text) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(text, error);
    if (error) throw WorldError("server " + host + ": \"" + text + "\" is no address");
    return address.to_string();
  }

  std::string allot_ipv4() { return ipv4_at(block_, take(next_ipv4_)); }
  std::string allot_ipv6() { return ipv6_at(block_, take(next_ipv6_)); }

  std::string allot_outside(const std::string& host) {
    if (next_ipv4_ > kOutsideAddresses) throw WorldError("no address is left outside for " + host);
    return boost::asio::ip::address_v4(block_ + next_ipv4_++ - 1).to_string();
  }

  static unsigned take(unsigned& next) {
    if (next == kResolver) next = kAuthority + 1;
    if (next >= kFirstPolicyHost) throw WorldError("more server addresses than a world has");
    return next++;
  }

  void add_roles() {
    if (placement_ == Placement::outside) {
      plan_.resolver = plan_.authority = {boost::asio::ip::address_v4(block_).to_string()};
    } else if (placement_ != Placement::namespaced) {
      plan_.resolver = plan_.authority = {kLoopback};
    } else {
      plan_.resolver = {ipv4_at(block_, kResolver), ipv6_at(block_, kResolver)};
      plan_.authority = {ipv4_at(block_, kAuthority), ipv6_at(block_, kAuthority)};
    }
  }

  void check_unique() const {
    std::set<std::string> seen;
    if (placement_ != Placement::outside) {
      seen.insert(plan_.resolver.begin(), plan_.resolver.end());
      seen.insert(plan_.authority.begin(), plan_.authority.end());
    }
    for (const auto& [host, addresses] : plan_.hosts) {
      for (const auto& address : addresses) {
        if (!seen.insert(address).second)
          throw WorldError("address " + address + " of " + host + " is there twice");
      }
    }
  }

  std::uint32_t block_;
  Placement placement_;
  unsigned next_ipv4_ = 1, next_ipv6_ = 1, next_policy_host_ = kFirstPolicyHost;
  std::set<std::string> names_;
  AddressPlan plan_;
};

}  // namespace

std::string directory_address(std::uint32_t number) {
  return ipv4_at(kMaxBlock + number, kResolver);
}

std::string plain_host(const std::string& host) {
  std::string out = host;
  if (!out.empty() && out.back() == '.') out.pop_back();
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

std::string policy_host(const StsSpec& sts) {
  return "mta-sts." + plain_host(sts.domain);
}

AddressPlan plan_world(const std::vector<SmtpServerSpec>& servers, const std::vector<StsSpec>& sts,
                       std::uint32_t block, Placement placement) {
  return Planner(block, placement).plan(servers, sts);
}

}  // namespace mxident::mocks
