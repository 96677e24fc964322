#include "certs/der.hpp"

#include <gtest/gtest.h>

#include <ostream>

#include "certs/mint.hpp"
#include "certs/test_support.hpp"

namespace mxident::certs {
namespace {

using test::to_hex;

TEST(Der, LengthTakesTheShortestForm) {
  EXPECT_EQ(to_hex(der::tlv(0x04, {Octets(127, 'x')}).substr(0, 2)), "047f");
  EXPECT_EQ(to_hex(der::tlv(0x04, {Octets(128, 'x')}).substr(0, 3)), "048180");
  EXPECT_EQ(to_hex(der::tlv(0x04, {Octets(255, 'x')}).substr(0, 3)), "0481ff");
  EXPECT_EQ(to_hex(der::tlv(0x04, {Octets(256, 'x')}).substr(0, 4)), "04820100");
  EXPECT_EQ(to_hex(der::tlv(0x04, {Octets(70000, 'x')}).substr(0, 5)), "0483011170");
  EXPECT_EQ(der::tlv(0x04, {Octets(70000, 'x')}).size(), 70005U);
}

TEST(Der, PartsStandOneAfterTheOther) {
  EXPECT_EQ(to_hex(der::sequence({"a", "", "bc"})), "3003616263");
}

TEST(Der, SetOfIsInAscendingOrder) {
  EXPECT_EQ(to_hex(der::set_of({der::tlv(0x0c, {"b"}), der::tlv(0x0c, {"\xc3"}), der::tlv(0x0c, {"a"})})),
            "31090c01610c01620c01c3");
  EXPECT_EQ(to_hex(der::set_of({})), "3100");
}

TEST(Der, IntegerIsNeverNegative) {
  EXPECT_EQ(to_hex(der::integer(0)), "020100");
  EXPECT_EQ(to_hex(der::integer(127)), "02017f");
  EXPECT_EQ(to_hex(der::integer(128)), "02020080");
  EXPECT_EQ(to_hex(der::integer(256)), "02020100");
  EXPECT_EQ(to_hex(der::integer(UINT64_MAX)), "020900ffffffffffffffff");
}

TEST(Der, NamedBitsLeaveTrailingZerosOut) {
  EXPECT_EQ(to_hex(der::named_bits(0)), "030100");
  EXPECT_EQ(to_hex(der::named_bits(1U << 0U)), "03020780");
  EXPECT_EQ(to_hex(der::named_bits((1U << 5U) | (1U << 6U))), "03020106");
  EXPECT_EQ(to_hex(der::named_bits(1U << 7U)), "03020001");
  EXPECT_EQ(to_hex(der::named_bits(1U << 8U)), "0303070080");
}

struct OidRow {
  const char* name;
  const char* dotted;
  const char* content;  ///< hex; null: no OID
};
void PrintTo(const OidRow& row, std::ostream* out) {
  *out << row.dotted;
}

class OidTest : public testing::TestWithParam<OidRow> {};

TEST_P(OidTest, EncodesOrRefuses) {
  const auto& row = GetParam();
  if (row.content == nullptr) {
    EXPECT_THROW(der::oid_content(row.dotted), MintError);
  } else {
    EXPECT_EQ(to_hex(der::oid_content(row.dotted)), row.content);
  }
}

constexpr OidRow kOids[] = {
    {"common_name", "2.5.4.3", "550403"},
    {"rsa", "1.2.840.113549.1.1.11", "2a864886f70d01010b"},
    {"first_arc_two_has_no_upper_bound", "2.999.3", "883703"},
    {"zero_zero", "0.0", "00"},
    {"one_thirty_nine", "1.39", "4f"},
    {"arc_of_64_bits", "1.3.18446744073709551615", "2b81ffffffffffffffff7f"},
    {"arc_over_64_bits", "1.3.18446744073709551616", nullptr},
    {"empty", "", nullptr},
    {"one_arc", "2", nullptr},
    {"first_arc_three", "3.1", nullptr},
    {"second_arc_forty", "1.40", nullptr},
    {"final_dot", "2.5.", nullptr},
    {"leading_dot", ".2.5", nullptr},
    {"empty_arc", "2..5", nullptr},
    {"leading_zero", "2.05", nullptr},
    {"negative", "2.-5", nullptr},
    {"space", "2.5 ", nullptr},
    {"word", "commonName", nullptr},
};
INSTANTIATE_TEST_SUITE_P(Der, OidTest, testing::ValuesIn(kOids),
                         [](const auto& row) { return std::string(row.param.name); });

struct TimeRow {
  const char* name;
  std::int64_t seconds;
  const char* text;  ///< content; null: no time
  der::Tag tag;
};
void PrintTo(const TimeRow& row, std::ostream* out) {
  *out << row.seconds;
}

class TimeTest : public testing::TestWithParam<TimeRow> {};

TEST_P(TimeTest, EncodesOrRefuses) {
  const auto& row = GetParam();
  if (row.text == nullptr) {
    EXPECT_THROW(der::time(row.seconds), MintError);
  } else {
    EXPECT_EQ(der::time(row.seconds), der::tlv(row.tag, {row.text}));
  }
}

// RFC 5280 4.1.2.5: through the year 2049 UTCTime, from 2050 on GeneralizedTime; RFC 5280 4.1.2.5.1: 50 means
// 1950.
constexpr TimeRow kTimes[] = {
    {"epoch", 0, "700101000000Z", der::kUtcTime},
    {"second_before_epoch", -1, "691231235959Z", der::kUtcTime},
    {"reported_certificate", 1347451016, "120912115656Z", der::kUtcTime},
    {"leap_day", 1582934400, "200229000000Z", der::kUtcTime},
    {"last_of_2049", 2524607999, "491231235959Z", der::kUtcTime},
    {"first_of_2050", 2524608000, "20500101000000Z", der::kGeneralizedTime},
    {"first_of_1950", -631152000, "500101000000Z", der::kUtcTime},
    {"last_of_1949", -631152001, "19491231235959Z", der::kGeneralizedTime},
    {"first_of_year_0", -62167219200, "00000101000000Z", der::kGeneralizedTime},
    {"no_well_defined_end", 253402300799, "99991231235959Z", der::kGeneralizedTime},
    {"year_10000", 253402300800, nullptr, 0},
    {"before_year_0", -62167219201, nullptr, 0},
    {"smallest", INT64_MIN, nullptr, 0},
    {"largest", INT64_MAX, nullptr, 0},
};
INSTANTIATE_TEST_SUITE_P(Der, TimeTest, testing::ValuesIn(kTimes),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace mxident::certs
