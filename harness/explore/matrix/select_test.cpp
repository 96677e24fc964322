// Selections: no doubles, the same for the same seed, every pair covered.
#include "harness/explore/matrix/select.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "harness/explore/matrix/server.hpp"

namespace mxident::harness::matrix {
namespace {

constexpr const char* kSmall = R"({"products": [
  {"shapes": ["exact", "sibling", "star-first", "fragment-*", "nul-*"], "slots": ["dns", "cn", "cn-*", "ip", "ip-text"],
   "references": ["three-labels", "alias", "ipv4-literal"], "servers": ["offered", "ehlo-*"], "chains": ["good", "expired"]}]})";

CellList small(std::vector<std::string> patterns = {}) {
  return list_cells(parse_spec(kSmall, "small"), patterns);
}

using Pair = std::tuple<std::size_t, std::size_t, int, int>;
std::set<Pair> pairs_of(std::span<const Cell> cells) {
  std::set<Pair> out;
  for (const auto& cell : cells) {
    for (std::size_t i = 0; i < kDimensions; ++i) {
      for (std::size_t j = i + 1; j < kDimensions; ++j) out.insert({i, j, cell.values[i], cell.values[j]});
    }
  }
  return out;
}

std::set<std::string> ids_of(std::span<const Cell> cells) {
  std::set<std::string> out;
  for (const auto& cell : cells) out.insert(id_of(cell));
  return out;
}

/// What a client could see of a cell with a host, from the document that is run, its token left out.
std::string seen_of(const Cell& cell) {
  auto document = document_of(cell, "test");
  for (const char* said : {"id", "title", "sources", "rules", "tags"}) document.erase(said);
  if (server_forms()[cell[Dimension::server]].seen == CertificateSeen::no) document.erase("certificates");
  std::string out = document.dump();
  const std::string token = token_of(id_of(cell));
  for (std::size_t at = 0; (at = out.find(token, at)) != std::string::npos;)
    out.replace(at, token.size(), "*");
  return out;
}

TEST(MatrixSelect, NoContentTwice) {
  const CellList list = small();
  std::set<std::string> seen;
  for (const auto& cell : list.cells) EXPECT_TRUE(seen.insert(seen_of(cell)).second) << id_of(cell);
  EXPECT_EQ(ids_of(list.cells).size(), list.cells.size());
  EXPECT_GT(list.impossible, 0u);
  EXPECT_GT(list.same, 0u);
}

TEST(MatrixSelect, NothingIsLeftOutThatDiffers) {
  const auto spec =
      parse_spec(R"({"products": [{"shapes": ["exact", "parent", "nul-end"], "slots": ["dns", "cn"],
                                                 "references": ["three-labels", "alias"]}]})",
                 "x");
  const CellList list = list_cells(spec, {});
  std::set<std::string> seen;
  for (const auto& cell : list.cells) seen.insert(seen_of(cell));
  std::size_t all = 0;
  const auto look_at = [&](const Cell& cell) {
    ++all;
    try {
      EXPECT_TRUE(seen.contains(seen_of(cell))) << id_of(cell);
    } catch (const std::logic_error&) {
      // Its values do not go together.
    }
  };
  const auto& values = spec.products[0].values;
  for (const auto shape : values[0])
    for (const auto slot : values[1])
      for (const auto reference : values[2])
        for (const auto server : values[3])
          for (const auto chain : values[4]) look_at({{shape, slot, reference, server, chain}});
  EXPECT_EQ(all, list.cells.size() + list.same + list.impossible);
}

TEST(MatrixSelect, UnseenCertificatesDoNotMakeACell) {
  const auto list = list_cells(
      parse_spec(R"({"products": [{"references": ["three-labels"], "servers": ["hidden"]}]})", "x"), {});
  EXPECT_EQ(list.cells.size(), 1u);
}

TEST(MatrixSelect, OverlappingProductsCountOnce) {
  const std::string product =
      R"({"shapes": ["exact"], "slots": ["dns"], "references": ["three-labels"], "servers": ["offered"], "chains": ["good"]})";
  EXPECT_EQ(list_cells(parse_spec("{\"products\": [" + product + "," + product + "]}", "x"), {}).cells.size(),
            1u);
}

TEST(MatrixSelect, ByPattern) {
  const std::vector<std::string> one{"matrix/exact/dns/three-labels/offered/good"}, star{"matrix/exact/cn-*"};
  ASSERT_EQ(small(one).cells.size(), 1u);
  EXPECT_EQ(id_of(small(one).cells[0]), one[0]);
  for (const auto& cell : small(star).cells)
    EXPECT_TRUE(id_of(cell).starts_with("matrix/exact/cn-")) << id_of(cell);
  EXPECT_GT(small(star).cells.size(), 10u);
}

TEST(MatrixSample, IsDrawnFromEverywhereAndRepeatable) {
  const auto cells = small().cells;
  const auto a = sample(cells, 100, 1), again = sample(cells, 100, 1), b = sample(cells, 100, 2);
  EXPECT_EQ(a.size(), 100u);
  EXPECT_EQ(ids_of(a), ids_of(again));
  EXPECT_NE(ids_of(a), ids_of(b));
  EXPECT_EQ(ids_of(a).size(), 100u);
  std::set<std::size_t> shapes;
  for (const auto& cell : a) shapes.insert(cell[Dimension::shape]);
  std::set<std::size_t> all_shapes;
  for (const auto& cell : cells) all_shapes.insert(cell[Dimension::shape]);
  EXPECT_EQ(shapes, all_shapes);
  EXPECT_EQ(sample(cells, cells.size() + 5, 1).size(), cells.size());
}

TEST(MatrixPairwise, CoversEveryPairThatAnyCellHas) {
  const auto cells = small().cells;
  const auto chosen = cover_pairs(cells, 1);
  EXPECT_EQ(pairs_of(chosen), pairs_of(cells));
  EXPECT_LT(chosen.size() * 4, cells.size());
  EXPECT_EQ(ids_of(chosen), ids_of(cover_pairs(cells, 1)));
}

TEST(MatrixPairwise, TheFirstCoverMost) {
  const auto chosen = cover_pairs(small().cells, 1);
  std::size_t last = 100, covered = 0;
  for (std::size_t n = 1; n <= chosen.size(); ++n) {
    const std::size_t now = pairs_of(std::span(chosen).first(n)).size();
    ASSERT_LE(now - covered, last) << "cell " << n;
    ASSERT_GT(now, covered) << "cell " << n << " adds nothing";
    last = now - covered;
    covered = now;
  }
}

}  // namespace
}  // namespace mxident::harness::matrix
