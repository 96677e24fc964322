// Which world answers for a name: the look-up behind a resolver of many worlds.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "mocks/dns/name.hpp"
#include "mocks/net/unique_fd.hpp"
#include "mocks/world_state.hpp"

namespace mxident::mocks {

/// Thread-safe.
class NameDirectory : public std::enable_shared_from_this<NameDirectory> {
 public:
  explicit NameDirectory(std::string address) : address_(std::move(address)) {}

  const std::string& address() const { return address_; }
  bool add(const std::shared_ptr<WorldState>& world, const std::vector<std::string>& names);
  void remove(const WorldState& world);

  /// Null: no world holds the name or one above it.
  std::shared_ptr<WorldState> find(const dns::WireName& name) const;
  /// The reply of the world that holds the name that is asked for; NXDOMAIN where none does. Empty: no
  /// answer.
  std::vector<std::uint8_t> answer(std::span<const std::uint8_t> query, Transport transport) const;
  /// Takes an accepted connection. On any thread; it is served on the thread of `context`, and `pass` is let
  /// go when it has ended.
  void admit(UniqueFd connection, boost::asio::io_context& context, std::shared_ptr<void> pass = nullptr);

 private:
  const std::string address_;
  mutable std::mutex mutex_;
  std::map<dns::NameKey, std::shared_ptr<WorldState>> worlds_;
};

}  // namespace mxident::mocks
