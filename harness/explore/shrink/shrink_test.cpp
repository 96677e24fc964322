#include "harness/explore/shrink/shrink.hpp"

#include <gtest/gtest.h>

#include "harness/catalogue/load.hpp"

namespace mxident::harness {
namespace {

ScenarioDocument odd_scenario() {
  return ScenarioDocument::parse(R"({
    "id": "matrix/odd", "title": "Odd", "sources": [{"ref": "RFC 9525 6.3"}], "domain": "m0123456.test",
    "certificates": {"mx": {"subject": [{"o": "Example"}, {"cn": "mx1.m0123456.test"}], "validity": "ok",
                            "san": [{"dns": "mail.other.test"}, {"dns": "m*1.m0123456.test"}, {"uri": "https://x.test/"}]}},
    "servers": {"mx1.m0123456.test": {"certificate": "mx", "starttls": "offered", "ehlo": "elsewhere.test", "tls_max": "1.2"}},
    "dns": ["m0123456.test. MX 10 mx1.m0123456.test."]})");
}

/// The fault of a client that takes any dNSName with a star in its first label.
bool has_a_partial_star(const ScenarioDocument& document) {
  const LoadResult loaded = parse_scenario(document.dump(), "(candidate)");
  if (!loaded.scenario) return false;
  const auto mx = loaded.scenario->certificates.find("mx");
  if (mx == loaded.scenario->certificates.end() || !mx->second.spec.san) return false;
  for (const auto& name : *mx->second.spec.san) {
    const std::string label = name.value.substr(0, name.value.find('.'));
    if (name.type == certs::NameType::dns && label.size() > 1 && label.find('*') != std::string::npos)
      return true;
  }
  return false;
}

std::vector<bool> ask(const std::vector<ScenarioDocument>& candidates) {
  std::vector<bool> out;
  for (const auto& candidate : candidates) out.push_back(has_a_partial_star(candidate));
  return out;
}

TEST(Shrink, LeavesWhatTheFaultNeeds) {
  const Shrunk shrunk = shrink(odd_scenario(), ask);
  EXPECT_TRUE(has_a_partial_star(shrunk.document)) << shrunk.document.dump(2);
  const auto& certificate = shrunk.document["certificates"]["mx"];
  EXPECT_EQ(certificate["san"].size(), 1u);
  EXPECT_EQ(certificate["san"][0]["dns"].get<std::string>().size(), 2u) << certificate.dump();
  EXPECT_FALSE(certificate.contains("validity"));
  EXPECT_EQ(shrunk.document["servers"].begin().value(), ScenarioDocument({{"certificate", "mx"}}));
  EXPECT_GT(shrunk.steps, 5u);
}

TEST(Shrink, TheSameAgain) {
  EXPECT_EQ(shrink(odd_scenario(), ask).document, shrink(odd_scenario(), ask).document);
}

TEST(Shrink, NothingToTakeAwayIsNoStep) {
  const auto never = [](const std::vector<ScenarioDocument>& candidates) {
    return std::vector<bool>(candidates.size(), false);
  };
  const Shrunk shrunk = shrink(odd_scenario(), never);
  EXPECT_EQ(shrunk.steps, 0u);
  EXPECT_EQ(shrunk.document, odd_scenario());
}

TEST(Shrink, IsBounded) {
  std::size_t asked = 0;
  ScenarioDocument document = odd_scenario();
  for (int i = 0; i < 300; ++i)
    document["certificates"]["mx"]["san"].push_back({{"dns", "name-" + std::to_string(i) + ".example.test"}});
  const auto never = [&](const std::vector<ScenarioDocument>& candidates) {
    asked += candidates.size();
    return std::vector<bool>(candidates.size(), false);
  };
  shrink(document, never);
  EXPECT_LE(asked, kMaxShrinkTrials + kShrinkBatch);
}

TEST(Reductions, OctetsThatAreNoTextStayHex) {
  ScenarioDocument document = odd_scenario();
  document["certificates"]["mx"]["san"] =
      ScenarioDocument::parse(R"([{"dns": {"hex": "6d80780a2e74657374"}}])");
  bool found = false;
  for (const auto& candidate : reductions_of(document)) {
    if (!candidate["certificates"].contains("mx")) continue;
    const auto& san = candidate["certificates"]["mx"].value("san", ScenarioDocument::array());
    if (san.size() == 1 && san[0]["dns"].is_object() && san[0]["dns"]["hex"] == "80780a2e74657374")
      found = true;
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace mxident::harness
