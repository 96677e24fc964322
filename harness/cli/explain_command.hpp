// mxident explain: what an id stands for.
#pragma once

#include <string>

#include "harness/cli/catalogue.hpp"
#include "harness/cli/command.hpp"

namespace mxident::harness::cli {

/// `mxident explain ID [--json]`: a scenario, a reason, a policy, a rule, a decision, a word of TLS reports,
/// a section.
void add_explain_command(CLI::App& app, Invocation& invocation);

/// A scenario for people: the three names side by side, the certificates as minted, what each policy ought to
/// do.
std::string explain(const Scenario& scenario);

}  // namespace mxident::harness::cli
