// mxident limbo: the x509-limbo suite on standard input, results on standard output.
#pragma once

#include "harness/cli/command.hpp"

namespace mxident::harness::cli {

void add_limbo_command(CLI::App& app, Invocation& invocation);

}  // namespace mxident::harness::cli
