// A catalogue kept up for a mail server that no sandbox can hold: another machine, a container, an address
// behind a veth. Nothing is started and nothing is asked of it: what its worlds see is judged, and no more.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "certs/mint.hpp"
#include "harness/driver/clients.hpp"
#include "harness/results/result.hpp"
#include "harness/run/plan.hpp"
#include "harness/scenario/scenario.hpp"
#include "mocks/world.hpp"

namespace mxident::harness {

/// Where the worlds are for programs of other machines.
struct Outpost {
  std::uint32_t first = 0;           ///< IPv4 address as a number: the network, or the only one
  unsigned prefix = 32;              ///< 32: one address
  std::uint16_t first_port = 10025;  ///< one address: the port of the first scenario, the others follow
  std::uint16_t dns_port = 53;
  mocks::StrangerLimits limits;

  bool one_address() const { return prefix == 32; }
  std::string resolver() const;  ///< the network's first address, or the only one
  std::size_t room() const;      ///< scenarios that find an address or a port
  std::string text() const;      ///< "10.9.0.0/18", "10.9.0.1"
};

/// Wakes one thread that waits.
class Bell {
 public:
  using Clock = std::chrono::steady_clock;
  void ring();
  /// Returns when it rings, or at `until`.
  void wait(Clock::time_point until);

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool rung_ = false;
};

class ServedCatalogue {
 public:
  /// A scenario of the catalogue.
  struct Entry {
    const Scenario* scenario = nullptr;
    PlannedCell cell;
    std::string not_served;  ///< why; then the rest is empty
    std::string domain, recipient, host, address;
    std::uint16_t port = 25;
    std::unique_ptr<mocks::World> world;
  };
  struct Parts {
    mocks::Internet& internet;
    const certs::Authority& authority;
    certs::KeyPool& keys;
    const ClientColumn& column;
    std::int64_t now;
  };

  /// Opens what can be opened; each of the others says why not. Everything outlives this. Throws
  /// mocks::WorldError where nothing can be: an address that is not this machine's, a port that is taken.
  ServedCatalogue(const Parts& parts, std::span<const Scenario> scenarios, const Plan& plan,
                  const Outpost* outpost, Bell& bell);
  ~ServedCatalogue();

  const std::vector<Entry>& entries() const { return entries_; }
  std::string resolver() const { return directory_->address(); }
  std::size_t served() const;

  /// Entries of which something was seen since it was asked last.
  std::set<std::size_t> changed();
  /// As far as things have come; false in `tried` while nothing of the scenario was asked for or met.
  struct Seen {
    CellResult result;
    bool tried = false;
  };
  Seen seen(std::size_t entry) const;
  bool tried(std::size_t entry) const;

 private:
  void open(Entry& entry, std::size_t number, const Outpost* outpost);
  std::string obstacle(const Entry& entry, const Outpost* outpost, const mocks::WorldSpec& spec) const;

  const Parts parts_;
  std::vector<Entry> entries_;
  std::unique_ptr<mocks::Directory> directory_;
  mutable std::mutex mutex_;
  std::set<std::size_t> changed_;
  Bell& bell_;
};

}  // namespace mxident::harness
