// A driver runs a client through one cell after another. There are four kinds: the verifier in this process,
// a process for every cell, an interpreter that stays (docs/workers.md), and a daemon that is started once
// and takes many messages (docs/clients.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "harness/driver/clients.hpp"
#include "harness/driver/placeholders.hpp"
#include "harness/driver/workers.hpp"
#include "harness/judge/judge.hpp"
#include "harness/sandbox/sandbox.hpp"
#include "mocks/world.hpp"

namespace mxident::harness {

/// For a program that stays for many cells: each of them has its own limit.
inline constexpr std::chrono::hours kLongerThanAnyRun{1000};

enum class RanIn { own_process, worker };

/// One cell, its world open.
struct CellTask {
  const ClientColumn* column = nullptr;
  const mocks::World* world = nullptr;  ///< lives until the cell has been reported
  std::vector<std::string> names;       ///< that the world answers for
  std::string reference;                ///< Scenario::reference
  std::uint16_t port = 25;              ///< as the scenario states it, of the host that is met first
  mocks::Starttls behaviour = mocks::Starttls::offered;  ///< of that host
  std::string domain;                                    ///< or an address literal
  std::string sender, recipient, message;
  std::int64_t time = 0;     ///< seconds since 1970, for the verifier
  bool alone = false;        ///< a daemon is started for it and handed nothing else meanwhile
  PlaceholderValues values;  ///< where programs are run, without those of the run and of the work directory
};

/// What a client did beside what the servers saw.
struct CellReport {
  ClientReport client;  ///< its end; what its words say is read from `output`
  std::string output;
  std::string reason, words;  ///< of the verifier: reason id, and what `mxident verify` would say
  double cpu_ms = 0;
  RanIn ran_in = RanIn::own_process;
  bool in_company = false;  ///< it was ended with others, of which one may be why: to be asked again, alone
};
using CellDone = std::function<void(CellReport)>;

class Driver {
 public:
  virtual ~Driver() = default;
  /// Where the worlds of its cells are placed, in an internet of that placement.
  virtual mocks::Placement placement(mocks::Placement internet) const { return internet; }
  /// Whether CellTask::values are read.
  virtual bool runs_programs() const { return true; }
  /// How many of its cells may be under way; 0: they hold the places of the run.
  virtual std::size_t at_once() const { return 0; }
  /// True if one start serves many cells, so that no two worlds with a name in common may be up for it.
  virtual bool looks_up_many() const { return false; }
  /// Runs a cell. `done` is called once, on a thread of the driver.
  virtual void start(CellTask task, CellDone done) = 0;
  /// From any thread: ends what runs, soon.
  virtual void stop() {}
};

/// What the drivers of a run share; everything outlives them.
struct DriverContext {
  sandbox::Sandbox& sandbox;
  mocks::Internet& internet;
  std::string root_pem;        ///< what the verifier trusts
  Workers* workers = nullptr;  ///< null: a process for every cell
};

/// The drivers of columns, by column; columns may share one. Throws mocks::WorldError.
std::vector<std::shared_ptr<Driver>> make_drivers(std::span<const ClientColumn> columns,
                                                  const DriverContext& context);

/// `number` is that of its directory.
std::shared_ptr<Driver> make_daemon_driver(const ClientColumn& column, const DriverContext& context,
                                           std::uint32_t number);

/// What a client reads whose names are resolved at that address.
std::string resolv_conf_of(const std::string& address);

/// How a process ended, without what its words say.
ClientReport report_of(const sandbox::ProcessResult& result);

}  // namespace mxident::harness
