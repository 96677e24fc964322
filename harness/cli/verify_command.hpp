// mxident verify: the production verifier on a live server. No mail is ever sent.
#pragma once

#include "harness/cli/command.hpp"

namespace mxident::probe {
struct DomainExamination;
}

namespace mxident::harness::cli {

struct VerifyArguments;

/// What the command looks at, once and without a word. Throws as the command does.
probe::DomainExamination examine_once(const VerifyArguments& arguments);

void add_verify_command(CLI::App& app, Invocation& invocation);

}  // namespace mxident::harness::cli
