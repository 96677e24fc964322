// A chain that somebody hands in: certificates of a scenario, or one sentence why not. No names but printable
// ones come through.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "harness/input/json_input.hpp"
#include "harness/offline/pem_input.hpp"
#include "harness/offline/pem_scenario.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mxident::harness;
  using namespace mxident::harness::cli;
  const auto is_printable = [](const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  };
  try {
    const auto chain = certificates_from({reinterpret_cast<const char*>(data), size}, "fuzz.pem");
    const PemScenario scenario = pem_scenario(chain, "fuzz.pem", 1'700'000'000);
    if (!scenario.certificates.contains("mx")) std::abort();
    for (const auto& names : {scenario.common_names, scenario.san}) {
      if (!std::all_of(names.begin(), names.end(), is_printable)) std::abort();
    }
  } catch (const InputError& refused) {
    if (std::string_view(refused.what()).find('\n') != std::string_view::npos) std::abort();
  }
  return 0;
}
