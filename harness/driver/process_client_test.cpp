#include "harness/driver/process_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <sstream>

#include "harness/driver/driver.hpp"
#include "harness/sandbox/scripted_sandbox.hpp"

namespace mxident::harness {
namespace {

using sandbox::exited_with;
using sandbox::ProcessSpec;
using sandbox::ScriptedSandbox;
using testing::ElementsAre;
using testing::HasSubstr;
using End = sandbox::ProcessResult::End;

std::string text_of(const std::string& file) {
  std::ostringstream out;
  out << std::ifstream(file, std::ios::binary).rdbuf();
  return out.str();
}

class ProcessClientTest : public testing::Test {
 protected:
  ProcessClientTest() {
    manifest.program_dir = "/clients/acme";
    mode.command = {"acme", "--to", "{recipient}", "{message_file}"};
  }
  sandbox::ProcessResult run(ScriptedSandbox& box, Workers* workers = nullptr) {
    ProcessClientJob job;
    job.manifest = &manifest;
    job.mode = &mode;
    job.values = {{"recipient", "user@a.test"}, {"message", "Subject: x\r\n"}};
    job.resolv_conf = "nameserver 127.1.2.53\n";
    std::promise<sandbox::ProcessResult> promise;
    start_process_client(box, workers, std::move(job), [&](sandbox::ProcessResult result, RanIn ran_in) {
      EXPECT_EQ(ran_in, RanIn::own_process);
      promise.set_value(std::move(result));  // which throws if it is called twice
    });
    return promise.get_future().get();
  }
  Manifest manifest;
  ClientMode mode;
};

TEST(ReportOf, TakesAShellAtItsWord) {
  const struct {
    int code;
    ClientReport::End end;
    int told;
  } kEnds[] = {{0, ClientReport::End::exited, 0},       {1, ClientReport::End::exited, 1},
               {139, ClientReport::End::signalled, 11}, {134, ClientReport::End::signalled, 6},
               {137, ClientReport::End::exited, 137},   {143, ClientReport::End::exited, 143},
               {255, ClientReport::End::exited, 255}};
  for (const auto& row : kEnds) {
    const ClientReport report = report_of(exited_with(row.code, ""));
    EXPECT_EQ(report.end, row.end) << row.code;
    EXPECT_EQ(report.code, row.told) << row.code;
  }
}

TEST_F(ProcessClientTest, ACommandFindsItsWordsMessageAndNames) {
  mode.env = {{"ACME_TO", "{recipient}"}};
  mode.stdin_text = "to {recipient}";
  mode.files = {{"etc/acme.conf", "home = {program_dir}\n"}};
  mode.timeout = std::chrono::seconds(7);
  std::string message, configuration;
  ScriptedSandbox box([&](const ProcessSpec& spec) {
    message = text_of(spec.command.back());
    configuration = text_of(spec.work_dir + "/etc/acme.conf");
    return exited_with(5, "said");
  });
  const auto result = run(box);
  EXPECT_EQ(result.code, 5);
  EXPECT_EQ(result.output, "said");
  ASSERT_EQ(box.started().size(), 1u);
  const ProcessSpec spec = box.started()[0];
  EXPECT_THAT(spec.command, ElementsAre("acme", "--to", "user@a.test", spec.work_dir + "/message.eml"));
  EXPECT_EQ(spec.env.at("ACME_TO"), "user@a.test");
  EXPECT_EQ(spec.stdin_text, "to user@a.test");
  EXPECT_EQ(spec.resolv_conf, "nameserver 127.1.2.53\n");
  EXPECT_EQ(spec.timeout, std::chrono::seconds(7));
  EXPECT_EQ(message, "Subject: x\r\n");
  EXPECT_EQ(configuration, "home = /clients/acme\n");
  EXPECT_EQ(box.work_dirs(), 0u) << "the work directory stays";
}

TEST_F(ProcessClientTest, SetUpCommandsComeFirstAndInOrder) {
  mode.setup = {{"one", "{recipient}"}, {"two"}};
  ScriptedSandbox box([](const ProcessSpec&) { return exited_with(0); });
  EXPECT_EQ(run(box).end, End::exited);
  const auto started = box.started();
  ASSERT_EQ(started.size(), 3u);
  EXPECT_THAT(started[0].command, ElementsAre("one", "user@a.test"));
  EXPECT_THAT(started[1].command, ElementsAre("two"));
  EXPECT_EQ(started[2].command[0], "acme");
  EXPECT_EQ(started[0].work_dir, started[2].work_dir);
}

TEST_F(ProcessClientTest, AFileThatCannotBeWrittenEndsTheJobBeforeItsCommand) {
  mode.files = {{"etc", "a file"}, {"etc/acme.conf", "is not below a file"}};
  ScriptedSandbox box([](const ProcessSpec&) { return exited_with(0); });
  const auto result = run(box);
  EXPECT_EQ(result.end, End::not_started);
  EXPECT_THAT(result.error, HasSubstr("etc"));
  EXPECT_TRUE(box.started().empty());
  EXPECT_EQ(box.work_dirs(), 0u);
}

/// The job goes on alone on the worker's thread, where nobody would take what is thrown.
TEST_F(ProcessClientTest, NeitherAfterAWorkerThatDoesNotStart) {
  manifest.worker = WorkerCommand{{"acme"}, {"acme-worker"}};
  ScriptedSandbox box([&](const ProcessSpec& spec) {
    mode.files = {{"etc", "a file"}, {"etc/acme.conf", "is not below a file"}};
    return exited_with(1, spec.command[0]);
  });
  Workers workers(box, 1);
  const auto result = run(box, &workers);
  EXPECT_EQ(result.end, End::not_started);
  EXPECT_THAT(result.error, HasSubstr("etc"));
  EXPECT_EQ(box.started().size(), 1u);
}

struct SetUpRow {
  const char* name;
  sandbox::ProcessResult result;
  const char* wanted;
};
void PrintTo(const SetUpRow& row, std::ostream* out) {
  *out << row.name;
}
sandbox::ProcessResult not_started(std::string error) {
  sandbox::ProcessResult out;
  out.error = std::move(error);
  return out;
}
const SetUpRow kSetUps[] = {
    {"ends_with_an_error", exited_with(1, "no such option"),
     "set-up command \"prepare x\" failed: no such option"},
    {"is_not_there", not_started("prepare: No such file or directory"),
     "set-up command \"prepare x\" failed: prepare: No such file or directory"},
};
class FailingSetUp : public ProcessClientTest, public testing::WithParamInterface<SetUpRow> {};

TEST_P(FailingSetUp, EndsTheJobBeforeItsCommand) {
  mode.setup = {{"prepare", "x"}, {"later"}};
  ScriptedSandbox box([](const ProcessSpec&) { return GetParam().result; });
  const auto result = run(box);
  EXPECT_EQ(result.end, End::not_started);
  EXPECT_EQ(result.error, GetParam().wanted);
  EXPECT_EQ(box.started().size(), 1u);
  EXPECT_EQ(box.work_dirs(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Rows, FailingSetUp, testing::ValuesIn(kSetUps),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace mxident::harness
