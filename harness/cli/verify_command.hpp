// mxident verify: the production verifier on a live server. No mail is ever sent.
#pragma once

#include "harness/cli/command.hpp"

namespace mxident::harness::cli {

void add_verify_command(CLI::App& app, Invocation& invocation);

}  // namespace mxident::harness::cli
