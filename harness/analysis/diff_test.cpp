#include "harness/analysis/diff.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mxident::harness {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A run of one mode, from "SCENARIO: OUTCOME" in a few words.
struct OneMode {
  RunDigest digest;
  explicit OneMode(const char* version = "1.0", const char* package = "1") {
    RunHeader header;
    Column column;
    column.client = "acme";
    column.mode = "tls";
    column.version = version;
    column.packages = {{"libssl3", package}};
    header.columns = {column};
    digest.begin(header);
  }
  OneMode& cell(const char* scenario, Outcome outcome, Expected expected = Expected::reject,
                const char* digest_text = "d") {
    ScenarioRecord record;
    record.id = scenario;
    record.digest = digest_text;
    record.rules = {"nul-byte"};
    digest.scenario(record);
    CellResult result;
    result.scenario = scenario;
    result.client = "acme";
    result.mode = "tls";
    result.outcome = outcome;
    result.expected = expected;
    const bool accepts = (outcome == Outcome::pass) == (expected == Expected::accept);
    result.decision = accepts ? Decision::accept : Decision::reject;
    result.reproduce = std::string("mxident run '") + scenario + "' --client acme:tls";
    digest.cell(result);
    return *this;
  }
};

struct DiffRow {
  const char* name;
  Outcome before, after;
  std::optional<Change> change;
};
void PrintTo(const DiffRow& row, std::ostream* out) {
  *out << row.name;
}
class OneCell : public testing::TestWithParam<DiffRow> {};

TEST_P(OneCell, IsRanked) {
  const RunDiff got =
      diff(OneMode().cell("a/b", GetParam().before).digest, OneMode().cell("a/b", GetParam().after).digest);
  EXPECT_EQ(got.has_news(), GetParam().change.has_value());
  if (GetParam().change) {
    ASSERT_EQ(got.modes.size(), 1u);
    ASSERT_EQ(got.modes[0].cells.size(), 1u);
    EXPECT_EQ(got.modes[0].cells[0].change, *GetParam().change);
  } else {
    EXPECT_EQ(got.same, 1u);
  }
}

