#include "harness/run/plan.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/catalogue/load.hpp"

namespace mxident::harness {
namespace {

/// A common name of another encoding, which the oracle cannot see: by hand the question is open.
Scenario scenario_with(const std::string& starttls) {
  nlohmann::json json = nlohmann::json::parse(R"({
    "id": "a/cn", "title": "CN", "sources": [{"ref": "RFC 6125 6.4.4"}], "domain": "cn.test",
    "certificates": {"mx": {"subject": [{"cn": {"value": "mx1.cn.test", "encoding": "ia5"}}]}},
    "servers": {"mx1.cn.test": {"certificate": "mx"}}, "dns": ["cn.test. MX 10 mx1.cn.test."],
    "expect": {"rfc6125": "either", "rfc9525": "reject"}})");
  json["servers"]["mx1.cn.test"]["starttls"] = starttls;
  LoadResult loaded = parse_scenario(json.dump(), "(test)");
  if (!loaded.scenario) throw std::logic_error(loaded.errors.front().text());
  return std::move(*loaded.scenario);
}

std::optional<Expected> expected(const Scenario& scenario, const ClientMode& mode) {
  Client client;
  const ClientColumn column{&client, &mode, "", "", ""};
  return expected_of(scenario, column, "mx1.cn.test", 1750000000);
}

ClientMode refined_in_tls() {
  ClientMode mode;
  mode.policy = policy(PolicyId::rfc6125);
  mode.policy.tls = TlsDemand::if_offered;
  mode.refined = mode.refined_in_tls_only = true;
  return mode;
}

TEST(ExpectedOf, ARefinementOfTlsAloneKeepsTheHandWhereTlsIsOffered) {
  EXPECT_EQ(expected(scenario_with("offered"), refined_in_tls()), Expected::either);
}

TEST(ExpectedOf, WhereTlsIsHiddenItIsTheOracles) {
  EXPECT_EQ(expected(scenario_with("hidden"), refined_in_tls()), Expected::plaintext);
}

TEST(ExpectedOf, ARefinementOfNamesIsTheOracles) {
  ClientMode mode = refined_in_tls();
  mode.refined_in_tls_only = false;
  mode.policy.rules.common_name = CommonNameUse::never;
  EXPECT_EQ(expected(scenario_with("offered"), mode), Expected::reject);
}

TEST(ExpectedOf, WhatIsLeftOpenStaysOpenWhereTheRefinementDoesNotDecideIt) {
  ClientMode mode = refined_in_tls();
  mode.refined_in_tls_only = false;
  mode.policy = policy(PolicyId::rfc6125);
  mode.policy.rules.partial_wildcards = Switch::on;
  EXPECT_EQ(expected(scenario_with("offered"), mode), Expected::either);
}

// A checker that looks at every host is asked another question than a delivery, which gets through by the
// second.
Scenario two_hosts(const char* second) {
  nlohmann::json json = nlohmann::json::parse(R"({
    "id": "a/two", "title": "Two", "sources": [{"ref": "RFC 5321 5.1"}], "domain": "two.test",
    "certificates": {"right": {"san": [{"dns": "mx1.two.test"}]}, "other": {"san": [{"dns": "else.test"}]}},
    "servers": {"mx1.two.test": {"certificate": "right"}, "mx2.two.test": {"certificate": "other"}},
    "dns": ["two.test. MX 10 mx1.two.test."],
    "expect": {"rfc9525": "accept", "chain-only": "accept"}})");
  if (*second != '\0') json["dns"].push_back(second);
  LoadResult loaded = parse_scenario(json.dump(), "(test)");
  if (!loaded.scenario) throw std::logic_error(loaded.errors.front().text());
  return std::move(*loaded.scenario);
}

std::optional<Expected> of_domain(const Scenario& scenario, Judges judges, PolicyId id) {
  Client client;
  ClientMode mode;
  mode.policy = policy(id);
  mode.judges = judges;
  const ClientColumn column{&client, &mode, "", "", ""};
  return expected_of(scenario, column, "", 1750000000);
}

