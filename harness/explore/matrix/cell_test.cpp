// Cells as scenarios: every one is read by the loader, has names of its own, cites known rules.
#include "harness/explore/matrix/cell.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <unordered_set>

#include "harness/catalogue/check_scenario.hpp"
#include "harness/catalogue/rules.hpp"
#include "harness/explore/matrix/select.hpp"
#include "harness/explore/matrix/server.hpp"
#include "harness/explore/matrix/shape.hpp"
#include "harness/explore/matrix/slot.hpp"
#include "harness/oracle/expectation.hpp"

namespace mxident::harness::matrix {
namespace {

constexpr std::int64_t kNow = 1795305600;  // 2026-11-22

std::size_t index_of(Dimension dimension, std::string_view name) {
  for (std::size_t i = 0; i < value_count(dimension); ++i) {
    if (value_of(dimension, i).name == name) return i;
  }
  ADD_FAILURE() << "no value " << name;
  return 0;
}

Cell cell(std::string_view shape, std::string_view slot, std::string_view reference = "three-labels",
          std::string_view server = "offered", std::string_view chain = "good") {
  Cell out;
  const std::string_view names[] = {shape, slot, reference, server, chain};
  for (std::size_t i = 0; i < kDimensions; ++i)
    out.values[i] = static_cast<std::uint8_t>(index_of(static_cast<Dimension>(i), names[i]));
  return out;
}

TEST(MatrixValues, FitIntoACell) {
  for (std::size_t i = 0; i < kDimensions; ++i) EXPECT_LE(value_count(static_cast<Dimension>(i)), 256u);
}

TEST(MatrixValues, HaveUniqueKebabNamesAndKnownRules) {
  for (std::size_t i = 0; i < kDimensions; ++i) {
    std::set<std::string> names;
    for (std::size_t v = 0; v < value_count(static_cast<Dimension>(i)); ++v) {
      const Value& value = value_of(static_cast<Dimension>(i), v);
      EXPECT_TRUE(is_kebab(value.name)) << value.name;
      EXPECT_TRUE(names.insert(value.name).second) << value.name << " is there twice";
      for (const auto& rule : value.rules)
        EXPECT_NE(find_rule(rule), nullptr) << value.name << " cites " << rule;
      if (i < 2 && value.name != "dns") {
        EXPECT_FALSE(value.rules.empty()) << value.name << " cites no rule";
      }
    }
    for (const auto& shape : shapes()) {
      EXPECT_FALSE(names.contains(shape.family)) << shape.family << " is a family and a value";
    }
  }
}

TEST(MatrixCell, IsAScenario) {
  const Cell one = cell("fragment-prefix", "cn-dns-other", "four-labels");
  const auto document = document_of(one, "test");
  EXPECT_EQ(document["id"], "matrix/fragment-prefix/cn-dns-other/four-labels/offered/good");
  const std::string host = document["servers"].begin().key();
  const std::string zone = document["domain"];
  EXPECT_EQ(host, "mx1.eu." + zone);
  EXPECT_EQ(document["certificates"]["mx"]["subject"][0]["cn"], "m*.eu." + zone);
  EXPECT_EQ(scenario_of(one, "test").servers.at(0).spec.host, host);
}

/// Everything the built-in spec can say is a scenario that the loader takes, and no two cells share a name.
TEST(MatrixCell, AllAreReadAndHaveNamesOfTheirOwn) {
  const CellList list = list_cells(read_spec("all"), {});
  EXPECT_GE(list.cells.size(), 100'000u);
  std::unordered_set<std::string> tokens;
  std::size_t literals = 0;
  for (std::size_t i = 0; i < list.cells.size(); ++i) {
    const std::string token = token_of(id_of(list.cells[i]));
    EXPECT_TRUE(tokens.insert(token).second) << token;
    if (i % 17 != 0) continue;  // 17 divides no number of values: all of them come by
    const std::string domain = document_of(list.cells[i], "test")["domain"];
    const bool literal = domain.starts_with("[");
    literals += literal;
    EXPECT_TRUE(literal || domain.find(token) != std::string::npos) << domain;
    EXPECT_EQ(scenario_of(list.cells[i], "test").domain, domain);
  }
  EXPECT_GT(literals, 0u);
  std::printf("%zu cells; %zu impossible, %zu the same as another\n", list.cells.size(), list.impossible,
              list.same);
}

struct ExpectedRow {
  const char* name;
  Cell cell;
  PolicyId policy;
  std::optional<Expected> expected;
};
void PrintTo(const ExpectedRow& row, std::ostream* out) {
  *out << row.name;
}

// clang-format off
std::vector<ExpectedRow> expected_rows() {
  using enum Expected;
  return {
      {"ExactDns", cell("exact", "dns"), PolicyId::rfc9525, accept},
      {"SiblingDns", cell("sibling", "dns"), PolicyId::rfc9525, reject},
      {"ExactCn9525", cell("exact", "cn"), PolicyId::rfc9525, reject},
      {"ExactCn6125", cell("exact", "cn"), PolicyId::rfc6125, Expected::either},
      {"ExactCnBesideOtherDns", cell("exact", "cn-dns-other"), PolicyId::rfc6125, reject},
      {"StarFirst", cell("star-first", "dns"), PolicyId::rfc9525, accept},
      {"StarForTwo", cell("star-for-two", "dns", "four-labels"), PolicyId::rfc9525, reject},
      {"FragmentPrefix2818", cell("fragment-prefix", "dns"), PolicyId::rfc2818, accept},
      {"FragmentPrefix7817", cell("fragment-prefix", "dns"), PolicyId::rfc7817, reject},
      {"NulBeforeName", cell("nul-before-name", "dns"), PolicyId::rfc2818, reject},
      {"WrongBesideRight", cell("nul-before-name", "dns-beside-right"), PolicyId::rfc9525, Expected::either},
      {"RecipientDomainForNexthop", cell("recipient-domain", "dns"), PolicyId::nexthop, accept},
      {"RecipientDomainForMx", cell("recipient-domain", "dns"), PolicyId::rfc9525, reject},
      {"LiteralAsOctets", cell("exact", "ip", "ipv4-literal"), PolicyId::rfc9525, accept},
      {"LiteralAsText", cell("exact", "dns", "ipv4-literal"), PolicyId::rfc9525, reject},
      {"LiteralV6AsOctets", cell("octets", "ip", "ipv6-literal"), PolicyId::rfc9525, accept},
      {"AliasTarget", cell("alias-target", "dns", "alias"), PolicyId::rfc9525, reject},
      {"Expired", cell("exact", "dns", "three-labels", "offered", "expired"), PolicyId::rfc9525, reject},
      {"Hidden", cell("exact", "dns", "three-labels", "hidden"), PolicyId::opportunistic, plaintext},
      {"DecoyBySni", cell("exact", "dns", "three-labels", "sni-decoy"), PolicyId::rfc9525, accept},
      {"DecoyBySniOfDomain", cell("sibling", "dns", "three-labels", "sni-decoy"), PolicyId::rfc9525, reject},
      {"ByNameWrong", cell("sibling", "dns", "three-labels", "sni-host"), PolicyId::rfc9525, reject},
  };
}
// clang-format on

class MatrixExpectation : public testing::TestWithParam<ExpectedRow> {};
TEST_P(MatrixExpectation, ComesFromTheOracle) {
  const auto& row = GetParam();
  EXPECT_EQ(oracle::expect(scenario_of(row.cell, "test"), policy(row.policy), "", kNow), row.expected);
}
INSTANTIATE_TEST_SUITE_P(Oracle, MatrixExpectation, testing::ValuesIn(expected_rows()),
                         [](const auto& i) { return std::string(i.param.name); });

}  // namespace
}  // namespace mxident::harness::matrix
