// The harness contract of the x509-limbo suite: its test cases in, one result each out. No I/O.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "harness/input/json_input.hpp"
#include "verifier/policy.hpp"

namespace mxident::harness::cli {

enum class LimboOutcome { success, failure, skipped };

struct LimboResult {
  std::string id;
  LimboOutcome outcome = LimboOutcome::skipped;
  std::string context;  ///< reason id, or why it was skipped
};

/// `now`: time of cases that state none. Throws InputError for what does not follow the suite's schema.
LimboResult run_limbo_case(const JsonNode& testcase, std::int64_t now, Profile profile);

}  // namespace mxident::harness::cli
