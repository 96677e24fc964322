// What commands that drive clients stand on: the sandbox entered, the servers listening, the clients found
// and sane.
#pragma once

#include <signal.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "certs/mint.hpp"
#include "harness/cli/command.hpp"
#include "harness/driver/clients.hpp"
#include "harness/run/runner.hpp"
#include "harness/run/sanity.hpp"
#include "harness/sandbox/sandbox.hpp"
#include "harness/scenario/scenario.hpp"
#include "mocks/world.hpp"

namespace mxident::harness::cli {

/// A client that was asked for: all modes, or one.
struct Wanted {
  Manifest manifest;
  std::string mode;
};
/// From "CLIENT", "CLIENT:MODE" or "path/to/manifest.json"; none: all shipped ones. Throws InputError.
std::vector<Wanted> wanted_clients(const std::vector<std::string>& texts);

/// Passes SIGINT and SIGTERM to a runner. They are blocked in every thread that starts after this object.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts() { stop(); }
  void pass_to(Runner& runner);
  void stop();
  bool seen() const { return seen_; }

 private:
  sigset_t set_{};
  std::thread thread_;
  std::atomic<bool> seen_ = false;
};

enum class SanityCheck { run, skip };
enum class UseWorkers { yes, no };

/// Made after all input has been read, because entering the sandbox starts the program again.
class Stage {
 public:
  /// Clients that are not there stay as unsupported columns.
  Stage(Invocation& invocation, std::vector<Wanted> wanted, std::vector<std::string> scenario_dirs,
        unsigned jobs, SanityCheck sanity, UseWorkers use_workers = UseWorkers::no);

  /// To run cells of `scenarios` with all columns.
  RunContext context(std::span<const Scenario> scenarios);

  std::unique_ptr<sandbox::Sandbox> sandbox;
  Interrupts interrupts;  ///< after the sandbox: its outer process has to get the signals
  certs::KeyPool keys;
  certs::Authority authority;
  std::vector<Client> clients;
  std::vector<ClientColumn> columns;
  std::unique_ptr<mocks::Internet> internet;
  std::vector<Sanity> sanity;        ///< by column
  std::unique_ptr<Workers> workers;  ///< null: none are wanted

 private:
  void find_columns(std::vector<Wanted>& wanted);
  void check_sanity();
  unsigned jobs_;
  std::string reproduce_prefix_;
};

}  // namespace mxident::harness::cli
