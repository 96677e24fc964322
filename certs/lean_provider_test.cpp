// Linked with the tests of keys: all of them hold with the lean provider, too.
#include "lean_provider.hpp"

#include <gtest/gtest.h>
#include <openssl/decoder.h>
#include <openssl/provider.h>

namespace mxident::certs {
namespace {

// Before main: nothing has used OpenSSL.
const bool kInUse = (use_lean_provider(), true);

int decoders(OSSL_LIB_CTX* context) {
  int out = 0;
  OSSL_DECODER_do_all_provided(
      context, [](OSSL_DECODER*, void* count) { ++*static_cast<int*>(count); }, &out);
  return out;
}

TEST(LeanProvider, OffersAFewDecodersAndAllElse) {
  ASSERT_TRUE(kInUse);
  OSSL_LIB_CTX* const other = OSSL_LIB_CTX_new();
  OSSL_PROVIDER* const whole = OSSL_PROVIDER_load(other, "default");
  const int few = decoders(nullptr), all = decoders(other);
  OSSL_PROVIDER_unload(whole);
  OSSL_LIB_CTX_free(other);
  EXPECT_GT(few, 4);
  EXPECT_LT(3 * few, all);
  EXPECT_EQ(OSSL_PROVIDER_available(nullptr, "default"), 0) << "this one would bring all of them back";
}

}  // namespace
}  // namespace mxident::certs
