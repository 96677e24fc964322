#include "mocks/dns/stream.hpp"

#include <string>

namespace mxident::mocks::dns {

boost::asio::awaitable<void> serve_stream(std::shared_ptr<Connection> connection, StreamAnswer answer) {
  constexpr int kMaxQueries = 1000;
  connection->start();
  for (int queries = 0; queries < kMaxQueries;) {
    std::string& input = connection->input();
    const auto octet = [&](std::size_t at) {
      return static_cast<std::size_t>(static_cast<unsigned char>(input[at]));
    };
    const std::size_t size = input.size() < 2 ? 0 : octet(0) << 8U | octet(1);
    if (input.size() < 2 || input.size() - 2 < size) {
      const bool more = co_await connection->fill();
      if (!more) break;
      continue;
    }
    ++queries;
    const std::vector<std::uint8_t> query(input.begin() + 2,
                                          input.begin() + 2 + static_cast<std::ptrdiff_t>(size));
    input.erase(0, size + 2);
    const std::vector<std::uint8_t> reply = answer(query);
    if (reply.empty()) continue;
    const std::string prefix{static_cast<char>(reply.size() >> 8U), static_cast<char>(reply.size() & 255U)};
    connection->queue(prefix);
    connection->queue({reinterpret_cast<const char*>(reply.data()), reply.size()});
    co_await connection->flush();
  }
  co_await connection->finish(Connection::Goodbye::orderly);
}

}  // namespace mxident::mocks::dns
