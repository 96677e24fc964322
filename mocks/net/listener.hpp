// Sockets that wait for clients of any world: accepted connections and datagrams are handed on with the
// address at which the client asked.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "mocks/net/socket_address.hpp"
#include "mocks/net/unique_fd.hpp"

namespace mxident::mocks {

/// Accepts TCP connections. Used on its context's thread only, but for make() and port().
class StreamListener : public std::enable_shared_from_this<StreamListener> {
 public:
  using Taken = std::function<void(UniqueFd connection, const SocketAddress& local)>;

  /// Throws WorldError. Accepting begins with start().
  StreamListener(boost::asio::io_context& context, const SocketAddress& at, Taken taken);
  std::uint16_t port() const { return port_; }
  void start() { wait(); }
  void stop();
  /// Hands on all connections that are established by now.
  void accept_all();

 private:
  void wait();

  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer retry_;
  std::uint16_t port_;
  Taken taken_;
  bool waiting_ = false;
  bool paused_ = false;  // no descriptor or memory was left
};

/// Receives UDP datagrams and answers from the address that was asked.
class DatagramListener : public std::enable_shared_from_this<DatagramListener> {
 public:
  /// Returns the reply, empty for none. `local` is the address that was asked.
  using Taken = std::function<std::vector<std::uint8_t>(std::span<const std::uint8_t> octets,
                                                        const SocketAddress& local)>;

  DatagramListener(boost::asio::io_context& context, const SocketAddress& at, Taken taken);
  std::uint16_t port() const { return port_; }
  void start() { wait(); }
  void stop();
  void receive_all();

 private:
  void wait();

  boost::asio::posix::stream_descriptor socket_;
  std::uint16_t port_;
  Taken taken_;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace mxident::mocks
