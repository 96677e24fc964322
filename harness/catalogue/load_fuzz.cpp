// Scenario files are input from anybody: whatever they hold, the loader returns, with a scenario or with
// errors.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "harness/catalogue/load.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mxident::harness;
  const LoadResult got = parse_scenario({reinterpret_cast<const char*>(data), size}, "fuzz.json");
  if (got.scenario.has_value() != got.errors.empty()) std::abort();
  for (const auto& error : got.errors) {
    if (error.text().find('\n') != std::string::npos) std::abort();
  }
  if (got.scenario) {
    const auto host = preferred_host(*got.scenario);
    if (!host.empty()) server_of(*got.scenario, host);
    pinned_addresses(*got.scenario);
  }
  return 0;
}
