// Sockets that are one world's: in loopback and mapped placement a free port of 127.0.0.1 for each address,
// outside the stated ports at the stated addresses.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "mocks/net/gate.hpp"
#include "mocks/net/listener.hpp"
#include "mocks/world_state.hpp"

namespace mxident::mocks {

inline constexpr const char* kLoopback = "127.0.0.1";

/// A name server has the same port number for UDP and TCP. All but the constructor and port() belong on the
/// thread of the world's context.
class LoopbackPorts {
 public:
  /// Binds; throws WorldError. With a gate: outside.
  LoopbackPorts(const std::shared_ptr<WorldState>& world, std::shared_ptr<Gate> gate);
  /// Of the place with that index.
  std::uint16_t port(std::size_t place) const { return ports_[place]; }
  /// Null: a free port of kLoopback.
  const std::shared_ptr<Gate>& gate() const { return gate_; }
  void start();
  void accept_all();
  void stop();

 private:
  void add(const std::shared_ptr<WorldState>& world, const std::shared_ptr<const Place>& place);
  void add_outside(const std::shared_ptr<WorldState>& world, const std::shared_ptr<const Place>& place);

  std::shared_ptr<Gate> gate_;
  std::vector<std::uint16_t> ports_;
  std::vector<std::shared_ptr<StreamListener>> streams_;
  std::vector<std::shared_ptr<DatagramListener>> datagrams_;
};

}  // namespace mxident::mocks
