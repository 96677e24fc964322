// The runner with programs that are played: what becomes of a cell, and that a run ends in good order.
#include "harness/run/runner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "harness/sandbox/scripted_sandbox.hpp"

namespace mxident::harness {
namespace {

using sandbox::exited_with;
using sandbox::ProcessSpec;
using sandbox::ScriptedSandbox;
using testing::HasSubstr;

constexpr std::int64_t kIn2026 = 1767225600;

class RunnerTest : public testing::Test {
 protected:
  RunnerTest() {
    client.manifest.id = "acme";
    client.manifest.modes.resize(1);
    ClientMode& mode = client.manifest.modes[0];
    mode.id = "m";
    mode.policy = policy(PolicyId::rfc9525);
    mode.command = {"acme", "{mx_host}"};
    columns = {{&client, &mode, "", "", ""}};
    std::erase_if(scenarios, [](const Scenario& it) { return it.domain.starts_with('['); });
    for (std::size_t i = 0; i < scenarios.size(); ++i)
      plan.cells.push_back(make_cell(scenarios[i], i, columns[0], 0, Expected::reject));
  }
  RunContext context(ScriptedSandbox& box) {
    return {box, internet, authority, keys, scenarios, columns, {}, 2, nullptr, kIn2026};
  }
  static sandbox::ProcessResult signalled() {
    sandbox::ProcessResult out;
    out.end = sandbox::ProcessResult::End::signalled;
    out.code = 11;
    return out;
  }
  static sandbox::ProcessResult absent() {
    sandbox::ProcessResult out;
    out.error = "acme: No such file or directory";
    return out;
  }

  certs::KeyPool keys;
  certs::Authority authority = certs::Authority::make(keys);
  mocks::Internet internet{mocks::Placement::loopback, 1};
  std::vector<Scenario> scenarios = sanity_scenarios();
  Client client;
  std::vector<ClientColumn> columns;
  Plan plan;
};

struct EndRow {
  const char* name;
  sandbox::ProcessResult (*end)();
  Outcome outcome;
  const char* note;
};
void PrintTo(const EndRow& row, std::ostream* out) {
  *out << row.name;
}
class EndOfAProgram : public RunnerTest, public testing::WithParamInterface<EndRow> {
 public:
  static sandbox::ProcessResult content() { return exited_with(0); }
  static sandbox::ProcessResult crashed() { return signalled(); }
  static sandbox::ProcessResult missing() { return absent(); }
};
const EndRow kEnds[] = {
    {"ends_without_a_connection", EndOfAProgram::content, Outcome::unsupported, "without a connection"},
    {"crashes", EndOfAProgram::crashed, Outcome::crash, "signal 11"},
    {"is_not_there", EndOfAProgram::missing, Outcome::harness_error, "acme: No such file or directory"},
};

TEST_P(EndOfAProgram, IsAWordForEveryCell) {
  ScriptedSandbox box([](const ProcessSpec&) { return GetParam().end(); });
  Runner runner(context(box));
  std::size_t recorded = 0;
  EXPECT_TRUE(runner.run(plan, [&](const PlannedCell& cell, const CellResult& result) {
    ++recorded;
    EXPECT_EQ(result.scenario, scenarios[cell.scenario].id);
    if (!cell.unsupported.empty()) return;
    EXPECT_EQ(to_string(result.outcome), to_string(GetParam().outcome)) << result.note;
    EXPECT_THAT(result.note, HasSubstr(GetParam().note));
  }));
  EXPECT_EQ(recorded, plan.cells.size());
  EXPECT_EQ(box.work_dirs(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Rows, EndOfAProgram, testing::ValuesIn(kEnds),
                         [](const auto& row) { return row.param.name; });

TEST_F(RunnerTest, WhatTheRecordThrowsComesOutWhenNothingRunsAnyMore) {
  ScriptedSandbox box([](const ProcessSpec&) { return exited_with(0); });
  {
    Runner runner(context(box));
    EXPECT_THROW(runner.run(plan, [](const PlannedCell&,
                                     const CellResult&) { throw std::runtime_error("disk full"); }),
                 std::runtime_error);
    EXPECT_EQ(box.running(), 0u);
  }
  EXPECT_EQ(box.work_dirs(), 0u);
}

TEST_F(RunnerTest, AnInterruptEndsWhatRunsAndRecordsNoneOfIt) {
  ScriptedSandbox box([](const ProcessSpec&) { return std::nullopt; });
  Runner runner(context(box));
  std::thread user([&] {
    box.wait_for_running(1);
    runner.interrupt();
  });
  std::size_t recorded = 0;
  EXPECT_FALSE(runner.run(plan, [&](const PlannedCell& cell, const CellResult&) {
    recorded += cell.unsupported.empty() ? 1u : 0u;
  }));
  user.join();
  EXPECT_EQ(recorded, 0u);
  EXPECT_EQ(box.running(), 0u);
}

/// A process that is being started just when the others are ended.
class InterruptedSandbox : public ScriptedSandbox {
 public:
  InterruptedSandbox() : ScriptedSandbox([](const ProcessSpec&) { return std::nullopt; }) {}
  std::uint64_t start(ProcessSpec spec, std::function<void(sandbox::ProcessResult)> done) override {
    if (interrupt) std::exchange(interrupt, nullptr)();
    return ScriptedSandbox::start(std::move(spec), std::move(done));
  }
  std::function<void()> interrupt;
};

TEST_F(RunnerTest, AnInterruptEndsAlsoWhatIsJustBeingStarted) {
  InterruptedSandbox box;
  Runner runner(context(box));
  box.interrupt = [&] { runner.interrupt(); };
  EXPECT_FALSE(runner.run(
      plan, [&](const PlannedCell& cell, const CellResult&) { EXPECT_FALSE(cell.unsupported.empty()); }));
  EXPECT_EQ(box.running(), 0u);
}

TEST_F(RunnerTest, AnEmptyPlanIsNoRunThatHangs) {
  ScriptedSandbox box([](const ProcessSpec&) { return exited_with(0); });
  Runner runner(context(box));
  EXPECT_TRUE(runner.run(Plan{}, [](const PlannedCell&, const CellResult&) { ADD_FAILURE(); }));
  EXPECT_TRUE(box.started().empty());
}

}  // namespace
}  // namespace mxident::harness
