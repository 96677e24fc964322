// An address with a port as the system calls want it.
#pragma once

#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <functional>
#include <string>

namespace mxident::mocks {

enum class SocketKind { stream, datagram };

struct SocketAddress {
  boost::asio::ip::address address;
  std::uint16_t port = 0;

  static SocketAddress from(const sockaddr_storage& raw);
  /// Returns the length.
  socklen_t to(sockaddr_storage& raw) const;
  bool operator==(const SocketAddress&) const = default;
};

/// Local address of a connected or bound socket.
SocketAddress local_address(int fd);

/// The connection will be reset when it is closed: to the client a port that refuses, and no TIME_WAIT here.
void reset_on_close(int fd);

/// A non-blocking, close-on-exec socket bound to `at` (port 0: a free one). A datagram socket tells the
/// address it was asked at (IP_PKTINFO, IPV6_PKTINFO); a stream socket listens, and what it accepts has
/// Nagle's algorithm off. The IPv6 wildcard does not take IPv4. Throws WorldError.
int bound_socket(SocketKind kind, const SocketAddress& at);

}  // namespace mxident::mocks
