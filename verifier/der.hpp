// A bounded reader of DER. Internal to the verifier; shares nothing with the mint's writer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mxident::der {

enum Tag : std::uint8_t {
  kBoolean = 0x01,
  kInteger = 0x02,
  kBitString = 0x03,
  kOctetString = 0x04,
  kOid = 0x06,
  kUtf8String = 0x0c,
  kNumericString = 0x12,
  kPrintableString = 0x13,
  kT61String = 0x14,
  kIa5String = 0x16,
  kVisibleString = 0x1a,
  kUniversalString = 0x1c,
  kBmpString = 0x1e,
  kSequence = 0x30,
  kSet = 0x31,
};

/// Walks over the values of one constructed content. Every read is checked; after a failure the reader stays
/// failed.
class Reader {
 public:
  explicit Reader(std::string_view content) : rest_(content) {}

  bool at_end() const { return rest_.empty(); }
  bool failed() const { return failed_; }
  /// Tag of the next value; 0 at the end.
  std::uint8_t peek() const { return rest_.empty() ? 0 : static_cast<std::uint8_t>(rest_.front()); }

  /// Any value: one tag octet, a definite length in its shortest form, the content.
  bool read_any(std::uint8_t& tag, std::string_view& content) {
    if (failed_ || rest_.size() < 2) return fail();
    tag = peek();
    if ((tag & 0x1f) == 0x1f) return fail();  // tag numbers beyond 30 occur nowhere in what we read
    std::size_t length = octet(1);
    std::size_t header = 2;
    if (length >= 0x80) {
      const std::size_t octets = length & 0x7f;
      if (octets == 0 || octets > 4 || rest_.size() < 2 + octets) return fail();
      length = 0;
      for (std::size_t i = 0; i < octets; ++i) length = length << 8 | octet(2 + i);
      header += octets;
      if (length < 0x80 || length >> 8 * (octets - 1) == 0) return fail();
    }
    if (length > rest_.size() - header) return fail();
    content = rest_.substr(header, length);
    rest_.remove_prefix(header + length);
    return true;
  }

  /// A value with this tag.
  bool read(std::uint8_t wanted, std::string_view& content) {
    if (peek() != wanted) return fail();
    std::uint8_t tag = 0;
    return read_any(tag, content);
  }

  bool skip(std::uint8_t wanted) {
    std::string_view content;
    return read(wanted, content);
  }

  /// Skips the next value if it has this tag. False only for a malformed one.
  bool skip_optional(std::uint8_t wanted) { return peek() != wanted || skip(wanted); }

  /// Gives up: what was read makes no sense. Always false.
  bool fail() {
    failed_ = true;
    rest_ = {};
    return false;
  }

 private:
  std::size_t octet(std::size_t at) const { return static_cast<std::uint8_t>(rest_[at]); }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace mxident::der
