#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <future>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "mocks/address_plan.hpp"
#include "mocks/directory.hpp"
#include "mocks/loopback_ports.hpp"
#include "mocks/net/listener.hpp"
#include "mocks/world.hpp"
#include "mocks/world_state.hpp"

namespace mxident::mocks {
namespace {

namespace asio = boost::asio;
using asio::ip::address;

/// An io_context and the one thread that runs it.
class Lane {
 public:
  Lane() : context_(1), guard_(context_.get_executor()), thread_([this] { context_.run(); }) {}
  asio::io_context& context() { return context_; }
  /// Waits until all that was posted before has run.
  void flush() {
    std::promise<void> reached;
    asio::post(context_, [&] { reached.set_value(); });
    reached.get_future().wait();
  }
  /// Lets the thread run out of work.
  void join() {
    guard_.reset();
    thread_.join();
  }

 private:
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> guard_;
  std::thread thread_;
};

}  // namespace

struct Internet::Impl {
  Impl(Placement where, unsigned threads) : placement(where), lanes(std::max(1U, threads)) {
    if (placement == Placement::outside) gate = std::make_shared<Gate>(StrangerLimits{});
  }

  ~Impl() {
    // Worlds are gone, but what they posted may be on its way from the first lane to another.
    asio::post(lanes.front().context(), [this] {
      for (auto& [port, listener] : streams) listener->stop();
      for (auto& listener : datagrams) listener->stop();
    });
    for (int round = 0; round < 2; ++round) {
      for (auto& lane : lanes) lane.flush();
    }
    for (auto& lane : lanes) lane.join();
  }

  /// Who lives at an address.
  struct Resident {
    std::shared_ptr<WorldState> world;
    std::shared_ptr<const Place> place;
    std::uint32_t block = 0;
  };

  Resident find(const address& at) const {
    const std::shared_lock lock(mutex);
    const auto found = residents.find(at);
    return found == residents.end() ? Resident{} : found->second;
  }

  std::shared_ptr<NameDirectory> find_directory(const address& at) const {
    const std::shared_lock lock(mutex);
    const auto found = directories.find(at);
    return found == directories.end() ? nullptr : found->second;
  }

  /// Throws WorldError.
  std::shared_ptr<NameDirectory> settle_directory(std::uint32_t number) {
    if (placement != Placement::namespaced || number < 1 || number > kMaxDirectories)
      throw WorldError("there can be no directory " + std::to_string(number));
    auto directory = std::make_shared<NameDirectory>(directory_address(number));
    const std::unique_lock lock(mutex);
    if (!directories.emplace(asio::ip::make_address(directory->address()), directory).second)
      throw WorldError("directory " + std::to_string(number) + " is in use");
    listen(kDnsPort);
    listen_dns();
    return directory;
  }

  /// Outside. Throws WorldError.
  std::shared_ptr<NameDirectory> settle_directory_at(const std::string& text, std::uint16_t port) {
    boost::system::error_code error;
    const SocketAddress at{asio::ip::make_address(text, error), port};
    if (placement != Placement::outside || error || !at.address.is_v4())
      throw WorldError("there can be no directory at " + text);
    auto directory = std::make_shared<NameDirectory>(at.address.to_string());
    asio::io_context& context = lanes.front().context();
    const auto stream = std::make_shared<StreamListener>(
        context, at, [gate = gate, directory, &context](UniqueFd fd, const SocketAddress&) {
          std::shared_ptr<void> pass = gate->enter(Gate::Clock::now());
          if (!pass) return reset_on_close(fd.get());
          directory->admit(std::move(fd), context, std::move(pass));
        });
    const auto datagrams_here = std::make_shared<DatagramListener>(
        context, at,
        [gate = gate, directory](std::span<const std::uint8_t> query,
                                 const SocketAddress&) -> std::vector<std::uint8_t> {
          if (!gate->question(Gate::Clock::now())) return {};
          return directory->answer(query, Transport::udp);
        });
    const std::unique_lock lock(mutex);
    if (!directories.emplace(at.address, directory).second)
      throw WorldError("there is a directory at " + text + " already");
    asio::post(context, [stream, datagrams_here] {
      stream->start();
      datagrams_here->start();
    });
    streams.emplace(std::pair(port, Family::ipv4), stream);
    datagrams.push_back(datagrams_here);
    return directory;
  }

