#include "mocks/net/listener.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace mxident::mocks {
namespace {

using boost::asio::posix::stream_descriptor;

constexpr std::size_t kMaxDatagram = 65535;
constexpr int kMaxAtOnce = 64;  // datagrams answered before others get their turn

/// Puts the address of the control message (IP_PKTINFO or IPV6_PKTINFO) into `local`.
void read_local(msghdr& message, SocketAddress& local) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(part), sizeof(info));
      local.address = boost::asio::ip::address_v4(ntohl(info.ipi_addr.s_addr));
    } else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(part), sizeof(info));
      boost::asio::ip::address_v6::bytes_type octets;
      std::memcpy(octets.data(), &info.ipi6_addr, octets.size());
      local.address = boost::asio::ip::address_v6(octets);
    }
  }
}

/// Sends with the control message that came: it says from which address.
void send_from(int fd, msghdr message, const SocketAddress& local, std::vector<std::uint8_t>& octets) {
  std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> control{};
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const part = CMSG_FIRSTHDR(&message);
  if (local.address.is_v6()) {
    in6_pktinfo info{};
    const auto address = local.address.to_v6().to_bytes();
    std::memcpy(&info.ipi6_addr, address.data(), address.size());
    *part = {CMSG_LEN(sizeof(info)), IPPROTO_IPV6, IPV6_PKTINFO};
    std::memcpy(CMSG_DATA(part), &info, sizeof(info));
    message.msg_controllen = CMSG_SPACE(sizeof(info));
  } else {
    in_pktinfo info{};
    info.ipi_spec_dst.s_addr = htonl(local.address.to_v4().to_uint());
    *part = {CMSG_LEN(sizeof(info)), IPPROTO_IP, IP_PKTINFO};
    std::memcpy(CMSG_DATA(part), &info, sizeof(info));
    message.msg_controllen = CMSG_SPACE(sizeof(info));
  }
  iovec where{octets.data(), octets.size()};
  message.msg_iov = &where;
  message.msg_iovlen = 1;
  message.msg_flags = 0;
  ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);  // UDP may lose it: a full buffer is no error
}

}  // namespace

StreamListener::StreamListener(boost::asio::io_context& context, const SocketAddress& at, Taken taken)
    : socket_(context, bound_socket(SocketKind::stream, at)),
      retry_(context),
      port_(local_address(socket_.native_handle()).port),
      taken_(std::move(taken)) {}

void StreamListener::wait() {
  if (waiting_ || paused_ || !socket_.is_open()) return;
  waiting_ = true;
  socket_.async_wait(stream_descriptor::wait_read,
                     [weak = weak_from_this()](const boost::system::error_code& error) {
                       const auto self = weak.lock();
                       if (error || !self) return;
                       self->waiting_ = false;
                       self->accept_all();
                       self->wait();
                     });
}

void StreamListener::accept_all() {
  while (socket_.is_open() && !paused_) {
    sockaddr_storage peer{};
    socklen_t size = sizeof(peer);
    UniqueFd connection(::accept4(socket_.native_handle(), reinterpret_cast<sockaddr*>(&peer), &size,
                                  SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connection) {
      const SocketAddress local = local_address(connection.get());
      taken_(std::move(connection), local);
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The queue stays readable: without a pause the thread would spin until a connection ends.
      constexpr std::chrono::milliseconds kPause{20};
      paused_ = true;
      retry_.expires_after(kPause);
      retry_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (error || !self) return;
        self->paused_ = false;
        self->accept_all();
        self->wait();
      });
    }
    return;
  }
}

void StreamListener::stop() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  retry_.cancel();
}

DatagramListener::DatagramListener(boost::asio::io_context& context, const SocketAddress& at, Taken taken)
    : socket_(context, bound_socket(SocketKind::datagram, at)),
      port_(local_address(socket_.native_handle()).port),
      taken_(std::move(taken)),
      buffer_(kMaxDatagram) {}

void DatagramListener::wait() {
  socket_.async_wait(stream_descriptor::wait_read,
                     [weak = weak_from_this()](const boost::system::error_code& error) {
                       const auto self = weak.lock();
                       if (error || !self) return;
                       self->receive_all();
                       if (self->socket_.is_open()) self->wait();
                     });
}

void DatagramListener::receive_all() {
  for (int i = 0; i < kMaxAtOnce && socket_.is_open(); ++i) {
    sockaddr_storage peer{};
    std::array<char, 256> control{};
    iovec where{buffer_.data(), buffer_.size()};
    msghdr message{};
    message.msg_name = &peer;
    message.msg_namelen = sizeof(peer);
    message.msg_iov = &where;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(socket_.native_handle(), &message, MSG_DONTWAIT);
    if (size < 0) return;
    SocketAddress local{{}, port_};
    read_local(message, local);
    auto reply = taken_({buffer_.data(), static_cast<std::size_t>(size)}, local);
    if (!reply.empty()) send_from(socket_.native_handle(), message, local, reply);
  }
}

void DatagramListener::stop() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace mxident::mocks
