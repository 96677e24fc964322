#include <fmt/format.h>

#include <regex>
#include <set>

#include "harness/catalogue/check_scenario.hpp"
#include "harness/catalogue/rules.hpp"

namespace mxident::harness {
namespace {

/// "RFC 9525", "RFC 9525 6.3", "RFC 5280 A.1". Other sources have any form.
bool is_well_formed(const std::string& citation) {
  static const std::regex any_rfc("^ *[Rr][Ff][Cc]([ -]?[0-9]|$)");
  static const std::regex well_formed("RFC [1-9][0-9]{0,4}( ([0-9]+|[A-Z])([.][0-9]+)*)?");
  return !std::regex_search(citation, any_rfc) || std::regex_match(citation, well_formed);
}

}  // namespace

void check_about(const Scenario& scenario, const JsonNode& root, std::vector<ScenarioError>& errors) {
  const auto error = [&](std::string pointer, std::string message) {
    errors.push_back({root.file(), std::move(pointer), std::move(message)});
  };
  for (std::size_t i = 0; i < scenario.sources.size(); ++i) {
    const std::string& ref = scenario.sources[i].ref;
    if (!is_well_formed(ref)) {
      error(fmt::format("/sources/{}/ref", i),
            fmt::format("found \"{}\", wanted a number and a section like \"RFC 9525 6.3\"", ref));
    }
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < scenario.rules.size(); ++i) {
    const std::string& id = scenario.rules[i];
    const std::string pointer = fmt::format("/rules/{}", i);
    if (!seen.insert(id).second) error(pointer, fmt::format("found \"{}\" twice, wanted each rule once", id));
    if (find_rule(id) != nullptr) continue;
    std::vector<std::string> known;
    for (const auto& rule : all_rules()) known.emplace_back(rule.id);
    const auto near = nearest(id, known);
    error(pointer, fmt::format("found the unknown rule \"{}\", wanted one of \"mxident list rules\"{}", id,
                               near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
  }
  if (!scenario.twin.empty() && scenario.twin == scenario.id) {
    error("/twin", "found the scenario itself, wanted the id of another one");
  }
}

}  // namespace mxident::harness
