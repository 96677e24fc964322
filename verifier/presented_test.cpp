#include <gtest/gtest.h>

#include <string>

#include "certs/mint.hpp"
#include "verifier/match.hpp"

namespace mxident::test {
namespace {

using San = PresentedNames::San;

certs::KeyPool& presented_keys() {
  static certs::KeyPool pool;
  return pool;
}

std::string mint(const certs::CertificateSpec& spec) {
  static const certs::Authority authority = certs::Authority::make(presented_keys());
  certs::CertificateRequest request;
  request.spec = spec;
  return certs::mint({{"mx", request}}, authority, presented_keys()).at("mx").leaf.der;
}

certs::CertificateSpec with_san_octets(std::string der) {
  certs::CertificateSpec spec;
  spec.extensions.push_back({"2.5.29.17", false, std::move(der)});
  return spec;
}

San san_of(std::string der) {
  return read_presented_names(mint(with_san_octets(std::move(der)))).value().san;
}

std::string octets(std::initializer_list<int> values) {
  std::string result;
  for (const int value : values) result += static_cast<char>(value);
  return result;
}

TEST(PresentedNames, AbsentEmptyPresent) {
  certs::CertificateSpec spec;
  EXPECT_EQ(read_presented_names(mint(spec)).value().san, San::absent);
  spec.san.emplace();
  EXPECT_EQ(read_presented_names(mint(spec)).value().san, San::empty);
  spec.san->push_back({certs::NameType::dns, "a.test", {}});
  const auto names = read_presented_names(mint(spec)).value();
  EXPECT_EQ(names.san, San::present);
  ASSERT_EQ(names.identifiers.size(), 1U);
  EXPECT_EQ(names.identifiers[0].octets(), "a.test");
}

TEST(PresentedNames, TypesKeepTheirOrder) {
  using certs::NameType;
  certs::CertificateSpec spec;
  spec.san = {{NameType::email, "a@b.test", {}},
              {NameType::srv, "_smtp.a.test", {}},
              {NameType::uri, "sip:a.test", {}},
              {NameType::ip, octets({192, 0, 2, 1}), {}},
              {NameType::xmpp, "a.test", {}},
              {NameType::rid, "1.2.3", {}},
              {NameType::dns, std::string("a\0b", 3), {}}};
  const auto names = read_presented_names(mint(spec)).value();
  std::string types;
  for (const auto& identifier : names.identifiers) types += std::string(to_string(identifier.type())) + " ";
  EXPECT_EQ(types, "email srv uri ip other other dns ");
  EXPECT_EQ(names.identifiers[1].octets(), "_smtp.a.test");
  EXPECT_EQ(names.identifiers[6].octets(), std::string("a\0b", 3));
}

struct MalformedRow {
  const char* name;
  std::string der;
};
void PrintTo(const MalformedRow& row, std::ostream* out) {
  *out << row.name;
}

class MalformedSanTest : public testing::TestWithParam<MalformedRow> {};

// D15: damage of the DER refuses the extension, not only the entry.
TEST_P(MalformedSanTest, IsRefused) {
  EXPECT_EQ(san_of(GetParam().der), San::malformed);
}

INSTANTIATE_TEST_SUITE_P(
    D15, MalformedSanTest,
    testing::Values(MalformedRow{"no_octets", ""}, MalformedRow{"not_a_sequence", octets({0x31, 0})},
                    MalformedRow{"octets_behind", octets({0x30, 0, 0})},
                    MalformedRow{"longer_than_the_sequence", octets({0x30, 3, 0x82, 9, 'a'})},
                    MalformedRow{"length_cut", octets({0x30, 2, 0x82, 0x82})},
                    MalformedRow{"length_not_shortest", octets({0x30, 4, 0x82, 0x81, 1, 'a'})},
                    MalformedRow{"length_indefinite", octets({0x30, 0x80, 0x82, 1, 'a', 0, 0})},
                    MalformedRow{"length_huge", octets({0x30, 0x84, 0xff, 0xff, 0xff, 0xff})},
                    MalformedRow{"unknown_choice", octets({0x30, 3, 0x8f, 1, 'a'})},
                    MalformedRow{"universal_tag", octets({0x30, 3, 0x16, 1, 'a'})},
                    MalformedRow{"constructed_name", octets({0x30, 5, 0xa2, 3, 0x16, 1, 'a'})},
                    MalformedRow{"other_name_empty", octets({0x30, 2, 0xa0, 0})},
                    MalformedRow{"other_name_without_value", octets({0x30, 6, 0xa0, 4, 6, 2, 0x2a, 3})}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(PresentedNames, SrvNameOfAnotherStringTypeIsSpoilt) {
  // otherName with the SRVName OID and a UTF8String (RFC 4985 2 wants an IA5String).
  const std::string oid = octets({0x06, 8, 0x2b, 6, 1, 5, 5, 7, 8, 7});
  const std::string value = octets({0xa0, 7, 0x0c, 5}) + "_a.bc";
  const std::string name = octets({0xa0, static_cast<int>(oid.size() + value.size())}) + oid + value;
  const auto names =
      read_presented_names(mint(with_san_octets(octets({0x30, static_cast<int>(name.size())}) + name)))
          .value();
  ASSERT_EQ(names.identifiers.size(), 1U);
  EXPECT_EQ(names.identifiers[0].type(), PresentedType::srv);
  EXPECT_EQ(names.identifiers[0].octets(), "");
}

TEST(PresentedNames, TwoExtensionsAreRepeated) {
  certs::CertificateSpec spec = with_san_octets(octets({0x30, 3, 0x82, 1, 'a'}));
  spec.extensions.push_back(spec.extensions.front());
  EXPECT_EQ(read_presented_names(mint(spec)).value().san, San::repeated);
}

TEST(PresentedNames, MoreThanTheLimit) {
  certs::CertificateSpec spec;
  spec.san.emplace(kMaxPresented, certs::GeneralName{certs::NameType::dns, "a.test", {}});
  EXPECT_EQ(read_presented_names(mint(spec)).value().san, San::present);
  spec.san->push_back({certs::NameType::dns, "a.test", {}});
  EXPECT_EQ(read_presented_names(mint(spec)).value().san, San::too_many);
}

struct StringRow {
  const char* name;
  certs::StringType type;
  std::string octets;
  std::string text;
  bool decodable;
};
void PrintTo(const StringRow& row, std::ostream* out) {
  *out << row.name;
}

class CommonNameTest : public testing::TestWithParam<StringRow> {};

// rfc5280-4.1.2.4-cn-encodings
TEST_P(CommonNameTest, IsDecodedByItsTag) {
  const StringRow& row = GetParam();
  certs::CertificateSpec spec;
  spec.subject = {{{"2.5.4.3", {row.octets, row.type}}}};
  const auto names = read_presented_names(mint(spec)).value();
  ASSERT_EQ(names.common_names.size(), 1U);
  EXPECT_EQ(names.common_names[0].decodable, row.decodable);
  if (row.decodable) {
    EXPECT_EQ(names.common_names[0].octets, row.text);
  }
}

using enum certs::StringType;
INSTANTIATE_TEST_SUITE_P(
    Encodings, CommonNameTest,
    testing::Values(StringRow{"utf8_ascii", utf8, "mx.test", "mx.test", true},
                    StringRow{"utf8_umlaut", utf8, "b\xc3\xbc.test", "b\xc3\xbc.test", true},
                    StringRow{"utf8_overlong", utf8, "\xc0\xaf.test", "", false},
                    StringRow{"utf8_surrogate", utf8, "\xed\xa0\x80.test", "", false},
                    StringRow{"utf8_cut", utf8, "mx.test\xc3", "", false},
                    StringRow{"utf8_beyond", utf8, "\xf4\x90\x80\x80", "", false},
                    StringRow{"printable_wildcard", printable, "*.a.test", "*.a.test", true},
                    StringRow{"printable_high", printable, "b\xfc.test", "", false},
                    StringRow{"ia5", ia5, "mx.test", "mx.test", true},
                    StringRow{"t61", t61, "b\xfc.test", "b\xc3\xbc.test", true},
                    StringRow{"bmp", bmp, std::string("\0m\0x", 4), "mx", true},
                    StringRow{"bmp_odd", bmp, std::string("\0m\0", 3), "", false},
                    StringRow{"bmp_surrogate", bmp, std::string("\xd8\0", 2), "", false},
                    StringRow{"universal", universal, std::string("\0\0\0m\0\x01\xf6\0", 8),
                              "m\xf0\x9f\x98\x80", true},
                    StringRow{"universal_beyond", universal, std::string("\x01\0\0\0", 4), "", false},
                    StringRow{"with_nul", utf8, std::string("a\0b", 3), std::string("a\0b", 3), true}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(PresentedNames, NotACertificate) {
  EXPECT_FALSE(read_presented_names(""));
  EXPECT_FALSE(read_presented_names("mx.test"));
  const std::string der = mint({});
  EXPECT_TRUE(read_presented_names(der));
  EXPECT_FALSE(read_presented_names(der + "x"));
  for (std::size_t size = 0; size < der.size(); ++size)
    EXPECT_FALSE(read_presented_names(der.substr(0, size)));
}

}  // namespace
}  // namespace mxident::test
