// The rows of the name rules once more, now in minted certificates, and the same certificates through
// X509_check_host: where libcrypto answers otherwise, the difference stands in a reviewed list.
#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <string>

#include "certs/mint.hpp"
#include "verifier/match_rows.hpp"
#include "verifier/openssl_ptr.hpp"

namespace mxident::test {
namespace {

certs::KeyPool& keys() {
  static certs::KeyPool pool;
  return pool;
}

std::string mint_row(const MatchRow& row) {
  static const certs::Authority authority = certs::Authority::make(keys());
  certs::CertificateRequest request;
  bool shares = false;
  for (const auto& entry : row_entries(row.certificate)) {
    if (entry.type == "cn" || entry.type == "cn+cn") {
      if (!shares) request.spec.subject.emplace_back();
      request.spec.subject.back().push_back({"2.5.4.3", {entry.value, certs::StringType::utf8}});
      shares = entry.type == "cn+cn";
      continue;
    }
    if (!request.spec.san) request.spec.san.emplace();
    if (entry.type == "san") continue;
    certs::GeneralName name;
    name.type = entry.type == "dns"   ? certs::NameType::dns
                : entry.type == "ip"  ? certs::NameType::ip
                : entry.type == "uri" ? certs::NameType::uri
                : entry.type == "srv" ? certs::NameType::srv
                                      : certs::NameType::email;
    name.value = entry.value;
    request.spec.san->push_back(name);
  }
  return certs::mint({{"mx", request}}, authority, keys()).at("mx").leaf.der;
}

class MintedTest : public testing::TestWithParam<MatchRow> {};

TEST_P(MintedTest, Certificate) {
  const MatchRow& row = GetParam();
  const auto names = read_presented_names(mint_row(row));
  ASSERT_TRUE(names);
  const MatchResult result = judge(row, *names);
  EXPECT_EQ(to_string(result.reason), to_string(row.reason)) << result.presented;
}

// Rows where X509_check_host under libcrypto's nearest flags gives another verdict than rfc9525, and why.
struct Difference {
  std::string_view row;
  std::string_view why;
};
constexpr std::array kIntended{
    Difference{"underscore_wildcard", "D9: a wildcard stands for a label with an underscore, too"},
    Difference{"hyphen_edge_wildcard", "D10: a label with a hyphen at its edge has to be spelt out"},
};

// libcrypto has no such rules as the other policies, and is not asked about references that we refuse.
std::vector<MatchRow> comparable_rows() {
  std::vector<MatchRow> rows;
  for (const auto& row : match_rows()) {
    const auto made = make_reference(row.reference, ReferenceOrigin::configured, policy(row.policy).rules);
    if (row.policy == PolicyId::rfc9525 && row.refine == nullptr && made.reference) rows.push_back(row);
  }
  return rows;
}

class LibcryptoTest : public testing::TestWithParam<MatchRow> {};

TEST_P(LibcryptoTest, Agrees) {
  const MatchRow& row = GetParam();
  const auto reference =
      make_reference(row.reference, ReferenceOrigin::configured, policy(row.policy).rules).reference.value();
  const X509Ptr certificate = parse_x509(mint_row(row));
  ASSERT_NE(certificate, nullptr);
  int status = 0;
  if (reference.type == ReferenceType::ip) {
    const auto* octets = reinterpret_cast<const unsigned char*>(reference.octets.data());
    status = X509_check_ip(certificate.get(), octets, reference.octets.size(), 0);
  } else {
    status =
        X509_check_host(certificate.get(), reference.domain.data(), reference.domain.size(),
                        X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr);
  }
  const bool intended =
      std::any_of(kIntended.begin(), kIntended.end(), [&](const auto& d) { return d.row == row.name; });
  EXPECT_EQ(status == 1, is_match(row.reason) != intended);
}

INSTANTIATE_TEST_SUITE_P(Rules, LibcryptoTest, testing::ValuesIn(comparable_rows()),
                         [](const auto& row) { return std::string(row.param.name); });

INSTANTIATE_TEST_SUITE_P(Rules, MintedTest, testing::ValuesIn(match_rows().begin(), match_rows().end()),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace mxident::test
