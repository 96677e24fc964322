// The answer as one page of HTML to attach to a ticket: no script, nothing from elsewhere.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace mxident::harness::repro {

/// Of what json_of() gives.
std::string html_of(const nlohmann::ordered_json& answer);

}  // namespace mxident::harness::repro
