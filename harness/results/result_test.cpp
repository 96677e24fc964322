#include "harness/results/result.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness/input/json_input.hpp"
#include "harness/results/writer.hpp"

namespace mxident::harness {
namespace {

CellResult example() {
  CellResult r;
  r.scenario = "rfc9525/x";
  r.client = "curl";
  r.mode = "ssl-reqd";
  r.policy = "rfc6125";
  r.expected = Expected::reject;
  r.decision = Decision::accept;
  r.outcome = Outcome::lax;
  r.layers.name = LayerState::ok;
  r.sni = "mx.x.test";
  r.words = "octet \xff and NUL";
  r.transcript = {"S: 220 mx", "C: EHLO a"};
  return r;
}

std::string temp_file(const char* name) {
  return (std::filesystem::temp_directory_path() / (std::string(name) + std::to_string(getpid()))).string();
}

TEST(Results, ReadBackWhatWasWritten) {
  const std::string file = temp_file("mxident-results-");
  {
    ResultsWriter writer(file);
    RunHeader header;
    header.clients["curl"] = "7.88.1";
    writer.write(to_line(header));
    writer.write(to_line(example()));
    RunFooter footer;
    footer.complete = true;
    footer.counts[Outcome::lax] = 1;
    writer.write(to_line(footer));
  }
  const auto read = read_results(file);
  std::filesystem::remove(file);
  ASSERT_EQ(read.cells.size(), 1u);
  EXPECT_EQ(read.header.clients.at("curl"), "7.88.1");
  EXPECT_EQ(read.cells[0].outcome, Outcome::lax);
  EXPECT_EQ(read.cells[0].decision, Decision::accept);
  EXPECT_EQ(read.cells[0].layers.name, LayerState::ok);
  EXPECT_EQ(read.cells[0].sni, "mx.x.test");
  EXPECT_EQ(read.cells[0].transcript.size(), 2u);
  ASSERT_TRUE(read.footer.has_value());
  EXPECT_EQ(read.footer->counts.at(Outcome::lax), 1u);
}

TEST(Results, CutLineIsLeftOut) {
  const std::string file = temp_file("mxident-cut-");
  std::ofstream(file) << to_line(RunHeader{}) << "\n"
                      << to_line(example()) << "\n"
                      << to_line(example()).substr(0, 40);
  const auto read = read_results(file);
  std::filesystem::remove(file);
  EXPECT_EQ(read.cells.size(), 1u);
  EXPECT_FALSE(read.footer.has_value());
}

TEST(Results, BadLineIsNamed) {
  const std::string file = temp_file("mxident-bad-");
  std::ofstream(file) << to_line(RunHeader{}) << "\n{\"scenario\": 5}\n";
  std::string message;
  try {
    read_results(file);
  } catch (const InputError& error) {
    message = error.what();
  }
  std::filesystem::remove(file);
  EXPECT_NE(message.find(":2: /scenario: found number 5, wanted a string"), std::string::npos) << message;
}

}  // namespace
}  // namespace mxident::harness
