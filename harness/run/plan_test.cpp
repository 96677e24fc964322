#include "harness/run/plan.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/catalogue/load.hpp"

namespace mxident::harness {
namespace {

/// A common name of another encoding, which the oracle cannot see: by hand the question is open.
Scenario scenario_with(const std::string& starttls) {
  nlohmann::json json = nlohmann::json::parse(R"({
    "id": "a/cn", "title": "CN", "sources": [{"ref": "RFC 6125 6.4.4"}], "domain": "cn.test",
    "certificates": {"mx": {"subject": [{"cn": {"value": "mx1.cn.test", "encoding": "ia5"}}]}},
    "servers": {"mx1.cn.test": {"certificate": "mx"}}, "dns": ["cn.test. MX 10 mx1.cn.test."],
    "expect": {"rfc6125": "either", "rfc9525": "reject"}})");
  json["servers"]["mx1.cn.test"]["starttls"] = starttls;
  LoadResult loaded = parse_scenario(json.dump(), "(test)");
  if (!loaded.scenario) throw std::logic_error(loaded.errors.front().text());
  return std::move(*loaded.scenario);
}

std::optional<Expected> expected(const Scenario& scenario, const ClientMode& mode) {
  Client client;
  const ClientColumn column{&client, &mode, ""};
  return expected_of(scenario, column, "mx1.cn.test", 1750000000);
}

ClientMode refined_in_tls() {
  ClientMode mode;
  mode.policy = policy(PolicyId::rfc6125);
  mode.policy.tls = TlsDemand::if_offered;
  mode.refined = mode.refined_in_tls_only = true;
  return mode;
}

TEST(ExpectedOf, ARefinementOfTlsAloneKeepsTheHandWhereTlsIsOffered) {
  EXPECT_EQ(expected(scenario_with("offered"), refined_in_tls()), Expected::either);
}

TEST(ExpectedOf, WhereTlsIsHiddenItIsTheOracles) {
  EXPECT_EQ(expected(scenario_with("hidden"), refined_in_tls()), Expected::plaintext);
}

TEST(ExpectedOf, ARefinementOfNamesIsTheOracles) {
  ClientMode mode = refined_in_tls();
  mode.refined_in_tls_only = false;
  mode.policy.rules.common_name = CommonNameUse::never;
  EXPECT_EQ(expected(scenario_with("offered"), mode), Expected::reject);
}

TEST(ExpectedOf, WhatIsLeftOpenStaysOpenWhereTheRefinementDoesNotDecideIt) {
  ClientMode mode = refined_in_tls();
  mode.refined_in_tls_only = false;
  mode.policy = policy(PolicyId::rfc6125);
  mode.policy.rules.partial_wildcards = Switch::on;
  EXPECT_EQ(expected(scenario_with("offered"), mode), Expected::either);
}

TEST(Repeated, WhatCannotRunStaysOnce) {
  Plan plan;
  plan.cells.resize(2);
  plan.cells[1].unsupported = "cannot";
  EXPECT_EQ(repeated(plan, 3).cells.size(), 4u);
}

}  // namespace
}  // namespace mxident::harness
