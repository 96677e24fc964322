// The shipped catalogue as a whole. Files are read when the test runs.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "harness/catalogue/load.hpp"
#include "harness/catalogue/rules.hpp"
#include "verifier/reasons.hpp"

namespace mxident::harness {
namespace {

const Catalogue& catalogue() {
  static const std::filesystem::path root = std::filesystem::path(MXIDENT_SOURCE_DIR) / "scenarios";
  static const Catalogue loaded = load_catalogue({&root, 1});
  return loaded;
}

bool expects(const Scenario& scenario, Expected expected) {
  const auto has = [&](const Expectations& expect) {
    return std::any_of(all_policies().begin(), all_policies().end(),
                       [&](const Policy& policy) { return expect.of(policy.id) == expected; });
  };
  return has(scenario.expect) || std::any_of(scenario.expect_hosts.begin(), scenario.expect_hosts.end(),
                                             [&](const auto& host) { return has(host.second); });
}

TEST(Catalogue, LoadsWithoutErrors) {
  for (const auto& error : catalogue().errors) ADD_FAILURE() << error.text();
  for (const auto& error : check_twins(catalogue().scenarios)) ADD_FAILURE() << error.text();
  EXPECT_GE(catalogue().scenarios.size(), 650u);
}

TEST(Catalogue, NamesKnownReasons) {
  for (const auto& scenario : catalogue().scenarios) {
    EXPECT_TRUE(scenario.reason.empty() || reason_from_string(scenario.reason))
        << scenario.id << ": " << scenario.reason;
  }
}

/// nexthop is not among them: it refuses every certificate that names the MX host and not the domain, which
/// is what right ones do.
bool needs_twin(PolicyId policy) {
  return policy != PolicyId::nexthop;
}

std::vector<PolicyId> refused_policies(const Scenario& scenario) {
  std::vector<PolicyId> out;
  for (const auto& policy : all_policies()) {
    const auto expected = scenario.expect.of(policy.id);
    if (needs_twin(policy.id) && (expected == Expected::reject || expected == Expected::none))
      out.push_back(policy.id);
  }
  return out;
}

/// A client that refuses everything would pass a scenario that must be refused: a twin shows that it can
/// accept. A twin is named by the scenario, or names it. For every policy that refuses, one of them must be
/// delivered to, or be left open; and for one such policy at least, it must be delivered to.
TEST(Catalogue, HasATwinThatIsAcceptedForEachRefusal) {
  std::map<std::string, const Scenario*> by_id;
  std::map<std::string, std::vector<const Scenario*>> twins;
  for (const auto& scenario : catalogue().scenarios) by_id[scenario.id] = &scenario;
  for (const auto& scenario : catalogue().scenarios) {
    const auto twin = by_id.find(scenario.twin);
    if (twin == by_id.end()) continue;
    twins[scenario.id].push_back(twin->second);
    twins[scenario.twin].push_back(&scenario);
  }
  for (const auto& scenario : catalogue().scenarios) {
    const auto refused = refused_policies(scenario);
    const auto& candidates = twins[scenario.id];
    const auto any = [&](PolicyId policy, std::initializer_list<Expected> wanted) {
      return std::any_of(candidates.begin(), candidates.end(), [&](const Scenario* twin) {
        const auto expected = twin->expect.of(policy);
        return expected && std::find(wanted.begin(), wanted.end(), *expected) != wanted.end();
      });
    };
    for (const PolicyId policy : refused) {
      EXPECT_TRUE(any(policy, {Expected::accept, Expected::plaintext, Expected::either}))
          << scenario.id << ": no twin that " << to_string(policy) << " accepts";
    }
    EXPECT_TRUE(refused.empty() || std::any_of(refused.begin(), refused.end(),
                                               [&](PolicyId policy) {
                                                 return any(policy, {Expected::accept, Expected::plaintext});
                                               }))
        << scenario.id << ": no twin that must be accepted";
  }
}

bool same(const Expectations& a, const Expectations& b) {
  return std::all_of(all_policies().begin(), all_policies().end(),
                     [&](const Policy& policy) { return a.of(policy.id) == b.of(policy.id); });
}

/// A file that leaves everything open, or demands what its twin demands, finds nothing that is not found
/// without it.
TEST(Catalogue, HasAnEffectInEveryFile) {
  std::map<std::string, const Scenario*> by_id;
  for (const auto& scenario : catalogue().scenarios) by_id[scenario.id] = &scenario;
  for (const auto& scenario : catalogue().scenarios) {
    EXPECT_TRUE(expects(scenario, Expected::accept) || expects(scenario, Expected::reject) ||
                expects(scenario, Expected::plaintext) || expects(scenario, Expected::none))
        << scenario.id << " leaves everything open";
    const auto twin = by_id.find(scenario.twin);
    if (twin == by_id.end() || !scenario.expect_hosts.empty() || !twin->second->expect_hosts.empty())
      continue;
    EXPECT_FALSE(same(scenario.expect, twin->second->expect))
        << scenario.id << " demands what its twin demands";
  }
}

/// Then what a server says names its scenario, and caches cannot mix them up. Variants of one report with its
/// real names share them: they have the same domain and the row's tag.
TEST(Catalogue, HasHostsOfItsOwnInEveryFile) {
  std::map<std::string, const Scenario*> owners;
  const auto of_one_report = [](const Scenario& a, const Scenario& b) {
    return fold_host(a.domain) == fold_host(b.domain) && a.id.starts_with("reported/") &&
           b.id.starts_with("reported/") && !a.tags.empty() && a.tags == b.tags;
  };
  const auto own = [&](const std::string& name, const Scenario& scenario) {
    const auto [place, fresh] = owners.emplace(fold_host(name), &scenario);
    EXPECT_TRUE(fresh || place->second == &scenario || of_one_report(*place->second, scenario))
        << scenario.id << " and " << place->second->id << " both have " << name;
  };
  for (const auto& scenario : catalogue().scenarios) {
    own(scenario.domain, scenario);
    for (const auto& server : scenario.servers) own(server.spec.host, scenario);
  }
}

std::string number_of(std::string_view citation) {
  if (!citation.starts_with("RFC ")) return {};
  return std::string(citation.substr(0, citation.find(' ', 4)));
}

/// Every RFC that a scenario cites is one of the table of rules, or one that amends it.
TEST(Catalogue, CitesKnownRules) {
  std::set<std::string> known{"RFC 5893", "RFC 8996"};
  for (const auto& rule : all_rules()) known.insert(number_of(rule.source));
  for (const auto& scenario : catalogue().scenarios) {
    EXPECT_FALSE(scenario.rules.empty()) << scenario.id;
    for (const auto& rule : scenario.rules)
      EXPECT_NE(find_rule(rule), nullptr) << scenario.id << ": " << rule;
    for (const auto& source : scenario.sources) {
      const std::string number = number_of(source.ref);
      EXPECT_TRUE(number.empty() || known.contains(number)) << scenario.id << ": " << source.ref;
    }
  }
}

TEST(CatalogueRules, AreATable) {
  std::set<std::string_view> ids;
  for (const auto& rule : all_rules()) {
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
    EXPECT_EQ(rule.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-"), std::string_view::npos)
        << rule.id;
    EXPECT_FALSE(rule.source.empty()) << rule.id;
    EXPECT_FALSE(rule.sentence.empty() || rule.sentence.ends_with(".")) << rule.id;
    EXPECT_EQ(rule.why.empty(), rule.shown == Shown::wire) << rule.id;
    // "rfc9525-6.3-..." is a rule of RFC 9525.
    if (rule.id.starts_with("rfc")) {
      EXPECT_EQ(number_of(rule.source), "RFC " + std::string(rule.id.substr(3, 4))) << rule.id;
    }
  }
}

std::string content(const std::filesystem::path& file) {
  std::ifstream in(std::filesystem::path(MXIDENT_SOURCE_DIR) / file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(CatalogueRules, AreThoseOfTheSchema) {
  const auto schema = nlohmann::json::parse(content("scenarios/schema/scenario.schema.json"));
  std::vector<std::string> in_schema, in_table;
  for (const auto& id : schema.at("$defs").at("rule").at("enum")) in_schema.push_back(id);
  for (const auto& rule : all_rules()) in_table.emplace_back(rule.id);
  EXPECT_EQ(in_schema, in_table);
}

/// The list of reports: R01 to R59 and C01 to C30 each have scenarios or a reason, and each scenario a row.
TEST(CatalogueReports, StandInTheList) {
  const std::string list = content("docs/reported-cases.md");
  for (const auto& [letter, last] : {std::pair{'R', 59}, {'C', 30}}) {
    for (int i = 1; i <= last; ++i) {
      const std::string row = fmt::format("\n| {}{:02} | ", letter, i);
      const auto at = list.find(row);
      EXPECT_NE(at, std::string::npos) << row;
      EXPECT_EQ(at, list.rfind(row)) << row;
    }
  }
  std::set<std::string> named, there;
  const std::regex id("`((reported|cve)/[a-z0-9-]+)`");
  for (std::sregex_iterator at(list.begin(), list.end(), id), end; at != end; ++at) named.insert((*at)[1]);
  for (const auto& scenario : catalogue().scenarios) {
    if (scenario.id.starts_with("reported/") || scenario.id.starts_with("cve/")) there.insert(scenario.id);
  }
  EXPECT_EQ(named, there);
}

}  // namespace
}  // namespace mxident::harness
