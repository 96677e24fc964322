#include "harness/run/sanity.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "harness/scenario/presented_names.hpp"

namespace mxident::harness {
namespace {

SanityCell cell(std::string scenario, Outcome outcome, std::optional<Decision> decision,
                std::string note = "") {
  return {"sanity/" + scenario, outcome, decision, std::move(note), "last line\n", 0};
}
SanityCell died(std::string scenario, LayerState connect) {
  SanityCell out = cell(scenario, Outcome::crash, Decision::none, "the client was ended by signal 11");
  out.connect = connect;
  return out;
}
SanityCell passed(std::string scenario) {
  return cell(scenario, Outcome::pass, scenario.ends_with("right") ? Decision::accept : Decision::reject);
}
const SanityCell kLeftOut =
    cell("address-right", Outcome::unsupported, std::nullopt, "takes no address literal");

ClientMode strict_mode() {
  ClientMode mode;
  mode.policy = policy(PolicyId::rfc9525);
  mode.states_takes = true;
  return mode;
}

TEST(SanityScenarios, AllLoad) {
  EXPECT_EQ(sanity_scenarios().size(), 6u);
}

struct Row {
  const char* name;
  std::vector<SanityCell> cells;
  const char* broken;  // begins so; empty: is empty
  const char* headline;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

const Row kRows[] = {
    {"sound", {passed("host-right"), passed("host-wrong-chain"), passed("host-wrong-name")}, "", ""},
    {"nothing_ran", {}, "broken set-up: no sanity scenario could be tried", ""},
    {"connects_nowhere",
     {kLeftOut, cell("host-right", Outcome::unsupported, Decision::none, "the client made no connection")},
     "broken set-up: sanity/host-right gave unsupported (the client made no connection): last line",
     ""},
    {"is_not_there",
     {cell("host-right", Outcome::harness_error, std::nullopt, "the client did not start: no such file")},
     "broken set-up: sanity/host-right gave harness-error (the client did not start: no such file)",
     ""},
    {"hangs_without_a_connection",
     {cell("host-right", Outcome::hang, Decision::none, "the client was still running at its deadline")},
     "broken set-up: sanity/host-right gave hang",
     ""},
    {"checks_no_name",
     {passed("host-right"), passed("host-wrong-chain"),
      cell("host-wrong-name", Outcome::lax, Decision::accept)},
     "",
     "claims rfc9525 and checks no name"},
    {"checks_no_chain",
     {passed("host-right"), cell("host-wrong-chain", Outcome::lax, Decision::accept),
      passed("host-wrong-name")},
     "",
     "claims rfc9525 and checks no chain"},
    {"checks_nothing",
     {passed("host-right"), cell("host-wrong-chain", Outcome::lax, Decision::accept),
      cell("host-wrong-name", Outcome::lax, Decision::accept)},
     "",
     "claims rfc9525 and checks neither chain nor name"},
    {"refuses_everybody",
     {cell("host-right", Outcome::strict, Decision::reject), passed("host-wrong-chain"),
      passed("host-wrong-name")},
     "",
     "claims rfc9525 and refuses a right server"},
    {"sends_in_clear",
     {passed("host-right"), cell("host-wrong-chain", Outcome::downgrade, Decision::plaintext)},
     "",
     "claims rfc9525 and sends in clear"},
    {"hangs_on_a_mismatch",
     {passed("host-right"), cell("host-wrong-name", Outcome::hang, Decision::reject)},
     "",
     "claims rfc9525 and hangs"},
    {"dies_before_it_connects",
     {died("host-right", LayerState::not_reached)},
     "broken set-up: sanity/host-right gave crash",
     ""},
    {"dies_of_an_address_literal",
     {passed("host-right"), died("address-right", LayerState::ok)},
     "",
     "claims rfc9525 and crashes with address literals"},
    {"address_literals_only",
     {passed("host-right"), cell("address-wrong-name", Outcome::lax, Decision::accept)},
     "",
     "claims rfc9525 and checks no name with address literals"},
};

class Assess : public testing::TestWithParam<Row> {};

TEST_P(Assess, SaysWhatCanBeTriedAndWhatIsAFinding) {
  const Row& row = GetParam();
  const Sanity got = assess(row.cells, strict_mode());
  EXPECT_EQ(got.broken.substr(0, std::string(row.broken).size()), row.broken);
  EXPECT_EQ(got.broken.empty(), std::string(row.broken).empty()) << got.broken;
  EXPECT_EQ(got.headline, row.headline);
}
INSTANTIATE_TEST_SUITE_P(Rows, Assess, testing::ValuesIn(kRows), [](const auto& i) { return i.param.name; });

TEST(Sanity, AFaultWithAnAddressLiteralIsOneOfAddressCells) {
  const Sanity got = assess(
      {passed("host-right"), cell("address-right", Outcome::unsupported, Decision::none)}, strict_mode());
  EXPECT_EQ(got.broken, "");
  EXPECT_EQ(got.hosts.broken, "");
  EXPECT_NE(got.addresses.broken, "");
}

/// Who takes a common name beside a SAN does check names.
TEST(Sanity, TheHostOfAWrongNameStandsNowhereInTheCertificate) {
  const auto scenarios = sanity_scenarios();
  const auto found = std::find_if(scenarios.begin(), scenarios.end(),
                                  [](const auto& s) { return s.id == "sanity/host-wrong-name"; });
  ASSERT_NE(found, scenarios.end());
  const std::string& host = found->servers.front().spec.host;
  for (const auto& name : names_of(found->certificates.at("mx").spec))
    EXPECT_EQ(name.find(host), std::string::npos) << name;
}

TEST(Sanity, AModeWithoutTakesGetsAHint) {
  ClientMode mode = strict_mode();
  mode.states_takes = false;
  const Sanity got = assess({cell("host-right", Outcome::unsupported, Decision::none)}, mode);
  EXPECT_NE(got.broken.find("states no \"takes\""), std::string::npos) << got.broken;
}

TEST(Sanity, EncryptOnlyChecksNothingAndClaimsNothing) {
  ClientMode mode = strict_mode();
  mode.policy = policy(PolicyId::encrypt);
  const Sanity got = assess({passed("host-right"), cell("host-wrong-chain", Outcome::pass, Decision::accept),
                             cell("host-wrong-name", Outcome::pass, Decision::accept)},
                            mode);
  EXPECT_EQ(got.headline, "");
  EXPECT_EQ(got.hosts.name, LayerState::not_checked);
  EXPECT_EQ(got.hosts.chain, LayerState::not_checked);
  EXPECT_EQ(got.addresses.name, LayerState::unknown);
}

TEST(Sanity, CpuTimeIsTheMeanOfWhatRan) {
  std::vector<SanityCell> cells = {passed("host-right"), kLeftOut, passed("host-wrong-name")};
  cells[0].cpu_ms = 10;
  cells[2].cpu_ms = 30;
  EXPECT_DOUBLE_EQ(assess(cells, strict_mode()).cpu_ms, 20);
}

}  // namespace
}  // namespace mxident::harness