const DiffRow kDiffRows[] = {
    {"pass_to_pass", Outcome::pass, Outcome::pass, std::nullopt},
    {"lax_to_lax", Outcome::lax, Outcome::lax, std::nullopt},
    {"pass_to_lax", Outcome::pass, Outcome::lax, Change::regressed},
    {"pass_to_unsupported", Outcome::pass, Outcome::unsupported, Change::regressed},
    {"strict_to_lax", Outcome::strict, Outcome::lax, Change::regressed},
    {"lax_to_downgrade", Outcome::lax, Outcome::downgrade, Change::regressed},
    {"lax_to_pass", Outcome::lax, Outcome::pass, Change::improved},
    {"crash_to_strict", Outcome::crash, Outcome::strict, Change::improved},
    {"hang_to_crash_is_no_regression", Outcome::hang, Outcome::crash, Change::changed},
    {"pass_to_either", Outcome::pass, Outcome::either, Change::changed},
};
INSTANTIATE_TEST_SUITE_P(Table, OneCell, testing::ValuesIn(kDiffRows),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(Diff, NewAndRemovedScenariosAreNeverRegressions) {
  const RunDiff got = diff(OneMode().cell("a/old", Outcome::pass).cell("a/both", Outcome::pass).digest,
                           OneMode().cell("a/new", Outcome::lax).cell("a/both", Outcome::pass).digest);
  EXPECT_FALSE(got.has_news());
  EXPECT_THAT(got.scenarios_added, ElementsAre("a/new"));
  EXPECT_THAT(got.scenarios_gone, ElementsAre("a/old"));
  EXPECT_EQ(got.added, 1u);
  EXPECT_EQ(got.gone, 1u);
}

TEST(Diff, AChangedScenarioIsNoNewsOfTheClient) {
  const RunDiff got = diff(OneMode().cell("a/b", Outcome::pass).digest,
                           OneMode().cell("a/b", Outcome::lax, Expected::reject, "other").digest);
  EXPECT_FALSE(got.has_news());
  EXPECT_THAT(got.scenarios_changed, ElementsAre("a/b"));
  EXPECT_THAT(diff_text(got), HasSubstr("scenario changed, too: a/b: pass -> lax"));
}

TEST(Diff, BehavioursStandBeforeCells) {
  const RunDiff got = diff(OneMode("1.0", "1").cell("a/nul", Outcome::lax).digest,
                           OneMode("1.1", "2").cell("a/nul", Outcome::pass).digest);
  const std::string text = diff_text(got);
  EXPECT_THAT(text, HasSubstr("acme tls: 1.0 -> 1.1; package changed: libssl3 1 -> 2\n"
                              "  no longer  reads a name only up to its first NUL octet\n"
                              "  improved   a/nul: lax (accept) -> pass (reject)\n"));
  EXPECT_THAT(diff_json(got), HasSubstr("\"improved\": 1"));
}

TEST(Diff, SaysBehavioursOfAllModesOnce) {
  const RunDiff got = diff(OneMode("1.0", "1").cell("a/nul", Outcome::lax).digest,
                           OneMode("1.1", "2").cell("a/nul", Outcome::pass).digest);
  EXPECT_THAT(diff_text(got),
              testing::StartsWith("acme 1.1 no longer reads a name only up to its first NUL octet (tls)\n"
                                  "package changed: libssl3 1 -> 2 (acme)\n\n"));
}

TEST(Diff, ACellKeepsItsCommand) {
  OneMode before, after;
  before.cell("a/b", Outcome::pass).cell("a/c", Outcome::pass);
  after.cell("a/b", Outcome::lax).cell("a/c", Outcome::lax);
  const RunDiff got = diff(before.digest, after.digest);
  ASSERT_EQ(got.modes.size(), 1u);
  ASSERT_EQ(got.modes[0].cells.size(), 2u);
  EXPECT_EQ(got.modes[0].cells[1].reproduce, "mxident run 'a/c' --client acme:tls");
}

TEST(History, TellsAClientFromRunToRun) {
  History history;
  const OneMode one = OneMode("1.0").cell("a/nul", Outcome::lax),
                two = OneMode("1.1").cell("a/nul", Outcome::pass),
                three = OneMode("1.2").cell("a/nul", Outcome::pass);
  history.runs = {
      {"1.ndjson", {{"acme", "1.0"}}}, {"2.ndjson", {{"acme", "1.1"}}}, {"3.ndjson", {{"acme", "1.2"}}}};
  history.steps = {diff(one.digest, two.digest), diff(two.digest, three.digest)};
  EXPECT_FALSE(history.has_news()) << "what was before the last step is known";
  EXPECT_THAT(history_text(history),
              HasSubstr("acme\n  run 1  1.0\n  run 2  1.1: 1 improved\n"
                        "         acme 1.1 no longer reads a name only up to its first NUL octet (tls)\n"
                        "  run 3  1.2\n"));
  EXPECT_THAT(history_json(history), HasSubstr("mxident-history/1"));
}

TEST(Diff, AnotherPackageAloneIsSaidAndNoNews) {
  const RunDiff got = diff(OneMode("1.0", "1").cell("a/b", Outcome::pass).digest,
                           OneMode("1.0", "2").cell("a/b", Outcome::pass).digest);
  EXPECT_FALSE(got.has_news());
  EXPECT_THAT(diff_text(got), HasSubstr("package changed: libssl3 1 -> 2"));
}

TEST(Diff, OfARunWithItselfSaysNothing) {
  const OneMode run = OneMode().cell("a/b", Outcome::lax);
  const RunDiff got = diff(run.digest, run.digest);
  EXPECT_THAT(got.modes, IsEmpty());
  EXPECT_EQ(diff_text(got), "0 regressed, 0 changed, 0 improved; 1 the same, 0 added, 0 gone\n");
}

}  // namespace
}  // namespace mxident::harness
