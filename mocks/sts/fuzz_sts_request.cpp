// Any octets as requests to a policy host, in pieces whose size the first octet says.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "mocks/world_parts.hpp"

using namespace mxident::mocks;

namespace {

std::unique_ptr<StsService> make_service() {
  StsSpec spec;
  spec.domain = "x.test";
  spec.policy = "version: STSv1\nmode: enforce\nmx: mx.x.test\nmax_age: 86400\n";
  return StsService::make(spec);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::unique_ptr<StsService> service = make_service();
  if (size < 2) return 0;
  const std::size_t piece = std::max<std::size_t>(data[0], 1);
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto session = service->open();
  while (!rest.empty()) {
    const auto output = session->feed(rest.substr(0, piece));
    rest.remove_prefix(std::min(piece, rest.size()));
    if (output.octets.empty() != output.requests.empty())
      std::abort();  // each request has one reply, and is recorded
    if (output.close && output.octets.empty()) std::abort();
    if (output.close) break;
  }
  return 0;
}
