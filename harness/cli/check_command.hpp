// mxident check: the verifier on certificates in files.
#pragma once

#include "harness/cli/command.hpp"

namespace mxident::harness::cli {

void add_check_command(CLI::App& app, Invocation& invocation);

}  // namespace mxident::harness::cli