TEST(ExpectedOf, EveryHostIsAnotherQuestionThanDelivery) {
  const Scenario both = two_hosts("two.test. MX 20 mx2.two.test.");
  EXPECT_EQ(of_domain(both, Judges::delivery, PolicyId::rfc9525), Expected::accept);
  EXPECT_EQ(of_domain(both, Judges::every_host, PolicyId::rfc9525), Expected::reject);
  EXPECT_EQ(of_domain(both, Judges::every_host, PolicyId::chain_only), Expected::accept);
  const Scenario away = two_hosts("two.test. MX 20 gone.two.test.");
  EXPECT_EQ(of_domain(away, Judges::every_host, PolicyId::rfc9525), Expected::accept)
      << "one that is not there";
}

TEST(Repeated, WhatCannotRunStaysOnce) {
  Plan plan;
  plan.cells.resize(2);
  plan.cells[1].unsupported = "cannot";
  EXPECT_EQ(repeated(plan, 3).cells.size(), 4u);
}

TEST(Places, AShardGivesItsCellsTheAddressesOfTheWholeRun) {
  const std::vector<Scenario> scenarios(3, two_hosts("two.test. MX 20 mx2.two.test."));
  Manifest manifest;
  manifest.modes.resize(2);
  for (auto& mode : manifest.modes) mode.policy = policy(PolicyId::rfc9525);
  const Client client{manifest, "", "", ""};
  const std::vector<ClientColumn> columns = {{&client, &client.manifest.modes[0], "", "", ""},
                                             {&client, &client.manifest.modes[1], "", "", ""}};
  const auto plan_of = [&](const std::vector<std::size_t>& selected) {
    return make_plan(scenarios, selected, columns, PolicyCoverage::all, 0);
  };
  const Plan whole = plan_of({0, 1, 2}), part = plan_of({2});
  ASSERT_EQ(part.cells.size(), 2u);
  for (const auto& cell : part.cells)
    EXPECT_EQ(cell.place, whole.cells[cell.scenario * 2 + cell.column].place);
  for (const auto& cell : repeated(part, 2).cells) EXPECT_EQ(cell.place, std::nullopt);
}

struct SubmissionRow {
  const char* name;
  const char* starttls;
  int port;
  std::vector<std::string> command;
  std::vector<std::string> implicit;  ///< command of the other way; empty: there is none
  const char* unsupported;            ///< found in the reason; "" if the cell runs
};
void PrintTo(const SubmissionRow& row, std::ostream* out) {
  *out << row.name;
}

class Submission : public testing::TestWithParam<SubmissionRow> {};

TEST_P(Submission, IsDrivenOrUnsupported) {
  const SubmissionRow& row = GetParam();
  Scenario scenario = scenario_with(row.starttls);
  scenario.servers[0].spec.ports = {static_cast<std::uint16_t>(row.port)};
  Client client;
  ClientMode mode;
  mode.policy = policy(PolicyId::rfc9525);
  mode.command = row.command;
  if (!row.implicit.empty()) {
    mode.implicit.push_back(mode);
    mode.implicit.front().command = row.implicit;
  }
  const ClientColumn column{&client, &mode, "", "", ""};
  const PlannedCell cell = make_cell(scenario, 0, column, 0, Expected::accept);
  const std::string wanted = row.unsupported;
  EXPECT_EQ(cell.unsupported.empty(), wanted.empty()) << cell.unsupported;
  EXPECT_NE(cell.unsupported.find(wanted), std::string::npos) << cell.unsupported;
}

const SubmissionRow kSubmission[] = {
    {"relay", "offered", 25, {"a"}, {}, ""},
    {"submission_with_port", "offered", 587, {"a", "{mx_host}:{port}"}, {}, ""},
    {"submission_without_port", "offered", 587, {"a"}, {}, "port 25 only"},
    {"implicit_without_a_way", "implicit", 465, {"a", "{port}"}, {}, "begins no TLS with the first octet"},
    {"implicit_with_a_way", "implicit", 465, {"a"}, {"a", "--tls", "{port}"}, ""},
    {"implicit_way_without_port", "implicit", 465, {"a", "{port}"}, {"a", "--tls"}, "port 25 only"},
    {"way_is_not_asked_for", "offered", 25, {"a"}, {"a", "--tls", "{port}"}, ""},
};
INSTANTIATE_TEST_SUITE_P(Table, Submission, testing::ValuesIn(kSubmission),
                         [](const auto& i) { return std::string(i.param.name); });

}  // namespace
}  // namespace mxident::harness
