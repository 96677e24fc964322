// Requests that cannot be minted: the sentence that a person gets.
#include <gtest/gtest.h>

#include <ostream>

#include "certs/mint.hpp"
#include "certs/test_support.hpp"

namespace mxident::certs {
namespace {

using test::cn;
using test::ordinary;

struct ErrorRow {
  const char* name;
  CertificateRequests requests;
  const char* text;
};
void PrintTo(const ErrorRow& row, std::ostream* out) {
  *out << row.name;
}

class MintErrorTest : public testing::TestWithParam<ErrorRow> {};

TEST_P(MintErrorTest, NamesTheRequestAndWhatWasWanted) {
  try {
    mint(GetParam().requests, test::authority(), test::keys());
    FAIL() << "no error";
  } catch (const MintError& error) {
    EXPECT_STREQ(error.what(), GetParam().text);
  }
}

CertificateRequest issued_by(const char* issuer) {
  auto request = ordinary();
  request.issuer = issuer;
  return request;
}

template <class Change>
CertificateRequest changed(Change change) {
  auto request = ordinary();
  change(request);
  return request;
}

const ErrorRow kErrors[] = {
    {"unknown_issuer",
     {{"mx", issued_by("corp")}, {"other", ordinary()}},
     "certificate 'mx': issuer 'corp' is not known; wanted one of intermediate, root, self, unknown-ca, mx, "
     "other"},
    {"unknown_issuer_further_up",
     {{"mx", issued_by("sub")}, {"sub", issued_by("corp")}},
     "certificate 'mx': issuer 'corp' of its issuer 'sub' is not known; wanted one of intermediate, root, "
     "self, "
     "unknown-ca, mx, sub"},
    {"leaf_is_no_issuer",
     {{"mx", issued_by("leaf")}},
     "certificate 'mx': issuer 'leaf' is not known; wanted one of intermediate, root, self, unknown-ca, mx"},
    {"own_issuer",
     {{"mx", issued_by("mx")}},
     "certificate 'mx': issuers go in a circle: 'mx' issued by 'mx'; the issuer of a certificate that signs "
     "itself is "
     "self"},
    {"circle",
     {{"a", issued_by("b")}, {"b", issued_by("c")}, {"c", issued_by("b")}},
     "certificate 'a': issuers go in a circle: 'a' issued by 'b' issued by 'c' issued by 'b'; the issuer of "
     "a "
     "certificate that signs itself is self"},
    {"unknown_sent",
     {{"mx", changed([](auto& r) {
         r.sends = {{"leaf", "corp"}};
       })}},
     "certificate 'mx': 'corp' in sends is not known; wanted one of leaf, intermediate, root, unknown-ca, "
     "mx"},
    {"reserved_id",
     {{"root", ordinary()}},
     "certificate 'root': this id is a reserved word; wanted another one"},
    {"attribute_oid",
     {{"mx", changed([](auto& r) { r.spec.subject = {{test::attribute("cn", "x")}}; })}},
     "certificate 'mx': 'cn' is no object identifier; wanted dotted decimal like 2.5.4.3"},
    {"eku_oid",
     {{"mx", changed([](auto& r) { r.spec.extended_key_usage = {{"serverAuth"}}; })}},
     "certificate 'mx': 'serverAuth' is no object identifier; wanted dotted decimal like 2.5.4.3"},
    {"extension_oid",
     {{"mx", changed([](auto& r) {
         r.spec.extensions = {{"", false, ""}};
       })}},
     "certificate 'mx': '' is no object identifier; wanted dotted decimal like 2.5.4.3"},
    {"rid",
     {{"mx", changed([](auto& r) {
         r.spec.san = {{{NameType::rid, "3.1", {}}}};
       })}},
     "certificate 'mx': '3.1' is no object identifier; wanted dotted decimal like 2.5.4.3"},
    {"fault_of_an_issuer_is_told_of_the_issuer",
     {{"ca", changed([](auto& r) { r.spec.validity.to = 253402300800; })}, {"aa", issued_by("ca")}},
     "certificate 'ca': time 253402300800 lies outside of the years 0 to 9999"},
};
INSTANTIATE_TEST_SUITE_P(Mint, MintErrorTest, testing::ValuesIn(kErrors),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(MintLimits, PathOf256IssuersAndNoMore) {
  CertificateRequests requests;
  requests["0"] = issued_by("intermediate");
  for (int i = 1; i <= 256; ++i) requests[std::to_string(i)] = issued_by(std::to_string(i - 1).c_str());
  const auto chains = mint(requests, test::authority(), test::keys());
  EXPECT_EQ(chains.at("256").issuers.size(), 258U);
  requests["257"] = issued_by("256");
  try {
    mint(requests, test::authority(), test::keys());
    FAIL() << "no error";
  } catch (const MintError& error) {
    EXPECT_STREQ(error.what(), "certificate '257': more than 256 issuers stand above it");
  }
}

}  // namespace
}  // namespace mxident::certs
