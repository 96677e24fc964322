// The living part of a world: its services and open connections. Connections hold it, so it may outlive its
// World.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_set>
#include <vector>

#include "mocks/address_plan.hpp"
#include "mocks/net/listener.hpp"
#include "mocks/net/unique_fd.hpp"
#include "mocks/place.hpp"
#include "mocks/recorder.hpp"

namespace mxident::mocks {

inline constexpr std::uint16_t kDnsPort = 53;

class WorldState : public std::enable_shared_from_this<WorldState> {
 public:
  /// Throws WorldError. All its connections live on the thread of `context`.
  WorldState(boost::asio::io_context& context, std::shared_ptr<const TlsContext> tls,
             IdentityReader& identities, const WorldSpec& spec, std::uint32_t block, Placement placement);

  const AddressPlan& plan() const { return plan_; }
  const std::vector<std::shared_ptr<const Place>>& places() const { return places_; }
  const Recorder& recorder() const { return *recorder_; }
  void on_event(std::function<void()> told) { recorder_->on_event(std::move(told)); }
  const DnsService& dns() const { return *dns_; }
  boost::asio::io_context& context() const { return context_; }
  std::size_t open_connections() const { return smtp_open_; }

  /// Takes an accepted connection. On any thread.
  /// `pass` is let go when the connection has ended.
  void admit(UniqueFd connection, std::shared_ptr<const Place> place, std::shared_ptr<void> pass = nullptr);
  /// Answers a datagram; empty: no answer. On any thread.
  std::vector<std::uint8_t> answer(std::span<const std::uint8_t> query, const Place& place) const;
  /// Answers what came by way of a directory at that address, as the world's resolver does.
  std::vector<std::uint8_t> answer(std::span<const std::uint8_t> query, Transport transport,
                                   const std::string& directory) const;

  /// `done` waits for its call from now on. On any thread.
  void want_idle(std::function<void()> done);
  /// What clients have opened is admitted: `done` may be called as soon as nothing is open. On the context's
  /// thread.
  void watch_idle();
  /// Nothing is recorded and no `done` is called once this has returned; the rest follows on the context's
  /// thread.
  void close();

 private:
  void add_servers(const WorldSpec& spec, IdentityReader& identities, Placement placement);
  std::shared_ptr<const SmtpEndpoint> endpoint(const WorldSpec& spec, const SmtpServerSpec& server,
                                               IdentityReader& identities, std::size_t index) const;
  void add_policy_hosts(const WorldSpec& spec, IdentityReader& identities, Placement placement);
  void add_name_servers(const WorldSpec& spec, Placement placement);
  std::shared_ptr<const Identity> identity(const WorldSpec& spec, IdentityReader& identities,
                                           const std::string& id, int security_level) const;
  void serve(UniqueFd fd, const std::shared_ptr<const Place>& place, std::shared_ptr<void> pass);
  std::vector<std::uint8_t> answer(std::span<const std::uint8_t> query, Transport transport, DnsRole role,
                                   const Source& source) const;
  boost::asio::awaitable<void> serve_policy(std::shared_ptr<Connection> connection, Source source,
                                            std::shared_ptr<const PolicySite> site);
  void ended(Connection* connection, const Place& place);
  void tell_idle();

  boost::asio::io_context& context_;
  std::shared_ptr<const TlsContext> tls_;
  std::shared_ptr<Recorder> recorder_ = std::make_shared<Recorder>();
  std::chrono::milliseconds idle_limit_, life_limit_;
  AddressPlan plan_;
  std::vector<std::shared_ptr<const Place>> places_;
  std::unique_ptr<DnsService> dns_;
  std::atomic<std::uint32_t> last_connection_{0};
  std::atomic<std::size_t> smtp_open_{0}, others_open_{0};
  std::atomic<bool> closed_{false};

  std::mutex idle_mutex_;
  std::function<void()> on_idle_;
  // On the context's thread:
  bool idle_watched_ = false;
  std::unordered_set<Connection*> connections_;
};

}  // namespace mxident::mocks
