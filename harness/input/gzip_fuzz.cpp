// A report that somebody mailed: unpacked within its bound, or refused with one sentence.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "harness/input/gzip.hpp"
#include "harness/input/json_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mxident::harness;
  constexpr std::size_t kMost = 1u << 16;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const bool packed = text.starts_with("\x1f\x8b");
  try {
    const std::string out = unpacked(text, "fuzz.gz", kMost);
    if (packed ? out.size() > kMost : out != text) std::abort();
  } catch (const InputError& refused) {
    if (!packed || std::string_view(refused.what()).find('\n') != std::string_view::npos) std::abort();
  }
  return 0;
}
