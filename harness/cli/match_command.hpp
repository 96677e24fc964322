// mxident match: names alone.
#pragma once

#include "harness/cli/command.hpp"

namespace mxident::harness::cli {

void add_match_command(CLI::App& app, Invocation& invocation);

}  // namespace mxident::harness::cli
