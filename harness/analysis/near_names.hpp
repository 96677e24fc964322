// Which mistake of comparing would take a presented name for the host that it does not name.
#pragma once

#include <string_view>
#include <vector>

#include "harness/results/result.hpp"

namespace mxident::harness {

/// Each mistake as a behaviour, "takes a name that ends with the host"; those that tell more stand first.
const std::vector<std::string_view>& near_name_mistakes();

/// The one that the dNSNames of the scenario's certificate invite; "": none, or several, or the scenario is
/// about more than names.
std::string_view near_name_mistake(const ScenarioRecord& scenario);

}  // namespace mxident::harness
