// `mxident verify --batch`: many domains from standard input.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "harness/cli/verify_test_support.hpp"
#include "harness/input/json_input.hpp"

namespace mxident::harness::cli {
namespace {

using nlohmann::json;
using probe::test::Peer;
using probe::test::Server;

using VerifyBatchTest = VerifyTest;

/// `domains` as the standard input of a call.
struct Input {
  explicit Input(const std::string& domains) : text(domains), usual(std::cin.rdbuf(text.rdbuf())) {}
  ~Input() { std::cin.rdbuf(usual); }
  std::istringstream text;
  std::streambuf* usual;
};

TEST_F(VerifyBatchTest, BatchGivesOneLineADomainAndTheWorstExit) {
  one_host("d.test", "mx.test");
  one_host("e.test", "other.test");
  Server server([](Peer& peer) { peer.serve(); });
  const Input input("# two that are, one that is not\nd.test\n\n  e.test\r\ngone.test\n-\n");
  const Ran ran = verify({"--batch", "--json", "--jobs", "2", "--port", std::to_string(server.port())});
  EXPECT_EQ(ran.exit_code, 1);
  std::map<std::string, int> exits;
  std::istringstream lines(ran.out);
  for (std::string line; std::getline(lines, line);) {
    const json document = json::parse(line);
    exits[document["domain"]] = document["exit"];
  }
  EXPECT_EQ(exits, (std::map<std::string, int>{{"-", 1}, {"d.test", 0}, {"e.test", 1}, {"gone.test", 1}}));
}

TEST_F(VerifyBatchTest, BatchLooksAtASharedHostOnce) {
  std::string domains;
  for (int i = 0; i < 40; ++i) {
    one_host("d" + std::to_string(i) + ".test", "mx.test");
    domains += "d" + std::to_string(i) + ".test\n";
  }
  Server server([](Peer& peer) { peer.serve(); });
  const Input input(domains);
  const Ran ran = verify({"--batch", "--json", "--pause", "0", "--port", std::to_string(server.port())});
  EXPECT_EQ(ran.exit_code, 0) << ran.out;
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 40);
  EXPECT_EQ(server.connections(), 2) << "with its name as SNI, and without any";
}

TEST_F(VerifyBatchTest, BatchIsGoneOnWith) {
  one_host("d.test", "mx.test");
  one_host("e.test", "mx.test");
  Server server([](Peer& peer) { peer.serve(); });
  const std::filesystem::path file =
      std::filesystem::path(MXIDENT_BINARY_DIR) / ("verify-test-batch-" + std::to_string(::getpid()));
  const std::vector<std::string> words{"--batch",  "--pause",    "0", "--port", std::to_string(server.port()),
                                       "--output", file.string()};
  const auto domains_of = [&] {
    std::vector<std::string> out;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) out.push_back(json::parse(line)["domain"]);
    return out;
  };
  {
    const Input input("gone.test\nd.test\n");
    EXPECT_EQ(verify(words).exit_code, 1);
  }
  std::ofstream(file, std::ios::app) << "{\"domain\": \"e.te";  // torn
  std::vector<std::string> again = words;
  again.emplace_back("--resume");
  {
    const Input input("gone.test\nD.test.\ne.test\n");
    EXPECT_EQ(verify(again).exit_code, 1) << "what was before counts, too";
  }
  std::vector<std::string> got = domains_of();
  std::sort(got.begin(), got.end());
  EXPECT_EQ(got, (std::vector<std::string>{"d.test", "e.test", "gone.test"}));
  std::ofstream(file, std::ios::app) << "no result\n";
  {
    const Input input("d.test\n");
    EXPECT_THROW(verify(again), InputError) << "that is no file of ours";
    EXPECT_EQ(verify(words).exit_code, 0) << "without --resume it is written anew";
  }
  std::filesystem::remove(file);
}

TEST_F(VerifyBatchTest, AWordThatIsNoDomainIsShownWithoutWhatATerminalObeys) {
  const Input input("\x1b[31m.test\n");
  const Ran ran = verify({"--batch"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.out.find('\x1b'), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("[31m.test"), std::string::npos) << ran.out;
}

TEST_F(VerifyBatchTest, AWordThatIsNoDomainIsARowOfABatch) {
  const Input input("user@d.test\n");
  const Ran ran = verify({"--batch"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(ran.out.starts_with("user@d.test\n")) << ran.out;
}

TEST_F(VerifyBatchTest, ShardsOfABatchHaveEachDomainOnce) {
  std::string domains;
  for (int i = 0; i < 30; ++i) domains += "gone" + std::to_string(i) + ".test\n";
  std::multiset<std::string> seen;
  for (const char* shard : {"1/3", "2/3", "3/3"}) {
    const Input input(domains);
    std::istringstream lines(verify({"--batch", "--json", "--shard", shard}).out);
    std::size_t here = 0;
    for (std::string line; std::getline(lines, line); ++here) seen.insert(json::parse(line)["domain"]);
    EXPECT_GT(here, 3u);
  }
  EXPECT_EQ(seen.size(), 30u);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 30u);
  EXPECT_THROW(verify({"d.test", "--shard", "1/2"}), InputError);
}

/// MXIDENT_BATCH_DOMAINS in the environment sets how many, for a measurement.
TEST_F(VerifyBatchTest, BatchOfManyDomainsOnFewHosts) {
  const char* stated = std::getenv("MXIDENT_BATCH_DOMAINS");
  const int count = stated ? std::atoi(stated) : 300;
  constexpr int kHosts = 20;
  std::string domains;
  for (int i = 0; i < count; ++i) {
    const std::string domain = "d" + std::to_string(i) + ".test";
    dns.mx(domain, {{10, "mx" + std::to_string(i % kHosts) + ".test"}});
    domains += domain + "\n";
  }
  for (int i = 0; i < kHosts; ++i) dns.a("mx" + std::to_string(i) + ".test", "127.0.0.1");
  Server server([](Peer& peer) { peer.serve(); });
  const Input input(domains);
  const std::filesystem::path file =
      std::filesystem::path(MXIDENT_BINARY_DIR) / ("verify-test-many-" + std::to_string(::getpid()));
  const Ran ran = verify({"--batch", "--pause", "0", "--jobs", "64", "--output", file.string(), "--port",
                          std::to_string(server.port())});
  EXPECT_EQ(ran.exit_code, 1) << "the certificate names none of these hosts";
  const std::string text = read_text_file(file, 1u << 30);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), count);
  EXPECT_EQ(server.connections(), kHosts + 1) << "each with its name as SNI, and the address without any";
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace mxident::harness::cli
