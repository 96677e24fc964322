#include "harness/offline/offline_check.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <nlohmann/json.hpp>

#include "certs/mint.hpp"
#include "harness/offline/limbo.hpp"
#include "harness/offline/pem_input.hpp"
#include "verifier/apply_rows.hpp"

namespace mxident::harness::cli {
namespace {

constexpr std::int64_t kCheckedAt = 1767225600;

certs::KeyPool& check_keys() {
  static certs::KeyPool pool;
  return pool;
}
const certs::Authority& check_authority() {
  static const certs::Authority made = certs::Authority::make(check_keys());
  return made;
}

certs::Chain minted(const char* cn, const char* dns) {
  certs::CertificateRequest request;
  request.spec.subject = {{{"2.5.4.3", {cn, certs::StringType::utf8}}}};
  if (dns != nullptr) request.spec.san = {{certs::NameType::dns, dns, {}}};
  return certs::mint({{"mx", request}}, check_authority(), check_keys()).at("mx");
}

class OfflineCheck : public testing::Test {
 protected:
  OfflineCheck() {
    trust_.add_der(check_authority().root.der);
    input_.trust = &trust_;
    input_.time = kCheckedAt;
    input_.mx_host = "mx.example.test";
    input_.domain = "example.test";
  }

  PolicyAnswer ask(PolicyId id, const certs::Chain& chain) {
    input_.chain = chain.sends;
    return check_policy(input_, read_presented_names(input_.chain.front()), policy(id));
  }
  CheckDecision decide(PolicyId id, const certs::Chain& chain) { return ask(id, chain).decision; }

