// Scenarios of the program itself, which are in no file.
#pragma once

#include "harness/scenario/document_builder.hpp"
#include "harness/scenario/scenario.hpp"

namespace mxident::harness {

/// Read as a file would be. Throws std::logic_error for one that no file could be: a mistake of ours.
Scenario own_scenario(const DocumentBuilder& document);

}  // namespace mxident::harness
