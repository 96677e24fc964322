// mxident run --matrix: cells that are generated, run and recorded batch by batch.
#pragma once

#include "harness/cli/command.hpp"
#include "harness/cli/recording.hpp"

namespace mxident::harness::cli {

/// Returns the exit code. Throws InputError.
int run_matrix(RunOptions& options, Invocation& invocation);

}  // namespace mxident::harness::cli