  TrustStore trust_;
  CheckInput input_;
};

using enum CheckDecision;

TEST_F(OfflineCheck, PoliciesDifferByWhatTheyDemand) {
  const auto right = minted("x", "mx.example.test"), cn_only = minted("mx.example.test", nullptr);
  const auto domain = minted("x", "example.test");
  EXPECT_EQ(decide(PolicyId::no_tls, right), plaintext);
  for (const auto id : {PolicyId::opportunistic, PolicyId::encrypt, PolicyId::chain_only}) {
    EXPECT_EQ(decide(id, domain), accept);
  }
  EXPECT_EQ(decide(PolicyId::rfc9525, right), accept);
  EXPECT_EQ(decide(PolicyId::rfc9525, cn_only), reject);
  EXPECT_EQ(decide(PolicyId::rfc6125, cn_only), accept);
  EXPECT_EQ(decide(PolicyId::nexthop, right), reject);
  EXPECT_EQ(decide(PolicyId::nexthop, domain), accept);
}

TEST_F(OfflineCheck, AnAnchorThatIsNotSelfSignedIsAskedFor) {
  const auto chain = minted("x", "mx.example.test");
  TrustStore leaf_only;
  leaf_only.add_der(chain.sends.front());
  input_.trust = &leaf_only;
  EXPECT_EQ(decide(PolicyId::rfc9525, chain), reject);
  input_.partial = PartialChain::accept;
  EXPECT_EQ(decide(PolicyId::rfc9525, chain), accept);
  EXPECT_EQ(decide(PolicyId::rfc9525, minted("x", "mx.example.test")), reject)
      << "another certificate is no anchor";
  input_.mx_host = "mx2.example.test";
  EXPECT_EQ(decide(PolicyId::rfc9525, chain), reject) << "a trusted certificate still has to have the name";
}

TEST_F(OfflineCheck, NameNotGiven) {
  input_.domain.clear();
  EXPECT_EQ(decide(PolicyId::nexthop, minted("x", "mx.example.test")), not_asked);
  input_.names = {"mx.example.test"};
  EXPECT_EQ(decide(PolicyId::nexthop, minted("x", "mx.example.test")), accept);
}

TEST_F(OfflineCheck, RefusedReferenceSaysWhy) {
  input_.mx_host = "mx1.example.123";
  const auto answer = ask(PolicyId::rfc9525, minted("x", "mx.example.test"));
  EXPECT_EQ(answer.decision, reject);
  EXPECT_EQ(answer.reason, Reason::reference_numeric);
}

TEST_F(OfflineCheck, WithoutStsPolicyAsOpportunistic) {
  const auto answer = ask(PolicyId::mta_sts, minted("x", "wrong.test"));
  EXPECT_EQ(answer.decision, accept);
  EXPECT_EQ(answer.remark, Reason::sts_none);
}

TEST_F(OfflineCheck, StsModes) {
  input_.sts = StsPolicy{StsMode::enforce, 1, {"*.example.test"}};
  EXPECT_EQ(decide(PolicyId::mta_sts, minted("x", "mx.example.test")), accept);
  EXPECT_EQ(decide(PolicyId::mta_sts, minted("mx.example.test", nullptr)), reject);
  EXPECT_EQ(decide(PolicyId::mta_sts, minted("x", "example.test")), reject);  // D24
  input_.sts->patterns = {"mx.example.net"};
  EXPECT_EQ(ask(PolicyId::mta_sts, minted("x", "mx.example.test")).reason, Reason::sts_mx_not_listed);
  input_.sts->mode = StsMode::testing;
  EXPECT_EQ(decide(PolicyId::mta_sts, minted("x", "wrong.test")), accept);
  input_.sts->mode = StsMode::none;
  EXPECT_EQ(ask(PolicyId::mta_sts, minted("x", "wrong.test")).remark, Reason::sts_mode_none);
}

TEST_F(OfflineCheck, Dane) {
  const auto wrong = minted("x", "wrong.test");
  EXPECT_EQ(ask(PolicyId::dane, wrong).remark, Reason::dane_none);
  input_.tlsa = {{1, 1, 1, std::string(32, 'x')}};
  EXPECT_EQ(ask(PolicyId::dane, wrong).remark, Reason::dane_all_unusable);
  EXPECT_EQ(decide(PolicyId::dane, wrong), accept);
  input_.tlsa = {{3, 1, 1, std::string(32, 'x')}};
  EXPECT_EQ(decide(PolicyId::dane, wrong), reject);
  input_.tlsa = {{3, 0, 0, wrong.leaf.der}};
  EXPECT_EQ(ask(PolicyId::dane, wrong).reason, Reason::dane_ee_match);
  input_.tlsa = {{2, 0, 0, check_authority().root.der}};
  EXPECT_EQ(decide(PolicyId::dane, wrong), reject);
  EXPECT_EQ(decide(PolicyId::dane, minted("x", "example.test")),
            accept);  // the next hop counts with a secure MX
}

TEST_F(OfflineCheck, AKeyIsProvedWithoutAName) {
  const auto chain = minted("x", "wrong.test");
  input_.mx_host.clear();
  input_.domain.clear();
  input_.tlsa = {{3, 0, 0, chain.leaf.der}};
  EXPECT_EQ(ask(PolicyId::dane, chain).reason, Reason::dane_ee_match);
  input_.tlsa = {{2, 0, 0, check_authority().root.der}};
  EXPECT_EQ(decide(PolicyId::dane, chain), not_asked);
}

// What certificates in files can show of the rows: no look-up fails here, and TLS is there.
class AppliedRow : public testing::TestWithParam<test::ApplyRow> {};

TEST_P(AppliedRow, ByFiles) {
  const test::ApplyRow& row = GetParam();
  if (row.tlsa == test::RowTlsa::failed || row.tls == test::RowTls::missing ||
      row.mx == test::RowMx::insecure) {
    GTEST_SKIP() << "files do not show this";
  }
  const auto chain = minted("x", std::string(row.san).c_str());
  TrustStore trust;
  trust.add_der(check_authority().root.der);
  CheckInput input;
  input.chain = chain.sends;
  input.trust = &trust;
  input.time = kCheckedAt;
  input.mx_host = "mx.test";
  input.domain = "d.test";
  const std::string digest(32, 'x');
  if (row.tlsa == test::RowTlsa::unusable) input.tlsa = {{1, 1, 1, digest}};
  if (row.tlsa == test::RowTlsa::other) input.tlsa = {{3, 1, 1, digest}};
  if (row.tlsa == test::RowTlsa::leaf) input.tlsa = {{3, 0, 0, chain.leaf.der}};
  if (row.tlsa == test::RowTlsa::root) input.tlsa = {{2, 0, 0, check_authority().root.der}};
  if (row.sts != test::RowSts::none) {
    const auto mode = row.sts == test::RowSts::enforce   ? StsMode::enforce
                      : row.sts == test::RowSts::testing ? StsMode::testing
                                                         : StsMode::none;
    input.sts = StsPolicy{mode, 86400, {std::string(row.lists)}};
  }
  const auto answer = check_policy(input, read_presented_names(chain.leaf.der), policy(row.asked));
  EXPECT_EQ(to_string(answer.decision), row.decision);
  EXPECT_EQ(to_string(answer.reason), row.reason);
  EXPECT_EQ(answer.remark ? to_string(*answer.remark) : "", row.remark);
}
INSTANTIATE_TEST_SUITE_P(Rows, AppliedRow, testing::ValuesIn(test::apply_rows()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(PemInput, TakesCertificatesAmongOtherBlocks) {
  const std::string pem = "comment\n" + check_authority().root.key.pem() + check_authority().root.pem() +
                          check_authority().intermediate.pem();
  const auto certificates = certificates_from(pem, "chain.pem");
  ASSERT_EQ(certificates.size(), 2U);
  EXPECT_EQ(certificates[0], check_authority().root.der);
  EXPECT_EQ(certificates_from(check_authority().root.der, "chain.der").size(), 1U);
}

TEST(PemInput, FaultsNameFileAndBlock) {
  const auto fault = [](const std::string& text) -> std::string {
    try {
      certificates_from(text, "chain.pem");
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(fault("").find("chain.pem: no certificate found"), std::string::npos);
  const std::string damaged =
      check_authority().root.pem() + "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
  EXPECT_NE(fault(damaged).find("chain.pem: PEM block 2"), std::string::npos) << fault(damaged);
}

nlohmann::json limbo_case(const certs::Chain& chain, const char* peer) {
  return {{"id", "a::b"},
          {"description", ""},
          {"validation_kind", "SERVER"},
          {"trusted_certs", {check_authority().root.pem()}},
          {"untrusted_intermediates", {check_authority().intermediate.pem()}},
          {"peer_certificate", chain.leaf.pem()},
          {"validation_time", "2026-01-01T00:00:00.5Z"},
          {"signature_algorithms", nlohmann::json::array()},
          {"key_usage", nlohmann::json::array()},
          {"extended_key_usage", {"serverAuth"}},
          {"expected_result", "SUCCESS"},
          {"expected_peer_name", {{"kind", "DNS"}, {"value", peer}}},
          {"expected_peer_names", nlohmann::json::array()}};
}

LimboOutcome outcome(const nlohmann::json& testcase) {
  return run_limbo_case(JsonNode(testcase, "limbo.json"), kCheckedAt, Profile::mail).outcome;
}

TEST(Limbo, Outcomes) {
  const auto chain = minted("x", "mx.example.test");
  auto testcase = limbo_case(chain, "mx.example.test");
  EXPECT_EQ(outcome(testcase), LimboOutcome::success);
  EXPECT_EQ(outcome(limbo_case(chain, "mx.example.net")), LimboOutcome::failure);
  testcase["trusted_certs"] = {check_authority().unknown_root.pem()};
  EXPECT_EQ(outcome(testcase), LimboOutcome::failure);
  testcase["validation_kind"] = "CLIENT";
  EXPECT_EQ(outcome(testcase), LimboOutcome::skipped);
  testcase = limbo_case(chain, "mx.example.test");
  testcase["features"] = {"has-crl"};
  EXPECT_EQ(outcome(testcase), LimboOutcome::skipped);
  testcase["features"] = {"max-chain-depth"};
  testcase["max_chain_depth"] = 0;
  EXPECT_EQ(outcome(testcase), LimboOutcome::failure);
  testcase["max_chain_depth"] = 1;
  EXPECT_EQ(outcome(testcase), LimboOutcome::success);
  testcase["validation_time"] = "today";
  EXPECT_THROW(outcome(testcase), InputError);
}

}  // namespace
}  // namespace mxident::harness::cli
