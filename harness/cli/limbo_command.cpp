#include "harness/cli/limbo_command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/offline/limbo.hpp"

namespace mxident::harness::cli {
namespace {

// The suite with its generated cases is some 80 MB.
constexpr std::size_t kMaxSuite = 512u << 20;

std::string read_standard_input() {
  std::string text, buffer(1 << 16, '\0');
  while (const std::size_t octets = std::fread(buffer.data(), 1, buffer.size(), stdin)) {
    text.append(buffer, 0, octets);
    if (text.size() > kMaxSuite)
      throw InputError("standard input", "", fmt::format("larger than {} octets", kMaxSuite));
  }
  return text;
}

int run_limbo(Profile profile) {
  const auto document = parse_json(read_standard_input(), "standard input", {kMaxSuite, 64});
  const JsonNode suite(document, "standard input");
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  constexpr std::array<const char*, 3> kWords{"SUCCESS", "FAILURE", "SKIPPED"};
  if (suite.at("version").integer(0, 1000) != 1) suite.at("version").fail("another version than 1");
  nlohmann::ordered_json out{
      {"version", 1}, {"harness", "mxident"}, {"results", nlohmann::ordered_json::array()}};
  for (const auto& testcase : suite.at("testcases").array()) {
    const LimboResult result = run_limbo_case(testcase, now, profile);
    out["results"].push_back({{"id", result.id},
                              {"actual_result", kWords[static_cast<std::size_t>(result.outcome)]},
                              {"context", result.context}});
  }
  fmt::print("{}\n", out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  return kExitOk;
}

}  // namespace

void add_limbo_command(CLI::App& app, Invocation& invocation) {
  auto* const command =
      app.add_subcommand("limbo", "Run the x509-limbo suite: its JSON in, its results JSON out");
  const auto profile = std::make_shared<std::string>("mail");
  command->add_option("--profile", *profile, "what certificates are held to (see mxident check)")
      ->check(CLI::IsMember({"mail", "strict", "webpki"}))
      ->capture_default_str();
  command->footer("Example: mxident limbo <limbo.json >results.json");
  command->callback([profile, &invocation] {
    invocation.exit_code = run_limbo(*profile_from_string(*profile));  // CLI11 knows no other words
  });
}

}  // namespace mxident::harness::cli
