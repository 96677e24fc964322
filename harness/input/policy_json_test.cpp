#include "harness/input/policy_json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mxident::harness {
namespace {

std::string fault(const std::string& text) {
  try {
    const auto json = parse_json(text, "p.json");
    policy_from_json(JsonNode(json, "p.json"));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(PolicyJson, NamedAndRefined) {
  const auto json = parse_json(
      R"({"base":"rfc6125","partial_wildcards":"allow","chain":"not-checked","labels_after_wildcard":1,"profile":"webpki"})",
      "p.json");
  const Policy policy = policy_from_json(JsonNode(json, "p.json"));
  EXPECT_EQ(policy.id, PolicyId::rfc6125);
  EXPECT_EQ(policy.rules.partial_wildcards, Switch::on);
  EXPECT_EQ(policy.chain, ChainDemand::not_checked);
  EXPECT_EQ(policy.rules.labels_after_wildcard, 1u);
  EXPECT_EQ(policy.profile, Profile::webpki);
  EXPECT_EQ(mxident::policy(PolicyId::rfc6125).profile, Profile::mail);
  EXPECT_EQ(policy.rules.common_name, mxident::policy(PolicyId::rfc6125).rules.common_name);
}

TEST(PolicyJson, FaultsNameThePlace) {
  EXPECT_EQ(fault(R"("rfc9525")"), "");
  EXPECT_NE(fault(R"("rfc9526")").find("did you mean \"rfc9525\"?"), std::string::npos);
  EXPECT_NE(fault(R"({"base":"rfc9525","underscore":"yes"})")
                .find("p.json: /underscore: found \"yes\", wanted one of allow, forbid"),
            std::string::npos);
  EXPECT_NE(fault(R"({"base":"rfc9525","profile":"web"})")
                .find("p.json: /profile: found \"web\", wanted one of mail, strict, webpki"),
            std::string::npos);
  EXPECT_NE(fault(R"({"base":"rfc9525","wildcard":"allow"})").find("did you mean \"wildcards\"?"),
            std::string::npos);
  EXPECT_NE(fault(R"({"underscore":"allow"})").find("the key \"base\" is missing"), std::string::npos);
}

}  // namespace
}  // namespace mxident::harness