  void leave_directory(const NameDirectory& directory) {
    const std::unique_lock lock(mutex);
    directories.erase(asio::ip::make_address(directory.address()));
  }

  void take(UniqueFd connection, const SocketAddress& local) {
    if (const auto directory = find_directory(local.address); directory && local.port == kDnsPort)
      return directory->admit(std::move(connection), lanes.front().context());
    const Resident resident = find(local.address);
    if (!resident.world || !resident.place->serves(local.port)) return reset_on_close(connection.get());
    resident.world->admit(std::move(connection), resident.place);
  }

  /// Listens on a port of all addresses, unless it does so already. `mutex` is held.
  void listen(std::uint16_t port) {
    if (streams.contains({port, Family::ipv4})) return;
    const auto add = [&](Family family, const address& any) {
      const auto taken = [this](UniqueFd fd, const SocketAddress& local) { take(std::move(fd), local); };
      auto stream =
          std::make_shared<StreamListener>(lanes.front().context(), SocketAddress{any, port}, taken);
      asio::post(lanes.front().context(), [stream] { stream->start(); });
      streams.emplace(std::pair(port, family), std::move(stream));
    };
    if (ipv6) add(Family::ipv6, asio::ip::address_v6::any());
    add(Family::ipv4, asio::ip::address_v4::any());
  }

  void listen_dns() {
    if (!datagrams.empty()) return;
    const auto add = [&](const address& any) {
      auto listener =
          std::make_shared<DatagramListener>(lanes.front().context(), SocketAddress{any, kDnsPort},
                                             [this](std::span<const std::uint8_t> query,
                                                    const SocketAddress& local) -> std::vector<std::uint8_t> {
                                               if (const auto directory = find_directory(local.address))
                                                 return directory->answer(query, Transport::udp);
                                               const Resident resident = find(local.address);
                                               if (!resident.world || !resident.place->is_dns()) return {};
                                               return resident.world->answer(query, *resident.place);
                                             });
      asio::post(lanes.front().context(), [listener] { listener->start(); });
      datagrams.push_back(std::move(listener));
    };
    if (ipv6) add(asio::ip::address_v6::any());
    add(asio::ip::address_v4::any());
  }

  static bool has_ipv6() {
    const UniqueFd probe(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return static_cast<bool>(probe);
  }

  /// All or nothing. Throws WorldError.
  void settle(const std::shared_ptr<WorldState>& world, std::uint32_t block) {
    const std::unique_lock lock(mutex);
    if (placement == Placement::outside) return;  // who has an address already is told when it is bound
    if (blocks.contains(block)) throw WorldError("block " + std::to_string(block) + " is in use");
    if (placement == Placement::namespaced) {
      for (const auto& place : world->places()) {
        const auto held = residents.find(asio::ip::make_address(place->address));
        if (held != residents.end()) {
          throw WorldError("address " + place->address + " of " + place->host + " is held by " +
                           held->second.place->host + " in block " + std::to_string(held->second.block));
        }
        for (const auto port : place->ports) listen(port);
      }
      listen_dns();
      for (const auto& place : world->places()) {
        residents[asio::ip::make_address(place->address)] = {world, place, block};
      }
    }
    blocks.insert(block);
  }

  /// Runs `then` on the first lane when all connections to the world's mail servers that are established by
  /// now have been admitted.
  void accept_all(std::shared_ptr<const WorldState> world, std::function<void()> then) {
    asio::post(lanes.front().context(), [this, world = std::move(world), then = std::move(then)] {
      std::vector<std::shared_ptr<StreamListener>> all;
      {
        const std::shared_lock lock(mutex);
        for (const auto& [port, listener] : streams) {
          const bool wanted =
              std::any_of(world->places().begin(), world->places().end(),
                          [at = port.first](const auto& place) { return place->smtp && place->serves(at); });
          if (wanted) all.push_back(listener);
        }
      }
      for (const auto& listener : all) listener->accept_all();
      then();
    });
  }

  void leave(const WorldState& world, std::uint32_t block) {
    const std::unique_lock lock(mutex);
    blocks.erase(block);
    if (placement != Placement::namespaced) return;
    for (const auto& place : world.places()) residents.erase(asio::ip::make_address(place->address));
  }

  enum class Family { ipv4, ipv6 };

  const Placement placement;
  const bool ipv6 = has_ipv6();
  const std::shared_ptr<const TlsContext> tls = std::make_shared<TlsContext>();
  std::shared_ptr<Gate> gate;  ///< outside only
  IdentityReader identities;
  std::deque<Lane> lanes;
  mutable std::shared_mutex mutex;
  std::set<std::uint32_t> blocks;
  std::unordered_map<address, Resident> residents;
  std::unordered_map<address, std::shared_ptr<NameDirectory>> directories;
  std::map<std::pair<std::uint16_t, Family>, std::shared_ptr<StreamListener>> streams;
  std::vector<std::shared_ptr<DatagramListener>> datagrams;
};

namespace {

class LiveWorld : public World {
 public:
  LiveWorld(std::shared_ptr<WorldState> state, std::shared_ptr<LoopbackPorts> loopback,
            std::function<void(std::function<void()>)> accept_all, std::function<void()> leave)
      : state_(std::move(state)),
        loopback_(std::move(loopback)),
        accept_all_(std::move(accept_all)),
        leave_(std::move(leave)) {}
  LiveWorld(const LiveWorld&) = delete;
  LiveWorld& operator=(const LiveWorld&) = delete;

