// One line of a batch of `mxident match --batch`.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "harness/offline/batch_match.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static mxident::harness::cli::BatchMatcher matcher(mxident::harness::cli::Depth::strings);
  const auto answer = matcher.answer({reinterpret_cast<const char*>(data), size}, 1);
  if (answer.json.empty() || answer.json.find('\n') != std::string::npos) std::abort();
  return 0;
}
