#include "mocks/net/socket_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cstring>
#include <system_error>

#include "mocks/net/unique_fd.hpp"
#include "mocks/world.hpp"

namespace mxident::mocks {

namespace ip = boost::asio::ip;

SocketAddress SocketAddress::from(const sockaddr_storage& raw) {
  SocketAddress out;
  if (raw.ss_family == AF_INET6) {
    sockaddr_in6 in6{};
    std::memcpy(&in6, &raw, sizeof(in6));
    ip::address_v6::bytes_type octets;
    std::memcpy(octets.data(), &in6.sin6_addr, octets.size());
    out.address = ip::address_v6(octets);
    out.port = ntohs(in6.sin6_port);
  } else {
    sockaddr_in in{};
    std::memcpy(&in, &raw, sizeof(in));
    out.address = ip::address_v4(ntohl(in.sin_addr.s_addr));
    out.port = ntohs(in.sin_port);
  }
  return out;
}

socklen_t SocketAddress::to(sockaddr_storage& raw) const {
  raw = {};
  if (address.is_v6()) {
    sockaddr_in6 in6{};
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port);
    const auto octets = address.to_v6().to_bytes();
    std::memcpy(&in6.sin6_addr, octets.data(), octets.size());
    std::memcpy(&raw, &in6, sizeof(in6));
    return sizeof(in6);
  }
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  in.sin_addr.s_addr = htonl(address.to_v4().to_uint());
  std::memcpy(&raw, &in, sizeof(in));
  return sizeof(in);
}

SocketAddress local_address(int fd) {
  sockaddr_storage raw{};
  socklen_t size = sizeof(raw);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&raw), &size);
  return SocketAddress::from(raw);
}

void reset_on_close(int fd) {
  const linger at_once{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

int bound_socket(SocketKind kind, const SocketAddress& at) {
  const bool stream = kind == SocketKind::stream;
  const auto fail = [&](const char* what) {
    throw WorldError(std::string(what) + " " + at.address.to_string() + " port " + std::to_string(at.port) +
                     ": " + std::generic_category().message(errno));
  };
  const int family = at.address.is_v6() ? AF_INET6 : AF_INET;
  UniqueFd fd(::socket(family, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) fail("no socket for");
  const auto set = [&](int level, int option) {
    const int on = 1;
    if (::setsockopt(fd.get(), level, option, &on, sizeof(on)) != 0) fail("no socket option for");
  };
  if (family == AF_INET6) set(IPPROTO_IPV6, IPV6_V6ONLY);
  if (stream) {
    set(SOL_SOCKET, SO_REUSEADDR);
    set(IPPROTO_TCP, TCP_NODELAY);
  } else if (family == AF_INET6) {
    set(IPPROTO_IPV6, IPV6_RECVPKTINFO);
  } else {
    set(IPPROTO_IP, IP_PKTINFO);
  }
  sockaddr_storage raw{};
  const socklen_t size = at.to(raw);
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&raw), size) != 0) fail("cannot bind");
  if (stream && ::listen(fd.get(), SOMAXCONN) != 0) fail("cannot listen on");
  return fd.release();
}

}  // namespace mxident::mocks
