#include "harness/input/gzip.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <memory>

#include "harness/input/json_input.hpp"

namespace mxident::harness {
namespace {

struct End {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

}  // namespace

std::string unpacked(std::string text, const std::string& file, std::size_t most) {
  if (!text.starts_with("\x1f\x8b")) return text;
  z_stream stream{};
  constexpr int kOnlyGzip = 16 + MAX_WBITS;
  if (inflateInit2(&stream, kOnlyGzip) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, End> owned(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  std::string out;
  char block[1 << 16];
  for (int state = Z_OK; state != Z_STREAM_END;) {
    stream.next_out = reinterpret_cast<Bytef*>(block);
    stream.avail_out = sizeof block;
    state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END)
      throw InputError(file, "", "is a damaged gzip file, wanted the whole attachment");
    out.append(block, sizeof block - stream.avail_out);
    if (out.size() > most)
      throw InputError(file, "", fmt::format("holds more than {} octets when it is unpacked", most));
  }
  return out;
}

}  // namespace mxident::harness
