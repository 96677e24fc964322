// mxident list: what there is to choose from.
#pragma once

#include "harness/cli/catalogue.hpp"
#include "harness/cli/command.hpp"

namespace mxident::harness::cli {

/// `mxident list scenarios|clients|policies|reasons|rules|decisions|tests [--json]`. `state` says what is
/// known of a client here.
void add_list_command(CLI::App& app, Invocation& invocation, ClientState state = {});

}  // namespace mxident::harness::cli
