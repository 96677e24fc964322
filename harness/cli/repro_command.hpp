// mxident repro: from a complaint to the answer.
#pragma once

#include "harness/cli/command.hpp"

namespace mxident::harness::cli {

/// `mxident repro [--paste FILE|-] [--mx HOST --cn NAME --san TYPE:VALUE ...]`.
void add_repro_command(CLI::App& app, Invocation& invocation);

}  // namespace mxident::harness::cli
