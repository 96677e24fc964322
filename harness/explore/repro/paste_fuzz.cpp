// Any text at all: read, made a situation and documents of; linear, and no word of it but names comes
// through.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "harness/catalogue/load.hpp"
#include "harness/explore/repro/situation.hpp"
#include "harness/input/json_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mxident::harness;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const repro::Reading reading = repro::read_paste(text);
  if (reading.steps > 500 * (size + 1) || reading.clues.size() > 1000) std::abort();
  try {
    const repro::Situation situation = repro::situation_of({}, reading);
    const auto document = repro::document_of(situation, "complaint");
    // What is no host name is refused by the reader of scenarios, with a sentence.
    const LoadResult loaded = parse_scenario(
        document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), "(complaint)");
    if (!loaded.scenario && loaded.errors.empty()) std::abort();
  } catch (const InputError&) {
  }
  return 0;
}
