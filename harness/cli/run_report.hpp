// The console's report of results, whether they come from a run or from its file.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "harness/results/sink.hpp"

namespace mxident::harness::cli {

/// What prints a run with this header on standard output: scenarios line by line, or a large matrix summed
/// up.
std::unique_ptr<Sink> run_report(
    const RunHeader& header, const std::string& results_file, std::function<void()> before_output = [] {});

}  // namespace mxident::harness::cli
