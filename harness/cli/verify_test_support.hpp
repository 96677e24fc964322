// `mxident verify` as a person calls it, against servers on loopback.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/cli/verify_command.hpp"
#include "verifier/dns/test_dns.hpp"
#include "verifier/probe/test_support.hpp"

namespace mxident::harness::cli {

struct Ran {
  int exit_code = 0;
  std::string out;
};

class VerifyTest : public testing::Test {
 protected:
  VerifyTest()
      : ca_(std::filesystem::path(MXIDENT_BINARY_DIR) / ("verify-test-ca-" + std::to_string(::getpid()))) {
    std::ofstream(ca_) << probe::test::Server::default_identity().root_pem();
  }
  ~VerifyTest() override { std::filesystem::remove(ca_); }

  Ran verify(std::vector<std::string> words) {
    CLI::App app;
    Invocation invocation;
    add_verify_command(app, invocation);
    std::vector<std::string> line{"verify", "--ca", ca_.string(), "--resolver",
                                  "127.0.0.1:" + std::to_string(dns.port())};
    if (std::find(words.begin(), words.end(), "--helo") == words.end()) {
      line.insert(line.end(), {"--helo", "client.test"});
    }
    if (std::find(words.begin(), words.end(), "--at") == words.end()) {
      line.insert(line.end(), {"--at", "2026-01-01T00:00:00Z"});
    }
    if (std::find(words.begin(), words.end(), "--https-port") == words.end()) {
      line.insert(line.end(), {"--https-port", "1"});
    }
    line.insert(line.end(), words.begin(), words.end());
    std::reverse(line.begin(), line.end());  // as CLI11 wants it
    testing::internal::CaptureStdout();
    try {
      app.parse(line);
    } catch (...) {
      testing::internal::GetCapturedStdout();
      throw;
    }
    return {invocation.exit_code, testing::internal::GetCapturedStdout()};
  }
  Ran verify_domain(const probe::test::Server& server, std::vector<std::string> words = {}) {
    words.insert(words.begin(), {"d.test", "--port", std::to_string(server.port())});
    return verify(std::move(words));
  }
  void one_host(const std::string& domain, const std::string& host) {
    dns.mx(domain, {{10, host}});
    dns.a(host, "127.0.0.1");
  }
  static bool follows_schema(const std::string& document) {
    const auto file = std::filesystem::path(MXIDENT_BINARY_DIR) / "verify-test.json";
    std::ofstream(file) << document;
    const std::string check = "/usr/bin/python3 -I " MXIDENT_SOURCE_DIR
                              "/scenarios/schema/check.py " MXIDENT_SOURCE_DIR "/docs/verify.schema.json " +
                              file.string();
    return std::system(check.c_str()) == 0;
  }
  static nlohmann::json policy_of(const nlohmann::json& document, const std::string& id) {
    for (const auto& one : document["hosts"][0]["addresses"][0]["policies"]) {
      if (one["policy"] == id) return one;
    }
    return nullptr;
  }

  probe::test::DnsServer dns;

 private:
  std::filesystem::path ca_;
};

}  // namespace mxident::harness::cli
