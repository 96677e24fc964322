#include "harness/run/sanity.hpp"

#include <gtest/gtest.h>

namespace mxident::harness {
namespace {

SanityCell cell(const char* scenario, Outcome outcome, Decision decision) {
  return {scenario, outcome, decision, "", "last line\n", 0};
}

TEST(SanityScenarios, AllLoad) {
  EXPECT_EQ(sanity_scenarios().size(), 6u);
}

TEST(Assess, SoundVerifier) {
  const Sanity sanity = assess({cell("sanity/host-right", Outcome::pass, Decision::accept),
                                cell("sanity/host-wrong-chain", Outcome::pass, Decision::reject),
                                cell("sanity/host-wrong-name", Outcome::pass, Decision::reject)});
  EXPECT_EQ(sanity.broken, "");
  EXPECT_EQ(sanity.name, LayerState::unknown);
  EXPECT_EQ(sanity.chain, LayerState::unknown);
}

TEST(Assess, EncryptOnlyChecksNothing) {
  const Sanity sanity = assess({cell("sanity/host-right", Outcome::pass, Decision::accept),
                                cell("sanity/host-wrong-chain", Outcome::pass, Decision::accept),
                                cell("sanity/host-wrong-name", Outcome::pass, Decision::accept)});
  EXPECT_EQ(sanity.broken, "");
  EXPECT_EQ(sanity.name, LayerState::not_checked);
  EXPECT_EQ(sanity.chain, LayerState::not_checked);
}

TEST(Assess, RefusesTheRightServer) {
  const Sanity sanity = assess({cell("sanity/host-right", Outcome::strict, Decision::reject)});
  EXPECT_EQ(sanity.broken, "broken set-up: sanity/host-right gave strict: last line");
}

TEST(Assess, CpuTimeIsTheMeanOfWhatRan) {
  std::vector<SanityCell> cells = {cell("sanity/host-right", Outcome::pass, Decision::accept),
                                   cell("sanity/address-right", Outcome::unsupported, Decision::none),
                                   cell("sanity/host-wrong-name", Outcome::pass, Decision::reject)};
  cells[0].cpu_ms = 10;
  cells[2].cpu_ms = 30;
  EXPECT_DOUBLE_EQ(assess(cells).cpu_ms, 20);
}

TEST(Assess, NothingRan) {
  EXPECT_NE(assess({}).broken, "");
}

}  // namespace
}  // namespace mxident::harness
