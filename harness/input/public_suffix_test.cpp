#include "harness/input/public_suffix.hpp"

#include <gtest/gtest.h>

namespace mxident::harness {
namespace {

TEST(PublicSuffix, KnowsRegistriesAndNoOthers) {
  const PublicSuffixTest is_public_suffix = public_suffix_test();
  EXPECT_TRUE(is_public_suffix("com"));
  EXPECT_TRUE(is_public_suffix("co.uk"));
  EXPECT_FALSE(is_public_suffix("example.co.uk"));
  EXPECT_FALSE(is_public_suffix("example.com"));
}

}  // namespace
}  // namespace mxident::harness
