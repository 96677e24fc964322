// An MTA-STS record and a policy: the same octets as both.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "verifier/sts.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mxident;
  const std::string input(reinterpret_cast<const char*>(data), size);
  const auto record = parse_sts_record({&input, 1});
  if (record.id.has_value() != (record.reason == Reason::sts_ok)) std::abort();
  if (record.id && (record.id->empty() || record.id->size() > 32)) std::abort();
  const auto result = parse_sts_policy(input);
  if (result.policy.has_value() != (result.reason == Reason::sts_ok)) std::abort();
  if (!result.policy) return 0;
  const StsPolicy& policy = *result.policy;
  if (policy.max_age > kMaxStsAge || policy.patterns.size() > kMaxStsPatterns) std::abort();
  if (policy.mode != StsMode::none && policy.patterns.empty()) std::abort();
  for (const auto& pattern : policy.patterns) {
    // Every pattern lets somebody in: itself, or one label below.
    const std::string host = pattern.substr(0, 2) == "*." ? "mx." + pattern.substr(2) : pattern;
    if (!sts_pattern_for(policy, host)) std::abort();
  }
  return 0;
}
