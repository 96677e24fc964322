#include "harness/input/gzip.hpp"

#include <gtest/gtest.h>

#include "harness/input/json_input.hpp"

namespace mxident::harness {
namespace {

// gzip -n of "hello" without a line end.
const std::string kHello(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\x00\x00",
    25);

TEST(Gzip, IsUnpacked) {
  EXPECT_EQ(unpacked(kHello, "f", 5), "hello");
}

TEST(Gzip, LeavesOtherTextAlone) {
  EXPECT_EQ(unpacked("hello", "f", 1), "hello");
}

TEST(Gzip, KeepsItsLimit) {
  EXPECT_THROW(unpacked(kHello, "f", 4), InputError);
}

TEST(Gzip, SaysThatAFileIsDamaged) {
  for (const std::size_t size : {std::size_t{2}, std::size_t{12}, kHello.size() - 1})
    EXPECT_THROW(unpacked(kHello.substr(0, size), "f", 100), InputError) << size;
  std::string flipped = kHello;
  flipped[18] ^= 1;
  EXPECT_THROW(unpacked(flipped, "f", 100), InputError);
}

}  // namespace
}  // namespace mxident::harness
