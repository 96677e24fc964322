#include "mocks/loopback_ports.hpp"

#include <span>
#include <utility>

namespace mxident::mocks {

LoopbackPorts::LoopbackPorts(const std::shared_ptr<WorldState>& world, std::shared_ptr<Gate> gate)
    : gate_(std::move(gate)) {
  for (const auto& place : world->places()) gate_ ? add_outside(world, place) : add(world, place);
}

void LoopbackPorts::add_outside(const std::shared_ptr<WorldState>& world,
                                const std::shared_ptr<const Place>& place) {
  const auto taken = [weak = std::weak_ptr<WorldState>(world), place, gate = gate_](UniqueFd fd,
                                                                                    const SocketAddress&) {
    const auto owner = weak.lock();
    std::shared_ptr<void> pass = owner ? gate->enter(Gate::Clock::now()) : nullptr;
    if (!pass) return reset_on_close(fd.get());
    owner->admit(std::move(fd), place, std::move(pass));
  };
  ports_.push_back(place->ports.front());
  for (const auto port : place->ports) {
    const SocketAddress at{boost::asio::ip::make_address(place->address), port};
    streams_.push_back(std::make_shared<StreamListener>(world->context(), at, taken));
  }
}

void LoopbackPorts::add(const std::shared_ptr<WorldState>& world, const std::shared_ptr<const Place>& place) {
  const SocketAddress at{boost::asio::ip::make_address(kLoopback), 0};
  const std::weak_ptr<WorldState> weak = world;
  const auto taken = [weak, place](UniqueFd fd, const SocketAddress&) {
    if (const auto owner = weak.lock()) owner->admit(std::move(fd), place);
  };
  const auto asked = [weak, place](std::span<const std::uint8_t> query, const SocketAddress&) {
    const auto owner = weak.lock();
    return owner ? owner->answer(query, *place) : std::vector<std::uint8_t>();
  };
  constexpr int kTries = 20;  // the UDP port of the same number may be somebody else's
  for (int tries = 1;; ++tries) {
    auto stream = std::make_shared<StreamListener>(world->context(), at, taken);
    const std::uint16_t port = stream->port();
    if (place->is_dns()) {
      try {
        datagrams_.push_back(
            std::make_shared<DatagramListener>(world->context(), SocketAddress{at.address, port}, asked));
      } catch (const WorldError&) {
        if (tries == kTries) throw;
        continue;
      }
    }
    ports_.push_back(port);
    streams_.push_back(std::move(stream));
    return;
  }
}

void LoopbackPorts::start() {
  for (const auto& stream : streams_) stream->start();
  for (const auto& datagram : datagrams_) datagram->start();
}

void LoopbackPorts::accept_all() {
  for (const auto& stream : streams_) stream->accept_all();
}

void LoopbackPorts::stop() {
  for (const auto& stream : streams_) stream->stop();
  for (const auto& datagram : datagrams_) datagram->stop();
}

}  // namespace mxident::mocks
