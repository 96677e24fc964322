// mxident mint: a scenario's certificates and keys as files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/cli/catalogue.hpp"
#include "harness/cli/command.hpp"

namespace mxident::harness::cli {

/// `mxident mint SCENARIO --output DIR`.
void add_mint_command(CLI::App& app, Invocation& invocation);

/// Writes for each certificate CERT.pem (what the server sends), CERT.crt (itself) and CERT.key, the
/// authorities root.pem and unknown-ca.pem, and summary.txt. Overwrites only files of an earlier mint into
/// the same folder. Returns the paths. Throws InputError.
std::vector<std::filesystem::path> mint_to(const Scenario& scenario, const std::filesystem::path& directory);

}  // namespace mxident::harness::cli
