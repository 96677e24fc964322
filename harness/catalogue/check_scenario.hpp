// What must hold between the parts of one scenario file.
#pragma once

#include <string_view>
#include <vector>

#include "harness/catalogue/load.hpp"
#include "harness/input/json_input.hpp"

namespace mxident::harness {

/// Lower-case letters and digits in words joined by single '-'.
bool is_kebab(std::string_view text);
/// Kebab-case words joined by '/'.
bool is_scenario_id(std::string_view text);
/// Words that stand for a certificate of the authority: leaf, intermediate, root, self, unknown-ca.
bool is_reserved_certificate(std::string_view id);

/// One zone line: absolute owner of a legal length, a known type or special word, data. Throws InputError.
void check_dns_line(const JsonNode& line);

/// Sources, rules and twin: citations have the form of one, rules are in the table. Appends to `errors`.
void check_about(const Scenario& scenario, const JsonNode& root, std::vector<ScenarioError>& errors);

/// Expectations that contradict each other, or that no client of the policy could meet. Appends to `errors`.
void check_expectations(const Scenario& scenario, const JsonNode& root, std::vector<ScenarioError>& errors);

/// Aliases that lead nowhere, zones that contradict each other, and whatever else the mock servers would
/// refuse when the world is made. Appends to `errors`.
void check_world(const Scenario& scenario, const JsonNode& root, std::vector<ScenarioError>& errors);

/// Certificate ids, issuers, placeholders, pinned addresses, and all of the above; appends to `errors`.
void check_scenario(const Scenario& scenario, const JsonNode& root, std::vector<ScenarioError>& errors);

ScenarioError to_scenario_error(const InputError& error);

}  // namespace mxident::harness