  ~LiveWorld() override {
    leave_();
    if (loopback_) asio::post(state_->context(), [ports = loopback_] { ports->stop(); });
    state_->close();
  }

  const std::shared_ptr<WorldState>& state() const { return state_; }

  std::vector<std::string> addresses(const std::string& host) const override {
    const auto found = state_->plan().hosts.find(host);
    return found == state_->plan().hosts.end() ? std::vector<std::string>() : found->second;
  }

  std::uint16_t port(const std::string& host) const override {
    const auto all = ports(host);
    return all.empty() ? std::uint16_t{0} : all.front();
  }

  std::vector<std::uint16_t> ports(const std::string& host) const override {
    return ports_of([&](const Place& place) {
      if (place.smtp) return place.host == host;
      return place.policy && place.site_host == host;
    });
  }

  std::vector<Destination> destinations() const override {
    std::vector<Destination> out;
    const auto& places = state_->places();
    for (std::size_t i = 0; i < places.size(); ++i) {
      const Place& place = *places[i];
      for (const std::uint16_t port : place.ports) {
        out.push_back(loopback_ && !loopback_->gate()
                          ? Destination{place.address, port, kLoopback, loopback_->port(i)}
                          : Destination{place.address, port, place.address, port});
      }
      if (place.ports.empty()) {
        out.push_back({place.address, loopback_->port(i), kLoopback, loopback_->port(i)});
      }
    }
    return out;
  }

  std::string resolver_address() const override { return state_->plan().resolver.front(); }
  std::uint16_t resolver_port() const override { return role_port(DnsRole::resolver); }
  std::string authority_address() const override { return state_->plan().authority.front(); }
  std::uint16_t authority_port() const override { return role_port(DnsRole::authority); }
  std::vector<std::string> trust_anchors() const override { return state_->dns().trust_anchors(); }
  const Transcript& transcript() const override { return state_->recorder().transcript(); }
  void on_event(std::function<void()> told) override { state_->on_event(std::move(told)); }
  std::size_t open_connections() const override { return state_->open_connections(); }

  void when_idle(std::function<void()> done) override {
    state_->want_idle(std::move(done));
    const auto watch = [state = state_] { asio::post(state->context(), [state] { state->watch_idle(); }); };
    if (!loopback_) return accept_all_(watch);
    asio::post(state_->context(), [ports = loopback_, watch] {
      ports->accept_all();
      watch();
    });
  }

 private:
  template <class Wanted>
  std::vector<std::uint16_t> ports_of(Wanted wanted) const {
    std::vector<std::uint16_t> out;
    const auto& places = state_->places();
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (wanted(*places[i])) out.push_back(loopback_ ? loopback_->port(i) : places[i]->ports.front());
    }
    return out;
  }

  std::uint16_t role_port(DnsRole role) const {
    const auto ports = ports_of([&](const Place& place) { return place.is_dns() && place.dns == role; });
    return ports.empty() ? std::uint16_t{0} : ports.front();
  }

