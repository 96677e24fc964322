#include "harness/analysis/repetitions.hpp"

#include <gtest/gtest.h>

namespace mxident::harness {
namespace {

CellResult result(Outcome outcome, Decision decision) {
  CellResult out;
  out.scenario = "a/b";
  out.client = "acme";
  out.mode = "tls";
  out.outcome = outcome;
  out.decision = decision;
  return out;
}

CellResult other(Outcome outcome, Decision decision) {
  CellResult out = result(outcome, decision);
  out.mode = "clear";
  return out;
}

TEST(Repetitions, ACellThatDiffersIsNamedWithItsEndings) {
  Repetitions repetitions;
  EXPECT_TRUE(repetitions.first(result(Outcome::pass, Decision::reject)));
  EXPECT_FALSE(repetitions.first(result(Outcome::hang, Decision::reject)));
  EXPECT_FALSE(repetitions.first(result(Outcome::pass, Decision::reject)));
  EXPECT_TRUE(repetitions.first(other(Outcome::pass, Decision::accept)));
  EXPECT_FALSE(repetitions.first(other(Outcome::pass, Decision::accept)));
  const auto lines = repetitions.differing();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].substr(0, 38), "acme tls a/b: 1 x hang (reject), no Cl");
  EXPECT_NE(lines[0].find("; 2 x pass (reject)"), std::string::npos);
}

TEST(Repetitions, AnAddressAsSniIsEachCellsOwn) {
  Repetitions repetitions;
  for (const char* address : {"127.0.1.1", "fd6d:7864::2"}) {
    CellResult r = result(Outcome::pass, Decision::reject);
    r.sni = address;
    repetitions.first(r);
  }
  EXPECT_TRUE(repetitions.differing().empty());
  CellResult named = result(Outcome::pass, Decision::reject);
  named.sni = "mx.a.test";
  repetitions.first(named);
  EXPECT_EQ(repetitions.differing().size(), 1u);
}

}  // namespace
}  // namespace mxident::harness
