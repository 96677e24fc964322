#include "harness/cli/test_groups.hpp"

#include <fmt/format.h>
#include <string.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <map>

#include "harness/catalogue/rules.hpp"
#include "harness/input/json_input.hpp"
#include "harness/run/plan.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness::cli {
namespace {

/// Sections count as people count: 6.2 before 6.10.
struct InNaturalOrder {
  bool operator()(const std::string& a, const std::string& b) const {
    return ::strverscmp(a.c_str(), b.c_str()) < 0;
  }
};
using Groups = std::map<std::string, TestGroup, InNaturalOrder>;

/// "RFC 9525 6.3" to "rfc9525.6.3". What no test's name may hold becomes "-".
std::string id_of_section(std::string_view ref) {
  std::string out;
  std::size_t words = 0;
  for (const char c : ref) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == ' ') {
      // A document is a word with a number behind it.
      if (++words > 1) out += '.';
    } else {
      out += c == '.' || std::isalnum(octet) != 0 ? static_cast<char>(std::tolower(octet)) : '-';
    }
  }
  return out;
}

/// Where a scenario belongs: the source of its first rule, or the first standard that it cites, or its
/// folder.
std::string section_of(const Scenario& scenario) {
  for (const auto& id : scenario.rules) {
    if (const RuleInfo* rule = find_rule(id)) return std::string(rule->source);
  }
  for (const auto& source : scenario.sources) {
    if (source.ref.starts_with("RFC ")) return source.ref;
  }
  return scenario.id.substr(0, scenario.id.find('/'));
}

void add(Groups& groups, const std::string& id, const std::string& title, std::size_t scenario) {
  TestGroup& group = groups[id];
  group.id = id;
  group.title = title;
  group.scenarios.push_back(scenario);
}

bool has_mode(const Wanted& client, const std::string& mode) {
  return std::any_of(client.manifest.modes.begin(), client.manifest.modes.end(), [&](const auto& m) {
    return m.id == mode && (client.mode.empty() || client.mode == mode);
  });
}

constexpr std::array<std::pair<std::string_view, GroupBy>, 4> kGroupings{{{"section", GroupBy::section},
                                                                          {"rule", GroupBy::rule},
                                                                          {"mode", GroupBy::mode},
                                                                          {"scenario", GroupBy::scenario}}};

}  // namespace

GroupBy parse_group_by(std::string_view text) {
  for (const auto& [word, by] : kGroupings) {
    if (word == text) return by;
  }
  throw InputError("--group-by", "",
                   fmt::format("found \"{}\", wanted section, rule, mode or scenario", printable(text)));
}

std::vector<TestGroup> group_tests(std::span<const Scenario> scenarios, std::span<const std::size_t> selected,
                                   std::span<const Wanted> clients, GroupBy by) {
  Groups groups;
  for (const std::size_t i : selected) {
    const Scenario& scenario = scenarios[i];
    if (by == GroupBy::section) {
      const std::string section = section_of(scenario);
      add(groups, id_of_section(section), section, i);
    } else if (by == GroupBy::rule) {
      for (const auto& id : scenario.rules) {
        if (const RuleInfo* rule = find_rule(id)) add(groups, id, std::string(rule->sentence), i);
      }
    } else if (by == GroupBy::scenario) {
      add(groups, scenario.id, scenario.title, i);
    }
  }
  if (by == GroupBy::mode) {
    for (const auto& client : clients) {
      for (const auto& mode : client.manifest.modes) {
        if (!has_mode(client, mode.id)) continue;
        groups["mode:" + mode.id] = {"mode:" + mode.id,
                                     mode.title.empty() ? client.manifest.title : mode.title,
                                     std::vector<std::size_t>(selected.begin(), selected.end()), mode.id};
      }
    }
  }
  std::vector<TestGroup> out;
  for (auto& [id, group] : groups) out.push_back(std::move(group));
  return out;
}

TestGroup find_test(std::span<const Scenario> scenarios, std::span<const std::size_t> selected,
                    std::span<const Wanted> clients, const std::string& id) {
  std::vector<std::string> known;
  for (const auto& [word, by] : kGroupings) {
    for (auto& group : group_tests(scenarios, selected, clients, by)) {
      if (group.id == id) return std::move(group);
      known.push_back(group.id);
    }
  }
  const auto near = nearest(id, known);
  throw NothingSelected(fmt::format("--ctest: found \"{}\", which is no test{}; see \"mxident list tests\"",
                                    printable(id),
                                    near ? fmt::format(" (did you mean \"{}\"?)", *near) : ""));
}

std::vector<std::size_t> cells_of(std::span<const Scenario> scenarios, std::span<const TestGroup> tests,
                                  std::span<const Wanted> clients, std::int64_t now) {
  std::vector<std::size_t> out;
  for (const auto& test : tests) {
    std::vector<Client> found;
    for (auto& wanted : clients_of(test, clients)) found.push_back({std::move(wanted.manifest), "", "", ""});
    std::vector<ClientColumn> columns;
    const auto asked = clients_of(test, clients);
    for (std::size_t i = 0; i < found.size(); ++i) {
      for (const auto& mode : found[i].manifest.modes) {
        if (asked[i].mode.empty() || asked[i].mode == mode.id)
          columns.push_back({&found[i], &mode, "", "", ""});
      }
    }
    const Plan plan = make_plan(scenarios, test.scenarios, columns, PolicyCoverage::where_published, now);
    out.push_back(plan.cells.size());
  }
  return out;
}

std::vector<Wanted> clients_of(const TestGroup& test, std::span<const Wanted> clients) {
  std::vector<Wanted> out;
  for (const auto& client : clients) {
    if (test.mode.empty()) {
      out.push_back(client);
    } else if (has_mode(client, test.mode)) {
      out.push_back(client);
      out.back().mode = test.mode;
    }
  }
  return out;
}

}  // namespace mxident::harness::cli