  std::shared_ptr<WorldState> state_;
  std::shared_ptr<LoopbackPorts> loopback_;
  std::function<void(std::function<void()>)> accept_all_;
  std::function<void()> leave_;
};

class LiveDirectory : public Directory {
 public:
  LiveDirectory(std::shared_ptr<NameDirectory> directory, std::function<void()> leave)
      : directory_(std::move(directory)), leave_(std::move(leave)) {}
  LiveDirectory(const LiveDirectory&) = delete;
  LiveDirectory& operator=(const LiveDirectory&) = delete;
  ~LiveDirectory() override { leave_(); }

  std::string address() const override { return directory_->address(); }
  bool add(const World& world, const std::vector<std::string>& names) override {
    return directory_->add(state_of(world), names);
  }
  void remove(const World& world) override { directory_->remove(*state_of(world)); }

 private:
  static const std::shared_ptr<WorldState>& state_of(const World& world) {
    return dynamic_cast<const LiveWorld&>(world).state();
  }

  std::shared_ptr<NameDirectory> directory_;
  std::function<void()> leave_;
};

}  // namespace

std::unique_ptr<Directory> Internet::open_directory(std::uint32_t number) {
  auto directory = impl_->settle_directory(number);
  return std::make_unique<LiveDirectory>(
      directory, [impl = impl_.get(), directory] { impl->leave_directory(*directory); });
}

std::unique_ptr<Directory> Internet::open_directory(const std::string& address, std::uint16_t port) {
  auto directory = impl_->settle_directory_at(address, port);
  return std::make_unique<LiveDirectory>(
      directory, [impl = impl_.get(), directory] { impl->leave_directory(*directory); });
}

void Internet::limit(const StrangerLimits& limits) {
  if (impl_->gate) impl_->gate = std::make_shared<Gate>(limits);
}

TurnedAway Internet::turned_away() const {
  return impl_->gate ? impl_->gate->turned_away() : TurnedAway{};
}

Internet::Internet(Placement placement, unsigned threads)
    : impl_(std::make_unique<Impl>(placement, threads)) {}

Internet::~Internet() = default;

Placement Internet::placement() const {
  return impl_->placement;
}

std::map<std::string, std::vector<std::string>> Internet::plan_addresses(
    const std::vector<SmtpServerSpec>& servers, std::uint32_t block, Placement placement) {
  return plan_world(servers, {}, block, placement).hosts;
}

std::map<std::string, std::vector<std::string>> Internet::plan_addresses(
    const std::vector<SmtpServerSpec>& servers, const std::vector<StsSpec>& sts, std::uint32_t block,
    Placement placement) {
  return plan_world(servers, sts, block, placement).hosts;
}

std::vector<std::string> Internet::pinned_addresses(const WorldSpec& spec) {
  std::vector<std::string> out;
  for (const auto& server : spec.servers) {
    for (const auto& wanted : server.addresses) {
      if (!wanted.text.empty()) out.push_back(wanted.text);
    }
  }
  return out;
}

bool Internet::pinned_free(const WorldSpec& spec) const {
  const auto pinned = pinned_addresses(spec);
  return std::none_of(pinned.begin(), pinned.end(), [&](const std::string& text) {
    boost::system::error_code error;
    const auto at = asio::ip::make_address(text, error);
    return !error && impl_->find(at).world != nullptr;
  });
}

std::unique_ptr<World> Internet::open(WorldSpec spec, std::uint32_t block) {
  return open(std::move(spec), block, impl_->placement);
}

std::unique_ptr<World> Internet::open(WorldSpec spec, std::uint32_t block, Placement placement) {
  auto& context = impl_->lanes[block % impl_->lanes.size()].context();
  auto state = std::make_shared<WorldState>(context, impl_->tls, impl_->identities, spec, block, placement);
  std::shared_ptr<LoopbackPorts> loopback;
  if (impl_->placement != Placement::namespaced)
    loopback = std::make_shared<LoopbackPorts>(state, impl_->gate);
  impl_->settle(state, block);
  if (loopback) asio::post(context, [loopback] { loopback->start(); });
  return std::make_unique<LiveWorld>(
      state, loopback,
      [impl = impl_.get(), state](std::function<void()> then) { impl->accept_all(state, std::move(then)); },
      [impl = impl_.get(), state, block] { impl->leave(*state, block); });
}

}  // namespace mxident::mocks
