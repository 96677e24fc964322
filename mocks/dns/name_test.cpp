#include "mocks/dns/name.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace mxident::mocks::dns {
namespace {

NameKey key(const std::string& text) {
  return key_of(*name_from_text(text));
}

TEST(Name, KeysHaveTheCanonicalOrder) {
  // The example of RFC 4034 6.1, and a label that another one continues with a zero octet.
  const std::vector<std::string> ordered = {".",
                                            "example.",
                                            "a.example.",
                                            "yljkjljk.a.example.",
                                            "Z.a.example.",
                                            "zABC.a.EXAMPLE.",
                                            "z.example.",
                                            "\\001.z.example.",
                                            "*.z.example.",
                                            "\\200.z.example.",
                                            "z\\000.example."};
  for (std::size_t i = 1; i < ordered.size(); ++i) {
    EXPECT_LT(key(ordered[i - 1]), key(ordered[i])) << ordered[i - 1] << " before " << ordered[i];
  }
}

TEST(Name, KeysFoldAsciiCaseOnly) {
  EXPECT_EQ(key("MX.Test."), key("mx.test."));
  EXPECT_NE(key("\\196.test."), key("\\228.test."));  // A and a with diaeresis in Latin-1
}

TEST(Name, AKeyIsAPrefixBelowOnly) {
  EXPECT_TRUE(is_at_or_below(key("a.b.test."), key("b.test.")));
  EXPECT_TRUE(is_at_or_below(key("b.test."), key("b.test.")));
  EXPECT_TRUE(is_at_or_below(key("b.test."), key(".")));
  EXPECT_FALSE(is_at_or_below(key("ab.test."), key("b.test.")));
  EXPECT_FALSE(is_at_or_below(key("bb.test."), key("b.test.")));
  EXPECT_FALSE(is_at_or_below(key("b\\000.test."), key("b.test.")));
  EXPECT_FALSE(is_at_or_below(key("b\\.test."), key("test.")));
}

TEST(Name, Parents) {
  EXPECT_EQ(parent_key(key("a.b.test.")), key("b.test."));
  EXPECT_EQ(parent_key(key("test.")), key("."));
  EXPECT_EQ(parent_key(key(".")), key("."));
  EXPECT_EQ(wildcard_key(key("b.test.")), key("*.b.test."));
  EXPECT_EQ(label_count(key("a.b.test.")), 3u);
  EXPECT_EQ(label_count(key(".")), 0u);
}

TEST(Name, Suffixes) {
  const WireName name = *name_from_text("A.b.test.");
  EXPECT_EQ(suffix(name, 0), *name_from_text("."));
  EXPECT_EQ(suffix(name, 2), *name_from_text("b.test."));
  EXPECT_EQ(suffix(name, 9), name);
}

TEST(Name, Text) {
  EXPECT_EQ(name_to_text(*name_from_text("Mx.x.test")), "Mx.x.test.");
  EXPECT_EQ(name_to_text(*name_from_text("a\\.b.test.")), "a\\.b.test.");
  for (const char* bad : {"", "a..b.", ".a."}) EXPECT_FALSE(name_from_text(bad)) << bad;
  EXPECT_FALSE(name_from_text(std::string(64, 'a')));
  EXPECT_FALSE(name_from_text(std::string("a\0b", 3)));
  std::string longest;
  for (int i = 0; i < 127; ++i) longest += "a.";
  EXPECT_TRUE(name_from_text(longest));
  EXPECT_FALSE(name_from_text("aa." + longest));
}

}  // namespace
}  // namespace mxident::mocks::dns
