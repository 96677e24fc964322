// The server's reading of a client: bounded, and the same however the octets are cut.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "mocks/smtp/dialogue.hpp"

namespace {

using namespace mxident::mocks;

/// Everything that the dialogue makes of the pieces of `input`.
std::string run(const SmtpServerSpec& spec, std::string_view input, std::size_t piece) {
  Dialogue dialogue(spec, Dialogue::Offer::starttls);
  std::string out;
  for (std::size_t at = 0; at < input.size(); at += piece) {
    std::string_view part = input.substr(at, piece);
    while (auto step = dialogue.next(part)) {
      if (step->heard.size() > Dialogue::kMaxLine) std::abort();
      out += step->heard + "|" + (step->reply ? step->reply->wire : "") + (step->message ? "M" : "");
      if (step->then == Dialogue::Then::start_tls) dialogue.tls_established();
      if (step->then == Dialogue::Then::close || step->then == Dialogue::Then::close_abrupt) return out;
    }
    if (!part.empty()) std::abort();
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  SmtpServerSpec spec;
  spec.banner = spec.ehlo = "mx.x.test";
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string whole = run(spec, input, size + 1);
  if (run(spec, input, 1) != whole || run(spec, input, 3) != whole) std::abort();
  return 0;
}
