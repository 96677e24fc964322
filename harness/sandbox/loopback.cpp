#include "harness/sandbox/loopback.hpp"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "harness/sandbox/io.hpp"
#include "harness/sandbox/sandbox.hpp"

namespace mxident::harness::sandbox {
namespace {

struct Network {
  int family;
  const char* address;
  std::uint8_t prefix;
};

constexpr std::array<Network, 2> kAddresses{{{AF_INET, "192.0.2.1", 32}, {AF_INET6, "fd6d:7864::1", 128}}};
constexpr std::array<Network, 5> kLocalNetworks{{{AF_INET, "192.0.2.0", 24},
                                                 {AF_INET, "198.51.100.0", 24},
                                                 {AF_INET, "203.0.113.0", 24},
                                                 {AF_INET6, "fd6d:7864::", 32},
                                                 {AF_INET6, "2001:db8::", 32}}};

/// One rtnetlink request: its header, a fixed part and attributes.
class LinkRequest {
 public:
  template <typename Fixed>
  LinkRequest(std::uint16_t type, std::uint16_t flags, const Fixed& fixed) {
    header()->nlmsg_len = NLMSG_LENGTH(sizeof(Fixed));
    header()->nlmsg_type = type;
    header()->nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST | NLM_F_ACK);
    std::memcpy(buffer_.data() + NLMSG_HDRLEN, &fixed, sizeof(Fixed));
  }

  void attribute(std::uint16_t type, const void* data, std::size_t size) {
    const std::size_t start = NLMSG_ALIGN(header()->nlmsg_len);
    const rtattr head{static_cast<std::uint16_t>(RTA_LENGTH(size)), type};
    std::memcpy(buffer_.data() + start, &head, sizeof head);
    std::memcpy(buffer_.data() + start + RTA_LENGTH(0), data, size);
    header()->nlmsg_len = static_cast<std::uint32_t>(start + RTA_SPACE(size));
  }

  /// Sends it and waits for the answer. Returns 0 or an errno value.
  int exchange(int socket) {
    if (::send(socket, buffer_.data(), header()->nlmsg_len, 0) < 0) return errno;
    alignas(nlmsghdr) std::array<char, 1024> answer{};
    const ssize_t size = ::recv(socket, answer.data(), answer.size(), 0);
    if (size < 0) return errno;
    if (size < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr)))) return EPROTO;
    nlmsgerr result{};
    std::memcpy(&result, answer.data() + NLMSG_HDRLEN, sizeof result);
    return -result.error;
  }

 private:
  nlmsghdr* header() { return reinterpret_cast<nlmsghdr*>(buffer_.data()); }
  alignas(nlmsghdr) std::array<char, 256> buffer_{};
};

struct Address {
  std::array<unsigned char, 16> bytes{};
  std::size_t size = 0;
};

Address parse(const Network& network) {
  Address address;
  address.size = network.family == AF_INET ? 4 : 16;
  ::inet_pton(network.family, network.address, address.bytes.data());
  return address;
}

int add_address(int socket, int interface, const Network& network) {
  ifaddrmsg fixed{};
  fixed.ifa_family = static_cast<std::uint8_t>(network.family);
  fixed.ifa_prefixlen = network.prefix;
  // Without duplicate address detection (RFC 4862) the address is usable at once.
  fixed.ifa_flags = network.family == AF_INET6 ? IFA_F_PERMANENT | IFA_F_NODAD : IFA_F_PERMANENT;
  fixed.ifa_scope = RT_SCOPE_UNIVERSE;
  fixed.ifa_index = static_cast<std::uint32_t>(interface);
  LinkRequest request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, fixed);
  const Address address = parse(network);
  request.attribute(IFA_LOCAL, address.bytes.data(), address.size);
  request.attribute(IFA_ADDRESS, address.bytes.data(), address.size);
  return request.exchange(socket);
}

int add_local_route(int socket, int interface, const Network& network) {
  rtmsg fixed{};
  fixed.rtm_family = static_cast<std::uint8_t>(network.family);
  fixed.rtm_dst_len = network.prefix;
  fixed.rtm_table = RT_TABLE_LOCAL;
  fixed.rtm_protocol = RTPROT_BOOT;
  fixed.rtm_scope = RT_SCOPE_HOST;
  fixed.rtm_type = RTN_LOCAL;
  LinkRequest request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, fixed);
  const Address address = parse(network);
  request.attribute(RTA_DST, address.bytes.data(), address.size);
  request.attribute(RTA_OIF, &interface, sizeof interface);
  return request.exchange(socket);
}

}  // namespace

std::string set_up_loopback() {
  const Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket) throw SetupError("cannot speak to the kernel's routing", errno);
  const int lo = static_cast<int>(::if_nametoindex("lo"));
  if (lo == 0) throw SetupError("the new network namespace has no loopback interface", errno);

  ifinfomsg up{};
  up.ifi_family = AF_UNSPEC;
  up.ifi_index = lo;
  up.ifi_flags = IFF_UP;
  up.ifi_change = IFF_UP;
  const int up_error = LinkRequest(RTM_NEWLINK, 0, up).exchange(socket.get());
  if (up_error != 0) throw SetupError("cannot bring the loopback interface up", up_error);

  std::string note;
  const auto check = [&note](int error, const Network& network) {
    if (error == 0 || error == EEXIST) return;
    if (network.family != AF_INET6)
      throw SetupError(std::string("cannot add ") + network.address + " to lo", error);
    note = system_message("no IPv6", error);
  };
  for (const Network& network : kAddresses) check(add_address(socket.get(), lo, network), network);
  for (const Network& network : kLocalNetworks) check(add_local_route(socket.get(), lo, network), network);

  // Comforts that the sandbox does without where /proc/sys is read-only: ports below 1024 for clients that
  // drop to another user, more source ports for thousands of connections to one address, none of them one on
  // which a daemon wants to listen, replies from routed IPv6 addresses. With SYN cookies a connection that a
  // full backlog has no room for exists at its client alone, which then waits for a greeting that never
  // comes.
  write_value("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
  write_value("/proc/sys/net/ipv4/ip_local_port_range", "10000 65535");
  write_value("/proc/sys/net/ipv4/ip_local_reserved_ports",
              std::to_string(kFirstPortOfDaemons) + "-" + std::to_string(kLastPortOfDaemons));
  write_value("/proc/sys/net/ipv4/tcp_syncookies", "0");
  write_value("/proc/sys/net/ipv6/ip_nonlocal_bind", "1");
  return note;
}

}  // namespace mxident::harness::sandbox
