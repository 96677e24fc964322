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

CertificateRequest refused_issue(const char* issuer) {
  auto request = ordinary();
  request.issuer = issuer;
  return request;
}

template <class Change>
CertificateRequest refused_change(Change change) {
  auto request = ordinary();
  change(request);
  return request;
}

const ErrorRow kErrors[] = {
    {"unknown_issuer",
     {{"mx", refused_issue("corp")}, {"other", ordinary()}},
     "certificate 'mx': issuer 'corp' is not known; wanted one of intermediate, root, self, unknown-ca, mx, "
     "other"},
    {"unknown_issuer_further_up",
     {{"mx", refused_issue("sub")}, {"sub", refused_issue("corp")}},
     "certificate 'mx': issuer 'corp' of its issuer 'sub' is not known; wanted one of intermediate, root, "
     "self, "
     "unknown-ca, mx, sub"},
    {"leaf_is_no_issuer",
     {{"mx", refused_issue("leaf")}},
     "certificate 'mx': issuer 'leaf' is not known; wanted one of intermediate, root, self, unknown-ca, mx"},
    {"own_issuer",
     {{"mx", refused_issue("mx")}},
     "certificate 'mx': issuers go in a circle: 'mx' issued by 'mx'; the issuer of a certificate that signs "
     "itself is "
     "self"},
    {"circle",
     {{"a", refused_issue("b")}, {"b", refused_issue("c")}, {"c", refused_issue("b")}},
     "certificate 'a': issuers go in a circle: 'a' issued by 'b' issued by 'c' issued by 'b'; the issuer of "
     "a "
     "certificate that signs itself is self"},
    {"unknown_sent",
     {{"mx", refused_change([](auto& r) {
         r.sends = {{"leaf", "corp"}};
       })}},
     "certificate 'mx': 'corp' in sends is not known; wanted one of leaf, intermediate, root, unknown-ca, "
     "mx"},
    {"reserved_id",
     {{"root", ordinary()}},
     "certificate 'root': this id is a reserved word; wanted another one"},
    {"attribute_oid",
     {{"mx", refused_change([](auto& r) { r.spec.subject = {{test::attribute("cn", "x")}}; })}},
     "certificate 'mx': 'cn' is no object identifier; wanted dotted decimal like 2.5.4.3"},
    {"eku_oid",
     {{"mx", refused_change([](auto& r) { r.spec.extended_key_usage = {{"serverAuth"}}; })}},
     "certificate 'mx': 'serverAuth' is no object identifier; wanted dotted decimal like 2.5.4.3"},
    {"extension_oid",
     {{"mx", refused_change([](auto& r) {
         r.spec.extensions = {{"", false, ""}};
       })}},
     "certificate 'mx': '' is no object identifier; wanted dotted decimal like 2.5.4.3"},
    {"rid",
     {{"mx", refused_change([](auto& r) {
         r.spec.san = {{{NameType::rid, "3.1", {}}}};
       })}},
     "certificate 'mx': '3.1' is no object identifier; wanted dotted decimal like 2.5.4.3"},
    {"fault_of_an_issuer_is_told_of_the_issuer",
     {{"ca", refused_change([](auto& r) { r.spec.validity.to = 253402300800; })},
      {"aa", refused_issue("ca")}},
     "certificate 'ca': time 253402300800 lies outside of the years 0 to 9999"},
};
INSTANTIATE_TEST_SUITE_P(Mint, MintErrorTest, testing::ValuesIn(kErrors),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(MintLimits, PathOf256IssuersAndNoMore) {
  CertificateRequests requests;
  requests["0"] = refused_issue("intermediate");
  for (int i = 1; i <= 256; ++i) requests[std::to_string(i)] = refused_issue(std::to_string(i - 1).c_str());
  const auto chains = mint(requests, test::authority(), test::keys());
  EXPECT_EQ(chains.at("256").issuers.size(), 258U);
  requests["257"] = refused_issue("256");
  try {
    mint(requests, test::authority(), test::keys());
    FAIL() << "no error";
  } catch (const MintError& error) {
    EXPECT_STREQ(error.what(), "certificate '257': more than 256 issuers stand above it");
  }
}

}  // namespace
}  // namespace mxident::certs
