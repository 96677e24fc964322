// The "servers" and "mta_sts" parts of a scenario file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/input/json_input.hpp"
#include "harness/scenario/scenario.hpp"

namespace mxident::harness {

/// One server. Without a certificate stated it gets kAutoPrefix + host; null means none. Throws InputError.
ScenarioServer read_server(const std::string& host, const JsonNode& node);

/// The word of a scenario file for a behaviour.
std::string_view starttls_word(mocks::Starttls behaviour);

/// The policy host: one object, or a list of objects of which each names its domain. Without `record` there
/// is a plain one, without `policy` one that enforces the mail hosts of `scenario`; null leaves them out.
std::vector<mocks::StsSpec> read_mta_sts(const JsonNode& node, const Scenario& scenario);

}  // namespace mxident::harness
