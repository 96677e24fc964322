// Where every experiment is made, from a whole catalogue to one question about one mode: the sandbox entered,
// the servers listening, the clients found and sane.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "certs/mint.hpp"
#include "harness/driver/clients.hpp"
#include "harness/results/sink.hpp"
#include "harness/run/interrupts.hpp"
#include "harness/run/plan.hpp"
#include "harness/run/runner.hpp"
#include "harness/run/sanity.hpp"
#include "harness/run/wanted.hpp"
#include "harness/sandbox/sandbox.hpp"
#include "harness/scenario/scenario.hpp"
#include "mocks/world.hpp"

namespace mxident::harness {

enum class SanityCheck { run, skip };
enum class UseWorkers { yes, no };

struct LabOptions {
  int argc = 0;  ///< of main: entering the sandbox starts the program again
  char** argv = nullptr;
  std::vector<Wanted> clients = {};  ///< those that are not there stay as unsupported columns
  unsigned jobs = 0;                 ///< 0: twice the cores
  SanityCheck sanity = SanityCheck::skip;
  UseWorkers workers = UseWorkers::no;
  /// Told of the two steps before the first cell, which take minutes where many clients are there. May be
  /// empty.
  std::function<void(const std::string&)> tell = {};
};

/// How a user asks for one cell again: BEFORE 'ID' --client CLIENT:MODE AFTER.
struct Reproduce {
  std::string before = "mxident run", after = {};
};

/// Made after all input has been read, because entering the sandbox starts the program again.
class Lab {
 public:
  explicit Lab(LabOptions options);

  /// Runs the cells of the plan and tells `sink` of the plan's scenarios, in their order, and of each cell as
  /// it ends. False if it was interrupted. What the sink throws stops the run, ends its clients, and comes
  /// out.
  /// `of`: how many scenarios the whole run has, where this is a part of it.
  bool run(std::span<const Scenario> scenarios, const Plan& plan, Sink& sink,
           std::optional<std::size_t> of = std::nullopt);

  /// One question: what becomes of each of these cells? In their order; nothing where an interrupt came
  /// first.
  std::vector<std::optional<CellResult>> ask(std::span<const Scenario> scenarios, const Plan& plan);

  /// Leaves out the clients that are not installed; their ids.
  std::vector<std::string> drop_missing();

  /// Wall time since the first cell was begun (0 before), and what workers took that no cell was charged
  /// with. Ends the workers.
  std::chrono::duration<double> wall_time() const;
  std::chrono::duration<double> stop_workers();

  const std::int64_t now;  ///< seconds since 1970: one run has one now
  std::unique_ptr<sandbox::Sandbox> sandbox;
  Interrupts interrupts;  ///< after the sandbox: its outer process has to get the signals
  certs::KeyPool keys;
  certs::Authority authority;
  std::vector<Client> clients;
  std::vector<Wanted> wanted;  ///< by client, as they were asked for
  std::vector<ClientColumn> columns;
  std::unique_ptr<mocks::Internet> internet;
  std::vector<Sanity> sanity;         ///< by column
  std::vector<std::string> breakage;  ///< "CLIENT MODE: why its set-up is broken", for people
  std::vector<std::string> findings;  ///< "CLIENT MODE claims rfc9525 and checks no name"
  Reproduce reproduce;

 private:
  void find_columns();
  CellResult finished(const CellResult& result) const;
  void check_sanity();
  RunContext context(std::span<const Scenario> scenarios);

  /// For a single client it takes a moment, and nothing is said.
  void tell(const std::string& step) const;

  unsigned jobs_;
  std::function<void(const std::string&)> tell_;
  std::unique_ptr<Workers> workers_;  ///< null: none are wanted
  std::optional<std::chrono::steady_clock::time_point> started_;
};

}  // namespace mxident::harness
