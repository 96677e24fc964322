// Where the connections of one execution context may go: nowhere else, whoever asks.
//
// It lies below resolver, session and policy fetch, so that no code above it can forget it. A context without
// a guard dials whatever it is told.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace mxident::probe {

/// Thread-safe.
class DialGuard : public boost::asio::execution_context::service {
 public:
  using key_type = DialGuard;
  using Endpoint = std::pair<boost::asio::ip::address, std::uint16_t>;
  static boost::asio::execution_context::id id;

  explicit DialGuard(boost::asio::execution_context& context) : service(context) {}

  /// Who dials `wanted` is connected to `actual`: the same one, or the free port that stands for it where the
  /// true one belongs to somebody else. The latest word counts.
  void allow(const Endpoint& wanted, const Endpoint& actual);
  void forbid(const Endpoint& wanted);
  std::optional<Endpoint> find(const Endpoint& wanted) const;

 private:
  void shutdown() noexcept override {}

  mutable std::mutex mutex_;
  std::map<Endpoint, Endpoint> allowed_;
};

/// The guard of a context, which has one from now on.
DialGuard& guard_of(boost::asio::execution_context& context);

/// Where a connection to `wanted` goes; nullopt: the guard of the executor's context does not let it pass.
std::optional<DialGuard::Endpoint> pass_guard(const boost::asio::any_io_executor& executor,
                                              const DialGuard::Endpoint& wanted);

}  // namespace mxident::probe
