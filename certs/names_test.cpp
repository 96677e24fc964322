#include "certs/names.hpp"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <ostream>

#include "certs/test_support.hpp"

namespace mxident::certs {
namespace {

using test::attribute;
using test::cn;
using test::raw;
using test::to_hex;

struct NameRow {
  const char* name;
  GeneralName value;
  const char* der;  ///< hex
};
void PrintTo(const NameRow& row, std::ostream* out) {
  *out << row.name;
}

class GeneralNameTest : public testing::TestWithParam<NameRow> {};

TEST_P(GeneralNameTest, HasTheOctetsAsGiven) {
  EXPECT_EQ(to_hex(general_name_der(GetParam().value)), GetParam().der);
}

const NameRow kNames[] = {
    {"dns", {NameType::dns, "a.test", {}}, "8206612e74657374"},
    {"dns_empty", {NameType::dns, "", {}}, "8200"},
    {"dns_nul", {NameType::dns, raw("a\0b"), {}}, "8203610062"},
    {"dns_above_ascii", {NameType::dns, "\xc3\xbc", {}}, "8202c3bc"},
    {"ip4", {NameType::ip, raw("\xc0\x00\x02\x01"), {}}, "8704c0000201"},
    {"ip_of_five_octets", {NameType::ip, raw("\xc0\x00\x02\x01\x00"), {}}, "8705c000020100"},
    {"ip_empty", {NameType::ip, "", {}}, "8700"},
    {"email", {NameType::email, "a@b", {}}, "8103614062"},
    {"uri", {NameType::uri, "a:b", {}}, "8603613a62"},
    {"srv", {NameType::srv, "_s.t", {}}, "a01206082b06010505070807a00616045f732e74"},
    {"xmpp", {NameType::xmpp, "j.t", {}}, "a01106082b06010505070805a0050c036a2e74"},
    {"smtputf8", {NameType::smtputf8, "\xc3\xbc@t", {}}, "a01206082b06010505070809a0060c04c3bc4074"},
    {"dirname", {NameType::dirname, "", {{cn("a")}}}, "a40e300c310a300806035504030c0161"},
    {"rid", {NameType::rid, "1.2.3", {}}, "88022a03"},
    {"whole", {NameType::der, raw("\x9f\x00?"), {}}, "9f003f"},
};
INSTANTIATE_TEST_SUITE_P(Names, GeneralNameTest, testing::ValuesIn(kNames),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Names, RidThatIsNoOid) {
  EXPECT_THROW(general_name_der({NameType::rid, "a.b", {}}), MintError);
}

TEST(Names, StringTypesHaveTheirTags) {
  const auto tag_of = [](StringType type) {
    const Octets der = name_der({{cn("aaaa", type)}});
    return to_hex(der.substr(11, 1));
  };
  EXPECT_EQ(tag_of(StringType::utf8), "0c");
  EXPECT_EQ(tag_of(StringType::printable), "13");
  EXPECT_EQ(tag_of(StringType::t61), "14");
  EXPECT_EQ(tag_of(StringType::ia5), "16");
  EXPECT_EQ(tag_of(StringType::universal), "1c");
  EXPECT_EQ(tag_of(StringType::bmp), "1e");
}

TEST(Names, EmptyNameAndEmptyRdn) {
  EXPECT_EQ(to_hex(name_der({})), "3000");
  EXPECT_EQ(to_hex(name_der({{}})), "30023100");
}

TEST(Names, RdnsKeepTheirOrderAndAttributesOfOneAreSorted) {
  const DistinguishedName name = {{cn("b")}, {cn("a")}, {attribute("2.5.4.10", "o"), cn("z"), cn("c")}};
  const Octets der = name_der(name);
  EXPECT_LT(der.find("\x0c\x01"
                     "b"),
            der.find("\x0c\x01"
                     "a"));
  // 2.5.4.3 (commonName) stands before 2.5.4.10 (organizationName), and c before z (X.690 11.6).
  EXPECT_LT(der.find("\x0c\x01"
                     "c"),
            der.find("\x0c\x01"
                     "z"));
  EXPECT_LT(der.find("\x0c\x01"
                     "z"),
            der.find("\x0c\x01"
                     "o"));
}

TEST(Names, LibcryptoWritesMultiValuedRdnsInTheSameOrder) {
  const Octets der =
      name_der({{attribute("2.5.4.10", "o"), cn("long enough"), cn("b"), cn("a")}, {cn("last")}});
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const OpensslPtr<X509_NAME, X509_NAME_free> name(
      d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
  ASSERT_TRUE(name);
  // A change and its undoing make libcrypto encode the name anew instead of repeating what it read.
  X509_NAME_ENTRY* last = X509_NAME_delete_entry(name.get(), X509_NAME_entry_count(name.get()) - 1);
  ASSERT_TRUE(X509_NAME_add_entry(name.get(), last, -1, 0));
  X509_NAME_ENTRY_free(last);
  unsigned char* again = nullptr;
  const int size = i2d_X509_NAME(name.get(), &again);
  ASSERT_GT(size, 0);
  EXPECT_EQ(to_hex(Octets(reinterpret_cast<const char*>(again), static_cast<std::size_t>(size))),
            to_hex(der));
  OPENSSL_free(again);
}

struct TextRow {
  const char* name;
  std::string utf8;
  StringType type;
  const char* octets;  ///< hex; null: refused
};
void PrintTo(const TextRow& row, std::ostream* out) {
  *out << row.name;
}

class EncodeTextTest : public testing::TestWithParam<TextRow> {};

TEST_P(EncodeTextTest, EncodesOrRefuses) {
  const auto& row = GetParam();
  if (row.octets == nullptr) {
    EXPECT_THROW(encode_text(row.utf8, row.type), MintError);
  } else {
    EXPECT_EQ(to_hex(encode_text(row.utf8, row.type)), row.octets);
  }
}

const TextRow kTexts[] = {
    {"utf8", "a\xc3\xbc", StringType::utf8, "61c3bc"},
    {"utf8_broken_stays", "a\xff", StringType::utf8, "61ff"},
    {"printable_takes_what_it_may_not_hold", "*@\xc3\xbc", StringType::printable, "2a40c3bc"},
    {"ia5", "a\xc3\xbc", StringType::ia5, "61c3bc"},
    {"t61", "a\xc3\xbc", StringType::t61, "61c3bc"},
    {"bmp", "a\xc3\xbc\xe2\x82\xac", StringType::bmp, "006100fc20ac"},
    {"bmp_nul", raw("a\0"), StringType::bmp, "00610000"},
    {"bmp_last", "\xef\xbf\xbf", StringType::bmp, "ffff"},
    {"bmp_beyond", "\xf0\x9f\x93\xa7", StringType::bmp, nullptr},
    {"universal", "a\xf0\x9f\x93\xa7", StringType::universal, "000000610001f4e7"},
    {"empty", "", StringType::universal, ""},
    {"cut_short", "\xe2\x82", StringType::bmp, nullptr},
    {"lone_continuation", "\x80", StringType::bmp, nullptr},
    {"missing_continuation", "\xc3(", StringType::bmp, nullptr},
    {"overlong_of_two", "\xc0\x80", StringType::universal, nullptr},
    {"overlong_of_three", "\xe0\x80\x80", StringType::universal, nullptr},
    {"surrogate", "\xed\xa0\x80", StringType::universal, nullptr},
    {"above_unicode", "\xf4\x90\x80\x80", StringType::universal, nullptr},
};
INSTANTIATE_TEST_SUITE_P(Text, EncodeTextTest, testing::ValuesIn(kTexts),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Text, ErrorNamesThePlace) {
  try {
    encode_text("ab\xff", StringType::bmp);
    FAIL() << "no error";
  } catch (const MintError& error) {
    EXPECT_STREQ(error.what(),
                 "text is not UTF-8 at octet 2; give the octets as hex to have them as they are");
  }
}

}  // namespace
}  // namespace mxident::certs
