#include "harness/driver/says.hpp"

#include <gtest/gtest.h>

namespace mxident::harness {
namespace {

Says example() {
  Says says;
  says.verified = {"Verified", {}};
  says.rejected = {"", {60}};
  says.layers["chain"] = {{"code: 0", {}}, {"num=(?!62)", {}}};
  return says;
}

TEST(Said, RejectionOutranksAClaim) {
  EXPECT_EQ(said(example(), {"Verified", 0}), "verified");
  EXPECT_EQ(said(example(), {"Verified", 60}), "rejected");
  EXPECT_EQ(said(example(), {"nothing", 1}), "");
}

TEST(SaidLayer, FailedOutranksOk) {
  EXPECT_EQ(said_layer(example(), "chain", {"code: 0", 0}), LayerState::ok);
  EXPECT_EQ(said_layer(example(), "chain", {"num=20 code: 0", 0}), LayerState::failed);
  EXPECT_EQ(said_layer(example(), "chain", {"num=62 code: 0", 0}), LayerState::ok);
  EXPECT_EQ(said_layer(example(), "chain", {"", 0}), LayerState::unknown);
  EXPECT_EQ(said_layer(example(), "name", {"code: 0", 0}), LayerState::unknown);
}

TEST(Holds, CostlyPatternOnHostileOutputEnds) {
  const std::string output(200000, 'a');
  EXPECT_FALSE(holds({"(a*)*b(a*)*c", {}}, {output, 0}));
}

TEST(FirstGroup, VersionOfAProgram) {
  EXPECT_EQ(first_group("OpenSSL ([0-9.]+)", "OpenSSL 3.0.22 25 Aug"), "3.0.22");
  EXPECT_EQ(first_group("OpenSSL ([0-9.]+)", "LibreSSL"), "");
}

}  // namespace
}  // namespace mxident::harness
