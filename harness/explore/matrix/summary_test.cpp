// The summary: counts by family, faults by shape with their slots.
#include "harness/explore/matrix/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/explore/matrix/select.hpp"

namespace mxident::harness::matrix {
namespace {

using testing::HasSubstr;

CellResult result(const Cell& cell, Outcome outcome) {
  CellResult out;
  out.scenario = id_of(cell);
  out.client = "acme";
  out.mode = "default";
  out.outcome = outcome;
  out.reproduce = "mxident run --matrix all --cell '" + out.scenario + "'";
  return out;
}

TEST(MatrixSummary, GathersFaultsByShapeAndSlot) {
  const auto cells =
      list_cells(parse_spec(R"({"products": [{"shapes": ["exact", "star-for-two"], "slots": ["dns", "cn"],
    "references": ["four-labels"], "servers": ["offered"], "chains": ["good"]}]})",
                            "x"),
                 {})
          .cells;
  ASSERT_EQ(cells.size(), 4u);
  Summary summary;
  for (const auto& cell : cells) {
    const bool odd = value_of(Dimension::shape, cell[Dimension::shape]).name == "star-for-two";
    summary.add(cell, result(cell, odd ? Outcome::lax : Outcome::pass));
  }
  const std::string text = summary.text();
  EXPECT_THAT(text, HasSubstr("acme default"));
  EXPECT_THAT(text, testing::ContainsRegex("name +2 +0"));
  EXPECT_THAT(text, testing::ContainsRegex("wildcard +0 +2"));
  EXPECT_THAT(text, HasSubstr("star-for-two"));
  EXPECT_THAT(text, HasSubstr("2 cells: dns, cn"));
  EXPECT_THAT(text, HasSubstr("--cell 'matrix/star-for-two/dns/"));
  EXPECT_EQ(describe(cells), "2 shapes, 2 slots, 1 reference, 1 server, 1 chain");
}

TEST(MatrixSummary, KnownFaultsAreOnlyCounted) {
  const auto cells =
      list_cells(
          parse_spec(R"({"products": [{"shapes": ["exact"], "slots": ["dns"], "references": ["four-labels"],
    "servers": ["offered"], "chains": ["good"]}]})",
                     "x"),
          {})
          .cells;
  CellResult known = result(cells.at(0), Outcome::strict);
  known.baseline = BaselineState::as_known;
  Summary summary;
  summary.add(cells[0], known);
  EXPECT_THAT(summary.text(), testing::Not(HasSubstr("--cell")));
}

}  // namespace
}  // namespace mxident::harness::matrix
