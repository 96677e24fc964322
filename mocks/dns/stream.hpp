// DNS over TCP: messages with a length of two octets before each (RFC 1035 4.2.2).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "mocks/net/connection.hpp"

namespace mxident::mocks::dns {

/// Empty: say nothing.
using StreamAnswer = std::function<std::vector<std::uint8_t>(std::span<const std::uint8_t> query)>;

/// Answers until the client has gone, or has asked a thousand times.
boost::asio::awaitable<void> serve_stream(std::shared_ptr<Connection> connection, StreamAnswer answer);

}  // namespace mxident::mocks::dns
